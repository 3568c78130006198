package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
)

// happening is a line of the record that tests compare.
type happening struct {
	T     clock.Time
	Event int
}

// branching is an engine whose every event schedules up to two more, some of
// them at once, and now and then cancels the one scheduled before: all of it a
// function of the event alone.
type branching struct {
	Engine[int]
	seed   Seed
	record []happening
	last   Ref
	total  int
}

func newBranching(seed Seed) *branching {
	b := &branching{seed: seed}
	for range 5 {
		b.schedule(0)
	}
	return b
}

func (b *branching) draw(what string, n uint64) uint64 {
	return Below(b.seed.Stream(what).Draw(Key{N: uint64(b.total)}, 0), n)
}

func (b *branching) schedule(after clock.Time) {
	b.total++
	b.last = b.At(b.Now()+after, b.total)
}

func (b *branching) do(event *int) {
	b.record = append(b.record, happening{b.Now(), *event})
	if b.total > 300 {
		return
	}
	if b.draw("cancel", 8) == 0 {
		b.Cancel(b.last)
	}
	for range 1 + b.draw("children", 2) {
		b.schedule(clock.Time(b.draw("gap", 4)))
	}
}

func TestSplittingARunChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := Seed(rapid.Uint64Range(0, 1000).Draw(t, "seed"))
		const until = 100
		whole := newBranching(seed)
		require.Equal(t, StopUntil, whole.Run(Limit{Until: until}, whole.do))

		split := newBranching(seed)
		for calls := 0; split.Now() < until && calls < 10_000; calls++ {
			limit := Limit{Until: split.Now() + clock.Time(rapid.IntRange(0, 9).Draw(t, "span"))}
			limit.Until = min(limit.Until, until)
			limit.Steps = rapid.Uint64Range(0, 20).Draw(t, "steps")
			split.Run(limit, split.do)
		}
		split.Run(Limit{Until: until}, split.do)
		require.Equal(t, whole.record, split.record)
		require.Equal(t, whole.Now(), split.Now())
		require.Equal(t, whole.Steps(), split.Steps())
		require.Equal(t, whole.Len(), split.Len())
	})
}

func TestEqualTimesHappenInTheOrderOfScheduling(t *testing.T) {
	var e Engine[int]
	var order []int
	for i := range 50 {
		e.At(7, i)
	}
	e.At(3, 100)
	e.Run(Limit{Until: 7}, func(i *int) {
		order = append(order, *i)
		if *i == 10 {
			e.At(7, 50) // scheduled at that very instant: after all that wait for it
		}
	})
	want := []int{100}
	for i := range 51 {
		want = append(want, i)
	}
	require.Equal(t, want, order)
}

func TestNothingPastALimitIsPopped(t *testing.T) {
	tests := []struct {
		name  string
		limit Limit
		stop  Stop
		done  []int
		now   clock.Time
	}{
		{"before all", Limit{Until: 9}, StopUntil, nil, 9},
		{"the limit is inclusive", Limit{Until: 10}, StopUntil, []int{1, 2}, 10},
		{"between", Limit{Until: 15}, StopUntil, []int{1, 2}, 15},
		{"steps", Limit{Until: 15, Steps: 1}, StopSteps, []int{1}, 10},
		{"steps enough", Limit{Until: 15, Steps: 3}, StopUntil, []int{1, 2}, 15},
		{"instant", Limit{Until: 15, Instant: 1}, StopStuck, []int{1}, 10},
		{"instant enough", Limit{Until: 15, Instant: 2}, StopUntil, []int{1, 2}, 15},
		{"without end", Limit{Until: clock.Never}, StopUntil, []int{1, 2, 3}, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var e Engine[int]
			e.At(10, 1)
			e.At(10, 2)
			e.At(20, 3)
			var done []int
			do := func(i *int) { done = append(done, *i) }
			require.Equal(t, tt.stop, e.Run(tt.limit, do))
			require.Equal(t, tt.done, done)
			require.Equal(t, tt.now, e.Now())
			require.EqualValues(t, len(done), e.Steps())
			require.Equal(t, 3-len(done), e.Len())

			if e.Now() < 20 {
				e.At(20, 4) // had 3 been popped and pushed back, it would come after
			}
			e.Run(Limit{Until: 30}, do)
			require.Equal(t, []int{1, 2, 3, 4}[:len(done)], done)
			require.Equal(t, clock.Time(30), e.Now())
		})
	}
}

