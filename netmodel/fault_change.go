package netmodel

// changer is a Fault that makes links different ones. Copies handed over while it
// is active are judged by the changed link, also when that happens later.
type changer interface {
	Fault
	// apply changes a link as it was left by the faults that began before.
	apply(*LinkSpec)
	// touches says what of a link the fault changes.
	touches() aspects
}

// aspects are what a changer may change of a link.
type aspects struct {
	delay     bool // when copies arrive
	room      bool // what may wait
	size      bool // how large a copy may be
	loss      bool // how many are lost or corrupted
	duplicate bool // how many are duplicated
}

// change is how a link differs from what it is without faults. It is not altered
// any more when it is made: what waits at the link points to it.
type change struct {
	plain LinkSpec // without faults
	spec  LinkSpec
	blame Blame
}

// blamed is the change's Blame, or nil when there is no change.
func (c *change) blamed() *Blame {
	if c == nil {
		return nil
	}
	return &c.blame
}

// specOf is the link as it was at a change, or without any.
func (l *link) specOf(c *change) *LinkSpec {
	switch {
	case c != nil:
		return &c.spec
	case l.change != nil:
		return &l.change.plain
	default:
		return &l.spec
	}
}

// rewire makes links what the active faults make of them, and tells routing of the
// mean latencies that are others now.
func (n *Network) rewire(links []int32) {
	for _, i := range links {
		l := &n.links[i]
		before := l.spec.Latency.Mean()
		n.install(l, n.changeOf(i))
		if now := l.spec.Latency.Mean(); now != before {
			n.routes.weigh(i, now)
		}
	}
}

// changeOf is what the active faults make of a link; nil if they leave it alone.
func (n *Network) changeOf(link int32) *change {
	var c *change
	for k := range n.active { // in order of begin
		a := &n.active[k]
		if a.by == nil || !a.holds(link) {
			continue
		}
		if c == nil {
			plain := *n.links[link].specOf(nil)
			c = &change{plain: plain, spec: plain}
		}
		a.by.apply(&c.spec)
		c.blame.add(a.id, a.by.touches())
	}
	return c
}

// install makes a change the state of a link. What was handed over before keeps
// its place and its times.
func (n *Network) install(l *link, c *change) {
	spec := l.specOf(nil)
	if c != nil {
		spec = &c.spec
	}
	l.spec, l.change = *spec, c
	if l.rare == nil && l.spec.hasRare() {
		l.rare = newRare(n.seed, linkPath(n.keys, l.spec.ends()))
	}
	if l.spec.limited() && l.line == nil && l.queue == nil {
		if l.spec.Policy == DropTail {
			l.line = &transmitter{}
		} else {
			l.queue = n.newQueue(&l.spec)
		}
	}
	if l.line != nil {
		l.line.rate, l.line.queue = rateOf(l.spec.Bandwidth), l.spec.Queue
	}
	if l.queue != nil {
		l.queue.bound = l.spec.Queue
	}
	l.review()
}

// add notes a fault where it makes a difference.
func (b *Blame) add(id FaultID, a aspects) {
	if a.delay {
		b.Delay = append(b.Delay, id)
	}
	if a.delay || a.room {
		b.Refuse = append(b.Refuse, id)
	}
	if a.size {
		b.TooLarge = append(b.TooLarge, id)
	}
	if a.loss && !a.delay {
		b.Lose = append(b.Lose, id)
	}
	if a.duplicate && !a.delay {
		b.Duplicate = append(b.Duplicate, id)
	}
}
