package mesh

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/trust"
)

// TestClaimRules is the list of protocol.md, section 6: each rule, its order among the
// others, and that the rules are tried again when something changes.
func TestClaimRules(t *testing.T) {
	const friends = "2 trusted; 3 trusted; 4 trusted; 5 trusted; " // who can vote
	for _, c := range []struct{ rule, script, want string }{
		// Rule 1.
		{"a blocked source", "1 trusted; claim 1 blocked good", "received/blocked, rejected/1"},
		{"1 before 2", "1 trusted; overloaded; claim 1 blocked good", "received/blocked, rejected/1"},
		{"1 before 4", "claim 1 blocked good", "received/blocked, rejected/1"},
		{"the sender becomes blocked", "claim 1; 1 blocked", "received/unknown, rejected/1 because 2"},
		{"1 for a dispute", friends + "claim 1; no 2; 1 blocked", "received/unknown, disputed/3[2] because 6, rejected/1 because 6"},
		{"1 before 7", friends + "claim 1; no 2; yes 3; overloaded; yes 4; 1 blocked; focused", "received/unknown, disputed/3[2] because 6, rejected/1 because 6"},
		// Rule 2.
		{"2 before 5", "1 trusted; overloaded; claim 1 high good", "received/high"},
		{"2 ends", "1 trusted; overloaded; claim 1 high good; focused", "received/high, accepted/5 because 4"},
		{"2 before 3", friends + "claim 1; overloaded; no 2", "received/unknown"},
		{"2 before 7", friends + "claim 1; no 2; overloaded; no 3", "received/unknown, disputed/3[2] because 6"},
		{"2 before 7, ends", friends + "claim 1; no 2; overloaded; no 3; focused", "received/unknown, disputed/3[2] because 6, rejected/7[2 3] because 6 because 7 because 9"},
		// Rule 3.
		{"one contradicts", friends + "1 trusted; claim 1; no 2", "received/unknown, disputed/3[2] because 7"},
		{"3 before 4", friends + "claim 1; no 2", "received/unknown, disputed/3[2] because 6"},
		{"3 before 5", friends + "claim 1 high good; no 2; 1 trusted", "received/high, disputed/3[2] because 6"},
		{"3 before 6", friends + "claim 1; yes 2; yes 3; no 4; 1 trusted", "received/unknown, disputed/3[4] because 6, accepted/7[2 3] because 6 because 7 because 8"},
		{"who is not trusted does not contradict", friends + "claim 1; 2 probing; no 2", "received/unknown"},
		{"until it is", friends + "claim 1; 2 probing; no 2; 2 trusted", "received/unknown, disputed/3[2] because 6 because 8"},
		{"who knows nothing does not contradict", friends + "1 trusted; claim 1; none 2; none 3; none 4", "received/unknown"},
		{"it contradicts a denial", friends + "1 trusted; denial 1; no 2", "received/unknown, disputed/3[2] because 7"},
		// Rule 7: disputes.
		{"k against", friends + "claim 1; no 2; no 3", "received/unknown, disputed/3[2] because 6, rejected/7[2 3] because 6 because 7"},
		{"k for, whatever the sender is", friends + "claim 1; no 2; yes 3; yes 4", "received/unknown, disputed/3[2] because 6, accepted/7[3 4] because 6 because 8"},
		{"k for, but they lost trust", friends + "claim 1; no 2; yes 3; 3 probing; yes 4", "received/unknown, disputed/3[2] because 6"},
		{"both sides at once", friends + "claim 1; overloaded; no 2; yes 3; yes 4; no 5; focused", "received/unknown, disputed/3[2 5] because 6 because 8 because 11"},
		{"both sides, then one", friends + "claim 1; overloaded; no 2; yes 3; yes 4; no 5; focused; 5 probing",
			"received/unknown, disputed/3[2 5] because 6 because 8 because 11, accepted/7[3 4] because 6 because 9 because 10"},
		{"a dispute whose contradictor is not trusted any more", friends + "1 trusted; claim 1 medium forged; no 2; 2 probing", "received/medium, disputed/3[2] because 7"},
		{"… is decided by the other rules", friends + "claim 1 medium good; no 2; 2 probing; 1 trusted", "received/medium, disputed/3[2] because 6, accepted/5 because 6"},
		{"a change of mind counts once", friends + "claim 1; no 2; yes 2; yes 3", "received/unknown, disputed/3[2] because 6, accepted/7[2 3] because 6 because 8"},
		// Rule 4.
		{"4 before 5", "1 probing; claim 1 high good", "received/high"},
		{"4 before 6", friends + "claim 1; yes 2; yes 3", "received/unknown"},
		{"4 ends", "1 probing; claim 1 high good; 1 trusted", "received/high, accepted/5 because 3"},
		// Rule 5.
		{"medium", "1 trusted; claim 1 medium good", "received/medium, accepted/5"},
		{"high", "1 trusted; claim 1 high good", "received/high, accepted/5"},
		{"5 before 6", friends + "claim 1 high good; yes 2; yes 3; 1 trusted", "received/high, accepted/5 because 6"},
		{"low does not do", "1 trusted; claim 1 low good", "received/low"},
		{"unknown does not do, whatever the wire says", "1 trusted; claim 1 unknown good", "received/unknown"},
		{"forged evidence", "1 trusted; claim 1 high forged", "received/high"},
		{"evidence for another fact", "1 trusted; claim 1 high other", "received/high"},
		{"no evidence", "1 trusted; claim 1 high none", "received/high"},
		{"what the source does not say", "1 trusted; denial 1 high good", "received/high"},
		// Rule 6.
		{"k corroborate", friends + "1 trusted; claim 1; yes 2; yes 3", "received/unknown, accepted/6[2 3] because 7 because 8"},
		{"k − 1 do not", friends + "1 trusted; claim 1; yes 2", "received/unknown"},
		{"one of them twice does not", friends + "1 trusted; claim 1; yes 2; yes 2", "received/unknown"},
		{"the sender does not count", friends + "1 trusted; claim 1; yes 2; yes 1", "received/unknown"},
		{"who was not asked does not count", "1 trusted; 2 trusted; claim 1; yes 2; 3 trusted; yes 3; yes 7", "received/unknown"},
		{"who lost trust does not count", friends + "1 trusted; claim 1; yes 2; 2 probing; yes 3", "received/unknown"},
		{"until it has it again", friends + "1 trusted; claim 1; yes 2; 2 probing; yes 3; 2 trusted", "received/unknown, accepted/6[2 3] because 7 because 8 because 10"},
		{"they mend a false citation", friends + "1 trusted; claim 1 high forged; yes 2; yes 3", "received/high, accepted/6[2 3] because 7 because 8"},
		{"they agree with a denial", friends + "1 trusted; denial 1; yes 2; yes 4", "received/unknown, accepted/6[2 4] because 7 because 8"},
	} {
		d := newDoubter(t)
		d.plays(c.script)
		assert.Equal(t, c.want, d.look(), c.rule)
	}
}

