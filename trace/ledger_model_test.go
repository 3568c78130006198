package trace

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

// twin is the ledger and its metrics written down plainly: maps, lists, and every
// figure counted anew.
type twin struct {
	keep     int
	envelope map[byte]*twinEnvelope
	order    []byte // ids that it remembers, as they appeared
	closed   []byte // those without an open copy, the oldest first
	appeared int
	lastPath []sim.NodeID // of the copy that was transmitted last
	lastID   byte

	created, delivered, dropped, sent, expected, arrived, duplicates int64

	seen map[sim.NodeID][]byte // ids that a real node would remember
}

type twinEnvelope struct {
	letter
	open      []twinCopy
	taken     *twinCopy
	measured  bool
	processed map[sim.NodeID]bool
	reached   map[sim.NodeID]bool
}

type twinCopy struct {
	path []sim.NodeID
	copy int32
}

func (c twinCopy) key() string      { return fmt.Sprint(c.path, c.copy) }
func (c twinCopy) node() sim.NodeID { return c.path[len(c.path)-1] }
func (e *twinEnvelope) end(i int)   { e.open = slices.Delete(e.open, i, i+1) }

func newTwin(keep int) *twin {
	return &twin{keep: keep, envelope: map[byte]*twinEnvelope{}, seen: map[sim.NodeID][]byte{}}
}

const (
	twinNodes = 4
	keepAll   = 1000 // more ids than a test has
)

// act draws one legal event and takes it into account.
func (w *twin) act(t *rapid.T) Event {
	var e Event
	envelope, i := w.pick(t)
	switch {
	case envelope == nil:
		e = w.submit(t)
	case i < 0:
		e = w.inject(t, envelope)
	case envelope.open[i].copy == HandOver:
		e = w.hand(t, envelope, i)
	default:
		e = w.arrive(t, envelope, i)
	}
	w.settle()
	return e
}

// restart has a node come back from a crash.
func (w *twin) restart(t *rapid.T) Event {
	e := Event{Kind: NodeUp, Node: drawNode(t)}
	e.Lose = rapid.SampledFrom([]Lose{LoseNothing, LoseState, LoseIdentity}).Draw(t, "lose")
	if e.Lose != LoseNothing {
		delete(w.seen, e.Node)
		for _, envelope := range w.envelope {
			delete(envelope.processed, e.Node)
		}
	}
	return e
}

// pick draws an open copy of an envelope; none of it for an injection; and no
// envelope for a submission.
func (w *twin) pick(t *rapid.T) (*twinEnvelope, int) {
	if len(w.order) == 0 || rapid.IntRange(0, 5).Draw(t, "submit") == 0 {
		return nil, 0
	}
	e := w.envelope[rapid.SampledFrom(w.order).Draw(t, "envelope")]
	return e, rapid.IntRange(min(len(e.open), 1)-1, len(e.open)-1).Draw(t, "copy")
}

func (w *twin) submit(t *rapid.T) Event {
	w.appeared++
	m := letter{id: byte(w.appeared), from: drawNode(t), to: rapid.SampledFrom([]sim.NodeID{0, 1, 2, sim.Everyone}).Draw(t, "to")}
	m.flow = rapid.SampledFrom([]string{"", "t1", "t2"}).Draw(t, "flow")
	e := &twinEnvelope{letter: m, measured: m.flow != "", processed: map[sim.NodeID]bool{m.from: true}, reached: map[sim.NodeID]bool{}}
	w.envelope[m.id], w.order = e, append(w.order, m.id)
	w.see(m.from, m.id)
	k := rapid.Int32Range(0, 3).Draw(t, "k")
	w.openCopies(e, []sim.NodeID{m.from}, k)
	if k == 0 {
		e.open = append(e.open, twinCopy{[]sim.NodeID{m.from}, 0})
		w.created++
	}
	if e.measured {
		w.sent++
		w.expected += int64(e.wanted())
	}
	return m.sent(k)
}

func (e *twinEnvelope) wanted() int {
	if e.to == sim.Everyone {
		return twinNodes - 1
	}
	return 1
}

func (w *twin) openCopies(e *twinEnvelope, path []sim.NodeID, k int32) {
	for range k {
		e.open = append(e.open, twinCopy{path, HandOver})
	}
	w.created += int64(k)
}

