package trace

import (
	"fmt"
	"slices"
)

// claimSteps are the legal ends of a claim, by its state before. Accepted, rejected and
// dropped are final.
var claimSteps = [claimStateCount][]ClaimState{
	ClaimPending:  {ClaimAccepted, ClaimRejected, ClaimDisputed, ClaimDropped},
	ClaimDisputed: {ClaimAccepted, ClaimRejected, ClaimDropped},
}

// claimRules are the rules of protocol.md, section 6, that lead to a state; 7 is that k
// voices end a dispute, 0 that the queue overflows.
var claimRules = [claimStateCount][]int64{
	ClaimAccepted: {5, 6, 7},
	ClaimRejected: {1, 7},
	ClaimDisputed: {3},
	ClaimDropped:  {0},
}

// ClaimCheck checks that honest nodes lose no claim, and resolve each by the rules: so
// that received = pending + accepted + rejected + disputed + dropped at every event. A
// node that comes up without its state starts anew.
type ClaimCheck struct {
	finding
	claims *Claims // as before the event
	levels *Peers
	quorum int
}

// NewClaimCheck returns the checker of "claims" for a quorum of at least 1. The levels
// follow the same events, before it.
func NewClaimCheck(levels *Peers, names []string, quorum int) *ClaimCheck {
	return &ClaimCheck{finding: newFinding("claims", names), claims: NewClaims(len(names)), levels: levels, quorum: quorum}
}

// Reads implements Selective.
func (c *ClaimCheck) Reads(k Kind) bool { return c.claims.Reads(k) }

// Emit checks what became of a claim.
func (c *ClaimCheck) Emit(e *Event) {
	if !c.Reads(e.Kind) || c.levels.dishonest[e.Node] {
		return
	}
	if e.Kind != NodeUp {
		c.Evaluations++
		if flaw := c.flaw(e); flaw != "" {
			c.violated(e.T, e.Seq, func() string {
				return fmt.Sprintf("%s at %s, of claim %q: %s", e.Kind, c.names[e.Node], e.Claim, flaw)
			})
		}
	}
	c.claims.Emit(e)
}

// flaw says what is wrong with an event, or nothing.
func (c *ClaimCheck) flaw(e *Event) string {
	known := c.claims.of(e.Node, e.Claim)
	to := claimStateOf(e.State)
	switch {
	case e.Kind == ClaimReceived && known.state != NoClaim:
		return "it was received before"
	case e.Kind == ClaimReceived:
		return ""
	case known.state == NoClaim:
		return "it was never received"
	case known.sender != e.Peer:
		return fmt.Sprintf("it came from %s, not from %s", nameOf(c.names, known.sender), nameOf(c.names, e.Peer))
	case !slices.Contains(claimSteps[known.state], to):
		return fmt.Sprintf("it was %s, and can't become %q", known.state, e.State)
	case !slices.Contains(claimRules[to], e.Rule):
		return fmt.Sprintf("rule %d makes none %s", e.Rule, to)
	}
	return c.flawByRule(e, known)
}

// flawByRule says why a rule does not apply to a claim, or nothing.
func (c *ClaimCheck) flawByRule(e *Event, known claim) string {
	sender := c.levels.Level(e.Node, e.Peer)
	switch e.Rule {
	case 1:
		if known.tier != "blocked" && sender != blocked {
			return fmt.Sprintf("its source is of tier %s and its sender at %s, neither is blocked", known.tier, sender)
		}
	case 5, 6:
		if sender != trusted {
			return fmt.Sprintf("its sender is at %s, not trusted", sender)
		}
		if e.Rule == 5 && known.tier != "medium" && known.tier != "high" {
			return fmt.Sprintf("its source is of tier %s, below medium", known.tier)
		}
	}
	if e.Rule == 6 || e.Rule == 7 {
		return flawOfVoices(c.levels, c.names, e, c.quorum)
	}
	return ""
}
