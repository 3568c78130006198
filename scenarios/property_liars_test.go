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
	"meshsim/trust"
)

// fewLiars draws a society with fewer identities that lie or are mistaken than it takes
// to convince anyone, and any number of nodes that pass on badly what others say.
func fewLiars(t *rapid.T) *scenarios.Scenario {
	c := newSociety(t)
	c.trouble("nothing", "state")
	c.Trust.Quorum, c.Trust.Warners = rapid.Int64Range(2, 4).Draw(t, "k"), rapid.Int64Range(2, 4).Draw(t, "w")
	c.Trust.Warnings = rapid.SampledFrom([]string{"first_hand", "first_hand", "none"}).Draw(t, "warnings")
	bad := c.g.Some(t, 1, 6, "bad")
	left := int(min(c.Trust.Quorum, c.Trust.Warners)) - 1
	for left > 0 && len(bad) > 0 {
		left -= c.liar(bad[0], left)
		bad = bad[1:]
	}
	for _, id := range bad {
		c.misbehave(id, rapid.SampledFrom([]scenarios.AdversaryKind{
			scenarios.Tamper{Share: 500_000_000}, scenarios.Blackhole{}, scenarios.Grayhole{Share: 500_000_000}, scenarios.Replay{},
			scenarios.Delay{By: ms(30)}, scenarios.Flood{Rate: scenarios.PerSecond},
		}).Draw(t, "passes on badly"))
	}
	c.library()
	c.talk("claims", scenarios.Claims{Source: rapid.SampledFrom([]string{"", "book"}).Draw(t, "cites")})
	c.meetLate(c.by)
	c.Duration = 3 * faultsEnd
	return c.Scenario
}

// liar makes a node lie, or be mistaken, by at most so many identities, and has it talk.
// It returns by how many it does.
func (c *society) liar(id string, most int) int {
	if !slices.Contains(c.by, id) {
		c.by = append(c.by, id)
		for i := range c.Traffic {
			c.Traffic[i].From.IDs = c.by
		}
	}
	switch how := rapid.IntRange(0, 5).Draw(c.t, "how"); {
	case how == 0:
		f := &c.Knowledge.Facts[rapid.IntRange(0, len(c.Knowledge.Facts)-1).Draw(c.t, "wrong")]
		f.WrongAt = append(f.WrongAt, id)
	case how == 1 && most > 1:
		c.Knowledge.Facts = append(c.Knowledge.Facts, scenarios.Fact{ID: "secret" + id, KnownBy: scenarios.NodeList{id}})
		c.misbehave(id, scenarios.SybilAttack{Count: int64(most - 1)})
		return most
	case how == 2:
		c.misbehave(id, scenarios.Slander{Targets: slices.DeleteFunc(c.g.Some(c.t, 1, 5, "targets"), func(target string) bool { return target == id })})
	case how == 3:
		c.misbehave(id, scenarios.IntroduceLiars{})
	case how == 4:
		c.misbehave(id, scenarios.Equivocate{})
	default:
		c.misbehave(id, scenarios.Lie{})
	}
	return 1
}

func (c *society) misbehave(id string, how scenarios.AdversaryKind) {
	if k, slanders := how.(scenarios.Slander); slanders && len(k.Targets) == 0 {
		how = scenarios.Lie{}
	}
	c.Adversaries = append(c.Adversaries, scenarios.Adversary{
		Nodes: scenarios.NodeSet{IDs: []string{id}}, Behaviour: how, Start: ms(rapid.Int64Range(0, 1000).Draw(c.t, "from")),
	})
}

// library makes a source that says all facts; or only one, if nobody believes it anyhow.
func (c *society) library() {
	book := scenarios.Source{URI: "book", Tier: rapid.SampledFrom([]string{"unknown", "low", "medium", "high", "high", "blocked"}).Draw(c.t, "tier")}
	for _, f := range c.Knowledge.Facts {
		book.Says = append(book.Says, f.ID)
	}
	if book.Tier == "low" {
		book.Says = book.Says[:1]
	}
	c.Knowledge.Sources = []scenarios.Source{book}
}

// innocent reports whether a node neither lies nor is mistaken. Who passes on badly is
// innocent in this.
func (b *believers) innocent(node sim.NodeID) bool {
	switch b.conduct(node).(type) {
	case scenarios.Lie, scenarios.Equivocate, scenarios.Slander, scenarios.IntroduceLiars, scenarios.SybilAttack:
		return false
	}
	return !slices.ContainsFunc(b.s.Knowledge.Facts, func(f scenarios.Fact) bool { return slices.Contains(f.WrongAt, b.mesh.Nodes[node].ID) })
}

// Fewer liars than the quorum and the warners, identities and mistaken nodes counted,
// convince no honest node of a false claim, and turn no node that neither lies nor is
// mistaken against another; nor does who loses, alters, delays or repeats what others say.
func TestFewLiarsHarmNobody(t *testing.T) {
	var drawn sizes
	seen := map[string]int{}
	gen.Check(t, fewLiars, func(t *rapid.T, s *scenarios.Scenario) {
		drawn.add(int(s.Topology.Kind.(scenarios.OwnLinks).Nodes))
		b := newBelievers(t, s)
		for _, a := range s.Adversaries {
			seen[scenarios.KindName(a.Behaviour)]++
		}
		watch := sinkFunc(func(e *trace.Event) {
			b.Emit(e)
			switch {
			case e.Kind == trace.TrustUpdated && (trust.Event(e.Evidence) == trust.Conflict || trust.Event(e.Evidence) == trust.Malicious):
				seen[e.By]++
				require.False(t, b.innocent(e.Node) && b.innocent(e.Peer), "%v: %s turns against %s by %s %s", e.T, b.mesh.Nodes[e.Node].ID, b.mesh.Nodes[e.Peer].ID, e.Evidence, e.By)
			case e.Kind == trace.ClaimReceived && !e.Holds:
				seen["false claims"]++
			case e.Kind == trace.Warned && b.innocent(e.Subject):
				seen["false warnings"]++
			case e.Kind == trace.ClaimResolved && !b.lies(e.Node):
				seen[fmt.Sprint(e.State, " by ", e.Rule)]++
			}
		})
		result := run(t, s, scenarios.Options{Sinks: []trace.Sink{watch}})
		require.Zero(t, result.Metrics.Claims.FalseAccepted)
	})
	t.Log("seen:", seen)
	for _, what := range []string{
		"lie", "equivocate", "slander", "introduce_liars", "sybil", "tamper", "blackhole", "grayhole", "replay", "delay", "flood",
		"false claims", "false warnings", "contradiction", "citation", "accepted by 5", "accepted by 6", "rejected by 1", "disputed by 3",
	} {
		assert.Positive(t, seen[what], what)
	}
	drawn.check(t)
}
