package scenarios_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/scenarios/gen"
	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// claiming draws a society without liars that makes claims: through faults, to nodes
// that crash, with and without their memory, are overloaded, and have little room.
func claiming(t *rapid.T) *scenarios.Scenario {
	c := newSociety(t)
	c.trouble("nothing", "state")
	c.library()
	c.talk("claims", scenarios.Claims{Source: rapid.SampledFrom([]string{"", "book"}).Draw(t, "cites")})
	c.Trust.ClaimsMax = rapid.SampledFrom([]int64{1, 3, 64, 64}).Draw(t, "room")
	c.Trust.ClaimsOverflow = rapid.SampledFrom([]string{"drop_oldest", "drop_newest", "error", "block"}).Draw(t, "overflow")
	for i, id := range c.g.Some(t, 0, 6, "busy") {
		c.presence(ms(rapid.Int64Range(0, 1500).Draw(t, "from")), id, "overloaded")
		if i%2 == 0 { // the others stay so
			c.presence(faultsEnd+ms(500), id, "focused")
		} else {
			c.presence(faultsEnd+ms(1), id, "overloaded")
		}
	}
	c.meetLate(c.g.Some(t, 0, 3, "late wishes"))
	c.Duration = c.settled() + c.closureBound(c.closure()) + c.acceptanceBound()
	return c.Scenario
}

func (c *society) presence(at time.Duration, id, presence string) {
	c.Actions = append(c.Actions, scenarios.Action{At: at, Node: id, Kind: scenarios.SetPresence{Presence: presence}})
}

// acceptanceBound is how long after the levels are final all is accepted that can be:
// whoever accepts may be the voice that another one lacks, and so on.
func (c *society) acceptanceBound() time.Duration {
	return time.Duration(c.g.Nodes)*(c.polls()*c.Trust.VerifyTimeout+4*c.leg) + stormBound(c.Scenario, c.leg) + time.Second
}

// claimants is a naive twin of what nodes make of claims.
type claimants struct {
	*believers
	received  []int64                 // by node
	claims    []map[string]*oneClaim  // by node, by id: those that it has not forgotten
	learnt    []map[string]clock.Time // by node: when it accepted facts
	ever      []map[string]bool       // those that it accepted and forgot, too
	asks      []clock.Time            // by node: when it began last to ask all anew whom it trusts
	forgotten int64
	resolved  map[string]int // by state and rule
}

type oneClaim struct {
	sender             sim.NodeID
	fact, source, tier string
	state              string
	at                 clock.Time // when it came
}

func newClaimants(t require.TestingT, s *scenarios.Scenario) *claimants {
	c := &claimants{believers: newBelievers(t, s), resolved: map[string]int{}}
	n := len(c.mesh.Nodes)
	c.received, c.asks = make([]int64, n), make([]clock.Time, n)
	for range n {
		c.claims, c.learnt, c.ever = append(c.claims, map[string]*oneClaim{}), append(c.learnt, map[string]clock.Time{}), append(c.ever, map[string]bool{})
	}
	return c
}

func (c *claimants) Emit(e *trace.Event) {
	c.believers.Emit(e)
	switch e.Kind {
	case trace.NodeUp:
		if e.Lose >= trace.LoseState {
			c.forgotten += int64(len(c.claims[e.Node]))
			clear(c.claims[e.Node])
			clear(c.learnt[e.Node])
		}
	case trace.ClaimReceived:
		require.Nil(c.t, c.claims[e.Node][e.Claim], "%v: %s takes %s again", e.T, c.mesh.Nodes[e.Node].ID, e.Claim)
		require.True(c.t, e.Holds)
		c.received[e.Node]++
		c.claims[e.Node][e.Claim] = &oneClaim{sender: e.Peer, fact: e.Statement, tier: e.Tier, source: e.Source, state: "pending", at: e.T}
	case trace.ClaimResolved:
		c.settled(e)
	case trace.TrustUpdated:
		if trust.Level(e.To) == trust.Trusted {
			c.asks[e.Node] = e.T
		}
	}
}

