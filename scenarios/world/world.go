// Package world is the running world: nodes, wires, the engine that drives them
// and the record of what happens. It knows no TOML; package scenarios builds its
// Config from a description.
package world

import (
	"fmt"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// Config is everything that a world is made of. A run is a function of it alone.
type Config struct {
	Seed    sim.Seed
	Nodes   []NodeSpec // in byte order of their keys: the index is the sim.NodeID
	Links   []netmodel.LinkSpec
	Sources []Source // in the order in which they begin, at equal times, to act

	Signatures *mesh.Codec // what Ed25519 signs is written by it; nil: signatures are modelled

	Metrics     trace.MetricsConfig // Nodes, Dishonest, Anchors and Header are filled in
	MaxHops     int                 // what the invariant hop_limit allows
	SeenMax     int                 // ids that nodes remember, and the invariant no_revisit with them
	Meets       bool                // nodes meet, of which trust_transitions, trust_handshake, quorum and blocked are checked
	Anchors     [][]sim.NodeID      // by node: whom it trusts from the start; nil: nobody any
	Quorum      int                 // peers whose word moves trust or a claim, of which the invariants ask
	Warners     int                 // peers that must warn, likewise
	Claims      bool                // nodes make claims, which the invariant claims checks
	Sessions    bool                // messages go through sessions, which session_once and channel_order check
	LoopFree    bool                // next hops never form a loop, which the invariant loop_free checks
	Dishonest   []sim.NodeID        // of which the invariants, and what is counted of trust, say nothing
	RouteEvents bool                // nodes ask the all-knowing Oracle, so changes of its routes are events

	Sinks     []trace.Sink         // further readers of the event stream
	OnInstant func(clock.Time)     // called when all events of an instant are done; may read, not change
	OnSent    func(*mesh.Envelope) // shown what each envelope_sent is about, before it; may read, not change
	Stop      func() bool          // polled now and then; true ends the run early
}

// NodeSpec says who a node is and how it is made. New is called again when the node
// comes back from a crash that lost its state, and must not fail then.
type NodeSpec struct {
	ID    string
	Key   string
	Start clock.Time  // until then it is down
	Clock clock.Clock // its own
	New   func(Seat) (mesh.Node, error)

	Uplink, Downlink netmodel.LineSpec // one transmitter each for all the node's links
}

// Seat is what a node is given at its making: its place in the world.
type Seat struct {
	BuiltIn func() (mesh.Node, error) // makes the node that the scenario asks for, for one that wraps it

	Self       sim.NodeID
	Names      []string        // node ids by number, to be read only
	Neighbours []sim.NodeID    // in key order, to be read only
	Costs      []time.Duration // mean latencies of the links to them
	Oracle     mesh.Oracle
	Identity   mesh.Identity
	Keyring    *mesh.Keyring
	Author     *mesh.Author // makes envelopes of the node's own
	Memory     *mesh.Memory // in which nodes keep what they have seen
	Stable     *mesh.Stable // survives every crash

	Draws sim.Stream // chance of the node's own; a key and copy number of its choice name a draw

	// Chance of what their names say, of this node.
	Hello, Gossip, Handshake, Claims, Sync, Announce, Adversary, Session sim.Stream
}

// World is one run. It is used by one goroutine.
type World struct {
	config     Config
	names      []string
	engine     sim.Engine[event]
	net        *netmodel.Network
	nodes      []place
	seats      seats
	starts     [][]sim.NodeID // nodes that start together
	faults     []faultState
	blame      []int // by outage: the index of its fault
	faultTurns []faultTurn
	turns      []Schedule // by source

	hub        *trace.Hub
	ledger     *trace.Ledger
	metrics    *trace.Metrics
	conserve   *trace.Conservation
	checkers   []trace.Checker
	effects    *trace.Effects
	nextSecond clock.Time
	nextAudit  uint64
	touched    bool // something happened at the current instant

	ids      sim.Stream // of envelope ids
	pool     []*mesh.Envelope
	in       mesh.Input
	out      mesh.Outbox
	verdict  netmodel.Verdict
	event    trace.Event
	path     []sim.NodeID // of the envelope that w.event tells of
	pathRoom [mesh.MaxHopLimit + 2]sim.NodeID
	holding  holding
	waiting  []waitingCopy // by ticket
	keptBy   []uint64      // begins of the faults that kept the copy that is handed over
}

// event is what waits in the queue: small, because the queue holds many.
type event struct {
	kind     eventKind
	damaged  bool           // arrival, through: the copy is corrupt
	node     sim.NodeID     // arrival, through, wake: whose; serve: the link's receiving end
	from     sim.NodeID     // arrival, through: the previous hop; serve: the sending end
	source   int32          // act: whose turn; wake: incarnation of who asked; begin: which of starts
	tag      uint64         // wake, act
	cause    uint64         // arrival, through, wake: seq of the event behind it
	envelope *mesh.Envelope // arrival, through
}

type eventKind uint8

const (
	arrival eventKind = iota // a copy reaches the end of a link
	through                  // a copy has passed its receiver's downlink
	wake                     // a node's timer
	act                      // a source's turn
	begin                    // nodes start for the first time
	serve                    // a link's transmitter is free, and copies wait for it
)

// New builds a world at time 0, with everything scheduled that its sources and
// nodes begin with.
func New(c Config) (*World, error) {
	w := &World{config: c, nextSecond: clock.Time(clock.Second), nextAudit: auditEvery}
	keys := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		w.names, keys[i] = append(w.names, n.ID), n.Key
		if i > 0 && keys[i-1] >= keys[i] {
			return nil, fmt.Errorf("world: node keys %q and %q are not in ascending order", keys[i-1], keys[i])
		}
	}
	var err error
	if w.net, err = netmodel.New(c.Seed, keys, c.Links); err != nil {
		return nil, err
	}
	for i, node := range c.Nodes {
		if node.Uplink != (netmodel.LineSpec{}) || node.Downlink != (netmodel.LineSpec{}) {
			if err := w.net.Share(sim.NodeID(i), node.Uplink, node.Downlink); err != nil {
				return nil, err
			}
		}
	}
	if c.OnInstant != nil {
		w.engine.OnAdvance = w.endInstant
	}
	w.ids = c.Seed.Stream("envelope/id")
	w.record()
	if err := w.settle(keys); err != nil {
		return nil, err
	}
	w.scheduleStarts()
	w.turns = make([]Schedule, len(c.Sources))
	for i, s := range c.Sources {
		w.turns[i] = Schedule{World: w, source: int32(i)}
		s.Start(&w.turns[i])
	}
	return w, nil
}

