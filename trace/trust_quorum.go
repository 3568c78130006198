package trace

import (
	"fmt"
	"slices"

	"meshsim/sim"
)

// grounds says what each kind of evidence can be by, and whose word it takes.
var grounds = map[string]struct {
	by     Evidence
	quorum bool // k distinct trusted peers
	warned bool // as many as must warn
}{
	"local":         {by: byVerified},
	"quorum":        {by: byVerified, quorum: true},
	"contradiction": {by: byConflict},
	"challenges":    {by: byConflict, quorum: true},
	"warnings":      {by: byConflict, warned: true},
	"citation":      {by: byConflict},
	"equivocation":  {by: byMalicious},
	"replay":        {by: byMalicious},
}

// Quorum checks that honest nodes take as the word of many only that of enough: of
// distinct peers that they trust, by distinct events. It reads no keys: that two ids
// share one it can't tell.
type Quorum struct {
	finding
	levels  *Peers
	quorum  int
	warners int
}

// NewQuorum returns the checker of "quorum": so many must confirm or challenge, and so
// many warn, both at least 1. The levels follow the same events, before it.
func NewQuorum(levels *Peers, names []string, quorum, warners int) *Quorum {
	return &Quorum{finding: newFinding("quorum", names), levels: levels, quorum: quorum, warners: warners}
}

// Reads implements Selective.
func (c *Quorum) Reads(k Kind) bool { return k == TrustUpdated }

// Emit checks a transition.
func (c *Quorum) Emit(e *Event) {
	if !c.Reads(e.Kind) || c.levels.dishonest[e.Node] {
		return
	}
	c.Evaluations++
	if flaw := c.flaw(e); flaw != "" {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s moves %s by %s, %q: %s", c.names[e.Node], c.names[e.Peer], e.Evidence, e.By, flaw)
		})
	}
}

// flaw says what is wrong with the grounds of a transition, or nothing.
func (c *Quorum) flaw(e *Event) string {
	must := e.Evidence == byVerified || e.Evidence == byConflict || e.Evidence == byMalicious
	if e.By == "" && !must {
		return ""
	}
	g, known := grounds[e.By]
	if !known || g.by != e.Evidence {
		return "it can't be by that"
	}
	k := 0
	switch {
	case g.quorum:
		k = c.quorum
	case g.warned:
		k = c.warners
	default:
		return ""
	}
	if flaw := flawOfVoices(c.levels, c.names, e, k); flaw != "" {
		return flaw
	}
	if events := distinctEvents(e); events < k {
		return fmt.Sprintf("it takes %d events, and %d led to it", k, events)
	}
	return ""
}

// flawOfVoices says why the voices of an event, about what its peer said or did, are
// not those of k trusted peers of its node, or nothing.
func flawOfVoices(levels *Peers, names []string, e *Event, k int) string {
	for i, v := range e.Voices {
		switch {
		case v == e.Node || v == e.Peer:
			return fmt.Sprintf("%s has no voice in it", names[v])
		case slices.Contains(e.Voices[:i], v):
			return fmt.Sprintf("%s counts twice", names[v])
		case levels.Level(e.Node, v) != trusted:
			return fmt.Sprintf("%s counts, which it holds at %s", names[v], levels.Level(e.Node, v))
		}
	}
	if len(e.Voices) < k {
		return fmt.Sprintf("it takes %d voices, and %d count", k, len(e.Voices))
	}
	return ""
}

// distinctEvents counts the events that an event came of.
func distinctEvents(e *Event) int {
	n := 0
	if e.Cause != 0 {
		n++
	}
	for i, seq := range e.Because {
		if seq != 0 && seq != e.Cause && !slices.Contains(e.Because[:i], seq) {
			n++
		}
	}
	return n
}

// BlockedCheck checks that honest nodes neither take nor pass on what a peer sent, or
// handed to them, that they hold at blocked.
type BlockedCheck struct {
	finding
	levels *Peers
}

// NewBlockedCheck returns the checker of "blocked". The levels follow the same events,
// before it.
func NewBlockedCheck(levels *Peers, names []string) *BlockedCheck {
	return &BlockedCheck{finding: newFinding("blocked", names), levels: levels}
}

// Reads implements Selective.
func (c *BlockedCheck) Reads(k Kind) bool {
	return k == EnvelopeDelivered || k == EnvelopeForwarded || k == SessionDeliver
}

// Emit checks what a node took.
func (c *BlockedCheck) Emit(e *Event) {
	if !c.Reads(e.Kind) || c.levels.dishonest[e.Node] {
		return
	}
	c.Evaluations++
	if e.Kind == SessionDeliver {
		if c.levels.Level(e.Node, e.Peer) == blocked {
			c.violated(e.T, e.Seq, func() string {
				return fmt.Sprintf("%s takes %s from its session with %s, which it holds at blocked", c.names[e.Node], messageName(e), c.names[e.Peer])
			})
		}
		return
	}
	for _, peer := range [...]sim.NodeID{e.Origin, e.Peer} {
		if c.levels.Level(e.Node, peer) == blocked {
			c.violated(e.T, e.Seq, func() string {
				return fmt.Sprintf("%s takes envelope %s over %s, and holds %s at blocked", c.names[e.Node], e.ID, c.route(e.Path), c.names[peer])
			})
			return
		}
	}
}
