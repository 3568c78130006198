package scenarios_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
)

// recount follows copies as the contract words it, with a bag of names and no
// cleverness, and notes the first event at which it does not add up.
type recount struct {
	open                        map[string]int
	created, delivered, dropped int
	atDownlinks                 int64 // drops there
	wrong                       string
}

func newRecount() *recount { return &recount{open: map[string]int{}} }

// atNode is a copy at the end of its path; to a link it has yet to be handed.
func atNode(e *trace.Event, path []sim.NodeID) string { return fmt.Sprint(e.ID, path, e.Copy) }

func toLink(e *trace.Event, path []sim.NodeID) string { return fmt.Sprint(e.ID, path, "to a link") }

func (r *recount) begin(copy string, n int) {
	r.open[copy] += n
	r.created += n
}

func (r *recount) end(e *trace.Event, copy string) {
	r.open[copy]--
	if r.open[copy] < 0 && r.wrong == "" {
		r.wrong = fmt.Sprintf("event %d, %v, ends what is not open: %s", e.Seq, e.Kind, copy)
	}
	if r.open[copy] == 0 {
		delete(r.open, copy)
	}
}

func (r *recount) Emit(e *trace.Event) {
	switch e.Kind {
	case trace.EnvelopeSent:
		if e.Copies == 0 {
			r.begin(atNode(e, e.Path), 1)
		} else {
			r.begin(toLink(e, e.Path), int(e.Copies))
		}
	case trace.EnvelopeTransmitted:
		if sender := e.Path[:len(e.Path)-1]; e.Copy == 0 {
			r.end(e, toLink(e, sender))
			r.created--
		}
		r.begin(atNode(e, e.Path), 1)
	case trace.EnvelopeForwarded:
		if e.Destination != sim.Everyone || e.Node == e.Origin { // a broadcast ended here when it was delivered, but to its origin, which forgot it, it is not
			r.end(e, atNode(e, e.Path))
			r.created--
		}
		r.begin(toLink(e, e.Path), int(e.Copies))
	case trace.EnvelopeDelivered:
		r.end(e, atNode(e, e.Path))
		r.delivered++
	case trace.EnvelopeDropped:
		full := e.ByReceiver() && e.Reason == trace.QueueFull && r.open[atNode(e, e.Path)] > 0
		if e.Layer == trace.Wire && e.Node == e.Path[len(e.Path)-1] && e.Reason != trace.Corrupt && !full {
			r.end(e, toLink(e, e.Path)) // the link did not take it
		} else {
			r.end(e, atNode(e, e.Path))
		}
		if full {
			r.atDownlinks++
		}
		r.dropped++
	}
	if open := r.inFlight(); r.created != r.delivered+r.dropped+open && r.wrong == "" {
		r.wrong = fmt.Sprintf("event %d: %d created, %d delivered, %d dropped, %d open", e.Seq, r.created, r.delivered, r.dropped, open)
	}
}

func (r *recount) inFlight() int {
	n := 0
	for _, k := range r.open {
		n += k
	}
	return n
}

// Whatever happens, no copy appears or vanishes: at every event, by the checkers
// of the run and by a count of our own; and the result says the same.
func TestCopiesAreConserved(t *testing.T) {
	reasons := map[string]int64{}
	var inFlight, atDownlinks int64
	gen.Check(t, gen.Troubled, func(t *rapid.T, s *scenarios.Scenario) {
		count := newRecount()
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{count}})
		copies := result.Metrics.Copies
		require.Empty(t, count.wrong)
		require.EqualValues(t, count.created, copies.Created)
		require.EqualValues(t, count.delivered, copies.Delivered)
		require.EqualValues(t, count.dropped, copies.Dropped)
		require.EqualValues(t, count.inFlight(), copies.InFlight)
		inFlight += copies.InFlight
		atDownlinks += count.atDownlinks
		var sum int64
		for reason, n := range result.Metrics.Drops {
			reasons[reason] += n
			sum += n
		}
		require.Equal(t, copies.Dropped, sum)
	})
	t.Logf("in flight %d, dropped %v", inFlight, reasons)
	assert.Positive(t, inFlight)
	assert.Positive(t, atDownlinks, "no downlink was full")
	for _, reason := range []string{
		"loss", "burst_loss", "corrupt", "mtu", "queue_full", "partition", "link_down", "node_down", "bad_signature", "hop_limit", "no_route", "unknown_peer", "duplicate",
	} {
		assert.Positive(t, reasons[reason], "%s never happened, so the property was not tried with it", reason)
	}
}

// The recount misses nothing: without any one event about a copy, or with one
// twice, it does not come out right.
func TestRecountNoticesALostEvent(t *testing.T) {
	s := load(t, "flood-abilene", scenarios.WithSet("duration=1500ms", "traffic[0].from=Denver", "link.duplicate=20%", "link.loss=10%"))
	events, result := record(t, s)
	right := func(events ...trace.Event) bool {
		r := newRecount()
		for i := range events {
			r.Emit(&events[i])
		}
		return r.wrong == "" && r.inFlight() == int(result.Metrics.Copies.InFlight)
	}
	require.True(t, right(events...))
	tried := 0
	for i, e := range events {
		if e.Kind.OfEnvelope() {
			tried++
			require.False(t, right(slices.Delete(slices.Clone(events), i, i+1)...), "without %v", e)
			require.False(t, right(slices.Insert(slices.Clone(events), i, e)...), "twice %v", e)
		}
	}
	require.Greater(t, tried, 30)
}
