package netmodel

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/sim/planted"
)

// LinkSpec describes a link in one direction. Ratios run from 0 to sim.One.
type LinkSpec struct {
	From, To  sim.NodeID
	Latency   Latency
	clog      time.Duration // added to the latency of each copy, by faults
	ownLoss   bool          // a fault set Loss, so the profile of Latency says nothing of it
	ownRate   bool          // likewise of Bandwidth
	Loss      sim.Ratio     // share of copies lost
	Duplicate sim.Ratio     // share of copies of which the wire makes a second one
	MTU       int64         // bytes, header excluded, of the largest copy; 0: any
	Header    int64         // bytes added to each copy on the wire, 0 or more
	BurstLoss GilbertElliott
	Corrupt   sim.Ratio   // share of copies that arrive damaged
	Reorder   sim.Ratio   // share of copies that skip their latency, as in netem
	FIFO      bool        // no copy arrives before one that arrives and was handed over earlier
	Bandwidth int64       // bit/s; 0: unlimited, so nothing ever waits
	Queue     Queue       // what may wait for the transmitter
	Policy    QueuePolicy // what becomes of what does not find room, or waits too long
}

// Ends names a link by its sending and its receiving end.
type Ends struct{ From, To sim.NodeID }

// Stats is what a link did so far. A link of unlimited bandwidth is never busy
// and nothing waits there, but for its sender's uplink: what waits for that counts
// as waiting for the link, too.
type Stats struct {
	Transmissions int64 `json:"transmissions"` // copies taken, lost ones too; duplicates made by the wire not
	Bytes         int64 `json:"bytes"`         // of those, headers included
	Drops         int64 `json:"drops"`         // copies that ended here: refused, lost, or cut off in flight
	BusyNS        int64 `json:"busy_ns"`       // time spent transmitting what was taken so far
	WaitNS        int64 `json:"wait_ns"`       // summed over the copies taken, up to the largest int64
	WaitMaxNS     int64 `json:"wait_max_ns"`
	QueueMax      int64 `json:"queue_max"` // most copies that waited at once
}

// link is one wire, one way. What each copy touches comes first.
type link struct {
	plain  bool          // judged by cross; kept by review
	delay  time.Duration // of a plain link: what each copy takes on the wire
	header int64         // as in spec
	line   *transmitter  // nil: bandwidth never was limited, or there is a queue

	transmissions, bytes, drops int64

	down, cut, kept FaultID      // earliest fault that holds it down, partitions it, keeps what is handed over
	away            bool         // it is out of contact
	uplink          *transmitter // of the sending node; nil: it has none
	queue           *servedQueue // of links with a policy but DropTail, if bandwidth ever was limited
	rare            *rare        // nil: nothing of it, ever
	change          *change      // by faults; nil: none
	spec            LinkSpec     // in force; Bandwidth and Queue also in line, Queue in queue
	recorded        *LinkSpec    // with the row of its profile that was asked for last; nil: it never had one

	// One stream for each kind of chance, so that turning one off moves no draw
	// of another.
	lossDraws, latencyDraws, duplicateDraws sim.Stream

	upWait, upWaitMax time.Duration // of copies of this link at the uplink
}

// rare is the state of what few links have; the others pay one test for it.
type rare struct {
	burst                      burstChain
	corruptDraws, reorderDraws sim.Stream
	latest                     clock.Time // arrival, of those so far; kept for FIFO only
}

func newLink(seed sim.Seed, keys []string, s *LinkSpec) link {
	path := linkPath(keys, s.ends())
	l := link{
		spec: *s,
		down: NoFault, cut: NoFault, kept: NoFault,
		lossDraws:      seed.Stream(path + "/loss"),
		latencyDraws:   seed.Stream(path + "/latency"),
		duplicateDraws: seed.Stream(path + "/duplicate"),
	}
	if s.hasRare() {
		l.rare = newRare(seed, path)
	}
	if planted.Bug == planted.LossPerMessage {
		l.lossDraws = seed.Stream("loss")
	}
	return l
}

// linkPath names a link in the paths of its streams.
func linkPath(keys []string, e Ends) string { return "link/" + keys[e.From] + "->" + keys[e.To] }

func (s *LinkSpec) hasRare() bool {
	return s.BurstLoss.loses() || s.Corrupt != 0 || s.Reorder != 0 || s.FIFO
}

func newRare(seed sim.Seed, path string) *rare {
	return &rare{
		burst:        burstChain{draws: seed.Stream(path + "/burst_loss")},
		corruptDraws: seed.Stream(path + "/corrupt"),
		reorderDraws: seed.Stream(path + "/reorder"),
	}
}

// review says anew whether the link is plain: nothing is in the way of a copy but its
// own transmitter, and each arrives the same time after it. It is due whenever a
// field changes that it looks at.
func (l *link) review() {
	s := &l.spec
	free := !l.isDown() && l.cut == NoFault && l.kept == NoFault && l.change == nil
	own := l.uplink == nil && l.queue == nil && s.MTU == 0
	chance := s.Latency.random() || s.Loss != 0 || s.Duplicate != 0 || s.hasRare()
	l.plain = free && own && !chance && s.Latency.profile == nil
	l.delay, l.header = s.Latency.Mean(), s.Header
}

