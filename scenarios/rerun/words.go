package rerun

import (
	"fmt"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// Step is one event of an account, in words.
type Step struct {
	T       clock.Time `json:"t"`
	Seq     uint64     `json:"seq"` // 0: it is no event, but what was so at the time
	Text    string     `json:"text"`
	Because []string   `json:"because,omitempty"` // what else it took, such as a fault
	Grounds []Step     `json:"grounds,omitempty"` // what it rests on, such as who said so
}

// speaker puts events into words. It has to hear of every event before it is
// asked for one, to know the faults that others are due to.
type speaker struct {
	names  []string
	faults map[uint64]string // by the number of their fault_begin
}

func newSpeaker(names []string) *speaker {
	return &speaker{names: names, faults: map[uint64]string{}}
}

func (s *speaker) hear(e *trace.Event) {
	if e.Kind == trace.FaultBegin {
		s.faults[e.Seq] = fmt.Sprintf("%s, which began at %v", faultName(e), e.T)
	}
}

func (s *speaker) name(id sim.NodeID) string {
	switch id {
	case sim.Everyone:
		return "everyone"
	case sim.NoNode:
		return "the mesh"
	}
	return s.names[id]
}

// list is names, one after the other.
func (s *speaker) list(ids []sim.NodeID, between string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = s.name(id)
	}
	return strings.Join(names, between)
}

// step is the event as a step of an account.
func (s *speaker) step(e *trace.Event) Step {
	step := Step{T: e.T, Seq: e.Seq, Text: s.sentence(e)}
	for _, seq := range e.Because {
		if fault, known := s.faults[seq]; known {
			step.Because = append(step.Because, fault)
		} else {
			step.Because = append(step.Because, fmt.Sprintf("#%d", seq))
		}
	}
	return step
}

func (s *speaker) sentence(e *trace.Event) string {
	node, peer := s.name(e.Node), s.name(e.Peer)
	switch e.Kind {
	case trace.EnvelopeSent:
		return fmt.Sprintf("%s submits it, for %s%s", node, s.name(e.Destination), onward(e.Copies))
	case trace.EnvelopeForwarded:
		if e.Injected {
			return fmt.Sprintf("%s sends it without holding it%s%s", node, misdeed(e), onward(e.Copies))
		}
		return node + " passes it on" + misdeed(e) + onward(e.Copies)
	case trace.EnvelopeTransmitted:
		return s.transmitted(e)
	case trace.EnvelopeDelivered:
		return fmt.Sprintf("%s takes it, %v after it was submitted, over %s", node, e.Latency, links(len(e.Path)-1)) + misdeed(e)
	case trace.EnvelopeDropped:
		return s.dropped(e)
	}
	place := ""
	if e.Node != sim.NoNode {
		if place = node; e.Peer != sim.NoNode {
			place += " → " + peer
		}
		place += ": "
	}
	return place + trace.Words(s.names, e)
}

// misdeed is what an adversary does with it meanwhile.
func misdeed(e *trace.Event) string {
	switch e.Misdeed {
	case trace.Altered:
		return ", altered"
	case trace.Delayed:
		return fmt.Sprintf(", having kept it for %v", e.Kept)
	case trace.Withheld:
		return "; as an adversary it does not pass it on"
	}
	return ""
}

func onward(copies int32) string {
	switch copies {
	case 0:
		return ""
	case 1:
		return "; it goes on to one neighbour"
	}
	return fmt.Sprintf("; it goes on to %d neighbours", copies)
}

func links(n int) string {
	if n == 1 {
		return "1 link"
	}
	return fmt.Sprintf("%d links", n)
}

// transmitted says where the time on a link goes.
func (s *speaker) transmitted(e *trace.Event) string {
	var text strings.Builder
	if e.Copy != 0 {
		fmt.Fprintf(&text, "the wire %s → %s makes a second copy of it, which", s.name(e.Node), s.name(e.Peer))
	} else {
		fmt.Fprintf(&text, "%s hands it to the link to %s;", s.name(e.Node), s.name(e.Peer))
		if wait := time.Duration(e.Start - e.T); wait > 0 {
			fmt.Fprintf(&text, " it waits %v,", wait)
		}
	}
	if e.Arrive > e.Start {
		fmt.Fprintf(&text, " is under way for %v and", time.Duration(e.Arrive-e.Start))
	}
	fmt.Fprintf(&text, " is due at %v", e.Arrive)
	return text.String()
}

// dropped says why a copy ends, by the rule or the judgement that ended it.
func (s *speaker) dropped(e *trace.Event) string {
	node, peer := s.name(e.Node), s.name(e.Peer)
	link := node + " → " + peer
	hops := len(e.Path) - 1
	switch e.Reason {
	case trace.Loss:
		return "lost on " + link + ", by the link's chance of loss"
	case trace.BurstLoss:
		return "lost on " + link + ", in a burst"
	case trace.QueueFull:
		if e.ByReceiver() {
			return "the downlink of " + node + " has no room for it"
		}
		return "the queue of " + link + " has no room for it"
	case trace.MTU:
		return fmt.Sprintf("%s does not take it: %d bytes are more than its mtu", link, e.Size)
	case trace.Corrupt:
		return fmt.Sprintf("it comes to %s from %s corrupted, and is thrown away", node, peer)
	case trace.Partition:
		return "lost at " + link + ": a partition lies between them"
	case trace.LinkIsDown:
		return "lost at " + link + ": the link is down"
	case trace.NodeIsDown:
		return "it reaches " + node + ", which is down"
	case trace.HopLimit:
		return fmt.Sprintf("%s refuses it: it has crossed %s, the limit", node, links(hops))
	case trace.Loop:
		return fmt.Sprintf("%s refuses it: its path has been at %s before", node, s.name(e.Destination))
	case trace.NoRoute:
		return fmt.Sprintf("%s knows no way on to %s that it could take", node, s.name(e.Destination))
	case trace.UnknownPeer:
		return fmt.Sprintf("%s does not know %s", node, s.name(e.Destination))
	case trace.Blocked:
		return fmt.Sprintf("%s refuses it: it blocks who sent or shall get it", node)
	case trace.Duplicate:
		return node + " refuses it: it has seen it before"
	case trace.BadSignature:
		return node + " refuses it: its signature is not its origin's"
	case trace.Adversary:
		return node + ", an adversary, lets it end"
	}
	return fmt.Sprintf("%s drops it: %s", node, e.Reason)
}
