package rerun

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"meshsim/mesh"
	"meshsim/trace"
)

// letter is what a message between agents says, as far as it is told: one of CIP, with a
// payload, or one of LIP, with a claim.
type letter struct {
	Type  string `json:"type"`
	Claim *struct {
		Statement string `json:"statement"`
		Holds     bool   `json:"holds"`
		Source    struct {
			URI string `json:"uri"`
		} `json:"source"`
	} `json:"claim"`
	InReplyTo string `json:"in_reply_to"` // of LIP: a type
	Reason    string `json:"reason"`      // of LIP

	Sender struct {
		ID string `json:"agent_id"`
	} `json:"sender"`
	Payload struct {
		Statement string  `json:"statement"`
		Holds     *bool   `json:"holds"`
		Reason    string  `json:"reason"`
		RelayOf   *letter `json:"relay_of"`
		Goal      string  `json:"goal"`
		Topic     string  `json:"topic"`
	} `json:"payload"`
}

// open reads what a message says. The zero letter says nothing.
func open(p mesh.Payload) (l letter) {
	if p == nil || json.Unmarshal(p.AppendJSON(nil), &l) != nil {
		return letter{}
	}
	return l
}

// statement is what is said of a fact, quoted; "" if nothing is.
func (l *letter) statement() string {
	p := &l.Payload
	if p.Holds == nil {
		return ""
	}
	return quoted(p.Statement, *p.Holds)
}

// quoted is the statement that a fact holds, or that it does not.
func quoted(fact string, holds bool) string {
	if !holds {
		fact = "not " + fact
	}
	return strconv.Quote(fact)
}

// says puts a message of somebody into words.
func (l *letter) says(sender string) string {
	p := &l.Payload
	switch {
	case l.Claim != nil:
		return l.claims(sender)
	case p.RelayOf != nil:
		return fmt.Sprintf("%s shows that %s", sender, p.RelayOf.says(p.RelayOf.Sender.ID))
	case l.Type == "FACT_PROPOSE":
		return fmt.Sprintf("%s says %s", sender, l.statement())
	case l.Type == "FACT_CONFIRM":
		return fmt.Sprintf("%s confirms %s", sender, l.statement())
	case l.Type == "FACT_CHALLENGE" && p.Holds != nil:
		return fmt.Sprintf("%s contradicts: it says %s", sender, l.statement())
	case strings.HasPrefix(l.Type, "FACT_"):
		return fmt.Sprintf("%s does not judge %q: %s", sender, p.Statement, p.Reason)
	case p.Goal == "introduce":
		return fmt.Sprintf("%s introduces %s", sender, p.Topic)
	case p.Goal == "warn":
		return fmt.Sprintf("%s warns of %s", sender, p.Topic)
	}
	return sender + " sends"
}

// claims puts a message about a claim into words.
func (l *letter) claims(sender string) string {
	what := quoted(l.Claim.Statement, l.Claim.Holds)
	switch l.Type + " " + l.InReplyTo {
	case "LIP_EVIDENCE ":
		return fmt.Sprintf("%s claims %s%s", sender, what, citing(l.Claim.Source.URI))
	case "LIP_EVIDENCE LIP_FETCH", "LIP_CONFLICT LIP_FETCH":
		return fmt.Sprintf("%s holds %s", sender, what)
	case "LIP_REJECT LIP_FETCH":
		return fmt.Sprintf("%s knows nothing of %s", sender, what)
	}
	return sender + " sends"
}

// citing names a source, if there is one.
func citing(uri string) string {
	if uri == "" {
		return ""
	}
	return ", citing " + uri
}

// delivery puts the arrival of a message into words: what it says, and which way it came.
func (b *beholder) delivery(e *trace.Event) string {
	l := open(b.letters[e.ID])
	return fmt.Sprintf("%s (%s over %s, %v after it was submitted)", l.says(b.name(e.Origin)), e.Type, b.list(e.Path, " → "), e.Latency)
}
