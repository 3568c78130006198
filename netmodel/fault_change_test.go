package netmodel

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// onlyLink is the only link of a network made by single.
var onlyLink = []Ends{{0, 1}}

// otherSpec has another value than the zero LinkSpec in every field that a fault
// can change.
func otherSpec() LinkSpec {
	return LinkSpec{
		Latency: Constant(9), Loss: 1, Duplicate: 2, MTU: 3, Header: 4, BurstLoss: GilbertElliott{P: 5, R: 6, Bad: 7},
		Corrupt: 8, Reorder: 9, FIFO: true, Bandwidth: 10, Queue: Packets(11),
	}
}

// Every value of a link that is not its name or its policy can be set, and each
// one by itself.
func TestEveryValueCanBeSet(t *testing.T) {
	other := reflect.ValueOf(otherSpec())
	set := 0
	for i := range other.NumField() {
		name := other.Type().Field(i).Name
		if slices.Contains([]string{"From", "To", "clog", "ownLoss", "ownRate", "Policy"}, name) {
			continue
		}
		set++
		var values LinkValues
		value := reflect.New(other.Field(i).Type())
		value.Elem().Set(other.Field(i))
		field := reflect.ValueOf(&values).Elem().FieldByName(name)
		require.True(t, field.IsValid(), "LinkValues has no %s", name)
		field.Set(value)
		var spec LinkSpec
		f := LinkSetFault{Set: values}
		f.apply(&spec)
		want := reflect.New(other.Type()).Elem()
		want.Field(i).Set(other.Field(i))
		assert.Equal(t, want.Interface(), spec)
		assert.NotEqual(t, aspects{}, f.touches(), name)
	}
	assert.Equal(t, reflect.TypeFor[LinkValues]().NumField(), set)
}

// A loss or bandwidth that a fault sets replaces what a profile says of it, be the
// profile the link's own or of a fault that began before; not one that began later.
func TestSetBesideAProfile(t *testing.T) {
	recorded, err := Recorded(Profile{Rows: []ProfileRow{{Latency: 5, Loss: sim.One, Bandwidth: byteRate}, {At: 100, Latency: 7, Loss: sim.One, Bandwidth: byteRate / 2}}, Loss: true, Bandwidth: true})
	require.NoError(t, err)
	none := LinkSetFault{onlyLink, LinkValues{Loss: new(sim.Ratio(0))}}
	slow := LinkSetFault{onlyLink, LinkValues{Bandwidth: new(int64(byteRate / 10))}}
	profile := LinkSetFault{onlyLink, LinkValues{Latency: &recorded}}
	for _, policy := range []QueuePolicy{DropTail, CoDel} {
		arrival := func(n *Network, now clock.Time) (Fate, clock.Time) {
			v := carry(n, now, 10, 1)
			return v.Fate, v.Arrive - now
		}
		n := single(t, LinkSpec{Latency: recorded, Policy: policy})
		check := func(now clock.Time, fate Fate, after clock.Time) {
			f, a := arrival(n, now)
			require.Equal(t, []any{fate, after}, []any{f, a}, "at %d", now)
		}
		check(50, Lost, 15)
		n.Begin(1, none)
		check(200, Arrives, 27)
		n.Begin(2, slow)
		check(400, Arrives, 107)
		n.Begin(3, profile)
		check(600, Lost, 27)
		n.End(3)
		n.End(1)
		check(800, Lost, 107)
		n.End(2)
		check(1000, Lost, 27)

		n = single(t, LinkSpec{Latency: Constant(3), Policy: policy})
		n.Begin(1, none)
		n.Begin(2, profile)
		check(50, Lost, 15)
		n.Begin(3, none)
		check(200, Arrives, 27)
		n.End(2)
		check(400, Arrives, 3)
	}
}

// What waits is judged by the row that was in force at its hand-over.
func TestProfileOfWhatWaits(t *testing.T) {
	recorded, err := Recorded(Profile{Rows: []ProfileRow{{Latency: 5}, {At: 15, Latency: 70}}})
	require.NoError(t, err)
	all := []offer{{0, 10}, {1, 10}, {14, 10}, {16, 10}}
	for _, policy := range []QueuePolicy{DropRandom, CoDel} {
		out := drive(t, single(t, LinkSpec{Latency: recorded, Bandwidth: byteRate, Policy: policy}), all, false)
		for k, want := range []clock.Time{15, 25, 35, 110} {
			assert.Equal(t, want, out[k].arrive, "copy %d", k)
		}
	}
}

// anyValues draws what a link_set may set, few values of few kinds so that faults
// meet.
func anyValues(t *rapid.T) (v LinkValues) {
	pick := func(name string) bool { return rapid.Bool().Draw(t, name) }
	if pick("latency") {
		v.Latency = new(Constant(time.Duration(rapid.Int64Range(1, 4).Draw(t, "ns"))))
	}
	if pick("loss") {
		v.Loss = new(sim.Ratio(rapid.Uint64Range(0, 3).Draw(t, "loss ratio")))
	}
	if pick("bandwidth") {
		v.Bandwidth = new(rapid.Int64Range(0, 2).Draw(t, "rate"))
	}
	if pick("queue") {
		v.Queue = new(Packets(rapid.Int64Range(0, 2).Draw(t, "room")))
	}
	if pick("rest") {
		v.FIFO, v.MTU, v.Header, v.Corrupt = new(true), new(int64(7)), new(int64(5)), new(sim.Ratio(4))
		v.Duplicate, v.Reorder, v.BurstLoss = new(sim.Ratio(3)), new(sim.Ratio(2)), &GilbertElliott{P: 1}
	}
	return v
}

