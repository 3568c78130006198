package mesh

import "meshsim/sim"

// SinglePath is a forwarding policy with one next hop for a unicast envelope, or
// none. Broadcasts are flooded.
type SinglePath struct {
	// Rule names the next hop; what it names is taken only if it is usable.
	Rule  func(v View, e *Envelope) (sim.NodeID, bool)
	Flood Flood // of broadcasts
}

// Next implements ForwardingPolicy.
func (p *SinglePath) Next(v View, e *Envelope, from sim.NodeID, buf []sim.NodeID) []sim.NodeID {
	if !e.Broadcast() {
		if next, ok := p.Rule(v, e); ok && v.Usable(e, next) {
			buf = append(buf, next)
		}
		return buf
	}
	return p.Flood.Next(v, e, from, buf)
}
