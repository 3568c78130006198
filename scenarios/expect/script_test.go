package expect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

var abc = Env{
	Nodes:   []string{"a", "b", "c"},
	Honest:  []string{"a", "b", "c"},
	Faults:  []string{"split", "other"},
	Classes: []string{"web"},
	Constants: map[string]any{
		"seed":     int64(1)<<53 - 1,
		"duration": 60 * time.Second,
		"routing":  map[string]any{"max_hops": int64(8), "strategy": "flood"},
		"link":     map[string]any{"loss": 0.01, "latency": int64(20 * time.Millisecond)},
		"topology": map[string]any{"nodes": 3},
		"idle":     map[string]any{"share": 0.0, "nodes": []any{}},
		"traffic":  []any{map[string]any{"name": "t1", "size": int64(200)}},
	},
	Nearest: nearest,
}

// nearest knows the misspellings in these tests.
func nearest(word string, known []string) string {
	meant := map[string]string{
		"envelop": "envelope", "hop": "hops", "delivery_ration": "delivery_ratio", "wob": "web", "maxhops": "max_hops",
		"[1]": "[0]", "los": "loss", "A": "a", "blokced": "blocked", "splat": "split", "spilt": "split",
	}[word]
	if !slices.Contains(known, meant) {
		return ""
	}
	return meant
}

// scripted is a world whose state a test sets. What is not down is up.
type scripted struct {
	down      map[string]bool
	active    map[string]bool
	trust     map[string]trace.Trust // by both names
	claims    map[string]trace.ClaimState
	changed   clock.Time
	sum       trace.Summary
	fills     int
	latencies int // of fills, those that wanted them
}

func newScripted() *scripted {
	w := &scripted{down: map[string]bool{}, active: map[string]bool{}, trust: map[string]trace.Trust{}, claims: map[string]trace.ClaimState{}}
	w.sum.Drops = map[string]int64{}
	w.sum.Traffic.Classes = map[string]trace.ClassSummary{}
	return w
}

func (w *scripted) RouteUp(a, b string) bool      { return !w.down[a+">"+b] }
func (w *scripted) SessionUp(a, b string) bool    { return !w.down[a+"~"+b] }
func (w *scripted) NodeUp(a string) bool          { return !w.down[a] }
func (w *scripted) Trust(a, b string) trace.Trust { return w.trust[a+">"+b] }
func (w *scripted) TrustChanged() clock.Time      { return w.changed }
func (w *scripted) Claim(c, a string) trace.ClaimState {
	return w.claims[c+" at "+a]
}
func (w *scripted) FaultActive(f string) bool {
	return w.active[f]
}

func (w *scripted) FillSummary(s *trace.Summary, latency bool) {
	*s = w.sum
	s.Drops = maps.Clone(w.sum.Drops)
	w.fills++
	if latency {
		w.latencies++
	}
	if !latency {
		s.Traffic.LatencyNS = trace.LatencySummary{}
	}
}

// play runs a script against a set. Each line is an instant: a time, then words
// that change the world, separated by commas: "down X", "up X" (X a node, a>b or a session a~b),
// "begin F", "end F", "expected N", "delivered N", "loss N", "max D",
// "probing X>Y" (a transition), "settled" (trust converged), "accepted C X",
// "web N M" (expected, delivered), "TYPE x>y hops N [took D]" for an envelope event.
func play(t require.TestingT, set *Set, w *scripted, script string) {
	set.Watch(w)
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		d, err := time.ParseDuration(words[0])
		require.NoError(t, err)
		now := clock.Time(d)
		if len(words) > 1 && words[1] == "over" {
			set.End(now)
			return
		}
		for part := range strings.SplitSeq(strings.Join(words[1:], " "), ",") {
			w.apply(t, set, now, strings.Fields(part))
		}
		set.Instant(now)
	}
}

func (w *scripted) apply(t require.TestingT, set *Set, now clock.Time, words []string) {
	var n int64
	number := func(i int) int64 {
		_, err := fmt.Sscan(words[i], &n)
		require.NoError(t, err)
		return n
	}
	switch words[0] {
	case "nothing":
	case "down", "up":
		w.down[words[1]] = words[0] == "down"
	case "probing":
		w.trust[words[1]] = 1
		w.changed = now
		w.sum.Trust.Transitions++
	case "accepted":
		w.claims[words[1]+" at "+words[2]] = trace.ClaimAccepted
	case "settled":
		w.sum.Trust.Converged, w.sum.Trust.ConvergedAtNS = true, int64(w.changed)
	case "begin", "end":
		w.active[words[1]] = words[0] == "begin"
		kind := trace.FaultBegin
		if words[0] == "end" {
			kind = trace.FaultEnd
		}
		set.Emit(&trace.Event{Kind: kind, T: now, Node: sim.NoNode, Peer: sim.NoNode, Payload: trace.Payload{Name: words[1]}})
	case "expected":
		w.sum.Traffic.Expected = number(1)
		w.ratio()
	case "delivered":
		w.sum.Traffic.Delivered = number(1)
		w.sum.Traffic.LatencyNS.Count = n
		w.ratio()
	case "loss":
		w.sum.Drops["loss"] = number(1)
	case "max":
		d, err := time.ParseDuration(words[1])
		require.NoError(t, err)
		w.sum.Traffic.LatencyNS.Max = int64(d)
	case "web":
		c := trace.ClassSummary{Expected: number(1), Delivered: number(2)}
		c.DeliveryRatio = float64(c.Delivered) / float64(max(c.Expected, 1))
		w.sum.Traffic.Classes["web"] = c
	default:
		set.Emit(envelopeEvent(t, now, words))
	}
}

func (w *scripted) ratio() {
	c := &w.sum.Traffic.ClassSummary
	c.DeliveryRatio = float64(c.Delivered) / float64(max(c.Expected, 1))
}

// envelopeEvent is what "PING a>b hops 3 took 20ms" says; without took it is sent.
func envelopeEvent(t require.TestingT, now clock.Time, words []string) *trace.Event {
	from, to, ok := strings.Cut(words[1], ">")
	require.True(t, ok, "no event: %v", words)
	e := &trace.Event{Kind: trace.EnvelopeSent, T: now, Node: id(from), Peer: id(to)}
	e.Type, e.Origin, e.Destination = words[0], id(from), id(to)
	hops := 0
	_, err := fmt.Sscan(words[3], &hops)
	require.NoError(t, err)
	e.Path = make([]sim.NodeID, hops+1)
	if len(words) > 5 {
		e.Kind = trace.EnvelopeDelivered
		e.Node, e.Peer = e.Peer, e.Node
		e.Latency, err = time.ParseDuration(words[5])
		require.NoError(t, err)
	}
	return e
}

func id(name string) sim.NodeID {
	if name == "*" {
		return sim.Everyone
	}
	return sim.NodeID(slices.Index(abc.Nodes, name))
}