// cross judges a copy that is handed to a plain link, as carry would.
func (l *link) cross(now clock.Time, size int64, v *Verdict) {
	v.clear()
	wire := size + l.header
	start, end := now, now
	if l.line != nil {
		var ok bool
		if start, end, ok = l.line.take(now, wire); !ok {
			v.Fate = QueueFull
			l.drops++
			return
		}
	}
	l.transmissions++
	l.bytes += wire
	v.Start, v.Arrive, v.Header = start, end.Add(l.delay), l.header
}

// carry judges a copy of so many bytes, header excluded.
func (l *link) carry(now clock.Time, size int64, key sim.Key, v *Verdict) {
	v.clear()
	if fate, fault := l.held(); fate != Arrives {
		v.Fate, v.Fault = fate, fault
		l.drops++
		return
	}
	if l.change != nil {
		v.Blame = l.change.blamed()
	}
	if l.spec.MTU != 0 && (size > l.spec.MTU || planted.Bug == planted.MTU && size == l.spec.MTU) {
		v.Fate = TooLarge
		l.drops++
		return
	}
	if l.kept != NoFault {
		v.Fate, v.Fault, v.Blame = Kept, l.kept, nil
		return
	}
	s := &l.spec
	if s.Latency.profile != nil {
		if s = l.asRecorded(s, now); l.line != nil {
			l.line.rate = rateOf(s.Bandwidth)
		}
	}
	wire := size + s.Header
	start, end := now, now
	switch {
	case l.queue != nil:
		l.offer(now, wire, key, s, v)
		return
	case l.line != nil || l.uplink != nil:
		var ok bool
		if start, end, ok = l.transmit(now, wire); !ok {
			v.Fate = QueueFull
			l.drops++
			return
		}
	}
	l.send(start, end, wire, key, s, v)
}

// asRecorded is a link with a profile as it is for what is handed over at a time;
// valid until the next call.
func (l *link) asRecorded(s *LinkSpec, handed clock.Time) *LinkSpec {
	if l.recorded == nil {
		l.recorded = new(LinkSpec)
	}
	*l.recorded = *s
	s.Latency.profile.apply(l.recorded, handed)
	return l.recorded
}

// transmit sends a copy of so many bytes through the node's uplink, then through
// the link's own transmitter, as far as there are such.
func (l *link) transmit(now clock.Time, wire int64) (start, end clock.Time, ok bool) {
	if l.uplink == nil {
		return l.line.take(now, wire)
	}
	start, end, ok = l.uplink.take(now, wire)
	if ok && l.line != nil {
		_, end, ok = l.line.take(end, wire)
	}
	if ok {
		wait := start.Sub(now)
		l.upWait, l.upWaitMax = time.Duration(clock.Time(l.upWait).Add(wait)), max(l.upWaitMax, wait)
	}
	return start, end, ok
}

// send judges a copy that the link took, and that is on the wire at time end.
func (l *link) send(start, end clock.Time, wire int64, key sim.Key, s *LinkSpec, v *Verdict) {
	l.transmissions++
	l.bytes += wire
	v.Start, v.Header = start, s.Header
	burst := l.rare != nil && s.BurstLoss.loses() && l.rare.burst.loses(&s.BurstLoss)
	v.Fate, v.Arrive = l.propagate(end, key, 0, burst, s)
	if s.Duplicate != 0 && s.Duplicate.Hit(l.duplicateDraws.Draw(key, 0)) {
		v.Duplicated = true
		v.DuplicateFate, v.DuplicateArrive = l.propagate(end, key, 1, false, s)
	}
}

// propagate sends a copy down the wire at the end of its transmission. Whether a
// burst takes it was decided before.
func (l *link) propagate(end clock.Time, key sim.Key, copy uint32, burst bool, s *LinkSpec) (Fate, clock.Time) {
	if planted.Bug == planted.DuplicateDraw {
		copy = 0
	}
	fate := Arrives
	switch {
	case s.Loss != 0 && s.Loss.Hit(l.lossDraws.Draw(key, copy)):
		fate = Lost
		l.drops++
	case burst:
		fate = BurstLost
		l.drops++
	case l.rare != nil && s.Corrupt != 0 && s.Corrupt.Hit(l.rare.corruptDraws.Draw(key, copy)):
		fate = Corrupted // and counted when it arrives
	}
	var draw uint64
	if s.Latency.random() {
		draw = l.latencyDraws.Draw(key, copy)
	}
	arrive := end.Add(s.Latency.Sample(draw))
	if l.rare != nil && s.Reorder != 0 && s.Reorder.Hit(l.rare.reorderDraws.Draw(key, copy)) {
		arrive = end
	}
	arrive = arrive.Add(s.clog)
	if planted.Bug == planted.Overtakes && l.rare != nil {
		l.rare.latest -= clock.Time(time.Microsecond)
	}
	if l.rare != nil && s.FIFO {
		arrive = max(arrive, l.rare.latest)
		if fate.Reaches() {
			l.rare.latest = arrive
		}
	}
	return fate, arrive
}

