package scenarios_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trust"
)

// society is a drawn mesh whose nodes meet, know facts, and propose them to each other,
// first while there are faults and once more when these are over, at faultsEnd.
type society struct {
	*scenarios.Scenario
	t    *rapid.T
	g    gen.Graph
	leg  time.Duration // over the longest way, without faults
	clog time.Duration // what is under way when faults end takes no longer
	by   []string      // who proposes and claims
}

// newSociety draws one without faults, of which latencies of each copy decide the order
// of messages.
func newSociety(t *rapid.T) *society {
	c := &society{t: t, g: gen.Connected(50).Draw(t, "graph")}
	s := c.g.Scenario(t)
	c.Scenario = s
	s.Seed = sim.Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
	for i := range s.Links {
		quick := scenarios.Uniform(time.Millisecond, societyDelay)
		s.Links[i].Latency = &quick
	}
	c.clog = longestWay(t, s)
	c.leg = c.clog / (time.Millisecond + clogDelay) * societyDelay
	s.Handshake = scenarios.Handshake{
		Retry: max(ms(50), 3*c.leg), Tries: rapid.Int64Range(2, 4).Draw(t, "tries"), Jitter: 100_000_000,
		Backoff: ms(rapid.Int64Range(300, 1000).Draw(t, "backoff")), Rounds: 4, Auto: c.auto(),
	}
	s.Trust = scenarios.Trust{
		Verify:  rapid.SampledFrom([]string{"local_or_quorum", "local_or_quorum", "local", "quorum"}).Draw(t, "verify"),
		Quorum:  rapid.Int64Range(1, 3).Draw(t, "quorum"),
		Warners: rapid.Int64Range(1, 3).Draw(t, "warners"), Anchors: c.g.Some(t, 0, 4, "anchors"),
		VerifyTimeout: ms(rapid.Int64Range(50, 1000).Draw(t, "verify timeout")), IntroductionExpire: time.Hour,
		Introductions: rapid.SampledFrom([]string{"none", "tell", "meet"}).Draw(t, "introductions"),
	}
	if c.g.Nodes <= 8 {
		s.Trust.IntroductionHops = rapid.Int64Range(1, 2).Draw(t, "hops")
	}
	c.by = c.g.Some(t, 1, 4, "by")
	if rapid.IntRange(0, 3).Draw(t, "chain") == 0 {
		c.chain()
	} else {
		c.knowledge(rapid.IntRange(1, 4).Draw(t, "facts"))
	}
	c.talk("facts", scenarios.Facts{})
	s.Duration = 2 * faultsEnd
	return c
}

// societyDelay is the longest that a copy takes over one link without faults.
const societyDelay = 5 * time.Millisecond

// auto draws who shakes hands unasked: that everyone does is for small meshes.
func (c *society) auto() string {
	if c.g.Nodes <= 12 && rapid.Bool().Draw(c.t, "all meet") {
		return "all"
	}
	return "neighbours"
}

// knowledge draws facts, each of which some nodes know: few, or up to all.
func (c *society) knowledge(facts int) {
	most := rapid.SampledFrom([]int{3, c.g.Nodes}).Draw(c.t, "knowers")
	for i := range facts {
		f := scenarios.Fact{ID: fmt.Sprintf("f%d", i), KnownBy: scenarios.NodeList(c.g.Some(c.t, 2, most, "known"))}
		c.Knowledge.Facts = append(c.Knowledge.Facts, f)
	}
}

// chain has everyone trust one node, which alone can confirm what the next one knows,
// and so on.
func (c *society) chain() {
	c.by = c.g.Some(c.t, 2, 6, "in the chain")
	c.Trust.Verify, c.Trust.Quorum, c.Trust.Anchors = "quorum", 1, c.by[:1]
	c.Knowledge.Facts = []scenarios.Fact{{ID: "f", KnownBy: c.by[:1]}}
	for i := range c.by[1:] {
		c.Knowledge.Facts = append(c.Knowledge.Facts, scenarios.Fact{ID: fmt.Sprintf("f%d", i), KnownBy: c.by[i : i+2]})
	}
	c.meetLate(c.by)
}