// settled holds what became of a claim against the rules.
func (c *claimants) settled(e *trace.Event) {
	what := fmt.Sprintf("%v: at %s %s is %s by rule %d of %v", e.T, c.mesh.Nodes[e.Node].ID, e.Claim, e.State, e.Rule, e.Voices)
	claim := c.claims[e.Node][e.Claim]
	require.NotNil(c.t, claim, what)
	require.Equal(c.t, "pending", claim.state, "%s: it is for good", what)
	switch e.Rule {
	case 0:
		require.Equal(c.t, "dropped", e.State, what)
	case 1:
		require.Equal(c.t, "rejected blocked", e.State+" "+claim.tier, what)
	case 5:
		require.True(c.t, e.State == "accepted" && claim.proven(c.s), what)
	case 6:
		require.Equal(c.t, "accepted", e.State, what)
		require.GreaterOrEqual(c.t, int64(len(e.Voices)), c.s.Trust.Quorum, what)
		for i, voice := range e.Voices {
			require.NotContains(c.t, append(e.Voices[:i:i], claim.sender, e.Node), voice, what)
			require.Equal(c.t, trust.Trusted, c.levels[ordered{e.Node, voice}], what)
			require.True(c.t, c.knows(voice, claim.fact) || c.ever[voice][claim.fact], "%s: %s can't know that", what, c.mesh.Nodes[voice].ID)
		}
	default:
		require.Fail(c.t, "nobody contradicts", what)
	}
	if e.Rule >= 5 {
		require.Equal(c.t, trust.Trusted, c.levels[ordered{e.Node, claim.sender}], what)
		c.ever[e.Node][claim.fact] = true
		if _, before := c.learnt[e.Node][claim.fact]; !before {
			c.learnt[e.Node][claim.fact] = e.T
		}
	}
	claim.state = e.State
	c.resolved[fmt.Sprint(e.State, " by ", e.Rule)]++
}

// proven reports whether a claim cites a source that is believed and says so.
func (o *oneClaim) proven(s *scenarios.Scenario) bool {
	return (o.tier == "medium" || o.tier == "high") && slices.ContainsFunc(s.Knowledge.Sources, func(source scenarios.Source) bool {
		return source.URI == o.source && source.Tier == o.tier && slices.Contains(source.Says, o.fact)
	})
}

// knows reports whether a node knows a fact at first hand.
func (c *claimants) knows(node sim.NodeID, fact string) bool {
	return slices.ContainsFunc(c.s.Knowledge.Facts, func(f scenarios.Fact) bool {
		return f.ID == fact && slices.Contains(f.KnownBy, c.mesh.Nodes[node].ID)
	})
}

// voices are the peers that a node trusts and that could tell it, when it asked them last,
// that they hold what a claim says. Who learns it later is not asked again.
func (c *claimants) voices(node sim.NodeID, claim *oneClaim) (voices []sim.NodeID) {
	asked := max(claim.at, c.asks[node])
	for peer := range c.mesh.Nodes {
		v := sim.NodeID(peer)
		at, learnt := c.learnt[v][claim.fact]
		if v != node && v != claim.sender && c.levels[ordered{node, v}] == trust.Trusted && (c.knows(v, claim.fact) || learnt && at <= asked) {
			voices = append(voices, v)
		}
	}
	return voices
}

// overloaded reports whether a node is overloaded at the end.
func (c *claimants) overloaded(node sim.NodeID) bool {
	last := ""
	for _, a := range c.s.Actions {
		if k, is := a.Kind.(scenarios.SetPresence); is && a.Node == c.mesh.Nodes[node].ID {
			last = k.Presence // they are in the order of their times
		}
	}
	return last == "overloaded"
}

// Through crashes, overload, partitions and short queues no claim is lost and none that
// was decided is decided again; and in the end each is accepted that can be: where its
// sender is trusted, and a source says so, or a quorum of trusted peers.
func TestClaimsEndAccepted(t *testing.T) {
	var drawn sizes
	resolved := map[string]int{}
	gen.Check(t, claiming, func(t *rapid.T, s *scenarios.Scenario) {
		drawn.add(int(s.Topology.Kind.(scenarios.OwnLinks).Nodes))
		c := newClaimants(t, s)
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{c}})
		count, received := map[string]int64{"dropped": c.forgotten}, int64(0)
		for i := range c.claims {
			node := sim.NodeID(i)
			received += c.received[i]
			for id, claim := range c.claims[i] {
				count[claim.state]++
				if claim.state != "pending" || c.levels[ordered{node, claim.sender}] != trust.Trusted || c.overloaded(node) {
					continue
				}
				what := fmt.Sprintf("%s of %s waits at %s", id, claim.fact, c.mesh.Nodes[i].ID)
				require.False(t, claim.proven(s), what)
				require.Less(t, int64(len(c.voices(node, claim))), s.Trust.Quorum, what)
				resolved["pending for lack of voices"]++
			}
		}
		m := result.Metrics.Claims
		require.Equal(t, []int64{received, count["pending"], count["accepted"], count["rejected"], count["dropped"], 0},
			[]int64{m.Received, m.Pending, m.Accepted, m.Rejected, m.Dropped, m.Disputed + m.FalseAccepted})
		resolved["forgotten"] += int(c.forgotten)
		for how, n := range c.resolved {
			resolved[how] += n
		}
	})
	t.Log("claims:", resolved)
	for _, how := range []string{"accepted by 5", "accepted by 6", "rejected by 1", "dropped by 0", "forgotten", "pending for lack of voices"} {
		assert.Greater(t, resolved[how], 50, how)
	}
	drawn.check(t)
}