func (w *twin) inject(t *rapid.T, e *twinEnvelope) Event {
	path := []sim.NodeID{e.from, drawNode(t)}
	k := rapid.Int32Range(1, 2).Draw(t, "k")
	w.openCopies(e, path, k)
	return e.injected(k, path...)
}

// hand has a link judge copy i, or duplicate the copy that a link took last. No
// two copies under way are alike: nodes share one link and send on once.
func (w *twin) hand(t *rapid.T, e *twinEnvelope, i int) Event {
	from := e.open[i].path
	path := append(slices.Clone(from), neighbour(t, from))
	act := rapid.IntRange(0, 4).Draw(t, "link")
	if act == 1 && w.lastID == e.id && !e.has(twinCopy{w.lastPath, 1}) {
		e.open = append(e.open, twinCopy{w.lastPath, 1})
		w.created++
		return e.wire(1, w.lastPath...)
	}
	e.end(i)
	if act == 0 || e.has(twinCopy{path, 0}) {
		w.dropped++
		untaken := e.untaken(from...)
		// Of an injected copy that goes back where one just like it comes from, nobody
		// can say which of the two it is that found no room.
		if back := len(from) > 1 && path[len(path)-1] == from[len(from)-2]; !back || !e.has(twinCopy{from, 0}) {
			untaken.Peer = path[len(path)-1]
		}
		return untaken
	}
	e.open = append(e.open, twinCopy{path, 0})
	w.lastPath, w.lastID = path, e.id
	return e.wire(0, path...)
}

// has reports whether such a copy is open or was the last to be delivered.
func (e *twinEnvelope) has(c twinCopy) bool {
	return e.taken != nil && e.taken.key() == c.key() ||
		slices.ContainsFunc(e.open, func(o twinCopy) bool { return o.key() == c.key() })
}

// arrive ends copy i in one of the ways that a copy can.
func (w *twin) arrive(t *rapid.T, e *twinEnvelope, i int) Event {
	got := e.open[i]
	if e.taken != nil && rapid.Bool().Draw(t, "goes on") {
		from := *e.taken
		e.taken = nil
		w.openCopies(e, from.path, 2)
		return e.forwarded(2, from.copy, from.path...)
	}
	e.end(i)
	switch rapid.IntRange(0, 3).Draw(t, "end") {
	case 0:
		w.dropped++
		if e.measured && (e.to == got.node() || e.to == sim.Everyone) {
			w.duplicates++
		}
		return e.refused(Duplicate, got.copy, got.path...)
	case 1:
		w.visit(e, got)
		w.openCopies(e, got.path, 1)
		w.created-- // one of them is the copy that came
		return e.forwarded(1, got.copy, got.path...)
	case 2:
		if len(got.path) > 1 {
			w.dropped++
			return w.onWire(t, e, got)
		}
	}
	w.visit(e, got)
	w.delivered++
	e.taken = &got
	wanted := e.to == got.node() || e.to == sim.Everyone && e.from != got.node()
	if wanted && !e.reached[got.node()] {
		e.reached[got.node()] = true
		if e.measured {
			w.arrived++
		}
	}
	return e.delivered(got.copy, got.path...)
}

// onWire ends a copy at either end of its last link.
func (w *twin) onWire(t *rapid.T, e *twinEnvelope, got twinCopy) Event {
	drop := e.lost(got.copy, got.path...)
	if drop.Reason = rapid.SampledFrom([]Reason{Loss, Corrupt, QueueFull}).Draw(t, "reason"); drop.Reason != Loss {
		drop.Node, drop.Peer = got.node(), got.path[len(got.path)-2]
	}
	return drop
}

func (w *twin) visit(e *twinEnvelope, c twinCopy) {
	if len(c.path) > 1 {
		e.processed[c.node()] = true
		w.see(c.node(), e.id)
	}
}

func (w *twin) see(node sim.NodeID, id byte) {
	if slices.Contains(w.seen[node], id) {
		return
	}
	w.seen[node] = append(w.seen[node], id)
	if len(w.seen[node]) > w.keep {
		w.seen[node] = w.seen[node][1:]
	}
}

// settle keeps the list of closed envelopes and forgets its oldest.
func (w *twin) settle() {
	for _, id := range w.order {
		i, isOpen := slices.Index(w.closed, id), len(w.envelope[id].open) > 0
		if isOpen && i >= 0 {
			w.closed = slices.Delete(w.closed, i, i+1)
		} else if !isOpen && i < 0 {
			w.closed = append(w.closed, id)
		}
	}
	if len(w.closed) > w.keep {
		id := w.closed[0]
		w.closed = w.closed[1:]
		w.order = slices.DeleteFunc(w.order, func(other byte) bool { return other == id })
		delete(w.envelope, id)
	}
}

