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
)

// LinkSpec describes a link in one direction. Ratios run from 0 to sim.One.
type LinkSpec struct {
	From, To  sim.NodeID
	Latency   Latency
	Loss      sim.Ratio // share of copies lost
	Duplicate sim.Ratio // share of copies of which the wire makes a second one
	Bandwidth int64     // bit/s; 0: unlimited, so nothing ever waits
	Queue     Queue     // what may wait for the transmitter
	Header    int64     // bytes added to each copy on the wire, 0 or more
}

// Ends names a link by its sending and its receiving end.
type Ends struct{ From, To sim.NodeID }

// Stats is what a link did so far. A link of unlimited bandwidth is never busy
// and nothing waits there.
type Stats struct {
	Transmissions int64 // copies taken, lost ones too; duplicates made by the wire not
	Bytes         int64 // of those, headers included
	Drops         int64 // copies that ended here: refused, lost, or cut off in flight
	BusyNS        int64 // time spent transmitting what was taken so far
	WaitNS        int64 // summed over the copies taken, up to the largest int64
	WaitMaxNS     int64
	QueueMax      int64 // most copies that waited at once
}

// link is one wire, one way.
type link struct {
	latency         Latency
	loss, duplicate sim.Ratio
	down, cut       FaultID // earliest fault that holds it down, that partitions it
	away            bool    // it is out of contact
	header          int64
	line            *transmitter // nil: unlimited bandwidth

	// One stream for each kind of chance, so that turning one off moves no draw
	// of another.
	lossDraws, latencyDraws, duplicateDraws sim.Stream

	transmissions, bytes, drops int64
}

func newLink(seed sim.Seed, keys []string, s *LinkSpec) link {
	path := "link/" + keys[s.From] + "->" + keys[s.To]
	return link{
		latency: s.Latency, loss: s.Loss, duplicate: s.Duplicate,
		down: NoFault, cut: NoFault, header: s.Header,
		lossDraws:      seed.Stream(path + "/loss"),
		latencyDraws:   seed.Stream(path + "/latency"),
		duplicateDraws: seed.Stream(path + "/duplicate"),
	}
}

// carry judges a copy of so many bytes, header excluded.
func (l *link) carry(now clock.Time, size int64, key sim.Key, v *Verdict) {
	*v = Verdict{Fault: NoFault}
	if fate, fault := l.held(); fate != Arrives {
		v.Fate, v.Fault = fate, fault
		l.drops++
		return
	}
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
	v.Start = start
	v.Fate, v.Arrive = l.propagate(end, key, 0)
	if l.duplicate != 0 && l.duplicate.Hit(l.duplicateDraws.Draw(key, 0)) {
		v.Duplicated = true
		v.DuplicateFate, v.DuplicateArrive = l.propagate(end, key, 1)
	}
}

// propagate sends a copy down the wire at the end of its transmission.
func (l *link) propagate(end clock.Time, key sim.Key, copy uint32) (Fate, clock.Time) {
	fate := Arrives
	if l.loss != 0 && l.loss.Hit(l.lossDraws.Draw(key, copy)) {
		fate = Lost
		l.drops++
	}
	var draw uint64
	if l.latency.random() {
		draw = l.latencyDraws.Draw(key, copy)
	}
	return fate, end.Add(l.latency.Sample(draw))
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

// holder is where the link notes the earliest fault with this fate.
func (l *link) holder(f Fate) *FaultID {
	if f == LinkDown {
		return &l.down
	}
	return &l.cut
}

func (l *link) stats() Stats {
	s := Stats{Transmissions: l.transmissions, Bytes: l.bytes, Drops: l.drops}
	if t := l.line; t != nil {
		s.BusyNS, s.WaitNS, s.WaitMaxNS, s.QueueMax = int64(t.busy), int64(t.wait), int64(t.waitMax), t.queueMax
	}
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
	case s.Duplicate > sim.One:
		return fmt.Errorf("duplicate %d is above %d billionths", s.Duplicate, sim.One)
	case s.Bandwidth < 0:
		return fmt.Errorf("bandwidth %d bit/s is negative", s.Bandwidth)
	case s.Header < 0:
		return fmt.Errorf("header of %d bytes is negative", s.Header)
	}
	return s.Queue.check()
}

func compareEnds(a, b Ends) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}
