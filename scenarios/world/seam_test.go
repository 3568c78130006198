package world

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// stepper is a node that is no more than a function.
type stepper func(now clock.Time, in *mesh.Input, out *mesh.Outbox)

func (f stepper) Step(now clock.Time, in *mesh.Input, out *mesh.Outbox) { f(now, in, out) }

// events is a sink that keeps envelope events.
type events []trace.Event

func (s *events) Emit(e *trace.Event) {
	if e.Kind.OfEnvelope() {
		*s = append(*s, e.Clone())
	}
}

func (s events) kinds() []string {
	var names []string
	for _, e := range s {
		names = append(names, e.Kind.String())
	}
	return names
}

// once is a source that submits one message.
type once Message

func (once) Start(s *Schedule)          { s.At(0, 0) }
func (m once) Do(s *Schedule, _ uint64) { s.Submit(Message(m)) }

// line is a world of nodes a, b, … in a row, where the first has a message for the
// last. A node hands on what is for others, and delivers the rest, unless own
// has another one in its place.
func line(n int, latency time.Duration, own map[int]func(Seat) stepper) (Config, *events) {
	seen := &events{}
	c := Config{
		Seed: 1, MaxHops: 8, SeenMax: 100, Sinks: []trace.Sink{seen},
		Sources: []Source{once{Origin: 0, Destination: sim.NodeID(n - 1), Type: "PARCEL", Size: 10, Flow: trace.Flow{Name: "t1"}}},
	}
	c.Metrics.To = clock.Time(10 * time.Second)
	for i := range n {
		id := string(rune('a' + i))
		c.Nodes = append(c.Nodes, NodeSpec{ID: id, Key: id, New: func(s Seat) (mesh.Node, error) {
			if own[i] != nil {
				return own[i](s), nil
			}
			return stepper(func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
				switch {
				case in.Envelope == nil:
				case in.Envelope.Destination == s.Self:
					out.Deliver(in.Envelope)
				default:
					out.Send(in.Envelope, []sim.NodeID{s.Self + 1})
				}
			}), nil
		}})
		if i > 0 {
			a, b := sim.NodeID(i-1), sim.NodeID(i)
			c.Links = append(c.Links,
				netmodel.LinkSpec{From: a, To: b, Latency: netmodel.Constant(latency)},
				netmodel.LinkSpec{From: b, To: a, Latency: netmodel.Constant(latency)})
		}
	}
	return c, seen
}

func build(t *testing.T, c Config) *World {
	w, err := New(c)
	require.NoError(t, err)
	return w
}

// sound runs the world to its end, where all invariants must have been kept.
func sound(t *testing.T, w *World) trace.Summary {
	require.Equal(t, Reached, w.Run(w.config.Metrics.To))
	w.Finish()
	for _, i := range w.Invariants() {
		assert.Equal(t, "passed", i.Verdict, i.Detail)
	}
	return w.Metrics().Summary()
}

// keeper holds what it gets, then sends it on after a second, so many times.
func keeper(times int) func(Seat) stepper {
	return func(s Seat) stepper {
		var kept mesh.Envelope
		return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
			switch in.Kind {
			case mesh.Arrive:
				kept = *in.Envelope
				kept.Hops = slices.Clone(in.Envelope.Hops)
				out.Wake(time.Second, 1)
			case mesh.Timer:
				for range times {
					out.Send(&kept, []sim.NodeID{s.Self + 1})
				}
			}
		}
	}
}

