package scenarios

import (
	"slices"
	"time"

	"meshsim/mesh"
	"meshsim/rtt"
	"meshsim/scenarios/world"
)

// Session configures the transport sessions between two peers.
type Session struct {
	Enabled bool `toml:"enabled" default:"false" doc:"unicast messages of applications, facts, claims and what humans say go through sessions, one for each two peers, in order and once; without it they are envelopes that may be lost"`

	MaxQueue     int64    `toml:"max_queue" default:"32" min:"1" max:"1048576" doc:"messages that wait to be sent for the first time"`
	Overflow     string   `toml:"overflow" default:"block" enum:"error drop_oldest drop_newest block" doc:"what becomes of one message when the queue is full: the new one fails; the one that has waited longest is dropped; the new one is dropped; the new one waits for room, at most block_timeout, and then fails"`
	BlockTimeout Duration `toml:"block_timeout" default:"100ms" min:"1us" max:"1h" doc:"block: how long a message waits for room in the queue"`

	Heartbeat        Duration `toml:"heartbeat" default:"250ms" min:"1ms" max:"1h" doc:"longest time without sending anything in an open session; less than heartbeat_timeout"`
	HeartbeatTimeout Duration `toml:"heartbeat_timeout" default:"1s" min:"1ms" max:"24h" doc:"a session closes when nothing was heard for so long, and begins to open again"`
	ReconnectMin     Duration `toml:"reconnect_min" default:"100ms" min:"1ms" max:"1h" doc:"until a session that does not open is tried again; doubled each time"`
	ReconnectMax     Duration `toml:"reconnect_max" default:"10s" min:"1ms" max:"24h" doc:"where doubling ends; at least reconnect_min"`
	Jitter           Ratio    `toml:"jitter" default:"10%" doc:"how far each of these two times may be off, either way"`
	OnReconnect      string   `toml:"on_reconnect" default:"resume" enum:"resume clear" doc:"what becomes of messages without an acknowledgement when a session opens again: they are sent again; or they are lost, as those that wait are"`

	RTOMin         Duration `toml:"rto_min" default:"1s" min:"1ms" max:"1h" doc:"least time until what is not acknowledged is sent again (RFC 6298)"`
	RTOMax         Duration `toml:"rto_max" default:"60s" min:"1ms" max:"24h" doc:"most of it; at least rto_min"`
	FastRetransmit *bool    `toml:"fast_retransmit" doc:"what three later segments overtook is sent again at once (RFC 9002, 6.1.1); absent: true"`
	Congestion     string   `toml:"congestion" default:"newreno" enum:"newreno none" doc:"what limits the bytes under way: a window that grows with what arrives and shrinks with what is lost (RFC 9002, 7); or nothing but the receiver's window"`

	Window       int64    `toml:"window" default:"256" min:"1" max:"65536" doc:"messages that a receiver has room for, and that may be under way to it"`
	ReadInterval Duration `toml:"read_interval" default:"0s" min:"0s" max:"1h" doc:"a node takes one message of a session in each of these; 0: all that have come, at once"`
}

// config is what the sessions of a run are made with.
func (s *Session) config() rtt.Config {
	c := rtt.Default()
	c.MaxQueue, c.Overflow, c.BlockTimeout = int(s.MaxQueue), overflows[s.Overflow], time.Duration(s.BlockTimeout)
	c.Heartbeat, c.HeartbeatTimeout = time.Duration(s.Heartbeat), time.Duration(s.HeartbeatTimeout)
	c.ReconnectMin, c.ReconnectMax = time.Duration(s.ReconnectMin), time.Duration(s.ReconnectMax)
	c.Jitter, c.Clear = s.Jitter, s.OnReconnect == "clear"
	c.RTOMin, c.RTOMax = time.Duration(s.RTOMin), time.Duration(s.RTOMax)
	c.FastRetransmit = s.FastRetransmit == nil || *s.FastRetransmit
	c.Congestion = s.Congestion == "newreno"
	c.Window, c.ReadInterval = int(s.Window), time.Duration(s.ReadInterval)
	return c
}

// overflows are the words for what a full queue does.
var overflows = map[string]rtt.Overflow{
	"error": rtt.FailFast, "drop_oldest": rtt.DropOldest, "drop_newest": rtt.DropNewest, "block": rtt.Block,
}

// checkSession refuses times that contradict each other.
func (s *Scenario) checkSession(r *report) {
	for _, pair := range []struct {
		key, least string
		value, min Duration
		above      bool
	}{
		{"heartbeat_timeout", "heartbeat", s.Session.HeartbeatTimeout, s.Session.Heartbeat, true},
		{"reconnect_max", "reconnect_min", s.Session.ReconnectMax, s.Session.ReconnectMin, false},
		{"rto_max", "rto_min", s.Session.RTOMax, s.Session.RTOMin, false},
	} {
		path, least := "session."+pair.key, "session."+pair.least
		switch {
		case r.touches(path, least):
		case pair.above && pair.value <= pair.min:
			r.add(path, pair.value, "is not longer than %s (%s)", pair.least, formatDuration(pair.min))
		case pair.value < pair.min:
			r.add(path, pair.value, "is shorter than %s (%s)", pair.least, formatDuration(pair.min))
		}
	}
	if s.Session.Enabled {
		return
	}
	for i := range s.Actions {
		switch s.Actions[i].Kind.(type) {
		case Disconnect, Reconnect:
			r.add(elementPath("action", i)+".kind", KindName(s.Actions[i].Kind), "needs sessions; allowed: with [session] enabled = true")
		}
	}
}

// sessions are the sessions of the node in this seat, if the scenario has any.
func (b *builder) sessions(seat world.Seat, registry *mesh.PeerRegistry) []mesh.Protocol {
	s := &b.scenario.Session
	if !s.Enabled {
		return nil
	}
	return []mesh.Protocol{mesh.NewSessions(mesh.SessionConfig{
		Session: s.config(), Identity: seat.Identity, Names: seat.Names, Registry: registry, Chance: seat.Session,
	})}
}

// lintSession warns of sessions that nothing goes through.
func (s *Scenario) lintSession(r *report) {
	if !s.Session.Enabled {
		return
	}
	carried := func(t Traffic) bool {
		switch t.Kind.(type) {
		case Messages, Requests:
			return t.File != "" || t.target().How != ToAll
		case Facts, Claims:
			return true
		}
		return false
	}
	acts := func(a Action) bool {
		switch a.Kind.(type) {
		case Submit, Claim, Reconnect:
			return true
		}
		return false
	}
	if !slices.ContainsFunc(s.Traffic, carried) && !slices.ContainsFunc(s.Actions, acts) {
		r.warn("session", nil, "is of no use: no messages to single nodes, no facts and no claims")
	}
}
