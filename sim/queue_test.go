package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
)

// listQueue is the naive twin of queue: a list kept in order by insertion.
type listQueue []listed

type listed struct {
	t     clock.Time
	value int
	ref   Ref
}

// push inserts behind all that is due at the same time or earlier.
func (l *listQueue) push(e listed) {
	at := 0
	for at < len(*l) && (*l)[at].t <= e.t {
		at++
	}
	*l = slices.Insert(*l, at, e)
}

// queueMachine drives a queue and its twin; times are few so that many are equal.
type queueMachine struct {
	queue  queue[int]
	list   listQueue
	stale  []Ref
	values int
}

func (m *queueMachine) Push(t *rapid.T) {
	for range rapid.IntRange(1, 8).Draw(t, "count") {
		at := clock.Time(rapid.IntRange(0, 6).Draw(t, "time"))
		m.values++
		m.list.push(listed{at, m.values, put(&m.queue, at, m.values)})
	}
}

func (m *queueMachine) Pop(t *rapid.T) {
	at, ok := peek(&m.queue)
	require.Equal(t, len(m.list) > 0, ok)
	if !ok {
		t.Skip("empty")
	}
	first := m.list[0]
	m.list = m.list[1:]
	m.stale = append(m.stale, first.ref)
	require.Equal(t, first.t, at)
	require.Equal(t, first.value, take(&m.queue))
}

func (m *queueMachine) Peek(t *rapid.T) {
	at, ok := peek(&m.queue)
	require.Equal(t, len(m.list) > 0, ok)
	if ok {
		require.Equal(t, m.list[0].t, at)
	}
}

func (m *queueMachine) Cancel(t *rapid.T) {
	if len(m.list) == 0 {
		t.Skip("empty")
	}
	i := rapid.IntRange(0, len(m.list)-1).Draw(t, "which")
	require.True(t, m.queue.cancel(m.list[i].ref))
	m.stale = append(m.stale, m.list[i].ref)
	m.list = slices.Delete(m.list, i, i+1)
}

func (m *queueMachine) CancelStale(t *rapid.T) {
	for _, r := range append(m.stale, Ref{}, Ref{slot: 1 << 20, seq: 1}) {
		require.False(t, m.queue.cancel(r), "%+v was popped or cancelled before", r)
	}
}

// Check compares all that waits, not only what comes next.
func (m *queueMachine) Check(t *rapid.T) {
	require.Equal(t, len(m.list), m.queue.len())
	require.Equal(t, len(m.list)+len(m.queue.free)+int(min(m.queue.hole, 1)), int(m.queue.used), "a slot is lost or used twice")
	want, got := map[int]clock.Time{}, map[int]clock.Time{}
	for _, e := range m.list {
		want[e.value] = e.t
	}
	m.queue.each(func(at clock.Time, value *int) { got[*value] = at })
	require.Equal(t, want, got)
}

func TestQueueIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &queueMachine{}
		t.Repeat(rapid.StateMachineActions(m))
		for len(m.list) > 0 {
			m.Pop(t)
		}
		m.Peek(t)
	})
}

// A tree that is deep enough for every number of leaves in its last level.
func TestQueueSortsAnyNumber(t *testing.T) {
	s := Seed(7).Stream("test/queue")
	for n := range 400 {
		var q queue[int]
		var list listQueue
		for i := range n {
			at := clock.Time(Below(s.Draw(Key{N: uint64(i), Source: uint64(n)}, 0), 100))
			list.push(listed{at, i, put(&q, at, i)})
		}
		for _, want := range list {
			at, ok := peek(&q)
			require.True(t, ok)
			require.Equal(t, want.t, at, "%d events", n)
			require.Equal(t, want.value, take(&q), "%d events", n)
		}
	}
}

func TestQueueOrdersTheWholeRangeOfTime(t *testing.T) {
	var q queue[string]
	put(&q, clock.Never, "never")
	put(&q, clock.Never-1, "last")
	put(&q, 0, "first")
	for _, want := range []string{"first", "last", "never"} {
		_, ok := peek(&q)
		require.True(t, ok)
		require.Equal(t, want, take(&q))
	}
}

// A timer that is set and cancelled over and over must not make the queue grow.
func TestQueueOfCancelledTimersStaysSmall(t *testing.T) {
	var q queue[int]
	put(&q, 1, 0)
	for i := range 10_000 {
		require.True(t, q.cancel(put(&q, clock.Time(1000+i), i)))
	}
	require.Equal(t, 1, q.len())
	require.Less(t, cap(q.events), 8)
}

func put[E any](q *queue[E], at clock.Time, ev E) Ref { return q.push(at, &ev) }

// peek closes the hole and tells of the first event, as Run does.
func peek[E any](q *queue[E]) (clock.Time, bool) {
	q.fill()
	t := q.first()
	return t, t >= 0
}

// take pops the event that peek found.
func take[E any](q *queue[E]) (ev E) {
	q.pop(&ev)
	return ev
}

// What an event points to must not live on in its slot.
func TestQueueLetsGoOfWhatIsOver(t *testing.T) {
	var q queue[*int]
	popped, cancelled := put(&q, 1, new(int)), put(&q, 2, new(int))
	peek(&q)
	take(&q)
	q.cancel(cancelled)
	peek(&q)
	require.Nil(t, q.events[popped.slot])
	require.Nil(t, q.events[cancelled.slot])
}

func TestQueueRefusesMoreThanItsKeysCanCount(t *testing.T) {
	var q queue[int]
	q.pushes = maxPushes - 1
	last := put(&q, 2, 22)
	require.PanicsWithValue(t, "sim: a run is limited to 1099511627776 events", func() { put(&q, 3, 33) })
	at, ok := peek(&q)
	require.True(t, ok)
	require.Equal(t, clock.Time(2), at)
	require.True(t, q.cancel(last))
	require.False(t, q.cancel(last), "its number is that of an empty slot's key")

	q.pushes = maxPushes // a free slot waits now, and must not help
	require.Panics(t, func() { put(&q, 3, 33) })
}

func TestQueueDoesNotAllocateInSteadyState(t *testing.T) {
	var q queue[event48]
	gap := gaps()
	for i := range 1000 {
		put(&q, clock.Time(gap[i]), event48{})
	}
	i := 0
	cycle := func() {
		i++
		at, _ := peek(&q)
		ev := take(&q)
		put(&q, at+clock.Time(gap[i%len(gap)]), ev)
		q.cancel(put(&q, at+clock.Time(gap[i%len(gap)]), ev))
	}
	for range 5000 {
		cycle() // until tree, events and free list have their sizes
	}
	require.Zero(t, testing.AllocsPerRun(5000, cycle))
}