func TestKeptEnvelopeIsInFlight(t *testing.T) {
	c, seen := line(3, 10*time.Millisecond, map[int]func(Seat) stepper{1: keeper(1)})
	w := build(t, c)
	w.Run(clock.Time(500 * time.Millisecond))
	assert.Equal(t, 1, w.State(1).Kept)
	assert.Equal(t, 1, w.State(1).Timers)
	assert.EqualValues(t, 1, w.Metrics().Summary().Copies.InFlight)
	w.audit()
	sum := sound(t, w)
	assert.Zero(t, w.State(1).Kept)
	assert.EqualValues(t, 1, sum.Copies.Created)
	assert.EqualValues(t, 1, sum.Traffic.Delivered)
	last := (*seen)[len(*seen)-1]
	assert.Equal(t, 1020*time.Millisecond, last.Latency)
	assert.Equal(t, []sim.NodeID{0, 1, 2}, last.Path)
	assert.NotContains(t, seen.kinds(), "envelope_dropped")
}

func TestNeverSentOnStaysInFlight(t *testing.T) {
	c, _ := line(3, 10*time.Millisecond, map[int]func(Seat) stepper{1: keeper(0)})
	sum := sound(t, build(t, c))
	assert.EqualValues(t, 1, sum.Copies.InFlight)
	assert.EqualValues(t, 1, sum.Traffic.InFlight)
}

// What a node sends without holding it is a copy from nowhere: told as injected,
// and counted as created.
func TestInjectedEnvelopeIsCounted(t *testing.T) {
	first := func(Seat) stepper {
		had := false
		return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
			switch {
			case in.Kind != mesh.Arrive:
			case had:
				out.Drop(in.Envelope, trace.Duplicate)
			default:
				had = true
				out.Deliver(in.Envelope)
			}
		}
	}
	c, seen := line(3, 10*time.Millisecond, map[int]func(Seat) stepper{1: keeper(3), 2: first})
	sum := sound(t, build(t, c))
	injected := 0
	for _, e := range *seen {
		if e.Injected {
			assert.Equal(t, trace.EnvelopeForwarded, e.Kind)
			injected++
		}
	}
	assert.Equal(t, 2, injected)
	assert.EqualValues(t, 3, sum.Copies.Created)
	assert.EqualValues(t, 1, sum.Copies.Delivered)
	assert.EqualValues(t, 2, sum.Traffic.Duplicates)
}

// Sending what was delivered on to one neighbour after the other is to send it
// once, and then again without holding it: no copy may be miscounted.
func TestSendingOnOneByOne(t *testing.T) {
	var one, all trace.Summary
	for _, apart := range []bool{false, true} {
		hub := func(s Seat) stepper {
			return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
				if in.Kind != mesh.Arrive {
					return
				}
				out.Deliver(in.Envelope)
				if !apart {
					out.Send(in.Envelope, s.Neighbours)
					return
				}
				for i := range s.Neighbours {
					out.Send(in.Envelope, s.Neighbours[i:i+1])
				}
				out.Send(in.Envelope, nil)
			}
		}
		end := func(Seat) stepper {
			return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
				switch in.Kind {
				case mesh.Submit:
					out.Send(in.Envelope, []sim.NodeID{1})
				case mesh.Arrive:
					out.Drop(in.Envelope, trace.Adversary)
				}
			}
		}
		c, _ := line(3, time.Millisecond, map[int]func(Seat) stepper{0: end, 1: hub, 2: end})
		c.Sources = []Source{once{Origin: 0, Destination: sim.Everyone, Type: "NEWS", Flow: trace.Flow{Name: "t1"}}}
		all, one = one, sound(t, build(t, c))
	}
	assert.EqualValues(t, 3, one.Copies.Created)
	assert.Equal(t, all.Copies, one.Copies)
}

