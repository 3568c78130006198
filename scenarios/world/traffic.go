package world

import (
	"math/bits"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/sim"
	"meshsim/trace"
)

// Gap is the (mean) time between two messages of a source: Num/Den nanoseconds.
type Gap struct{ Num, Den uint64 }

// Messages is a traffic entry: each of From sends on its own, with its own count.
type Messages struct {
	Name            string
	Type            string
	From            []sim.NodeID
	To              Destinations
	Gap             Gap
	Poisson         bool       // exponential gaps, the first one after StartAt; else the first message at StartAt
	Size            Size       // drawn for each message
	StartAt, StopAt clock.Time // no message at or after StopAt
	Count           uint64     // per source; 0: no limit
	Seed            sim.Seed
	Keys            []string // node keys by number
	Omit            func(origin sim.NodeID, n uint64) bool
	Hand            Hand    // what each arrival does; nil: a message is submitted
	Content         Content // of each message; nil: none, and its size counts

	gaps    sim.Stream
	sizes   sim.Stream
	sources []messageSource
}

// Hand is what an arrival of a traffic entry does instead of submitting its message.
type Hand func(*Schedule, Message)

// Ask has the message's origin do what the command says, to its destination. All
// messages of one arrival take the same turn.
func Ask(c mesh.Command) Hand {
	return func(s *Schedule, m Message) {
		own := c
		own.Peer, own.N = m.Destination, m.Turn
		s.Command(m.Origin, own, 0)
	}
}

// messageSource is the state of one sending node.
type messageSource struct {
	key  uint64     // of its messages: the hash of message/KEY/traffic/NAME
	next clock.Time // of the arrival that is scheduled
	turn uint64     // arrivals so far
	sent uint64     // messages so far
}

// Start implements Source.
func (m *Messages) Start(s *Schedule) {
	m.sizes = m.Seed.Stream("traffic/" + m.Name + "/size")
	m.To.prepare(m.Seed, m.Name, m.Keys)
	m.prepare()
	for i := range m.sources {
		m.schedule(s, i)
	}
}

// prepare puts every source before its first arrival.
func (m *Messages) prepare() {
	m.gaps = m.Seed.Stream("traffic/" + m.Name + "/gap")
	m.sources = make([]messageSource, len(m.From))
	for i, node := range m.From {
		src := &m.sources[i]
		src.key, src.next = sim.Hash("message/"+m.Keys[node]+"/traffic/"+m.Name), m.StartAt
		if m.Poisson {
			m.advance(src)
		}
	}
}

// First is when the first message of the entry would leave, whether it stops before
// or not: clock.Never without sources. It is for those who ask before a run, of an
// entry that does not run.
func (m *Messages) First() clock.Time {
	m.prepare()
	first := clock.Never
	for i := range m.sources {
		first = min(first, m.sources[i].next)
	}
	return first
}

// Do implements Source; the tag is the index of the sending node in From.
func (m *Messages) Do(s *Schedule, tag uint64) {
	src, origin := &m.sources[tag], m.From[tag]
	m.To.each(origin, src.key, src.turn, func(to sim.NodeID, key sim.Key) {
		if m.Omit == nil || !m.Omit(origin, src.sent) {
			m.Hand.give(s, Message{Origin: origin, Destination: to, Type: m.Type, Size: m.size(key), Key: key, Flow: trace.Flow{Name: m.Name}, N: int64(src.sent), Turn: src.turn, Content: m.Content})
		}
		src.sent++
	})
	src.turn++
	m.advance(src)
	m.schedule(s, int(tag))
}

// give does with a message what the entry is for.
func (h Hand) give(s *Schedule, m Message) {
	if h == nil {
		s.Submit(m)
		return
	}
	h(s, m)
}

// size is that of a message. A fixed one needs no draw.
func (m *Messages) size(key sim.Key) int64 {
	if fixed, ok := m.Size.(FixedSize); ok {
		return int64(fixed)
	}
	return m.Size.Draw(m.sizes.Draw(key, 0))
}

// advance moves a source to its next arrival. Periodic arrivals are multiples of
// the exact gap, rounded half up, so that rounding never adds up.
func (m *Messages) advance(src *messageSource) {
	if m.Poisson {
		draw := m.gaps.Draw(sim.Key{Source: src.key, N: src.turn}, 0)
		src.next = src.next.Add(time.Duration(sim.Exponential(draw, m.Gap.Num, m.Gap.Den)))
		return
	}
	if hi, _ := bits.Mul64(src.turn, m.Gap.Num); hi >= m.Gap.Den {
		src.next = clock.Never
		return
	}
	src.next = m.StartAt.Add(time.Duration(sim.ScaleHalfUp(src.turn, m.Gap.Num, m.Gap.Den)))
}

