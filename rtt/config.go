package rtt

import (
	"fmt"
	"time"

	"meshsim/sim"
)

// Overflow is what happens to a message that finds the send queue full.
type Overflow uint8

// The overflow policies.
const (
	FailFast   Overflow = iota // "error": the offer fails
	DropOldest                 // the message that has waited longest goes
	DropNewest                 // the message that was offered goes
	Block                      // the offer waits for room, in the order of offers
	overflowCount
)

var overflowNames = [overflowCount]string{"error", "drop_oldest", "drop_newest", "block"}

func (o Overflow) String() string { return overflowNames[o] }

// ReadOnDemand as a ReadInterval leaves reading to Session.Read.
const ReadOnDemand time.Duration = -1

// Config is how a session behaves. Every field has to be set; Default is what a mesh
// has that says nothing.
type Config struct {
	MaxQueue     int           // messages that wait to be sent for the first time, at least 1
	Overflow     Overflow      // what happens when that many wait
	BlockTimeout time.Duration // how long Block waits, above 0

	Heartbeat        time.Duration // longest time without sending anything, above 0
	HeartbeatTimeout time.Duration // silence after which the session closes, above Heartbeat

	ReconnectMin time.Duration // before the first attempt to open again, and doubled before each further one; above 0
	ReconnectMax time.Duration // where doubling ends, at least ReconnectMin
	Jitter       sim.Ratio     // how far these may be off, either way
	Clear        bool          // a reconnect is a new session: what was not acknowledged is lost

	RTOMin         time.Duration // of the retransmission time-out, above 0
	RTOMax         time.Duration // at least RTOMin
	Granularity    time.Duration // of the clock: G of RFC 6298, above 0
	FastRetransmit bool          // what later segments overtook is sent again before it times out

	Congestion bool // NewReno after RFC 9002, section 7; else credit alone limits
	MaxSegment int  // bytes that a congestion window counts in: max_datagram_size of RFC 9002; at least 1

	Window       int           // messages that the receiver has room for, and that may be under way; 1 to MaxWindow
	ReadInterval time.Duration // the reader takes one message in each; 0: all at once; or ReadOnDemand
}

// MaxWindow bounds a Window, and so what a session holds.
const MaxWindow = 1 << 16

// longest bounds every time of a Config, so that no sum of them overflows.
const longest = 8760 * time.Hour

// Default is the configuration of a mesh that says nothing of sessions.
func Default() Config {
	return Config{
		MaxQueue: 32, Overflow: FailFast, BlockTimeout: 100 * time.Millisecond,
		Heartbeat: 250 * time.Millisecond, HeartbeatTimeout: time.Second,
		ReconnectMin: 100 * time.Millisecond, ReconnectMax: 10 * time.Second, Jitter: sim.One / 10,
		RTOMin:         time.Second,      // RFC 6298, (2.4)
		RTOMax:         60 * time.Second, // RFC 6298, (2.5): the least that is allowed
		Granularity:    time.Millisecond, // RFC 9002, section 6.1.2: kGranularity
		FastRetransmit: true,
		Congestion:     true,
		MaxSegment:     1200, // RFC 9000, section 14: what every path carries
		Window:         256,
	}
}

// Validate says what is wrong, in the words of the language; nil if nothing is.
func (c *Config) Validate() error {
	for _, n := range []struct {
		name       string
		value, max int
	}{
		{"max_queue", c.MaxQueue, 1 << 20}, {"max_segment", c.MaxSegment, 1 << 20}, {"window", c.Window, MaxWindow},
	} {
		if n.value < 1 || n.value > n.max {
			return fmt.Errorf("%s = %d: out of range; 1 to %d", n.name, n.value, n.max)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"block_timeout", c.BlockTimeout, 1}, {"heartbeat", c.Heartbeat, 1}, {"heartbeat_timeout", c.HeartbeatTimeout, c.Heartbeat + 1},
		{"reconnect_min", c.ReconnectMin, 1}, {"reconnect_max", c.ReconnectMax, c.ReconnectMin},
		{"rto_min", c.RTOMin, 1}, {"rto_max", c.RTOMax, c.RTOMin}, {"granularity", c.Granularity, 1}, {"read_interval", c.ReadInterval, ReadOnDemand},
	} {
		if d.value < d.least || d.value > longest {
			return fmt.Errorf("%s = %v: out of range; %v to %v", d.name, d.value, d.least, longest)
		}
	}
	if c.Overflow >= overflowCount {
		return fmt.Errorf("overflow = %d: allowed: error, drop_oldest, drop_newest, block", c.Overflow)
	}
	if c.Jitter > sim.One {
		return fmt.Errorf("jitter = %d: out of range; 0 to 100%%", c.Jitter)
	}
	return nil
}
