package scenarios

import (
	"bytes"
	"encoding/csv"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios/world"
)

// PlannedContact is one contact of a plan: from Start on, and before End, the nodes can
// talk.
type PlannedContact struct {
	From, To string
	Both     bool     // in both directions
	Start    Duration // in the run
	End      Duration // 0: to the end of the run
}

// planFile is the name of a plan that is written out.
const planFile = "plan.csv"

// ExplicitPlan is a scenario of a contact plan with the plan written out, and with what
// the plan says of links in [[links]]. It runs the same. ok is false for other
// topologies.
func (s *Scenario) ExplicitPlan() (x *Scenario, ok bool) {
	if _, planned := s.Topology.Kind.(ContactPlan); !planned {
		return nil, false
	}
	m, err := s.Mesh()
	if err != nil {
		return nil, false
	}
	inPlan := map[Ends]bool{}
	for _, c := range m.Contacts {
		inPlan[Ends{c.From, c.To}] = true
	}
	x = s.withDefaults().Clone()
	x.Links = m.entries(&x.Link, func(l *MeshLink) bool { return !inPlan[Ends{l.From, l.To}] })
	x.SetPlan(m.planned())
	return x, true
}

// Planned are the contacts of the scenario's plan; none if it has none.
func (s *Scenario) Planned() []PlannedContact {
	m, err := s.Mesh()
	if err != nil {
		return nil
	}
	return m.planned()
}

// planned lists contacts, those of both directions once.
func (m *Mesh) planned() []PlannedContact {
	both := map[world.Contact]bool{}
	for _, c := range m.Contacts {
		both[c] = true
	}
	var all []PlannedContact
	for _, c := range m.Contacts {
		back := c
		back.From, back.To = c.To, c.From
		if both[back] && c.From > c.To {
			continue // said with the other direction
		}
		p := PlannedContact{From: m.Nodes[c.From].ID, To: m.Nodes[c.To].ID, Both: both[back], Start: Duration(c.Start)}
		if c.End != clock.Never {
			p.End = Duration(c.End)
		}
		all = append(all, p)
	}
	return all
}

// SetPlan makes the topology a contact plan of these contacts, inside the scenario.
func (s *Scenario) SetPlan(plan []PlannedContact) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	write := func(cells ...string) {
		if err := w.Write(cells); err != nil {
			panic(err) // a buffer takes everything
		}
	}
	write("source", "target", "start", "end", "direction")
	for _, c := range plan {
		end, direction := "", "forward"
		if c.End > 0 {
			end = formatDuration(c.End)
		}
		if c.Both {
			direction = ""
		}
		write(c.From, c.To, formatDuration(c.Start), end, direction)
	}
	w.Flush()
	s.Topology.Kind = ContactPlan{Path: planFile}
	s.Embed(planFile, text.Bytes())
}

// withoutNode takes the contacts of a node out of a plan.
func withoutNode(plan []PlannedContact, id string) []PlannedContact {
	return slices.DeleteFunc(plan, func(c PlannedContact) bool { return c.From == id || c.To == id })
}