func (m *Messages) schedule(s *Schedule, i int) {
	src := &m.sources[i]
	if src.next < m.StopAt && (m.Count == 0 || src.turn < m.Count) {
		s.At(src.next, uint64(i))
	}
}

// Destinations says where the messages of an entry go.
type Destinations struct {
	Mode  DestinationMode
	Nodes []sim.NodeID // To: one of them each time, if several drawn; Each: all of them

	draws  sim.Stream
	hashes []uint64 // of Nodes' keys
}

// DestinationMode is a way to choose destinations.
type DestinationMode uint8

const (
	ToOne       DestinationMode = iota // another one of Nodes each time, never the sender
	ToEach                             // one message to each of Nodes but the sender
	ToBroadcast                        // one envelope for everyone
)

func (d *Destinations) prepare(seed sim.Seed, entry string, keys []string) {
	d.draws = seed.Stream("traffic/" + entry + "/to")
	for _, n := range d.Nodes {
		d.hashes = append(d.hashes, sim.Hash(keys[n]))
	}
}

// each calls f for every message of one arrival.
func (d *Destinations) each(origin sim.NodeID, source, turn uint64, f func(sim.NodeID, sim.Key)) {
	switch d.Mode {
	case ToBroadcast:
		f(sim.Everyone, sim.Key{Source: source, N: turn})
	case ToEach:
		for i, n := range d.Nodes {
			if n != origin {
				f(n, sim.Key{Source: mix(source ^ d.hashes[i]), N: turn})
			}
		}
	case ToOne:
		key := sim.Key{Source: source, N: turn}
		if to := d.pick(origin, d.draws.Draw(key, 0)); to != sim.NoNode {
			f(to, key)
		}
	}
}

// pick draws one of Nodes by rendezvous hashing (Thaler, Ravishankar 1998): each
// candidate gets a score from the draw and its own key, and the highest wins. A
// node that joins or leaves changes only the messages that it wins or won.
func (d *Destinations) pick(origin sim.NodeID, draw uint64) sim.NodeID {
	best, high := sim.NoNode, uint64(0)
	for i, n := range d.Nodes {
		if score := mix(draw ^ d.hashes[i]); n != origin && (best == sim.NoNode || score > high) {
			best, high = n, score
		}
	}
	return best
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA'14), a bijection
// in which every input bit moves every output bit.
func mix(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Flow is one row of a flow file: packet k leaves at Start + k × Interval.
type Flow struct {
	Source, Destination sim.NodeID
	Start               clock.Time
	Interval            time.Duration
	Size                int64
	Count               uint64
}

// Flows is a traffic entry that is read from a flow file.
type Flows struct {
	Name string
	Type string
	Rows []Flow
	Keys []string // node keys by number
	Omit func(origin sim.NodeID, row int, n uint64) bool
	Hand Hand // as in Messages

	rows []flowState
}

type flowState struct {
	key  uint64
	name trace.Flow
	sent uint64
}

// Start implements Source.
func (f *Flows) Start(s *Schedule) {
	f.rows = make([]flowState, len(f.Rows))
	for i, row := range f.Rows {
		name := trace.RowFlow(i)
		f.rows[i] = flowState{key: sim.Hash("message/" + f.Keys[row.Source] + "/traffic/" + f.Name + "/row/" + name.Name), name: name}
		f.schedule(s, i)
	}
}

// Do implements Source; the tag is the row.
func (f *Flows) Do(s *Schedule, tag uint64) {
	row, state := &f.Rows[tag], &f.rows[tag]
	if f.Omit == nil || !f.Omit(row.Source, int(tag), state.sent) {
		f.Hand.give(s, Message{
			Origin: row.Source, Destination: row.Destination, Type: f.Type, Size: row.Size,
			Key: sim.Key{Source: state.key, N: state.sent}, Flow: state.name, N: int64(state.sent),
		})
	}
	state.sent++
	f.schedule(s, int(tag))
}

func (f *Flows) schedule(s *Schedule, i int) {
	row, k := &f.Rows[i], f.rows[i].sent
	if k >= row.Count {
		return
	}
	if hi, span := bits.Mul64(k, uint64(row.Interval)); hi == 0 && span < 1<<62 {
		s.At(row.Start.Add(time.Duration(span)), uint64(i))
	}
}
