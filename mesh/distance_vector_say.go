package mesh

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"meshsim/sim"
	"meshsim/trace"
)

// perMessage is how many destinations one message tells of, so that it stays below
// the MTU of usual links.
const perMessage = 16

// sayNews tells all adjacent neighbours of what changed, and asks for what is wanting.
func (d *DistanceVector) sayNews(c *Context) {
	d.say(c, d.adjacentBut(sim.NoNode), func(to sim.NodeID) bool { return d.news[to] })
	clear(d.news)
	d.askAgain(c)
}

// sayAll tells neighbours of every destination to which there is a route.
func (d *DistanceVector) sayAll(c *Context, neighbours []sim.NodeID) {
	d.say(c, neighbours, func(to sim.NodeID) bool { return to == d.Self || d.routes[to].place >= 0 })
}

// say tells neighbours of the destinations that are to be told of, in as many messages
// as it takes.
func (d *DistanceVector) say(c *Context, neighbours []sim.NodeID, of func(sim.NodeID) bool) {
	if len(neighbours) == 0 {
		return
	}
	for to := sim.NodeID(0); int(to) < len(d.routes); {
		d.reserve()
		from := len(d.entries)
		for ; int(to) < len(d.routes) && len(d.entries)-from < perMessage; to++ {
			if of(to) {
				d.entries = append(d.entries, d.entry(to))
			}
		}
		if len(d.entries) == from {
			return
		}
		p := d.vectors.take()
		*p = vectorPayload{names: d.Names, entries: d.entries[from:len(d.entries):len(d.entries)]}
		d.buf = p.set(p, d.buf)
		c.SendControl(typeDistanceVector, p, neighbours)
	}
}

// reserve makes room for the entries of one more message. Earlier ones stay where
// they are, since payloads share them.
func (d *DistanceVector) reserve() {
	if cap(d.entries)-len(d.entries) < perMessage {
		d.entries = make([]vectorEntry, 0, slabSize*perMessage)
	}
}

// entry is what this node says of a destination; of itself, that it is there.
func (d *DistanceVector) entry(to sim.NodeID) vectorEntry {
	if to == d.Self {
		return vectorEntry{to, distance{seqno: d.stable.seqno}, true}
	}
	route := d.routes[to]
	return vectorEntry{to, route.distance, route.place >= 0}
}

// vectorEntry is how far its sender is from a destination.
type vectorEntry struct {
	destination sim.NodeID
	distance
	reachable bool
}

// vectorPayload is a part of a node's distances, of which a destination without
// metric is one that it does not reach any more:
// {"routes":[{"destination":"n2","metric_ns":20000000,"seqno":1},{"destination":"n3","seqno":0}]}.
type vectorPayload struct {
	seal
	names   []string
	entries []vectorEntry
}

// AppendJSON implements Payload.
func (p *vectorPayload) AppendJSON(b []byte) []byte {
	b = append(b, `{"routes":[`...)
	for i, e := range p.entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"destination":`...)
		b = trace.AppendJSONString(b, p.names[e.destination])
		if e.reachable {
			b = append(b, `,"metric_ns":`...)
			b = strconv.AppendInt(b, int64(e.metric), 10)
		}
		b = append(b, `,"seqno":`...)
		b = strconv.AppendUint(b, e.seqno, 10)
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

// requestPayload asks for a route to a destination with a sequence number no less
// than the one given: {"destination":"n2","seqno":2}.
type requestPayload struct {
	seal
	names       []string
	destination sim.NodeID
	seqno       uint64
}

// AppendJSON implements Payload.
func (p *requestPayload) AppendJSON(b []byte) []byte {
	b = append(b, `{"destination":`...)
	b = trace.AppendJSONString(b, p.names[p.destination])
	b = append(b, `,"seqno":`...)
	b = strconv.AppendUint(b, p.seqno, 10)
	return append(b, '}')
}

// LargestVectors is a lower bound of the size in bytes of the largest message with
// distances, where nodes of these names reach each other and the nearest two are the
// given cost apart.
func LargestVectors(names []string, cost time.Duration) int64 {
	shortest := slices.Clone(names)
	slices.SortStableFunc(shortest, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	p := &vectorPayload{names: shortest}
	for i := range min(len(names), perMessage) {
		p.entries = append(p.entries, vectorEntry{sim.NodeID(i), distance{1, max(cost, 1)}, true})
	}
	return int64(len(p.AppendJSON(nil)))
}
