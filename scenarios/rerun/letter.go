package rerun

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"meshsim/mesh"
	"meshsim/trace"
)

// letter is what a message of the handshake's protocol says, as far as it is told.
type letter struct {
	Type   string `json:"type"`
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
	switch p := &l.Payload; {
	case p.Statement == "" || p.Holds == nil:
		return ""
	case *p.Holds:
		return strconv.Quote(p.Statement)
	default:
		return strconv.Quote("not " + p.Statement)
	}
}

// says puts a message of somebody into words.
func (l *letter) says(sender string) string {
	p := &l.Payload
	switch {
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

// delivery puts the arrival of a message into words: what it says, and which way it came.
func (b *beholder) delivery(e *trace.Event) string {
	l := open(b.letters[e.ID])
	return fmt.Sprintf("%s (%s over %s, %v after it was submitted)", l.says(b.name(e.Origin)), e.Type, b.list(e.Path, " → "), e.Latency)
}
