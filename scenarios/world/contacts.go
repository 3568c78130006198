package world

import (
	"cmp"
	"slices"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
	"meshsim/trace"
)

// Contact is a span in which a link can carry something: Start ≤ t < End.
type Contact struct {
	From, To   sim.NodeID
	Start, End clock.Time // End clock.Never: to the end
}

// Contacts is the source of a contact plan: each link that it names is up during
// its contacts only, and starts as it is at time 0, which is no event. Contacts of
// one link neither overlap nor touch.
//
// All links that change at one instant do so in one turn, those that go down
// before those that come up, each in the order of (from, to). As the first source
// of a world it has its turn before faults and traffic of the same instant.
type Contacts struct {
	Plan []Contact // in any order

	turns []contactTurn
}

// contactTurn is what changes at one instant.
type contactTurn struct {
	at       clock.Time
	down, up []netmodel.Ends
}

// Start implements Source.
func (c *Contacts) Start(s *Schedule) {
	var away []netmodel.Ends // until their first contact
	var changes []contactChange
	plan := slices.Clone(c.Plan)
	slices.SortFunc(plan, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Start, b.Start))
	})
	for i, span := range plan {
		ends := netmodel.Ends{From: span.From, To: span.To}
		if first := i == 0 || plan[i-1].From != span.From || plan[i-1].To != span.To; first && span.Start > 0 {
			away = append(away, ends)
		}
		if span.Start > 0 {
			changes = append(changes, contactChange{span.Start, true, ends})
		}
		if span.End != clock.Never {
			changes = append(changes, contactChange{span.End, false, ends})
		}
	}
	s.net.SetContact(away, false)
	slices.SortStableFunc(changes, func(a, b contactChange) int { return cmp.Compare(a.at, b.at) })
	c.turns = turnsOf(changes)
	for k := range c.turns {
		s.At(c.turns[k].at, uint64(k))
	}
}

// contactChange is one link that comes up or goes down.
type contactChange struct {
	at   clock.Time
	up   bool
	ends netmodel.Ends
}

// turnsOf makes one turn of all changes at one instant; they come sorted by time.
func turnsOf(changes []contactChange) (turns []contactTurn) {
	for _, change := range changes {
		if n := len(turns); n == 0 || turns[n-1].at != change.at {
			turns = append(turns, contactTurn{at: change.at})
		}
		turn := &turns[len(turns)-1]
		if change.up {
			turn.up = append(turn.up, change.ends)
		} else {
			turn.down = append(turn.down, change.ends)
		}
	}
	return turns
}

// Do implements Source; the tag is the turn's place in time.
func (c *Contacts) Do(s *Schedule, tag uint64) {
	turn := &c.turns[tag]
	s.tellLinks(s.net.SetContact(turn.down, false), trace.LinkDown, mesh.NeighbourDown, 0)
	s.tellLinks(s.net.SetContact(turn.up, true), trace.LinkUp, mesh.NeighbourUp, 0)
}