// Two ids with one key are one voice; the sender's key and the node's own are none.
func TestVoicesHaveKeysOfTheirOwn(t *testing.T) {
	for name, c := range map[string]struct {
		share [2]int // node 2 has the key of that node
		want  string
	}{
		"of another voice": {[2]int{2, 3}, "accepted/6[2 4] because 6 because 7"},
		"of the sender":    {[2]int{2, 1}, "accepted/6[3 4] because 6 because 8"},
		"of the node":      {[2]int{2, 0}, "accepted/6[3 4] because 6 because 8"},
	} {
		d := newDoubter(t)
		d.trusts.keys[c.share[0]] = d.trusts.keys[c.share[1]]
		d.plays("1 trusted; 2 trusted; 3 trusted; 4 trusted; claim 1; yes 2; yes 3")
		require.Equal(t, "received/unknown", d.look(), name)
		d.plays("yes 4")
		assert.Equal(t, c.want, d.look(), name)
	}
	d := newDoubter(t)
	d.trusts.keys[2] = nil
	d.plays("1 trusted; 2 trusted; 3 trusted; claim 1; yes 2; yes 3")
	assert.Equal(t, "received/unknown", d.look(), "nobody knows who that is")
}

// A false citation is evidence against its sender, once, and only when it is sure who
// that is.
func TestFalseCitations(t *testing.T) {
	for _, c := range []struct {
		rule, script string
		accused      []string
	}{
		{"forged", "claim 1 medium forged", []string{"1 conflict by citation"}},
		{"high", "claim 1 high none", []string{"1 conflict by citation"}},
		{"for another fact", "claim 1 high other", []string{"1 conflict by citation"}},
		{"not said", "denial 1 high good", []string{"1 conflict by citation"}},
		{"true", "claim 1 high good", nil},
		{"nobody is cited", "claim 1", nil},
		{"a low source", "claim 1 low forged", nil},
		{"a source that is not in the table", "claim 1 unknown forged", nil},
		{"a blocked source", "claim 1 blocked forged", nil},
		{"only once", "claim 1 high forged; 1 trusted; 1 probing", []string{"1 conflict by citation"}},
		{"each claim", "claim 1 high forged; claim 1 high forged", []string{"1 conflict by citation", "1 conflict by citation"}},
		{"an overloaded node too", "overloaded; claim 1 high forged", []string{"1 conflict by citation"}},
		{"there is no room", "claim 1; claim 1; claim 1; claim 1; claim 1 high forged", []string{"1 conflict by citation"}},
	} {
		d := newDoubter(t)
		d.plays(c.script)
		assert.Equal(t, c.accused, d.trusts.accused, c.rule)
	}

	d := newDoubter(t)
	d.trusts.authenticated[1] = false
	d.plays("claim 1 high forged; 2 trusted")
	assert.Empty(t, d.trusts.accused, "whoever spoke in its name")
	d.trusts.authenticated[1] = true
	d.plays("1 probing; 1 probing")
	assert.Equal(t, []string{"1 conflict by citation because 2"}, d.trusts.accused)
}

// What an accusation comes to is judged at once, while it is made.
func TestAccusationsMoveTheClaims(t *testing.T) {
	d := newDoubter(t)
	d.trusts.moves = d.Claims
	d.plays("1 trusted; 2 trusted; claim 1; claim 1 high forged")
	assert.Equal(t, "received/unknown, received/high", d.look())
	assert.Equal(t, trust.Probing, d.trusts.Level(1))
	d.plays("claim 1 high forged")
	assert.Equal(t, "received/high, rejected/1 because 4, rejected/1 because 5, rejected/1", d.look())
	assert.Equal(t, trust.Blocked, d.trusts.Level(1))
	assert.Empty(t, d.waiting)
	assert.Len(t, d.trusts.accused, 2)
}