// twinChange is an active fault as the naive twin sees it.
type twinChange struct {
	id    FaultID
	fault Fault
	links []Ends
}

// Any overlap of changes, clogs and holds, ended in any order: what a link is, and
// where routes lead, is what one finds who asks every active fault anew; and all is
// as before when none is left.
func TestChangesAgainstNaiveTwin(t *testing.T) {
	const nodes = 4
	base := full(nodes, LinkSpec{Latency: Constant(2), Loss: 9, Bandwidth: 1000, Queue: Packets(9)})
	for i := range base {
		base[i].Policy = []QueuePolicy{DropTail, CoDel, DropTail}[i%3]
		if i%3 == 2 {
			base[i].Bandwidth = 0
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := network(t, nodes, base...)
		var active []twinChange
		specs := func() []LinkSpec {
			now, _ := sorted(n.keys, base)
			for i := range now {
				for _, a := range active {
					if !slices.Contains(a.links, now[i].ends()) {
						continue
					}
					switch f := a.fault.(type) {
					case LinkSetFault:
						f.apply(&now[i])
					case ClogFault:
						now[i].clog += f.Delay
					}
				}
			}
			return now
		}
		routes := func() map[[2]sim.NodeID]Route {
			fresh, err := New(42, n.keys, specs())
			require.NoError(t, err)
			all := map[[2]sim.NodeID]Route{}
			for v := range sim.NodeID(nodes) {
				for d := range sim.NodeID(nodes) {
					next, _ := fresh.NextHop(v, d)
					metric, _, _ := fresh.Distance(v, d)
					all[[2]sim.NodeID{v, d}] = Route{v, d, next, metric}
				}
			}
			return all
		}
		changes := func(act func() []Ends) {
			before := routes()
			require.Empty(t, act(), "no link went down or up")
			after := routes()
			n.RouteChanges(func(r Route) {
				at := [2]sim.NodeID{r.Node, r.Destination}
				require.NotEqual(t, before[at], r)
				before[at] = r
			})
			require.Equal(t, after, before)
		}
		next := FaultID(0)
		begin := func(f Fault, links []Ends) {
			changes(func() []Ends {
				active = append(active, twinChange{next, f, links})
				return n.Begin(next, f)
			})
			next++
		}
		some := func(t *rapid.T) (links []Ends) {
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(base)-1), 0, 5).Draw(t, "links") {
				links = append(links, base[i].ends())
			}
			return links
		}
		t.Repeat(map[string]func(*rapid.T){
			"link_set": func(t *rapid.T) {
				links := some(t)
				begin(LinkSetFault{links, anyValues(t)}, links)
			},
			"clog": func(t *rapid.T) {
				links := some(t)
				begin(ClogFault{links, time.Duration(rapid.Int64Range(1, 5).Draw(t, "delay"))}, links)
			},
			"hold": func(t *rapid.T) {
				links := some(t)
				begin(HoldFault{links}, links)
			},
			"end": func(t *rapid.T) {
				if len(active) == 0 {
					t.Skip("no fault is active")
				}
				k := rapid.IntRange(0, len(active)-1).Draw(t, "which")
				id := active[k].id
				changes(func() []Ends {
					active = slices.Delete(active, k, k+1)
					return n.End(id)
				})
			},
			"": func(t *rapid.T) {
				for i, want := range specs() {
					l, hold := &n.links[i], NoFault
					var blame []FaultID
					for _, a := range active {
						holds := slices.Contains(a.links, want.ends())
						if _, is := a.fault.(HoldFault); is && holds && hold == NoFault {
							hold = a.id
						}
						if c, is := a.fault.(changer); is && holds && c.touches().delay {
							blame = append(blame, a.id)
						}
					}
					require.Equal(t, want, l.spec)
					require.Equal(t, hold, l.kept)
					reviewed := *l
					reviewed.review()
					require.Equal(t, reviewed, *l, "a change was not reviewed")
					require.Equal(t, hold == NoFault, n.Stopped(want.From, want.To) == Arrives)
					if l.change == nil {
						require.Empty(t, blame)
					} else {
						require.Equal(t, blame, l.change.blame.Delay)
					}
					if l.line != nil {
						require.Equal(t, transmitter{rate: rateOf(want.Bandwidth), queue: want.Queue}, *l.line)
					}
					if l.queue != nil {
						require.Equal(t, want.Queue, l.queue.bound)
					}
				}
			},
		})
	})
}

