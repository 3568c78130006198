package trace

import "meshsim/sim"

// Ledger follows every copy of every envelope, from events alone. It is the first of
// the Observers: the others find in it what the event at hand meant.
//
// A copy is known by (envelope id, path, copy number). An envelope that goes on to
// k neighbours is, until links have taken them, k copies to hand over; they outlive
// the step of their node only where a link lets them wait. At every event created = delivered + dropped +
// open, where open is counted copy by copy and never a difference of the others.
type Ledger struct {
	table  recordTable
	copies copySet

	created, delivered, dropped, open int64
	reasons                           [reasonCount]int64
	fingerprint                       uint64
	current                           step
}

// step is what the event at hand meant.
type step struct {
	flaw  flaw
	again bool // the node processed this envelope before, and had no reason to forget it
	first bool // the first delivery of this envelope to this destination
}

// flaw is a way in which an event contradicts those before it.
type flaw uint8

const (
	noFlaw         flaw = iota
	sentTwice           // an id was submitted before
	unknownID           // no envelope of this id is under way
	notOpen             // the copy that it ends is not open
	notHandedOver       // the sender has no copy to hand over
	notHeldForward      // the copy that it sends on neither is held nor was delivered there
)

// NewLedger returns a ledger for a run of n nodes. It remembers who processed an
// envelope while a copy is open and as long as no more than seenMax (at least 1)
// other envelopes have ended since: the number of ids that a node remembers.
func NewLedger(n, seenMax int) *Ledger {
	if seenMax < 1 {
		panic("trace: a ledger must remember at least one envelope")
	}
	return &Ledger{table: newRecordTable(n, seenMax), copies: newCopySet()}
}

// Open is the number of copies now open.
func (l *Ledger) Open() int64 { return l.open }

// missing is 0 as long as the accounts add up.
func (l *Ledger) missing() int64 { return l.created - l.delivered - l.dropped - l.open }

// Fingerprint is the sum, modulo 2⁶⁴, of CopyHash over the open copies: equal to
// that of the copies really held when, but for chance, they are the same ones.
func (l *Ledger) Fingerprint() uint64 { return l.fingerprint }

// Arbitrary odd constants with half of their bits set, as wyhash uses them.
const (
	salt0 = 0xa0761d6478bd642f
	salt1 = 0xe7037ed1a0b428db
	salt2 = 0x8ebc6af09c88c6e3
	salt3 = 0x589965cc75374cc3
)

// HandOver stands for the copy number of a copy that no link has taken yet.
const HandOver int32 = -1

// CopyHash is the identity of a copy that is under way: of the envelope id, its
// path (origin, then the hops so far, a receiver on the wire included) and the
// copy number that its last wire gave it.
func CopyHash(id EnvelopeID, path []sim.NodeID, copy int32) uint64 {
	return copyHash(id.Hash(), hashPath(path), copy)
}

// copyHash mixes what was hashed apart, so that the parts can be used again.
func copyHash(id, path uint64, copy int32) uint64 {
	return fold(id^(path+salt3*uint64(uint32(copy))), salt2)
}

// perNode is the multiplier of MurmurHash2. It has 31 bits, so that an instruction
// that multiplies by it holds it.
const perNode = 0x5bd1e995

// hashPath is a polynomial over the nodes, modulo 2⁶⁴: one multiplication a node,
// and one more for each hop that follows.
func hashPath(path []sim.NodeID) uint64 {
	h := uint64(1) // so that paths of other lengths differ by a power of it
	for _, node := range path {
		h = (h + uint64(uint32(node))) * perNode
	}
	return h
}

func extendPath(h uint64, node sim.NodeID) uint64 { return (h + uint64(uint32(node))) * perNode }

// other follows an event that carries no envelope.
func (l *Ledger) other(e *Event) {
	l.current = step{}
	if e.Kind == NodeUp && e.Lose >= LoseState {
		l.table.excuse(processedAt(e.Node))
	}
}

// search finds the record of an envelope that no hint led to.
func (l *Ledger) search(e *Event) *record {
	i, known := l.table.find(&e.ID)
	e.Hint = i
	if known == (e.Kind == EnvelopeSent) {
		l.surprised(e, known)
	}
	return &l.table.records[i]
}

// surprised judges a submission of a known id, or another event of an unknown one.
func (l *Ledger) surprised(e *Event, known bool) {
	switch {
	case known:
		l.current.flaw = sentTwice
	case !e.Injected:
		l.current.flaw = unknownID
	}
}

func (l *Ledger) sent(e *Event, r *record) {
	path := hashPath(e.Path)
	if e.Copies == 0 {
		l.created++
		l.begin(r, copyHash(e.ID.Hash(), path, 0), 1)
	} else {
		l.created += int64(e.Copies)
		l.begin(r, copyHash(e.ID.Hash(), path, HandOver), e.Copies)
	}
	r.marks.add(processedAt(e.Node), &l.table.bits)
}

