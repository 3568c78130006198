package rerun

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// AtTheEnd asks for the end of a run, instead of a time in it.
const AtTheEnd = time.Duration(-1)

// ExplainTrust tells how node a came to hold peer b at the level at which it holds it at
// a time, or AtTheEnd: what moved the level, who convinced a of it, and why a believed
// those; and, if it does not trust b, what is missing.
func ExplainTrust(p *Past, a, b string, at time.Duration) (*Explanation, error) {
	node, peer, err := p.pair(a, b)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Question: fmt.Sprintf("how %s came to hold %s as it does at %v", a, b, at), Accounts: []Account{}}
	until := clock.Time(at)
	if at == AtTheEnd {
		x.Question = fmt.Sprintf("how %s came to hold %s as it does at the end", a, b)
		until = math.MaxInt64
	}
	watch, result, err := p.behold(until, node)
	if err != nil {
		return nil, err
	}
	t := &testimony{beholder: watch, told: map[uint64]bool{}}
	turns := watch.turns(node, peer, math.MaxUint64)
	x.Accounts = append(x.Accounts, t.account(node, peer, turns))
	if p.Scenario == nil {
		x.Answer = t.level(node, peer, turns, nil)
	} else {
		if at == AtTheEnd {
			at = time.Duration(result.SimNS)
		}
		m, err := p.Scenario.Inspect(at, []string{a}, p.options)
		if err != nil {
			return nil, err
		}
		x.Answer = append(t.level(node, peer, turns, &m.Nodes[0]), t.missing(&m.Nodes[0], node, peer, p.Scenario.Trust.Verify)...)
	}
	x.Notes = p.Notes
	return x, nil
}

// pair are two different nodes by their ids.
func (p *Past) pair(a, b string) (node, peer sim.NodeID, err error) {
	if node, err = p.node(a); err != nil {
		return node, peer, err
	}
	if peer, err = p.node(b); err == nil && node == peer {
		err = fmt.Errorf("%s holds no level of itself; allowed: two nodes", a)
	}
	return node, peer, err
}

// node is a node by its id. That there is none the scenario says best.
func (p *Past) node(id string) (sim.NodeID, error) {
	i := slices.Index(p.Names, id)
	if i >= 0 {
		return sim.NodeID(i), nil
	}
	if p.Scenario != nil {
		if _, err := p.Scenario.Inspect(0, []string{id}, p.options); err != nil {
			return sim.NoNode, err
		}
	}
	return sim.NoNode, fmt.Errorf("there is no node %q", id)
}

// testimony is what changed levels of trust rest on. Each change is told once.
type testimony struct {
	*beholder
	told map[uint64]bool // by the number of the change
}

// mostDepth bounds how far it is told who convinced whom.
const mostDepth = 12

// account tells of all that moved a level.
func (t *testimony) account(node, peer sim.NodeID, turns []*trace.Event) Account {
	a := Account{Title: fmt.Sprintf("what moved %s's trust in %s", t.name(node), t.name(peer)), Steps: []Step{}, Left: max(0, len(turns)-mostSteps)}
	for i, e := range turns {
		if a.Left == 0 || i < mostSteps/2 || i >= len(turns)-mostSteps/2 {
			a.Steps = append(a.Steps, t.turn(e, 0))
		}
	}
	return a
}

// turn tells of one change of a level, and what it rests on.
func (t *testimony) turn(e *trace.Event, depth int) Step {
	if e.Kind != trace.TrustUpdated {
		return t.step(e)
	}
	step := Step{T: e.T, Seq: e.Seq, Text: fmt.Sprintf("%s: %s goes from %s to %s by %s: %s", t.name(e.Node), t.name(e.Peer), e.From, e.To, e.Evidence, t.why(e))}
	if t.told[e.Seq] {
		step.Text = fmt.Sprintf("%s: %s is %s since then, as told above", t.name(e.Node), t.name(e.Peer), e.To)
		return step
	}
	if depth == mostDepth {
		step.Text += "; and so on"
		return step
	}
	t.told[e.Seq] = true
	step.Grounds = t.grounds(e, proofs[kindOf(e)].message, depth)
	return step
}

// proof says what evidence is: the messages that voices give it by, and words for it.
type proof struct{ message, words string }