// What was handed over before a change keeps its terms: also what waits in a queue
// that is served by events, so that it is the transmitter without events still.
func TestChangesApplyToLaterCopies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type step struct {
			at   clock.Time
			size int64
			set  LinkValues
			end  bool
		}
		var steps []step
		var now clock.Time
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += clock.Time(rapid.Int64Range(0, 6).Draw(t, "gap"))
			s := step{at: now, size: rapid.Int64Range(1, 9).Draw(t, "size")}
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				s.set = LinkValues{
					Latency: new(Constant(time.Duration(rapid.Int64Range(1, 30).Draw(t, "latency")))),
					Loss:    new(sim.Ratio(500_000_000)), Header: new(rapid.Int64Range(0, 3).Draw(t, "header")),
					Bandwidth: new(rapid.SampledFrom([]int64{byteRate, byteRate / 2, 0}).Draw(t, "rate")),
				}
			case 1:
				s.end = true
			}
			steps = append(steps, s)
		}
		run := func(policy QueuePolicy) []outcome {
			n := single(t, LinkSpec{Bandwidth: byteRate, Policy: policy, Latency: Constant(3), Duplicate: sim.One / 5})
			d := &driver{n: n, out: make([]outcome, len(steps)), waiting: map[Ticket]int{}}
			active := false
			for k, s := range steps {
				d.serveUntil(t, s.at)
				switch {
				case s.set.Latency != nil && !active:
					n.Begin(1, LinkSetFault{onlyLink, s.set})
					active = true
				case s.end && active:
					n.End(1)
					active = false
				}
				n.Carry(s.at, 0, 1, s.size, sim.Key{N: uint64(k)}, &d.v)
				if d.v.Fate == Queued {
					d.waiting[d.v.Ticket] = k
					d.ask(t, s.at)
				} else {
					d.settle(s.at, k)
				}
			}
			d.serveUntil(t, clock.Never)
			for k := range d.out {
				d.out[k].at = 0
			}
			return d.out
		}
		require.Equal(t, run(DropTail), run(DropRandom))
	})
}

// A hold gives back what it kept in order, and the draws are those of a link that
// never was held; one that another hold keeps too is kept by that one.
func TestHoldKeepsAndReleasesInOrder(t *testing.T) {
	n := network(t, 3, LinkSpec{From: 0, To: 1}, LinkSpec{From: 0, To: 2})
	released := func() (all []Ticket) {
		n.Release(func(ticket Ticket) { all = append(all, ticket) })
		return all
	}
	hand := func(to sim.NodeID) Verdict {
		var v Verdict
		n.Carry(5, 0, to, 10, sim.Key{}, &v)
		return v
	}
	kept := func(by FaultID, ticket Ticket) Verdict { return Verdict{Fate: Kept, Fault: by, Ticket: ticket} }
	n.Begin(1, HoldFault{[]Ends{{0, 1}, {0, 2}}})
	assert.Equal(t, kept(1, 0), hand(1))
	n.Begin(2, HoldFault{onlyLink})
	assert.Equal(t, kept(1, 1), hand(2))
	assert.Equal(t, kept(1, 2), hand(1))
	n.Begin(3, LinkDownFault{onlyLink})
	assert.Equal(t, LinkDown, hand(1).Fate, "a link that is down takes nothing to keep")
	n.End(3)
	assert.Empty(t, released())
	n.End(1)
	assert.Equal(t, []Ticket{0, 1, 2}, released())
	assert.Empty(t, released(), "once")
	assert.Equal(t, Arrives, hand(2).Fate)
	again := hand(1)
	assert.Equal(t, Kept, again.Fate)
	assert.Equal(t, FaultID(2), again.Fault)
	n.End(2)
	assert.Equal(t, []Ticket{again.Ticket}, released())
	assert.Equal(t, Arrives, hand(1).Fate)
	assert.Equal(t, int64(1), n.Stats(0, 1).Drops, "by link_down; to be kept is no drop")
}

func TestChangersThatCannotBe(t *testing.T) {
	n := single(t, LinkSpec{})
	for want, f := range map[string]Fault{
		"delay -1ns is negative": ClogFault{onlyLink, -1},
		"no link n00001->n00000": HoldFault{[]Ends{{1, 0}}},
		"link n00000->n00001: loss 1000000001 is above 1000000000 billionths": LinkSetFault{onlyLink, LinkValues{Loss: new(sim.One + 1)}},
		"link n00000->n00001: bandwidth -1 bit/s is negative":                 LinkSetFault{onlyLink, LinkValues{Bandwidth: new(int64(-1))}},
	} {
		assert.EqualError(t, n.Check(f), want)
		assert.Panics(t, func() { n.Begin(0, f) })
	}
	_, err := New(1, keys(2), []LinkSpec{{From: 0, To: 1, Policy: policyCount}})
	assert.EqualError(t, err, "link n00000->n00001: no queue policy 3")
	n = single(t, LinkSpec{Policy: CoDel})
	assert.EqualError(t, n.Share(0, LineSpec{Bandwidth: 1}, LineSpec{}), "uplink of node n00000: link n00000->n00001 has a queue policy of its own")
	assert.NoError(t, n.Share(1, LineSpec{Bandwidth: 1}, LineSpec{Bandwidth: 1}), "nothing that leaves it waits for Serve")
}
