package rerun

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// routeAccount tells what changed for the way from a to b up to a time and, of routes
// that nodes learn, what made them change.
func (p *Past) routeAccount(title, a, b string, until clock.Time) (Account, error) {
	w := p.changes(a, b, until)
	if _, err := p.play(w); err != nil {
		return Account{}, err
	}
	account := w.account(title, w.events)
	if p.Scenario == nil || !p.Scenario.Routing.Learns() {
		return account, nil
	}
	origins, err := p.origins(w)
	for i := range account.Steps {
		if because := origins[account.Steps[i].Seq]; because != nil {
			account.Steps[i].Because = because
		}
	}
	return account, err
}

// origins says by the number of each route_changed what made the route change: the
// message that came, and where the chain of causes begins. A chain that begins when
// a node came up is one of timers, each asked for by the one before: then a neighbour
// fell silent, or what is not repeated was forgotten.
func (p *Past) origins(w *witness) (map[uint64][]string, error) {
	causes := []uint64{0} // by number; chains go back to any event
	if _, err := p.play(eventSink(func(e *trace.Event) {
		if e.Seq == uint64(len(causes)) {
			causes = append(causes, e.Cause)
		}
	})); err != nil {
		return nil, err
	}
	chains, wanted := map[uint64][]uint64{}, map[uint64]bool{}
	for i := range w.events {
		if e := &w.events[i]; e.Kind == trace.RouteChanged {
			for seq := e.Seq; seq != 0 && seq < uint64(len(causes)); seq = causes[seq] {
				chains[e.Seq], wanted[seq] = append(chains[e.Seq], seq), true
			}
		}
	}
	o := &ears{speaker: w.speaker, wanted: wanted, told: map[uint64]string{}, up: map[uint64]clock.Time{},
		heard: map[[2]sim.NodeID]clock.Time{}, hello: p.Scenario.Routing.Hello}
	if _, err := p.play(o); err != nil {
		return nil, err
	}
	because := map[uint64][]string{}
	for seq, chain := range chains {
		because[seq] = o.origin(chain)
	}
	return because, nil
}

// ears is a sink that follows who hears whom, and tells of the events that are wanted.
type ears struct {
	*speaker
	wanted map[uint64]bool
	told   map[uint64]string
	up     map[uint64]clock.Time        // when the node_up of this number was
	heard  map[[2]sim.NodeID]clock.Time // by node and neighbour: the last hello
	hello  time.Duration
}

// Emit implements trace.Sink.
func (o *ears) Emit(e *trace.Event) {
	if e.Kind == trace.NodeUp {
		o.up[e.Seq] = e.T
	}
	if e.Kind == trace.EnvelopeDelivered && e.Control && e.Type == "ROUTE_HELLO" {
		o.heard[[2]sim.NodeID{e.Node, e.Origin}] = e.T
	}
	if !o.wanted[e.Seq] {
		return
	}
	what, more := o.sentence(e), ""
	if e.Kind == trace.EnvelopeDelivered {
		what = fmt.Sprintf("%s from %s, taken by %s", e.Type, o.name(e.Origin), o.name(e.Node))
	}
	if began, ok := o.up[e.Cause]; ok && e.T > began {
		what, more = "a timer of "+o.name(e.Node), o.silent(e)
	}
	o.told[e.Seq] = fmt.Sprintf("%s at %v (#%d)%s", what, e.T, e.Seq, more)
}

// silent names the neighbours that a node, which acts on a timer, may just have given
// up: those of whom it heard nothing for about four hello intervals.
func (o *ears) silent(e *trace.Event) (what string) {
	for _, pair := range slices.SortedFunc(maps.Keys(o.heard), func(a, b [2]sim.NodeID) int { return int(a[1] - b[1]) }) {
		if gap := e.T.Sub(o.heard[pair]); pair[0] == e.Node && gap > o.hello*5/2 && gap < o.hello*23/5 {
			what += fmt.Sprintf("; it heard nothing of %s since %v", o.name(pair[1]), o.heard[pair])
		}
	}
	return what
}

// origin picks from a chain, its end first, the message that came last and the
// beginning.
func (o *ears) origin(chain []uint64) (because []string) {
	last := len(chain) - 1
	if _, timer := o.up[chain[last]]; timer && last > 0 {
		last-- // that the node came up long ago explains nothing
	}
	if last > 1 {
		because = append(because, o.told[chain[1]])
	}
	return append(because, o.told[chain[last]])
}