// talk has some nodes propose or claim a few of their facts to everyone while there are
// faults, and then all of them.
func (c *society) talk(name string, kind scenarios.TrafficKind) {
	entry := scenarios.Traffic{
		Name: name, Kind: kind, From: scenarios.NodeSet{IDs: c.by}, To: scenarios.Target{How: scenarios.ToEach},
		Arrivals: "periodic", Interval: faultsEnd / 3, Count: 2, Start: ms(rapid.Int64Range(0, 500).Draw(c.t, name)),
	}
	late := entry
	late.Name, late.Start, late.Interval, late.Count = "late "+name, faultsEnd, ms(20), int64(len(c.Knowledge.Facts))
	c.Traffic = append(c.Traffic, entry, late)
}

// settled is when the faults of a society are over and all is said.
func (c *society) settled() time.Duration {
	return faultsEnd + time.Duration(len(c.Knowledge.Facts))*ms(20)
}

// meetLate has nodes shake hands with everyone when the faults are over.
func (c *society) meetLate(from []string) {
	if len(from) > 0 {
		c.Traffic = append(c.Traffic, scenarios.Traffic{
			Name: fmt.Sprint("wishes", len(c.Traffic)), Kind: scenarios.Handshakes{}, From: scenarios.NodeSet{IDs: from}, To: scenarios.Target{How: scenarios.ToEach},
			Arrivals: "periodic", Start: faultsEnd, Interval: time.Second, Count: 1,
		})
	}
}

// trouble adds faults that end at faultsEnd: loss, duplicates, and up to four more, of
// which crashes take what lose has.
func (c *society) trouble(lose ...string) {
	loss := rapid.SampledFrom([]scenarios.Ratio{50_000_000, 200_000_000, 500_000_000}).Draw(c.t, "loss")
	c.Faults = append(c.Faults, scenarios.Fault{Name: "bad wires", Until: faultsEnd, Kind: scenarios.LinkChange{
		Links: scenarios.LinkSet{scenarios.Drawn(int64(len(c.g.Pairs)))},
		Set:   scenarios.LinkValues{Loss: new(loss), Duplicate: new(scenarios.Ratio(100_000_000))},
	}})
	for i := range rapid.IntRange(0, 4).Draw(c.t, "faults") {
		at := ms(rapid.Int64Range(0, 1900).Draw(c.t, "at"))
		f := scenarios.Fault{Name: fmt.Sprintf("f%d", i), At: at, Until: at + time.Duration(rapid.Int64Range(1, int64(faultsEnd-at)).Draw(c.t, "for"))}
		few := scenarios.NodeList(c.g.Some(c.t, 1, 5, "few"))
		crash := rapid.SampledFrom(lose).Draw(c.t, "lose")
		f.Kind = rapid.SampledFrom([]scenarios.FaultKind{
			scenarios.NodeCrash{Nodes: few, Lose: crash}, scenarios.Churn{Nodes: few, MeanUp: ms(300), MeanDown: ms(100), Lose: crash},
			scenarios.Clog{Links: scenarios.LinkSet{scenarios.Drawn(1)}, Delay: clogDelay}, scenarios.Partition{Mode: "halves"},
		}).Draw(c.t, "kind")
		c.Faults = append(c.Faults, f)
	}
}

// closureBound is that of mesh.Judgement: how long after the faults are over and all is
// said levels change at the latest, and what is still under way then.
func (c *society) closureBound(closure *trust.Closure) time.Duration {
	chain := 0
	for node := range sim.NodeID(c.g.Nodes) {
		for peer := range sim.NodeID(c.g.Nodes) {
			if node != peer {
				chain = max(chain, closure.Proof(node, peer).Round)
			}
		}
	}
	d := c.leg
	step := c.polls()*c.Trust.VerifyTimeout + time.Duration(max(c.Trust.IntroductionHops, 1)+7)*d
	return c.clog + stormBound(c.Scenario, d) + time.Duration(chain+1)*step
}

// polls is how often a node asks trusted peers until it has asked all, 2 K at a time,
// and once more for those whom it is asking already.
func (c *society) polls() time.Duration {
	most := 2 * int(c.Trust.Quorum)
	return time.Duration((c.g.Nodes-1+most-1)/most + 1)
}

// closure is who can come to trust whom.
func (c *society) closure() *trust.Closure {
	closure, err := c.Scenario.Closure()
	require.NoError(c.t, err)
	return closure
}
