package rerun

import (
	"fmt"

	"meshsim/trace"
)

// ClaimsTale is what becomes of the claims that honest nodes get in a phase.
type ClaimsTale struct {
	Turns    []string // each that came or was decided, in words
	Received int64
	Decided  []Count // by what was decided, in the order in which it first was; forgotten: in a crash
	Waiting  int64   // at the end of the phase: they are pending or disputed
}

// hear tells of a claim that came or was decided; so many wait no more.
func (t *ClaimsTale) hear(s *speaker, e *trace.Event, gone int64) {
	switch e.Kind {
	case trace.ClaimReceived:
		t.Received++
	case trace.ClaimResolved:
		t.Decided = more(t.Decided, e.State)
	case trace.NodeUp:
		for range gone {
			t.Decided = more(t.Decided, "forgotten")
		}
		return
	}
	t.Turns = append(t.Turns, fmt.Sprintf("at %v %s", e.T, s.claim(e)))
}

// claim is what a node makes of a claim.
func (s *speaker) claim(e *trace.Event) string {
	node, peer := s.name(e.Node), s.name(e.Peer)
	if e.Kind == trace.ClaimReceived {
		says := "holds"
		if !e.Holds {
			says = "does not hold"
		}
		return fmt.Sprintf("%s hears the claim %s of %s: %s %s", node, e.Claim, peer, e.Statement, says)
	}
	words := fmt.Sprintf("the claim %s is %s at %s", e.Claim, e.State, node)
	if len(e.Voices) > 0 {
		words += ", on the word of " + s.list(e.Voices, ", ")
	}
	return words
}

// waiting counts the claims that no rule has decided.
func waiting(all *trace.Claims) int64 {
	sum := all.Summary()
	return sum.Pending + sum.Disputed
}