func TestEndingWhatIsNotHeldPanics(t *testing.T) {
	foreign := func(act func(*mesh.Outbox, *mesh.Envelope)) func(Seat) stepper {
		return func(Seat) stepper {
			return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
				if in.Kind == mesh.Start {
					act(out, &mesh.Envelope{Origin: 0, Destination: 1})
				}
			}
		}
	}
	for name, act := range map[string]func(*mesh.Outbox, *mesh.Envelope){
		"deliver": func(out *mesh.Outbox, e *mesh.Envelope) { out.Deliver(e) },
		"drop":    func(out *mesh.Outbox, e *mesh.Envelope) { out.Drop(e, trace.Adversary) },
		"twice":   nil,
	} {
		t.Run(name, func(t *testing.T) {
			node := foreign(act)
			if act == nil {
				node = func(Seat) stepper {
					return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
						if in.Kind == mesh.Arrive {
							out.Deliver(in.Envelope)
							out.Deliver(in.Envelope)
						}
					}
				}
			}
			c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{1: node})
			defer func() {
				assert.Regexp(t, `^world: node b ends a copy of envelope [0-9a-f-]{36} that it does not hold$`, recover())
			}()
			build(t, c).Run(c.Metrics.To)
		})
	}
}

func TestMessageToOneself(t *testing.T) {
	seen := &events{}
	c := ringConfig(3, mesh.Flood{}, once{Origin: 1, Destination: 1, Type: "NOTE", Flow: trace.Flow{Name: "t1"}})
	c.Sinks = []trace.Sink{seen}
	sum := sound(t, build(t, c))
	assert.Equal(t, []string{"envelope_sent", "envelope_delivered"}, seen.kinds())
	assert.Equal(t, (*seen)[0].Seq, (*seen)[1].Cause)
	assert.EqualValues(t, 1, sum.Traffic.Delivered)
	assert.EqualValues(t, 0, sum.Links.Transmissions)
	assert.EqualValues(t, 0, sum.Traffic.LatencyNS.Max)
}

// Timers come at their time; those of one instant in the order in which they were
// asked for.
func TestTimers(t *testing.T) {
	type ring struct {
		at  clock.Time
		tag uint64
	}
	var rung []ring
	c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{0: func(Seat) stepper {
		return func(now clock.Time, in *mesh.Input, out *mesh.Outbox) {
			switch in.Kind {
			case mesh.Start:
				out.Wake(5*time.Millisecond, 1)
				out.Wake(5*time.Millisecond, 2)
				out.Wake(0, 3)
				out.Wake(20*time.Second, 4) // after the end
			case mesh.Timer:
				rung = append(rung, ring{now, in.Tag})
			}
		}
	}})
	sound(t, build(t, c))
	at := clock.Time(5 * time.Millisecond)
	assert.Equal(t, []ring{{0, 3}, {at, 1}, {at, 2}}, rung)
}

// A cycle without delay ends the run and is named.
func TestCycleOfZeroDelayIsNamed(t *testing.T) {
	c, _ := line(2, 0, map[int]func(Seat) stepper{1: func(Seat) stepper {
		return func(_ clock.Time, in *mesh.Input, out *mesh.Outbox) {
			if in.Tag == 8 {
				out.Wake(0, 7)
			} else {
				out.Wake(0, 8)
			}
		}
	}})
	c.Sources = nil
	w := build(t, c)
	require.Equal(t, Stuck, w.Run(c.Metrics.To))
	assert.Equal(t, "more than 1000000 events at 0s; over and over: timer 8 of b, timer 7 of b", w.Cycle())
}

// Config.Stop ends a run early, with its accounts in order.
func TestInterrupt(t *testing.T) {
	c, _ := line(2, time.Millisecond, map[int]func(Seat) stepper{0: func(Seat) stepper {
		return func(_ clock.Time, _ *mesh.Input, out *mesh.Outbox) { out.Wake(time.Nanosecond, 1) }
	}})
	c.Metrics.To = clock.Time(time.Millisecond)
	polled := 0
	c.Stop = func() bool { polled++; return polled == 3 }
	w := build(t, c)
	require.Equal(t, Interrupted, w.Run(c.Metrics.To))
	assert.EqualValues(t, 3*slice, w.Steps())
	assert.Less(t, w.Now(), c.Metrics.To)
	w.Finish()
	assert.Equal(t, "passed", w.Invariants()[0].Verdict)
}