// openNow counts the open copies, their fingerprint, and what is in flight.
func (w *twin) openNow() (open int64, fingerprint uint64, inFlight int64) {
	for _, e := range w.envelope {
		open += int64(len(e.open))
		for _, c := range e.open {
			fingerprint += CopyHash(EnvelopeID{15: e.id}, c.path, c.copy)
		}
		if e.measured && len(e.open) > 0 {
			inFlight += int64(e.wanted() - len(e.reached))
		}
	}
	return open, fingerprint, inFlight
}

func drawNode(t *rapid.T) sim.NodeID {
	return sim.NodeID(rapid.IntRange(0, twinNodes-1).Draw(t, "node"))
}

// neighbour draws a node other than the last of a path.
func neighbour(t *rapid.T, path []sim.NodeID) sim.NodeID {
	return (path[len(path)-1] + sim.NodeID(rapid.IntRange(1, twinNodes-1).Draw(t, "neighbour"))) % twinNodes
}

func TestLedgerAgainstTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.SampledFrom([]int{1, 2, 5, keepAll}).Draw(t, "keep")
		w, o := newTwin(keep), observe(keep, MetricsConfig{To: clock.Never})
		for node := range sim.NodeID(twinNodes) {
			o.tell(Event{Kind: NodeUp, Node: node})
		}
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			if rapid.IntRange(0, 19).Draw(t, "crash") == 0 {
				o.tell(w.restart(t))
			}
			before := w.before()
			e := w.act(t)
			o.tell(e)
			require.Empty(t, o.flaws, "%s at %d over %v", e.Kind, e.Node, e.Path)
			o.requireSame(t, w)
			w.requireRevisit(t, before, &e, o.Ledger.current.again)
		}
		require.Equal(t, "passed", o.Conservation.Result().Verdict)
	})
}

func (o *observed) requireSame(t *rapid.T, w *twin) {
	open, fingerprint, inFlight := w.openNow()
	s := o.Metrics.Summary()
	require.Equal(t, CopySummary{w.created, w.delivered, w.dropped, open}, s.Copies)
	require.Equal(t, w.created, w.delivered+w.dropped+open)
	require.Equal(t, fingerprint, o.Ledger.Fingerprint())
	require.Equal(t, []int64{w.sent, w.expected, w.arrived, w.duplicates, inFlight},
		[]int64{s.Traffic.Sent, s.Traffic.Expected, s.Traffic.Delivered, s.Traffic.Duplicates, s.Traffic.InFlight})
	var drops int64
	for _, n := range s.Drops {
		drops += n
	}
	require.Equal(t, w.dropped, drops)
}

// twinBefore is what nodes knew before an event.
type twinBefore struct {
	processed, remembered map[[2]int]bool
	goingOn               map[byte]string // the copy that was delivered and has not gone on
}

func (w *twin) before() twinBefore {
	was := twinBefore{map[[2]int]bool{}, map[[2]int]bool{}, map[byte]string{}}
	for id, e := range w.envelope {
		for node := range e.processed {
			was.processed[[2]int{int(id), int(node)}] = true
		}
		if e.taken != nil {
			was.goingOn[id] = e.taken.key()
		}
	}
	for node, ids := range w.seen {
		for _, id := range ids {
			was.remembered[[2]int{int(id), int(node)}] = true
		}
	}
	return was
}

// requireRevisit holds the ledger's judgement against nodes that remember as many
// ids as it may expect: a revisit is certain while no id was forgotten, and is
// never claimed of a node that had forgotten.
func (w *twin) requireRevisit(t *rapid.T, was twinBefore, e *Event, again bool) {
	id := e.ID[15]
	at := [2]int{int(id), int(e.Node)}
	visit := (e.Kind == EnvelopeDelivered || e.Kind == EnvelopeForwarded && !e.Injected) && len(e.Path) > 1
	if e.Kind == EnvelopeForwarded && was.goingOn[id] == (twinCopy{e.Path, e.Copy}).key() {
		visit = false
	}
	if !visit {
		require.False(t, again)
		return
	}
	if again {
		require.True(t, was.remembered[at], "node %d had forgotten", e.Node)
	}
	if w.keep == keepAll {
		require.Equal(t, was.processed[at], again)
	}
}
