package mesh

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
	"meshsim/trace"
	"meshsim/trust"
)

// skeptic is the naive twin of a node's claims: it keeps all that ever came, and works
// out everything anew each time.
type skeptic struct {
	trusts     *fakeTrusts
	overloaded bool
	most       int
	policy     ClaimOverflow
	claims     []*skepticClaim // that were received
	told       []string
}

type skepticClaim struct {
	id     string
	sender sim.NodeID
	of     statement
	cited  citation
	state  string
	says   map[sim.NodeID]stance
}

func (c *skepticClaim) waits() bool { return c.state == "pending" || c.state == "disputed" }

// side are those whose word counts.
func (s *skeptic) side(c *skepticClaim, says stance) (voices []sim.NodeID) {
	for peer := range sim.NodeID(doubters) {
		alone := s.trusts.keys[peer] != s.trusts.keys[0] && s.trusts.keys[peer] != s.trusts.keys[c.sender]
		for _, other := range voices {
			alone = alone && s.trusts.keys[peer] != s.trusts.keys[other]
		}
		if c.says[peer] == says && s.trusts.levels[peer] == trust.Trusted && alone {
			voices = append(voices, peer)
		}
	}
	return voices
}

// judge is protocol.md, section 6, read from top to bottom, once.
func (s *skeptic) judge(c *skepticClaim) bool {
	tier := TierUnknown
	said := false
	for _, source := range doubtable.Sources {
		if source.URI == c.cited.uri {
			tier = source.Tier
			said = string(source.Key.sign(fmt.Appendf(nil, "%s|f%d|%t", source.URI, c.of.fact, c.of.holds))) == string(c.cited.evidence)
		}
	}
	pro, con := s.side(c, agrees), s.side(c, contradicts)
	to := func(state string, rule int, voices ...sim.NodeID) bool {
		if state == c.state {
			return false
		}
		c.state = state
		s.told = append(s.told, fmt.Sprint(c.id, " ", state, " ", rule, voices))
		return true
	}
	switch {
	case tier == TierBlocked || s.trusts.levels[c.sender] == trust.Blocked:
		return to("rejected", 1)
	case s.overloaded:
		return false
	case c.state == "disputed" && len(pro) >= 2 && len(con) < 2:
		return to("accepted", 7, pro...)
	case c.state == "disputed" && len(con) >= 2 && len(pro) < 2:
		return to("rejected", 7, con...)
	case len(con) > 0:
		return to("disputed", 3, con...)
	case s.trusts.levels[c.sender] != trust.Trusted:
		return false
	case (tier == TierMedium || tier == TierHigh) && said:
		return to("accepted", 5)
	case len(pro) >= 2:
		return to("accepted", 6, pro...)
	}
	return false
}

func (s *skeptic) waiting() (all []*skepticClaim) {
	for _, c := range s.claims {
		if c.waits() {
			all = append(all, c)
		}
	}
	return all
}

func (s *skeptic) review() {
	for _, c := range s.waiting() {
		for c.waits() && s.judge(c) {
		}
	}
}

func (s *skeptic) receive(c *skepticClaim) {
	if slices.ContainsFunc(s.claims, func(known *skepticClaim) bool { return known.id == c.id }) {
		return
	}
	s.claims = append(s.claims, c)
	s.told = append(s.told, c.id+" received")
	s.review()
	if all := s.waiting(); len(all) > s.most {
		victim := c
		if s.policy == ClaimDropOldest {
			victim = all[0]
		}
		victim.state = "dropped"
		s.told = append(s.told, victim.id+" dropped 0 []")
	}
}

// debate is a doubter with its twin, and what its peers are asked and not asked.
type debate struct {
	*doubter
	twin  *skeptic
	asked map[string]bool // peer and claim
	count map[string]int  // claims that are in a state
	state map[string]string
}

func newDebate(t *rapid.T) *debate {
	policy := rapid.SampledFrom([]ClaimOverflow{ClaimDropOldest, ClaimDropNewest, ClaimError}).Draw(t, "policy")
	d := newDoubter(t, func(c *ClaimsConfig) { c.Max, c.Overflow = 3, policy })
	for id := range sim.NodeID(doubters) {
		d.trusts.levels[id] = rapid.SampledFrom([]trust.Level{trust.Probing, trust.Trusted, trust.Trusted}).Draw(t, "level")
	}
	if rapid.Bool().Draw(t, "some share a key") {
		d.trusts.keys[8], d.trusts.keys[9] = d.trusts.keys[7], d.trusts.keys[1]
	}
	return &debate{
		doubter: d, twin: &skeptic{trusts: d.trusts, most: 3, policy: policy},
		asked: map[string]bool{}, count: map[string]int{}, state: map[string]string{},
	}
}