// record sets up the event stream and those who always read it.
func (w *World) record() {
	c := &w.config
	w.ledger = trace.NewLedger(len(w.names), c.SeenMax)
	c.Metrics.Nodes, c.Metrics.Dishonest, c.Metrics.Anchors = len(w.names), c.Dishonest, c.Anchors
	c.Metrics.Header = func(_, _ sim.NodeID) int64 { return w.verdict.Header } // of the transmission that is told
	w.metrics = trace.NewMetrics(w.ledger, c.Metrics)
	w.conserve = trace.NewConservation(w.ledger, w.names)
	w.effects = trace.NewEffects()
	observers := &trace.Observers{
		Ledger: w.ledger, Metrics: w.metrics, Conservation: w.conserve, Effects: w.effects,
		HopLimit:  trace.NewHopLimitCheck(c.MaxHops, w.names),
		NoRevisit: trace.NewNoRevisit(w.ledger, w.names, c.Dishonest...),
	}
	var own []trace.CheckingSink // beside those that are observers
	if c.LoopFree {
		own = append(own, trace.NewLoopFree(w.names))
	}
	if c.Meets {
		own = append(own,
			trace.NewTrustTransitions(w.names, c.Anchors), trace.NewTrustHandshake(w.names, c.Anchors),
			trace.NewQuorum(w.metrics.Peers(), w.names, c.Quorum, c.Warners), trace.NewBlockedCheck(w.metrics.Peers(), w.names))
	}
	if c.Claims {
		own = append(own, trace.NewClaimCheck(w.metrics.Peers(), w.names, c.Quorum))
	}
	if c.Sessions {
		own = append(own, trace.NewSessionOnce(w.names), trace.NewChannelOrder(w.names))
	}
	w.checkers = []trace.Checker{w.conserve, observers.HopLimit, observers.NoRevisit}
	var sinks []trace.Sink
	for _, check := range own {
		w.checkers, sinks = append(w.checkers, check), append(sinks, check)
	}
	w.hub = trace.NewHub(w.names, observers, append(sinks, c.Sinks...)...)
}