func (l *Ledger) transmitted(e *Event, r *record) {
	last := len(e.Path) - 1
	id, path := e.ID.Hash(), hashPath(e.Path[:last])
	onWire := copyHash(id, extendPath(path, e.Path[last]), e.Copy)
	if e.Copy != 0 {
		l.created++
		l.begin(r, onWire, 1)
		return
	}
	if handed := copyHash(id, path, HandOver); !l.replace(r, handed, onWire, 1) {
		l.end(r, handed, notHandedOver)
		l.begin(r, onWire, 1)
	}
}

// forwarded ends the copy that the node holds; a broadcast that was delivered
// there has ended already, and what a node does not hold has no copy to end.
func (l *Ledger) forwarded(e *Event, r *record) {
	id, path := e.ID.Hash(), hashPath(e.Path)
	held := copyHash(id, path, e.Copy)
	onward := copyHash(id, path, HandOver)
	l.created += int64(e.Copies)
	switch {
	case e.Injected:
		l.begin(r, onward, e.Copies)
	case r.taken == held:
		r.taken = 0
		l.begin(r, onward, e.Copies)
	default:
		l.created--
		if !l.replace(r, held, onward, e.Copies) {
			l.end(r, held, notHeldForward)
			l.begin(r, onward, e.Copies)
		}
		l.visit(e, r)
	}
}

func (l *Ledger) taken(e *Event, r *record) {
	hash := copyHash(e.ID.Hash(), hashPath(e.Path), e.Copy)
	l.delivered++
	l.end(r, hash, notOpen)
	l.visit(e, r)
	r.taken = hash
	switch e.Destination {
	case e.Node:
		l.current.first, r.arrived = !r.arrived, true
	case sim.Everyone:
		l.current.first = e.Node != e.Origin && r.marks.add(deliveredAt(e.Node), &l.table.bits)
	}
}

func (l *Ledger) refused(e *Event, r *record) {
	l.dropped++
	l.reasons[e.Reason]++
	path, copy := hashPath(e.Path), e.Copy
	if e.Layer == Wire && e.Node == e.Path[len(e.Path)-1] {
		switch {
		case e.Reason == Corrupt: // found by the receiver
		case e.Reason == QueueFull && l.cameFrom(e, r, path): // the receiver's downlink is full
		default:
			copy = HandOver // the link did not take it
		}
	}
	hash := copyHash(e.ID.Hash(), path, copy)
	l.end(r, hash, notOpen)
	if e.Reason.ByHandler() { // as good as taken: a broadcast may go on
		l.visit(e, r)
		r.taken = hash
	}
}

// cameFrom reports whether the event's copy is open on its way from the event's
// peer. A copy that waits to be sent there has no copy number of its own.
func (l *Ledger) cameFrom(e *Event, r *record, path uint64) bool {
	last := len(e.Path) - 1
	return last > 0 && e.Peer == e.Path[last-1] && l.isOpen(r, copyHash(e.ID.Hash(), path, e.Copy))
}

// isOpen reports whether such a copy is open.
func (l *Ledger) isOpen(r *record, hash uint64) bool {
	for i := range r.near {
		if r.near[i] == hash && r.nearN[i] > 0 {
			return true
		}
	}
	return l.copies.has(hash)
}

// replace ends one copy and opens n others, if these can take the same place, as in
// most envelopes. It reports whether it did.
func (l *Ledger) replace(r *record, ends, begins uint64, n int32) bool {
	if r.near[0] != ends || r.nearN[0] != 1 {
		return false
	}
	r.near[0], r.nearN[0] = begins, n
	r.open += n - 1
	l.open += int64(n - 1)
	l.fingerprint += begins*uint64(n) - ends
	return true
}

// begin opens n copies. The first two kinds of an envelope are kept in its record,
// which is at hand anyway; a unicast seldom has more.
func (l *Ledger) begin(r *record, hash uint64, n int32) {
	l.fingerprint += hash * uint64(n)
	l.open += int64(n)
	r.open += n
	for i := range r.near {
		if r.nearN[i] == 0 || r.near[i] == hash {
			r.near[i] = hash
			r.nearN[i] += n
			return
		}
	}
	l.copies.add(hash, n)
}

func (l *Ledger) end(r *record, hash uint64, otherwise flaw) {
	switch {
	case r.near[0] == hash && r.nearN[0] > 0:
		r.nearN[0]--
	case r.near[1] == hash && r.nearN[1] > 0:
		r.nearN[1]--
	case l.copies.remove(hash):
	default:
		if l.current.flaw == noFlaw {
			l.current.flaw = otherwise
		}
		return
	}
	l.fingerprint -= hash
	l.open--
	r.open--
}

// visit notes that a node processes the envelope. An origin does so once, when it
// submits it; what it does with that copy is the same visit.
func (l *Ledger) visit(e *Event, r *record) {
	if len(e.Path) == 1 && e.Node == e.Path[0] {
		return
	}
	if m := processedAt(e.Node); !r.marks.takes(m) && !r.marks.add(m, &l.table.bits) {
		l.current.again = l.table.newerThan(r) < uint64(l.table.keep)
	}
}
