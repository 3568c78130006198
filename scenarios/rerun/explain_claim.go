package rerun

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/sim"
	"meshsim/trace"
)

// ExplainClaim tells what became of a claim, of its id or enough of the id's beginning to
// name one, at each node that received it: from whom it came, and by which rule and whose
// voices it was decided.
func ExplainClaim(p *Past, id string) (*Explanation, error) {
	var ids []string
	var nodes []sim.NodeID
	if _, err := p.play(eventSink(func(e *trace.Event) {
		if !aboutClaim(e) || !strings.HasPrefix(e.Claim, id) {
			return
		}
		if !slices.Contains(ids, e.Claim) {
			ids = append(ids, e.Claim)
		}
		if !slices.Contains(nodes, e.Node) {
			nodes = append(nodes, e.Node)
		}
	})); err != nil {
		return nil, err
	}
	switch whole := slices.Contains(ids, id); {
	case len(ids) == 0:
		return nil, fmt.Errorf("there is no claim %q in this run", id)
	case len(ids) > 1 && !whole:
		return nil, fmt.Errorf("%q begins the ids of %d claims, such as %s and %s; give more of it", id, len(ids), ids[0], ids[1])
	case !whole:
		id = ids[0]
	}
	watch, result, err := p.behold(math.MaxInt64, nodes...)
	if err != nil {
		return nil, err
	}
	waits, err := p.waits(id, nodes, result)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Question: "what became of claim " + id, Accounts: []Account{}}
	for _, node := range nodes {
		t := &testimony{beholder: watch, told: map[uint64]bool{}}
		if events := t.claimed(node, id); len(events) > 0 {
			x.Answer = append(x.Answer, t.name(node)+" "+t.standing(events[len(events)-1]))
			x.Answer = append(x.Answer, waits[t.name(node)]...)
			x.Accounts = append(x.Accounts, t.claimAccount(node, events))
		}
	}
	x.Notes = p.Notes
	return x, nil
}

// waits says by node what keeps a claim waiting at the end of the run, as the nodes that
// have not decided it have it.
func (p *Past) waits(id string, nodes []sim.NodeID, end *scenarios.Result) (map[string][]string, error) {
	if p.Scenario == nil {
		return nil, nil
	}
	names := make([]string, len(nodes))
	for i, node := range nodes {
		names[i] = p.Names[node]
	}
	m, err := p.Scenario.Inspect(time.Duration(end.SimNS), names, p.options)
	if err != nil {
		return nil, err
	}
	waits := map[string][]string{}
	for i := range m.Nodes {
		for _, c := range m.Nodes[i].Claims {
			if c.Claim == id {
				waits[m.Nodes[i].ID] = whyWaits(&c)
			}
		}
	}
	return waits, nil
}

// whyWaits says what a claim lacks.
func whyWaits(c *mesh.WaitingClaim) (why []string) {
	if c.Rule > 0 && c.State != "disputed" {
		why = append(why, fmt.Sprintf("  it waits by rule %d: %s", c.Rule, claimRules[c.Rule]))
	}
	why = append(why, fmt.Sprintf("  of %s needed %d say so too%s; %d contradict%s",
		plural(c.Needs, "voice", "voices"), len(c.Agree), of(c.Agree), len(c.Contradict), of(c.Contradict)))
	if len(c.NotAnswered) > 0 {
		why = append(why, "  asked, and did not answer yet: "+strings.Join(c.NotAnswered, ", "))
	}
	return why
}

func aboutClaim(e *trace.Event) bool {
	return e.Kind == trace.ClaimReceived || e.Kind == trace.ClaimResolved
}

// claimed are the events of a claim at a node.
func (b *beholder) claimed(node sim.NodeID, id string) (events []*trace.Event) {
	for i := range b.events {
		if e := &b.events[i]; aboutClaim(e) && e.Node == node && e.Claim == id {
			events = append(events, e)
		}
	}
	return events
}

// claimRules are the rules for claims (protocol.md, section 6), by the number that an
// event gives: first match wins.
var claimRules = [...]string{
	1: "the tier of its source, or its sender, is blocked",
	2: "the node is overloaded",
	3: "somebody who is trusted contradicts it",
	4: "its sender is not trusted",
	5: "its source says so, and is of tier medium or high",
	6: "enough others who are trusted say so too",
	7: "one side of the dispute has enough voices",
}

// standing says where a claim is after an event.
func (t *testimony) standing(e *trace.Event) string {
	if e.Kind == trace.ClaimReceived {
		return fmt.Sprintf("received it at %v, and has not decided it", e.T)
	}
	what := fmt.Sprintf("%s it at %v", e.State, e.T)
	if e.State == "disputed" {
		what = fmt.Sprintf("holds it disputed since %v", e.T)
	}
	switch {
	case e.State == "dropped":
		what += ": it had no room for it"
	case e.Rule > 0 && e.Rule < int64(len(claimRules)):
		what += fmt.Sprintf(", by rule %d: %s", e.Rule, claimRules[e.Rule])
	}
	if len(e.Voices) > 0 {
		what += ": " + t.list(e.Voices, ", ")
	}
	return what
}

// claimAccount tells of a claim at one node.
func (t *testimony) claimAccount(node sim.NodeID, events []*trace.Event) Account {
	a := Account{Title: "at " + t.name(node), Steps: []Step{}}
	for _, e := range events {
		step := Step{T: e.T, Seq: e.Seq, Grounds: t.grounds(e, "LIP_", 0)}
		if e.Kind == trace.ClaimReceived {
			step.Text = fmt.Sprintf("%s receives it from %s: %s%s, which is of tier %s here", t.name(node), t.name(e.Peer), quoted(e.Statement, e.Holds), citing(e.Source), e.Tier)
			if e.Source == "" {
				step.Text = fmt.Sprintf("%s receives it from %s: %s, citing nothing", t.name(node), t.name(e.Peer), quoted(e.Statement, e.Holds))
			}
			if turns := t.turns(node, e.Peer, e.Seq); len(turns) > 0 {
				step.Grounds = append(step.Grounds, t.turn(turns[len(turns)-1], 1))
			}
		} else {
			step.Text = t.name(node) + " " + t.standing(e)
		}
		a.Steps = append(a.Steps, step)
	}
	return a
}