// held says which kind of fault holds the link, if any, and names the earliest. A
// link out of contact is down through no fault.
func (l *link) held() (Fate, FaultID) {
	if l.away {
		return LinkDown, NoFault
	}
	if l.down != NoFault {
		return LinkDown, l.down
	}
	if l.cut != NoFault {
		return Partitioned, l.cut
	}
	return Arrives, NoFault
}

// isDown reports whether nothing crosses the link: a fault holds it down, or it is
// out of contact.
func (l *link) isDown() bool { return l.away || l.down != NoFault }

// holder is where the link notes the earliest fault with this fate.
func (l *link) holder(f Fate) *FaultID {
	switch f {
	case LinkDown:
		return &l.down
	case Kept:
		return &l.kept
	default:
		return &l.cut
	}
}

func (l *link) stats() Stats {
	s := Stats{Transmissions: l.transmissions, Bytes: l.bytes, Drops: l.drops}
	if q := l.queue; q != nil {
		s.BusyNS, s.WaitNS, s.WaitMaxNS, s.QueueMax = int64(q.busy), int64(q.wait), int64(q.waitMax), q.queueMax
	}
	l.line.add(&s)
	s.WaitNS = int64(clock.Time(s.WaitNS).Add(l.upWait))
	s.WaitMaxNS = max(s.WaitMaxNS, int64(l.upWaitMax))
	return s
}

// sorted returns the links ordered by (from, to), or what is wrong with them.
func sorted(keys []string, links []LinkSpec) ([]LinkSpec, error) {
	if len(links) > math.MaxInt32 {
		return nil, fmt.Errorf("%d links; at most %d", len(links), math.MaxInt32)
	}
	for i := range links {
		if err := links[i].checkEnds(len(keys)); err != nil {
			return nil, fmt.Errorf("link %d: %w", i, err)
		}
	}
	links = slices.Clone(links)
	slices.SortFunc(links, func(a, b LinkSpec) int { return compareEnds(a.ends(), b.ends()) })
	var errs []error
	for i := range links {
		name := keys[links[i].From] + "->" + keys[links[i].To]
		if i > 0 && links[i].ends() == links[i-1].ends() {
			errs = append(errs, fmt.Errorf("link %s: given twice", name))
		}
		if err := links[i].check(len(keys)); err != nil {
			errs = append(errs, fmt.Errorf("link %s: %w", name, err))
		}
	}
	return links, errors.Join(errs...)
}

// limited reports whether copies wait for a transmitter.
func (s *LinkSpec) limited() bool {
	return s.Bandwidth > 0 || s.Latency.profile != nil && s.Latency.profile.Bandwidth && !s.ownRate
}

func (s *LinkSpec) ends() Ends { return Ends{s.From, s.To} }

func (s *LinkSpec) checkEnds(nodes int) error {
	for _, end := range [...]sim.NodeID{s.From, s.To} {
		if end < 0 || int(end) >= nodes {
			return fmt.Errorf("no node %d; nodes are 0 to %d", end, nodes-1)
		}
	}
	if s.From == s.To {
		return fmt.Errorf("node %d is linked to itself", s.From)
	}
	return nil
}

func (s *LinkSpec) check(nodes int) error {
	// The longest path has fewer links than there are nodes, so sums of means fit.
	if most := time.Duration(math.MaxInt64 / int64(nodes)); s.Latency.Mean() > most {
		return fmt.Errorf("mean latency %v is too long; at most %v with %d nodes", s.Latency.Mean(), most, nodes)
	}
	switch {
	case s.Latency.Mean() < 0:
		return fmt.Errorf("latency %v is negative", s.Latency.Mean())
	case s.Loss > sim.One:
		return fmt.Errorf("loss %d is above %d billionths", s.Loss, sim.One)
	case s.Corrupt > sim.One:
		return fmt.Errorf("corrupt %d is above %d billionths", s.Corrupt, sim.One)
	case s.Duplicate > sim.One:
		return fmt.Errorf("duplicate %d is above %d billionths", s.Duplicate, sim.One)
	case s.Reorder > sim.One:
		return fmt.Errorf("reorder %d is above %d billionths", s.Reorder, sim.One)
	case s.Bandwidth < 0:
		return fmt.Errorf("bandwidth %d bit/s is negative", s.Bandwidth)
	case s.MTU < 0:
		return fmt.Errorf("MTU of %d bytes is negative", s.MTU)
	case s.Header < 0:
		return fmt.Errorf("header of %d bytes is negative", s.Header)
	case s.Policy >= policyCount:
		return fmt.Errorf("no queue policy %d", s.Policy)
	}
	if err := s.BurstLoss.check(); err != nil {
		return err
	}
	return s.Queue.check()
}

func compareEnds(a, b Ends) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}
