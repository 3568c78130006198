package world

import (
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// NodeUp reports whether the node runs.
func (w *World) NodeUp(id sim.NodeID) bool { return w.nodes[id].up }

// Digest is the digest of the run so far.
func (w *World) Digest() string { return w.hub.Digest() }

// Events is the number of the last event.
func (w *World) Events() uint64 { return w.hub.Events() }

// Steps is the number of dispatches of the engine.
func (w *World) Steps() uint64 { return w.engine.Steps() }

// Checkpoints are those kept so far.
func (w *World) Checkpoints() []trace.Checkpoint { return w.hub.Checkpoints() }

// Metrics is what counts the run.
func (w *World) Metrics() *trace.Metrics { return w.metrics }

// Effect is what the fault of this name has done so far: what the events say, and
// what it delays or keeps now, of which no event tells yet.
func (w *World) Effect(fault string) trace.FaultEffect {
	effect := w.effects.Of(fault)
	for i := range w.waiting {
		if c := &w.waiting[i]; c.envelope != nil && w.touches(fault, c) {
			effect.Envelopes++
		}
	}
	return effect
}

// LinkStats is what the link has done so far.
func (w *World) LinkStats(from, to sim.NodeID) netmodel.Stats { return w.net.Stats(from, to) }

// Invariants are the accounts of the built-in checkers.
func (w *World) Invariants() []trace.Invariant {
	all := make([]trace.Invariant, len(w.checkers))
	for i, c := range w.checkers {
		all[i] = c.Result()
	}
	return all
}

// Router is a node that can say, without doing it, where it would send an envelope.
type Router interface {
	Route(e *mesh.Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID
}

// Knowledge is what a node has learnt of routes.
type Knowledge = mesh.Knowledge

// Learner is a node that can say what it has learnt of routes; nil if nothing.
type Learner interface{ Knowledge() *Knowledge }

// Route is the way that an envelope would take now.
type Route struct {
	Up   bool         // it would arrive
	Path []sim.NodeID // from the origin as far as it would get; of several ways that a flood goes, the first that arrives
	Next sim.NodeID   // of what is not Up: where the last of Path would send it, but it can't get there; NoNode: it would send it nowhere
	Fate netmodel.Fate
}

// RouteUp reports whether an envelope that a hands in now would reach b, if no
// chance, no queue and no later change stopped it: it follows what the nodes
// would do over links that are neither down nor cut nor held.
func (w *World) RouteUp(a, b sim.NodeID) bool { return w.Route(a, b).Up }

// Route is the way of which RouteUp tells whether it leads to its end.
func (w *World) Route(a, b sim.NodeID) Route {
	r := Route{Path: []sim.NodeID{a}, Next: sim.NoNode}
	if !w.nodes[a].up || !w.nodes[b].up {
		return r
	}
	type visit struct{ node, before int32 }
	visits := []visit{{int32(a), -1}}
	way := func(i int) []sim.NodeID {
		var path []sim.NodeID
		for k := int32(i); k >= 0; k = visits[k].before {
			path = append(path, sim.NodeID(visits[k].node))
		}
		slices.Reverse(path)
		return path
	}
	probe := mesh.Envelope{Origin: a, Destination: b}
	seen := make([]bool, len(w.nodes))
	seen[a] = true
	for i := 0; i < len(visits); i++ {
		at := sim.NodeID(visits[i].node)
		path := way(i)
		if at == b {
			return Route{Up: true, Path: path, Next: sim.NoNode}
		}
		router, ok := w.nodes[at].node.(Router)
		if !ok {
			continue
		}
		probe.Hops = append(probe.Hops[:0], path[1:]...)
		from := sim.NoNode
		if len(path) > 1 {
			from = path[len(path)-2]
		}
		r = Route{Path: path, Next: sim.NoNode}
		for _, next := range router.Route(&probe, from, nil) {
			if fate := w.net.Stopped(at, next); fate != netmodel.Arrives || !w.nodes[next].up {
				r.Next, r.Fate = next, fate
			} else if !seen[next] {
				seen[next] = true
				visits = append(visits, visit{int32(next), int32(i)})
			}
		}
	}
	return r
}

// Peered is a node that can say whom it knows.
type Peered interface {
	Peers() int
	Meetings() []mesh.Meeting
}

// Dossier is what a node keeps on a peer.
type Dossier = mesh.Dossier

// WaitingClaim is a claim that a node has not decided.
type WaitingClaim = mesh.WaitingClaim

// Judge is a node that can say what it keeps on its peers, and what it judges them by.
type Judge interface {
	Dossiers() []Dossier
	FirstHand() []string
	WaitingClaims() []WaitingClaim
}

// State is what a node looks like from outside at one moment.
type State struct {
	ID       string      `json:"id"`
	Up       bool        `json:"up"`
	Paused   bool        `json:"paused"`   // it is up, and handles nothing
	ClockNS  int64       `json:"clock_ns"` // what its own clock shows
	Arriving int         `json:"arriving"` // copies on their way to it
	Kept     int         `json:"kept"`     // copies that it took in and has not ended
	Waiting  int         `json:"waiting"`  // copies, timers and submissions that a paused node has not handled
	AtLinks  int         `json:"at_links"` // copies that it handed to links, in queues that are served by events or held by faults
	Timers   int         `json:"timers"`
	Links    []LinkState `json:"links"`
	Routes   []NextHops  `json:"routes"` // of a node that can tell, by destination
	Peers    int         `json:"peers"`  // that it knows, if it can tell
	Meetings []Meeting   `json:"handshakes"`

	Sessions []Session `json:"sessions"` // transport sessions, by peer

	Knows *Knowledge `json:"knows,omitempty"` // of a node that learns its routes

	Dossiers  []Dossier `json:"dossiers,omitempty"`   // of a node that shakes hands: what it keeps on its peers
	FirstHand []string  `json:"first_hand,omitempty"` // what it knows itself: facts, with "not " before those of which it is mistaken

	Claims []WaitingClaim `json:"claims,omitempty"` // that it has not decided

	// What its shared transmitters did so far, if it has any: times and queue alone.
	Uplink   *netmodel.Stats `json:"uplink,omitempty"`
	Downlink *netmodel.Stats `json:"downlink,omitempty"`
}

// Meeting is how far a node is with a peer that it has heard of.
type Meeting struct {
	Peer          string `json:"peer"`
	State         string `json:"state"`
	Session       uint64 `json:"session"`     // 0: none
	Incarnation   uint64 `json:"incarnation"` // the newest known of the peer; 0: none
	Trust         string `json:"trust"`
	Authenticated bool   `json:"authenticated"`
}

// NextHops is where a node would send an envelope of its own.
type NextHops struct {
	Destination string   `json:"destination"`
	Next        []string `json:"next"` // none: nowhere
}

// LinkState is a link out of a node.
type LinkState struct {
	To  string `json:"to"`
	Now string `json:"now"` // what a copy that is handed over now suffers from faults; kept: it is held
	netmodel.Stats
}

// State describes a node as it is now.
func (w *World) State(id sim.NodeID) State {
	p := &w.nodes[id]
	s := State{ID: w.names[id], Up: p.up, Paused: p.up && !p.ready, ClockNS: int64(p.now(w.engine.Now())), Kept: len(p.kept)}
	w.engine.Each(func(_ clock.Time, e *event) {
		switch {
		case e.node != id:
		case e.envelope != nil:
			s.Arriving++
		case e.kind == wake && p.up && e.source == p.incarnation:
			s.Timers++
		}
	})
	s.Uplink, s.Downlink = w.net.AccessStats(id)
	p.eachWaiting(func(*deferred) { s.Waiting++ })
	for i := range w.waiting {
		if c := &w.waiting[i]; c.envelope != nil && c.from == id {
			s.AtLinks++
		}
	}
	for _, to := range w.net.Neighbours(id) {
		s.Links = append(s.Links, LinkState{To: w.names[to], Now: w.net.Stopped(id, to).String(), Stats: w.net.Stats(id, to)})
	}
	s.Routes = w.nextHops(id)
	if l, ok := p.node.(Learner); ok && p.up {
		s.Knows = l.Knowledge()
	}
	s.Meetings = []Meeting{}
	if peered, ok := p.node.(Peered); ok {
		s.Peers = peered.Peers()
		for _, m := range peered.Meetings() {
			s.Meetings = append(s.Meetings, Meeting{w.names[m.Peer], m.State, m.Session, m.Incarnation, m.Level.String(), m.Authenticated})
		}
	}
	if judge, ok := p.node.(Judge); ok {
		s.Dossiers, s.FirstHand, s.Claims = judge.Dossiers(), judge.FirstHand(), judge.WaitingClaims()
	}
	s.Sessions = w.sessionsOf(id)
	return s
}

func (w *World) nextHops(id sim.NodeID) []NextHops {
	all := []NextHops{}
	router, ok := w.nodes[id].node.(Router)
	if !ok || !w.nodes[id].up {
		return all
	}
	for to := range sim.NodeID(len(w.nodes)) {
		if to == id {
			continue
		}
		hops := NextHops{Destination: w.names[to], Next: []string{}}
		for _, next := range router.Route(&mesh.Envelope{Origin: id, Destination: to}, sim.NoNode, nil) {
			hops.Next = append(hops.Next, w.names[next])
		}
		all = append(all, hops)
	}
	return all
}