// proofs are the kinds of evidence. In their words, B is of whom it is evidence, and A
// for whom; VOICES are those who were counted.
var proofs = map[string]proof{
	"handshake":     {"", "B answered a challenge of A"},
	"introduction":  {"INTENT", "somebody whom A trusts introduced B"},
	"local":         {"", "what B says agrees with what A knows at first hand"},
	"quorum":        {"FACT_CONFIRM", "VOICES, whom A trusts, confirm what B says"},
	"contradiction": {"", "what B says contradicts what A knows at first hand"},
	"challenges":    {"FACT_CHALLENGE", "VOICES, whom A trusts, contradict what B says"},
	"warnings":      {"INTENT", "VOICES, whom A trusts, warn of B"},
	"citation":      {"", "B cites a source that does not say so"},
	"equivocation":  {"", "B said one thing and the opposite in one breath"},
	"replay":        {"", "a message in the name of B came again"},
	"override":      {"", "an operator forgives B"},
	"decay":         {"", "nothing was heard of B since SILENCE"},
}

// kindOf is the kind of evidence that moved a level.
func kindOf(e *trace.Event) string { return cmp.Or(e.By, e.Evidence.String()) }

// why puts the evidence that moved a level into words.
func (t *testimony) why(e *trace.Event) string { return t.proof(e, t.silence[e.Seq].String()) }

// proof puts the evidence that moved a level into words; silence is how it says since
// when nothing was heard.
func (s *speaker) proof(e *trace.Event, silence string) string {
	words := strings.Fields(proofs[kindOf(e)].words)
	for i, w := range words {
		switch w {
		case "A":
			words[i] = s.name(e.Node)
		case "B":
			words[i] = s.name(e.Peer)
		case "VOICES,":
			words[i] = s.list(e.Voices, ", ") + ","
		case "SILENCE":
			words[i] = silence
		}
	}
	return strings.Join(words, " ")
}

// grounds are what an event rests on: what came, and of each who was counted why he was
// trusted. The messages by which he was counted have types that begin alike.
func (t *testimony) grounds(e *trace.Event, message string, depth int) (grounds []Step) {
	evidence := t.evidence(e)
	voices := slices.Clone(e.Voices)
	for _, of := range evidence {
		if kindOf(e) == "introduction" && of.Type == message {
			voices = append(voices, source(of))
		}
	}
	for _, of := range evidence {
		step := t.step(of)
		if of.Kind == trace.EnvelopeDelivered || of.Kind == trace.SessionDeliver {
			step = Step{T: of.T, Seq: of.Seq, Text: t.delivery(of)}
			if i := slices.Index(voices, source(of)); i >= 0 && strings.HasPrefix(of.Type, message) {
				voices = slices.Delete(voices, i, i+1)
				step.Grounds = []Step{t.trust(e.Node, source(of), e, depth+1)}
			}
		}
		grounds = append(grounds, step)
	}
	for _, voice := range voices { // of a trace that leaves out what came
		grounds = append(grounds, Step{T: e.T, Text: t.name(voice) + " was counted", Grounds: []Step{t.trust(e.Node, voice, e, depth+1)}})
	}
	return grounds
}

// source is who said what came, in an envelope or through a session.
func source(e *trace.Event) sim.NodeID {
	if e.Kind == trace.SessionDeliver {
		return e.Peer
	}
	return e.Origin
}

// trust tells why a node trusted a peer when something happened.
func (t *testimony) trust(node, peer sim.NodeID, when *trace.Event, depth int) Step {
	turns := t.turns(node, peer, when.Seq)
	if n := len(turns); n > 0 && turns[n-1].Kind == trace.TrustUpdated {
		return t.turn(turns[n-1], depth)
	}
	return Step{Text: fmt.Sprintf("%s: %s is trusted from the start: an anchor", t.name(node), t.name(peer))}
}

// level is the short of it: the level, since when, and why.
func (t *testimony) level(node, peer sim.NodeID, turns []*trace.Event, state *world.State) []string {
	a, b := t.name(node), t.name(peer)
	var last *trace.Event
	if n := len(turns); n > 0 && turns[n-1].Kind == trace.TrustUpdated {
		last = turns[n-1]
	}
	level := ""
	switch {
	case state != nil:
		level = dossierOf(state, b).Trust
	case last != nil:
		level = last.To.String()
	default:
		return []string{fmt.Sprintf("the trace tells of no change: %s does not know %s, or trusts it from the start", a, b)}
	}
	switch {
	case last != nil && last.To.String() == level:
		return []string{fmt.Sprintf("%s holds %s at %s since %v: %s", a, b, level, last.T, t.why(last))}
	case last == nil && level == "trusted":
		return []string{fmt.Sprintf("%s trusts %s from the start: an anchor", a, b)}
	}
	return []string{fmt.Sprintf("%s holds %s at %s", a, b, level)}
}