// check compares what node and twin told, and looks at whom the node asked.
func (d *debate) check(t *rapid.T) {
	var told []string
	for _, e := range d.told {
		words := e.Claim + " received"
		was, known := d.state[e.Claim]
		if e.Kind == trace.ClaimReceived {
			require.False(t, known, "received once")
			e.State = "pending"
			d.count["received"]++
		} else {
			words = fmt.Sprint(e.Claim, " ", e.State, " ", e.Rule, e.Voices)
			require.Contains(t, []string{"pending", "disputed"}, was, "what is final stays")
			d.count[was]--
		}
		d.state[e.Claim] = e.State
		d.count[e.State]++
		told = append(told, words)
	}
	require.Equal(t, d.twin.told, told)
	d.twin.told = nil
	require.Equal(t, d.count["received"], d.count["pending"]+d.count["accepted"]+d.count["rejected"]+d.count["disputed"]+d.count["dropped"])
	require.Equal(t, d.count["pending"]+d.count["disputed"], len(d.waiting))
	require.LessOrEqual(t, len(d.waiting), d.Max)
	questions := map[string]int{}
	for _, e := range d.sent {
		if m := e.Payload.(*lipMessage); m.lipExchange == aQuestion {
			require.Equal(t, trust.Trusted, d.trusts.levels[e.Destination])
			questions[m.claim]++
			d.asked[fmt.Sprint(e.Destination, m.claim)] = true
		}
	}
	for _, n := range questions {
		require.LessOrEqual(t, n, 4, "two quorums at a time")
	}
	d.look()
}

// step lets something happen. Who is blocked says nothing.
func (d *debate) step(t *rapid.T, says func(peer sim.NodeID, c *skepticClaim) stance) {
	peer := sim.NodeID(rapid.IntRange(1, doubters-1).Draw(t, "peer"))
	mute := d.trusts.levels[peer] == trust.Blocked
	switch rapid.SampledFrom([]string{"claim", "answer", "answer", "all answer", "level", "presence", "timer", "restart"}).Draw(t, "step") {
	case "claim":
		of := statement{rapid.IntRange(0, 2).Draw(t, "fact"), rapid.Bool().Draw(t, "holds")}
		c := &skepticClaim{id: fmt.Sprint(peer, "/", rapid.IntRange(0, 5).Draw(t, "claim")), sender: peer, of: of, state: "pending", says: map[sim.NodeID]stance{}}
		if rapid.Bool().Draw(t, "cites") {
			tier := Tier(rapid.IntRange(0, int(TierBlocked)).Draw(t, "tier"))
			c.cited = cites(tier, of, rapid.SampledFrom([]string{"good", "forged", "other", "none"}).Draw(t, "evidence"))
		}
		d.claims(peer, c.id, of, c.cited)
		if !mute {
			d.twin.receive(c)
		}
	case "answer":
		if len(d.twin.claims) == 0 {
			return
		}
		c := rapid.SampledFrom(d.twin.claims).Draw(t, "about")
		d.answer(peer, c, says(peer, c))
	case "all answer":
		for _, c := range d.twin.waiting() {
			for peer := range sim.NodeID(doubters) {
				if d.asked[fmt.Sprint(peer, c.id)] {
					d.answer(peer, c, says(peer, c))
				}
			}
		}
	case "level":
		d.moves(peer, rapid.SampledFrom([]trust.Level{trust.Unknown, trust.Probing, trust.Trusted, trust.Trusted, trust.Blocked}).Draw(t, "level"))
		d.twin.review()
	case "presence":
		d.twin.overloaded = rapid.Bool().Draw(t, "overloaded")
		d.presence(map[bool]Presence{true: Overloaded, false: Diffuse}[d.twin.overloaded])
		d.twin.review()
	case "timer":
		if len(d.wakes) > 0 {
			d.ring()
		}
	case "restart":
		d.wakes = nil
		d.does(Input{Kind: Start, Tag: 2})
	}
	d.check(t)
}

