package gen

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"meshsim/scenarios"
)

// fault draws the fault number i. That all kinds are among those of many scenarios,
// TestTroubles counts.
func fault(t *rapid.T, g Graph, i int) scenarios.Fault {
	f := scenarios.Fault{
		Name: fmt.Sprintf("f%d", i+1),
		At:   time.Duration(rapid.Int64Range(0, 400).Draw(t, "at")) * time.Millisecond,
	}
	if rapid.SampledFrom([]bool{false, true, true}).Draw(t, "ends") {
		f.Until = f.At + time.Duration(rapid.Int64Range(1, 400).Draw(t, "for"))*time.Millisecond
	}
	if rapid.Bool().Draw(t, "of nodes") {
		f.Kind = faultOfNodes(t, g)
	} else {
		f.Kind = faultOfLinks(t, g)
	}
	if _, ok := f.Kind.(scenarios.Swizzle); ok && f.Until == 0 {
		f.Until = f.At + 200*time.Millisecond
	}
	return f
}

func faultOfLinks(t *rapid.T, g Graph) scenarios.FaultKind {
	switch rapid.SampledFrom([]int{0, 1, 3, 4, 5, 6, 7}).Draw(t, "kind") {
	case 0:
		p := scenarios.Partition{Mode: rapid.SampledFrom([]string{"uniform", "isolate", "halves"}).Draw(t, "mode")}
		if rapid.Bool().Draw(t, "groups") {
			p = scenarios.Partition{Groups: [][]string{{scenarios.Drawn(2)}}}
		}
		return p
	case 1:
		return scenarios.Partition{Groups: [][]string{{ID(even(t, g.Nodes, "node"))}, {"*"}}, OneWay: rapid.Bool().Draw(t, "one way")}
	case 3:
		return scenarios.Flap{
			Links: links(t, g), MeanUp: span(t, "up"), MeanDown: span(t, "down"),
			MinUp: 5 * time.Millisecond, MinDown: time.Duration(rapid.Int64Range(0, 10).Draw(t, "min down")) * time.Millisecond,
		}
	case 4:
		return scenarios.Hold{Links: links(t, g)}
	case 5:
		return scenarios.Clog{Links: links(t, g), Delay: time.Duration(rapid.Int64Range(1, 300).Draw(t, "delay")) * time.Millisecond}
	case 6:
		return scenarios.LinkChange{Links: links(t, g), Set: otherValues(t)}
	}
	return scenarios.LinkDown{Links: links(t, g)}
}

// otherValues draws what a link may be for a time.
func otherValues(t *rapid.T) (v scenarios.LinkValues) {
	maybe := func(name string) bool { return rapid.Bool().Draw(t, name) }
	if maybe("latency") {
		v.Latency = new(scenarios.Constant(time.Duration(rapid.Int64Range(1, 100).Draw(t, "ms")) * time.Millisecond))
	}
	if maybe("loss") {
		v.Loss = new(scenarios.Ratio(500_000_000))
	}
	if maybe("bandwidth") {
		v.Bandwidth = new(rapid.SampledFrom([]scenarios.BitRate{0, 5_000, 100_000}).Draw(t, "rate"))
	}
	if maybe("queue") {
		v.Queue = new(scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: rapid.Int64Range(0, 3).Draw(t, "room")})
	}
	if maybe("header") {
		v.Header = new(int64(17))
	}
	if maybe("rest") || v == (scenarios.LinkValues{}) {
		v.Corrupt, v.Duplicate, v.FIFO, v.MTU = new(scenarios.Ratio(300_000_000)), new(scenarios.Ratio(300_000_000)), new(bool), new(int64(150))
	}
	return v
}

// span is a mean time between what comes and goes.
func span(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.Int64Range(10, 300).Draw(t, label)) * time.Millisecond
}

func links(t *rapid.T, g Graph) scenarios.LinkSet {
	if rapid.IntRange(0, 2).Draw(t, "random links") == 2 {
		return scenarios.LinkSet{scenarios.Drawn(1 + int64(even(t, len(g.Pairs), "links")))}
	}
	pair := g.Pairs[even(t, len(g.Pairs), "link")]
	mark := rapid.SampledFrom([]string{"<->", "->"}).Draw(t, "ways")
	return scenarios.LinkSet{ID(pair[0]) + mark + ID(pair[1])}
}

func nodes(t *rapid.T, g Graph) scenarios.NodeList {
	if rapid.IntRange(0, 2).Draw(t, "random nodes") == 2 {
		return scenarios.NodeList{scenarios.Drawn(1 + int64(even(t, g.Nodes, "nodes")))}
	}
	list := scenarios.NodeList{ID(even(t, g.Nodes, "node"))}
	if other := ID(even(t, g.Nodes, "other")); other != list[0] {
		list = append(list, other)
	}
	return list
}

func faultOfNodes(t *rapid.T, g Graph) scenarios.FaultKind {
	list := nodes(t, g)
	lose := rapid.SampledFrom([]string{"identity", "state", "nothing", "identity"}) // what a lost key does takes time to show
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return scenarios.ClockSkew{Nodes: list, Offset: scenarios.Offset(-Many.Draw(t, "offset")), Drift: 50_000}
	case 1, 2:
		return scenarios.Pause{Nodes: list}
	case 3:
		return scenarios.Isolate{Nodes: list}
	case 4, 5:
		return scenarios.Churn{Nodes: list, MeanUp: span(t, "up"), MeanDown: span(t, "down"), Lose: lose.Draw(t, "lose")}
	case 6:
		return scenarios.Swizzle{Nodes: list}
	}
	return scenarios.NodeCrash{Nodes: list, Lose: lose.Draw(t, "lose")}
}
