package world

import (
	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/sim"
	"meshsim/trace"
)

// Action is one thing that an operator does to a node.
type Action struct {
	At      clock.Time
	Node    sim.NodeID
	Peer    sim.NodeID // that it is about; sim.NoNode: none
	Kind    string
	Detail  string   // in words
	Message *Message // that the node's application submits; nil: it is the Command
	Command mesh.Command
}

// Actions is the source of what operators do; at equal times in the order of the list.
type Actions []Action

// Start implements Source.
func (a Actions) Start(s *Schedule) {
	for i := range a {
		s.At(a[i].At, uint64(i))
	}
}

// Do implements Source; the tag is the place in the list. A node that is down does not
// hear of it, which the event tells.
func (a Actions) Do(s *Schedule, tag uint64) {
	action := &a[tag]
	detail := action.Detail
	if !s.NodeUp(action.Node) {
		if detail != "" {
			detail += ", but "
		}
		detail += "the node is down"
	}
	told := s.emitFact(trace.Event{Kind: trace.Action, Node: action.Node, Peer: action.Peer, Payload: trace.Payload{What: action.Kind, Detail: detail}}, 0)
	if action.Message != nil {
		m := *action.Message
		m.Cause = told
		s.Submit(m)
		return
	}
	s.Command(action.Node, action.Command, told)
}