// answer has a peer say something of a claim, if it is not blocked. Unless it was asked
// it is not heard.
func (d *debate) answer(peer sim.NodeID, c *skepticClaim, word stance) {
	d.latest = claim{id: c.id, statement: c.of}
	d.answers(peer, word)
	if d.trusts.levels[peer] != trust.Blocked && d.asked[fmt.Sprint(peer, c.id)] && c.waits() {
		c.says[peer] = word
		for c.waits() && d.twin.judge(c) {
		}
	}
}

// Whatever happens in whatever order, a node's claims are those of its naive twin; each
// is counted once, and what is final stays. In the end all who are trusted were asked.
func TestClaimsAgainstATwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDebate(t)
		anything := func(sim.NodeID, *skepticClaim) stance {
			return rapid.SampledFrom([]stance{agrees, contradicts, silent}).Draw(t, "says")
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			d.step(t, anything)
		}
		d.twin.overloaded = false
		d.presence(Focused)
		d.twin.review()
		d.check(t)
		for range 30 {
			for _, c := range d.twin.waiting() {
				for peer := range sim.NodeID(doubters) {
					if d.asked[fmt.Sprint(peer, c.id)] && c.says[peer] == silent {
						d.answer(peer, c, silent)
						d.check(t)
					}
				}
			}
			if len(d.wakes) > 0 {
				d.ring()
				d.check(t)
			}
		}
		for _, c := range d.twin.waiting() {
			for peer := range sim.NodeID(doubters) {
				if d.trusts.levels[peer] == trust.Trusted && peer != c.sender && peer != 0 {
					require.True(t, d.asked[fmt.Sprint(peer, c.id)], "%v about %s", peer, c.id)
				}
			}
		}
	})
}

// As long as fewer than a quorum of those who are trusted lie, by keys, nothing false is
// accepted.
func TestLiarsNeedAQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDebate(t)
		liars := rapid.SliceOfNDistinct(rapid.IntRange(1, doubters-1), 1, 4, rapid.ID).Draw(t, "liars")
		says := func(peer sim.NodeID, c *skepticClaim) stance {
			lies := slices.Contains(liars, int(peer))
			switch {
			case !lies && rapid.Bool().Draw(t, "ignorant"):
				return silent
			case lies == c.of.holds:
				return contradicts
			default:
				return agrees
			}
		}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			d.step(t, says)
			var trusted []*PublicKey
			for _, l := range liars {
				if k := d.trusts.keys[l]; d.trusts.levels[l] == trust.Trusted && !slices.Contains(trusted, k) {
					trusted = append(trusted, k)
				}
			}
			for _, c := range d.twin.claims {
				if c.state == "accepted" {
					c.state = "accepted before"
					require.True(t, c.of.holds || len(trusted) >= d.Quorum, "%s with %d trusted liars", c.id, len(trusted))
				}
			}
		}
	})
}

// With accusations that count the sums are right, too.
func TestClaimsAreConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDoubter(t, func(c *ClaimsConfig) {
			c.Max, c.Overflow = 2, rapid.SampledFrom([]ClaimOverflow{ClaimDropOldest, ClaimDropNewest, ClaimError, ClaimBlock}).Draw(t, "policy")
		})
		d.trusts.moves = d.Claims
		state, received, final := map[string]string{}, 0, 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			peer := rapid.IntRange(1, 4).Draw(t, "peer")
			d.plays(fmt.Sprintf(rapid.SampledFrom([]string{
				"claim %d", "claim %d high forged", "claim %d medium none", "denial %d high good", "claim %d high good", "%d trusted", "%d probing", "yes %d", "no %d",
			}).Draw(t, "step"), peer))
			for _, e := range d.told {
				if e.Kind == trace.ClaimReceived {
					received++
					require.NotContains(t, state, e.Claim)
					state[e.Claim] = "pending"
					continue
				}
				require.Contains(t, []string{"pending", "disputed"}, state[e.Claim])
				if state[e.Claim] = e.State; e.State != "disputed" {
					final++
				}
			}
			require.Equal(t, received, final+len(d.waiting))
			require.LessOrEqual(t, len(d.waiting), d.Max)
			d.look()
			if len(d.latest.id) == 0 {
				d.latest = claim{id: "none"}
			}
		}
	})
}
