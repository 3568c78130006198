package rtt

import "meshsim/clock"

// hooks are functions that are called after something happened to a session, at the
// end of the call that made it happen, in the order of events and of registration.
type hooks struct {
	opened  []func(now clock.Time, reconnects uint64)
	closed  []func(now clock.Time, why Reason)
	silence []func(now clock.Time)
	events  []Event // that are still to be told
}

// OnOpen registers a function for every opening. If the session is open, it is called
// at once too.
func (s *Session[K, M]) OnOpen(now clock.Time, f func(now clock.Time, reconnects uint64)) {
	s.hooks.opened = append(s.hooks.opened, f)
	if s.state == open {
		within := s.settling
		s.settling = true
		f(now, s.opens-1)
		s.settling = within
		s.settle(now)
	}
}

// OnClose registers a function for every closing.
func (s *Session[K, M]) OnClose(f func(now clock.Time, why Reason)) {
	s.hooks.closed = append(s.hooks.closed, f)
}

// OnHeartbeatTimeout registers a function for every time that the peer was silent for
// too long. It is called before those for the closing.
func (s *Session[K, M]) OnHeartbeatTimeout(f func(now clock.Time)) {
	s.hooks.silence = append(s.hooks.silence, f)
}

// note keeps an event for the end of the call, if anybody waits for such.
func (h *hooks) note(e Event) {
	if e.Kind == Opened && len(h.opened) > 0 || e.Kind == Closed && len(h.closed) > 0 || e.Kind == HeartbeatTimeout && len(h.silence) > 0 {
		h.events = append(h.events, e)
	}
}

// fire calls the hooks for the events so far, and reports whether there were any.
func (h *hooks) fire(now clock.Time) bool {
	n := len(h.events)
	for i := range n {
		switch e := h.events[i]; e.Kind {
		case Opened:
			for _, f := range h.opened {
				f(now, e.Count)
			}
		case Closed:
			for _, f := range h.closed {
				f(now, e.Reason)
			}
		case HeartbeatTimeout:
			for _, f := range h.silence {
				f(now)
			}
		}
	}
	h.events = h.events[:copy(h.events, h.events[n:])]
	return n > 0
}
