package main

import (
	"fmt"
	"strings"

	"meshsim/scenarios/rerun"
)

// policies say what becomes of a message that finds a queue full.
var policies = map[string]string{
	"block": "so its writer has to wait", "drop_newest": "so it is dropped", "drop_oldest": "so the oldest there is dropped", "error": "so it is refused",
}

// sessionsTale tells what sessions made of the messages, and of a network that loses some.
func (p *printer) sessionsTale(t *rerun.SessionsTale) {
	if words := upAndDown(t); words != "" {
		p.line("  Sessions %s.", words)
	}
	if t.Full > 0 {
		p.line("  A message finds the queue of its session full %s, %s: from %v to %v.", times(t.Full), policies[t.Policy], at(t.FullFrom), at(t.FullTo))
	}
	if t.Offered > 0 {
		p.line("  At most %s in sessions at once, at %v.", are(t.Most, "message"), at(t.MostAt))
	}
	if goodput := t.Goodput(); goodput > 0 {
		p.line("  %s are read from %v to %v: %s kbit/s of goodput.", plural(t.Read, "message"), at(t.ReadFrom), at(t.ReadTo), count(goodput/1000))
	}
	if len(t.Dropped) > 0 {
		p.line("  Not taken by their session, or lost with it: %s.", counts(t.Dropped, "by"))
	}
	if len(t.Refused) > 0 {
		p.line("  Segments refused where they arrive: %s.", counts(t.Refused, "by"))
	}
	switch {
	case len(t.Segments) > 0:
		p.line("  Segments lost on the way: %s; %s sent again.", counts(t.Segments, "by"), are(t.Retransmits, "segment"))
	case t.Retransmits > 0:
		p.line("  No segment is lost on the way; %s sent again.", are(t.Retransmits, "segment"))
	case t.Read > 0:
		p.line("  No segment is lost on the way, and none is sent again.")
	}
}

// upAndDown says which ends of sessions opened and closed.
func upAndDown(t *rerun.SessionsTale) string {
	var words []string
	if t.Opened > 0 {
		opened := fmt.Sprintf("open at %s", plural(t.Opened, "end"))
		if t.Reopened > 0 {
			opened += fmt.Sprintf(", %s of them again", count(t.Reopened))
		}
		words = append(words, opened)
	}
	if t.Silent > 0 {
		words = append(words, "hear nothing of the peer for too long "+times(t.Silent))
	}
	if len(t.Closed) > 0 {
		words = append(words, "close: "+counts(t.Closed, "by"))
	}
	return strings.Join(words, "; ")
}

// are is so many, with the verb.
func are(n int64, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return plural(n, what) + " are"
}
