package trace

import (
	"fmt"

	"meshsim/sim"
)

// mostDelivered is how many of the newest deliveries SessionOnce knows.
const mostDelivered = 1 << 16

// SessionOnce checks that no session delivers a message twice: not after a reconnect,
// and not across a restart either. It knows the newest 65 536 deliveries of the run.
type SessionOnce struct {
	finding
	known map[EnvelopeID]struct{}
	ring  []EnvelopeID
	first int // the oldest, once the ring is full
}

// NewSessionOnce returns the checker of "session_once".
func NewSessionOnce(names []string) *SessionOnce {
	return &SessionOnce{finding: newFinding("session_once", names), known: make(map[EnvelopeID]struct{})}
}

// Reads implements Selective.
func (c *SessionOnce) Reads(k Kind) bool { return k == SessionDeliver }

// Emit checks a delivery.
func (c *SessionOnce) Emit(e *Event) {
	if !c.Reads(e.Kind) {
		return
	}
	c.Evaluations++
	if _, again := c.known[e.ID]; again {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s gets %s of %s twice from their session", c.names[e.Node], messageName(e), c.names[e.Peer])
		})
		return
	}
	c.known[e.ID] = struct{}{}
	if len(c.ring) < mostDelivered {
		c.ring = append(c.ring, e.ID)
		return
	}
	delete(c.known, c.ring[c.first])
	c.ring[c.first] = e.ID
	c.first = (c.first + 1) % mostDelivered
}

// ChannelOrder checks that the messages of a channel of a session come in the order in
// which they were sent.
type ChannelOrder struct {
	finding
	last map[channelOf]lastOf
}

// channelOf is a channel between two nodes, at the receiving end.
type channelOf struct {
	node, peer sim.NodeID
	channel    string
}

// lastOf is the newest message of a channel, and its session.
type lastOf struct {
	session uint64
	index   int64
}

// NewChannelOrder returns the checker of "channel_order".
func NewChannelOrder(names []string) *ChannelOrder {
	return &ChannelOrder{finding: newFinding("channel_order", names), last: make(map[channelOf]lastOf)}
}

// Reads implements Selective.
func (c *ChannelOrder) Reads(k Kind) bool { return k == SessionDeliver }

// Emit checks a delivery.
func (c *ChannelOrder) Emit(e *Event) {
	if !c.Reads(e.Kind) {
		return
	}
	c.Evaluations++
	of := channelOf{e.Node, e.Peer, e.Channel}
	last, some := c.last[of]
	if some && last.session == e.Session && e.Index <= last.index {
		c.violated(e.T, e.Seq, func() string {
			return fmt.Sprintf("%s gets message %d of channel %s from %s after message %d", c.names[e.Node], e.Index, e.Channel, c.names[e.Peer], last.index)
		})
	}
	c.last[of] = lastOf{e.Session, e.Index}
}
