package trace

import (
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// MetricsConfig says what the metrics of a run count. All of it is given.
type MetricsConfig struct {
	Nodes int // of the run

	// Dishonest are the nodes of which the levels of trust and the claims do not count.
	Dishonest []sim.NodeID

	Anchors Anchors       // whom nodes trust from the start
	Liars   []Liar        // of the dishonest, those whose discovery counts
	Settle  time.Duration // trust converged if it did not change for so long before the end

	// From and To bound the window of the traffic metrics, both inclusive: warmup,
	// and duration − drain. None is counted when To lies before From.
	From, To clock.Time

	// Classes says which traffic is also counted per class; other traffic belongs
	// to none.
	Classes []FlowClass

	// Records is how many records of the shared memory a node keeps.
	Records int64

	// Header is the number of bytes that the link between two nodes adds to an
	// envelope.
	Header func(from, to sim.NodeID) int64
}

// FlowClass puts a flow into a class.
type FlowClass struct {
	Flow  Flow
	Class string
}

// Metrics adds up what the summary of a run says. It is one of the Observers: the
// ledger has followed the same event before.
type Metrics struct {
	cfg     MetricsConfig
	ledger  *Ledger
	classOf map[Flow]int32
	names   []string // of the classes, in order; tallies[i+1] belongs to names[i]
	tallies []tally  // of all messages, then of each class
	up      []bool
	upCount int32
	links   LinkSummary
	control ControlSummary
	peers   *Peers
	memory  *SharedMemory
	claims  *Claims

	sessions *Sessions
}

// tally counts the messages of one class, or of all.
type tally struct {
	sent, expected, delivered, duplicates, inFlight int64
	hops, maxHops                                   int64
	lastDelivery                                    clock.Time
	latency                                         Histogram
}

// NewMetrics returns the metrics of a run whose ledger is l.
func NewMetrics(l *Ledger, cfg MetricsConfig) *Metrics {
	m := &Metrics{
		cfg: cfg, ledger: l, classOf: make(map[Flow]int32), up: make([]bool, cfg.Nodes),
		peers: NewPeers(cfg), memory: NewSharedMemory(cfg.Nodes, cfg.Records), claims: NewClaims(cfg.Nodes, cfg.Dishonest...),
		sessions: NewSessions(cfg.Nodes),
	}
	for _, c := range cfg.Classes {
		m.names = append(m.names, c.Class)
	}
	slices.Sort(m.names)
	m.names = slices.Compact(m.names)
	for _, c := range cfg.Classes {
		i, _ := slices.BinarySearch(m.names, c.Class)
		m.classOf[c.Flow] = int32(i + 1)
	}
	m.tallies = make([]tally, 1+len(m.names))
	return m
}

// application reports whether an envelope counts as application traffic; all
// other traffic is control.
func application(e *Event) bool { return e.Flow.Name != "" }

// other counts an event that carries no envelope.
func (m *Metrics) other(e *Event) {
	if m.peers.Reads(e.Kind) {
		m.peers.Emit(e)
	}
	if m.memory.Reads(e.Kind) {
		m.memory.Emit(e)
	}
	if m.claims.Reads(e.Kind) {
		m.claims.Emit(e)
	}
	if m.sessions.Reads(e.Kind) {
		m.session(e)
	}
	switch e.Kind {
	case NodeUp:
		if !m.up[e.Node] {
			m.up[e.Node] = true
			m.upCount++
		}
	case NodeDown:
		if m.up[e.Node] {
			m.up[e.Node] = false
			m.upCount--
		}
	}
}

func (m *Metrics) sent(e *Event, r *record) {
	if !application(e) {
		m.control.Envelopes++
		return
	}
	if !m.within(e.T) {
		return
	}
	r.measured, r.class, r.left = true, m.classOf[e.Flow], 0
	if e.Segment() { // the message that it carries was counted when the session got it
		return
	}
	expected := int32(1)
	if e.Destination == sim.Everyone {
		expected = m.upCount
		if m.up[e.Origin] {
			expected--
		}
	}
	r.left = max(expected-r.got, 0)
	m.each(r.class, func(t *tally) {
		t.sent++
		t.expected += int64(expected)
	})
}

// within reports whether what was submitted at a time is counted.
func (m *Metrics) within(t clock.Time) bool { return t >= m.cfg.From && t <= m.cfg.To }

func (m *Metrics) transmitted(e *Event) {
	if e.Copy != 0 {
		return
	}
	bytes := e.Size + m.cfg.Header(e.Node, e.Peer)
	m.links.Transmissions++
	m.links.Bytes += bytes
	if !application(e) {
		m.control.Transmissions++
		m.control.Bytes += bytes
	}
}

func (m *Metrics) delivered(e *Event, r *record) {
	if r.measured && m.ledger.current.first && !e.Segment() {
		r.got++
		r.left = max(r.left-1, 0)
		m.each(r.class, func(t *tally) { t.add(e, hops(e.Path)) })
	}
}

// add counts a delivery.
func (t *tally) add(e *Event, hops int64) {
	t.delivered++
	t.hops += hops
	t.maxHops = max(t.maxHops, hops)
	t.lastDelivery = e.T
	t.latency.Add(int64(e.Latency))
}

func (m *Metrics) dropped(e *Event, r *record) {
	if !application(e) {
		m.control.Drops++
	}
	if r.measured && e.Reason == Duplicate && (e.Destination == e.Node || e.Destination == sim.Everyone) {
		m.each(r.class, func(t *tally) { t.duplicates++ })
	}
}

// settle brings the message's share of in_flight up to date. Of what is not measured
// nothing is expected.
func (m *Metrics) settle(r *record) {
	share := int32(0)
	if r.open > 0 {
		share = r.left
	}
	if share == r.underWay {
		return
	}
	more := int64(share - r.underWay)
	m.each(r.class, func(t *tally) { t.inFlight += more })
	r.underWay = share
}

// each visits the tallies that a message of a class counts in.
func (m *Metrics) each(class int32, count func(*tally)) {
	count(&m.tallies[0])
	if class > 0 {
		count(&m.tallies[class])
	}
}

// Peers is what nodes hold of each other now.
func (m *Metrics) Peers() *Peers { return m.peers }

// Claims is what nodes make of claims now.
func (m *Metrics) Claims() *Claims { return m.claims }

// Summary is what the run adds up to so far.
func (m *Metrics) Summary() Summary {
	var s Summary
	m.Fill(&s)
	return s
}

// Fill brings a summary up to date in place. It is the sum of FillCounts,
// FillDrops and FillLatency, for readers at every event who need but one.
func (m *Metrics) Fill(s *Summary) {
	m.FillCounts(s)
	m.FillDrops(s)
	m.FillLatency(s)
}

// FillCounts brings all but drops and latencies up to date, in constant time per
// class.
func (m *Metrics) FillCounts(s *Summary) {
	m.eachClass(s, (*tally).fillCounts)
	l := m.ledger
	s.Copies = CopySummary{Created: l.created, Delivered: l.delivered, Dropped: l.dropped, InFlight: l.open}
	s.Links, s.Control = m.links, m.control
	s.Handshakes, s.Trust = m.peers.Handshakes(), m.peers.counts(s.Trust)
	s.Claims, s.Sessions = m.claims.Summary(), m.sessions.Summary()
	s.Memory = m.memory.counts(s.Memory)
}

// FillLatency brings the latencies up to date, which searches the histograms.
func (m *Metrics) FillLatency(s *Summary) {
	m.eachClass(s, (*tally).fillLatency)
	s.Memory.SyncLatencyNS = m.memory.latency.Summary()
	s.Trust.DistrustNS = m.peers.distrust.Summary()
}

// FillDrops brings the drops per reason up to date.
func (m *Metrics) FillDrops(s *Summary) {
	if s.Drops == nil {
		s.Drops = make(map[string]int64, reasonCount)
	}
	for r := Loss; r < reasonCount; r++ {
		s.Drops[r.String()] = m.ledger.reasons[r]
	}
}

func (m *Metrics) eachClass(s *Summary, filled func(*tally, ClassSummary) ClassSummary) {
	s.Traffic.ClassSummary = filled(&m.tallies[0], s.Traffic.ClassSummary)
	if s.Traffic.Classes == nil {
		s.Traffic.Classes = make(map[string]ClassSummary, len(m.names))
	}
	for i, name := range m.names {
		s.Traffic.Classes[name] = filled(&m.tallies[i+1], s.Traffic.Classes[name])
	}
}

func (t *tally) fillCounts(c ClassSummary) ClassSummary {
	c.Sent, c.Expected, c.Delivered = t.sent, t.expected, t.delivered
	c.DeliveryRatio = ratio(t.delivered, t.expected)
	c.Duplicates, c.InFlight = t.duplicates, t.inFlight
	c.LastDeliveryNS = int64(t.lastDelivery)
	c.Hops = HopSummary{Mean: ratio(t.hops, t.delivered), Max: t.maxHops}
	return c
}

func (t *tally) fillLatency(c ClassSummary) ClassSummary {
	c.LatencyNS = t.latency.Summary()
	return c
}

// ratio is a / b, or 0 over nothing.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