func TestACycleWithoutDelayStops(t *testing.T) {
	var e Engine[int]
	again := func(i *int) { e.At(e.Now(), *i+1) }
	e.At(5, 0)
	require.Equal(t, StopStuck, e.Run(Limit{Until: 10}, again))
	require.EqualValues(t, MaxInstant, e.Steps())
	require.Equal(t, clock.Time(5), e.Now())
	require.Equal(t, 1, e.Len(), "what would come next is still there, to be named")

	require.Equal(t, StopStuck, e.Run(Limit{Until: 10}, again), "it stays stuck")
	require.EqualValues(t, MaxInstant, e.Steps())

	require.Equal(t, StopStuck, e.Run(Limit{Until: 10, Instant: MaxInstant + 3}, again), "a larger limit lets it go on")
	require.EqualValues(t, MaxInstant+3, e.Steps())
}

// The count of one instant must not leak into the next, nor start again in the
// middle of one because a run was split there.
func TestTheInstantIsCountedAcrossCalls(t *testing.T) {
	var e Engine[int]
	for i := range 6 {
		e.At(clock.Time(i/3), i)
	}
	limit := Limit{Until: 1, Instant: 3, Steps: 2}
	none := func(*int) {}
	require.Equal(t, []Stop{StopSteps, StopSteps, StopSteps, StopUntil},
		[]Stop{e.Run(limit, none), e.Run(limit, none), e.Run(limit, none), e.Run(limit, none)})

	e.At(1, 6)
	require.Equal(t, StopStuck, e.Run(limit, none), "the fourth of its instant")
}

func TestAtInThePastPanics(t *testing.T) {
	var e Engine[int]
	e.Run(Limit{Until: 10}, func(*int) {})
	require.PanicsWithValue(t, "sim: event scheduled for 9ns at 10ns, in the past", func() { e.At(9, 0) })
	require.NotPanics(t, func() { e.At(10, 0) })
	require.Panics(t, func() { new(Engine[int]).At(-1, 0) })
}

func TestACancelledEventDoesNotHappen(t *testing.T) {
	var e Engine[string]
	first, second := e.At(1, "first"), e.At(1, "second")
	e.At(1, "third")
	var done []string
	e.Run(Limit{Until: 1}, func(s *string) {
		done = append(done, *s)
		if *s == "first" {
			require.False(t, e.Cancel(first), "it is under way")
			require.True(t, e.Cancel(second))
			require.False(t, e.Cancel(second))
		}
	})
	require.Equal(t, []string{"first", "third"}, done)
	require.False(t, e.Cancel(Ref{}))
}

func TestEachShowsWhatWaits(t *testing.T) {
	var e Engine[int]
	for i := range 10 {
		ref := e.At(clock.Time(i), i)
		if i%3 == 0 {
			e.Cancel(ref)
		}
	}
	e.Run(Limit{Until: 4}, func(*int) {})
	got := map[clock.Time]int{}
	e.Each(func(at clock.Time, i *int) { got[at] = *i })
	require.Equal(t, map[clock.Time]int{5: 5, 7: 7, 8: 8}, got)
}

// Halt ends a run after the event at hand, or, from OnAdvance, before the clock
// moves; what is left happens in the next Run as if nothing had been.
func TestHalt(t *testing.T) {
	for _, atAdvance := range []bool{false, true} {
		var e Engine[int]
		for i := range 6 {
			e.At(clock.Time(i/2), i) // two at each instant
		}
		var seen []int
		if atAdvance {
			e.OnAdvance = func() {
				if len(seen) == 4 {
					e.Halt()
				}
			}
		}
		do := func(i *int) {
			if seen = append(seen, *i); !atAdvance && *i == 2 {
				e.Halt()
			}
		}
		require.Equal(t, StopHalted, e.Run(Limit{Until: 9}, do))
		want := 3
		if atAdvance {
			want = 4
		}
		require.Len(t, seen, want)
		require.Equal(t, clock.Time(1), e.Now())
		e.OnAdvance = nil
		require.Equal(t, StopUntil, e.Run(Limit{Until: 9}, do))
		require.Equal(t, []int{0, 1, 2, 3, 4, 5}, seen)
		require.Equal(t, clock.Time(9), e.Now())
	}
}

// The end of an instant is told once, before the clock leaves it, however a run is
// split.
func TestOnAdvance(t *testing.T) {
	for _, split := range [][]clock.Time{{10}, {0, 3, 4, 10}} {
		var e Engine[int]
		e.At(0, 0)
		e.At(3, 1)
		e.At(3, 2)
		e.At(7, 3)
		var left []clock.Time
		e.OnAdvance = func() { left = append(left, e.Now()) }
		for _, until := range split {
			e.Run(Limit{Until: until}, func(*int) {})
		}
		require.Subset(t, left, []clock.Time{0, 3, 7})
		require.IsIncreasing(t, left)
	}
}
