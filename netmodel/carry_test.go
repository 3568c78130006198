package netmodel

import (
	"math"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hop is a copy that arrives at a node of a line.
type hop struct {
	node sim.NodeID
	key  uint64
}

// relay sends n copies of a size from node 0 along a line at time 0 and returns
// the times of their arrival at the last node.
func relay(t *testing.T, net *Network, copies int, size int64) []clock.Time {
	last := sim.NodeID(len(net.keys) - 1)
	var engine sim.Engine[hop]
	var arrivals []clock.Time
	var v Verdict
	do := func(h *hop) {
		if h.node == last {
			arrivals = append(arrivals, engine.Now())
			return
		}
		net.Carry(engine.Now(), h.node, h.node+1, size, sim.Key{N: h.key}, &v)
		require.Equal(t, Arrives, v.Fate)
		h.node++
		engine.At(v.Arrive, *h)
	}
	for k := range copies {
		engine.At(0, hop{0, uint64(k)})
	}
	engine.Run(sim.Limit{Until: clock.Never}, do)
	return arrivals
}

// Last delivery is Σs + Σp + (N−1)·max s for serialisations s, propagations p.
func TestStoreAndForward(t *testing.T) {
	net := network(t, 4, line(4, LinkSpec{Bandwidth: 1_000_000, Latency: Constant(10 * time.Millisecond)})...)
	at := relay(t, net, 100, 1000)
	require.Len(t, at, 100)
	assert.Equal(t, 54*ms, at[0])
	assert.Equal(t, 846*ms, at[99])

	net = network(t, 4,
		LinkSpec{From: 0, To: 1, Bandwidth: 4_000_000, Latency: Constant(1 * time.Millisecond)},
		LinkSpec{From: 1, To: 2, Bandwidth: 1_000_000, Latency: Constant(7 * time.Millisecond), Header: 250},
		LinkSpec{From: 2, To: 3, Latency: Constant(3 * time.Millisecond)})
	at = relay(t, net, 10, 1000)
	assert.Equal(t, (2+10+1+7+3)*ms, at[0])
	assert.Equal(t, (2+10+1+7+3)*ms+9*10*ms, at[9])
}

// Losses of the links on a path are independent: (1−p)ʰ arrive.
func TestLossOverAPath(t *testing.T) {
	const n, hops = 100_000, 5
	net := network(t, hops+1, line(hops+1, LinkSpec{Loss: sim.One / 10, Latency: Constant(1)})...)
	arrived := 0
	for k := range uint64(n) {
		alive := true
		for i := sim.NodeID(0); i < hops && alive; i++ {
			var v Verdict
			net.Carry(0, i, i+1, 100, sim.Key{N: k}, &v)
			alive = v.Fate == Arrives
		}
		if alive {
			arrived++
		}
	}
	want := math.Pow(0.9, hops)
	assert.True(t, shareAgrees(arrived, n, want, 1), "%d arrived", arrived)
	assert.False(t, shareAgrees(n*9/10, n, want, 1), "one draw for the whole path would pass")
}

func TestCertainLossAndDuplication(t *testing.T) {
	n := single(t, LinkSpec{Loss: sim.One, Duplicate: sim.One, Latency: Constant(5), Bandwidth: 8_000_000_000})
	want := Verdict{
		Fate: Lost, Fault: NoFault, Start: 3, Arrive: 3 + 10 + 5,
		Duplicated: true, DuplicateFate: Lost, DuplicateArrive: 3 + 10 + 5,
	}
	assert.Equal(t, want, carry(n, 3, 10, 1))
	assert.Equal(t, Stats{Transmissions: 1, Bytes: 10, Drops: 2, BusyNS: 10}, n.Stats(0, 1),
		"a duplicate takes no transmitter time and is no transmission")
	assert.Equal(t, clock.Time(13), carry(n, 4, 10, 2).Start, "not behind the duplicate")
}

// The duplicate draws for itself: it is lost, and late, independently of the
// original, also when that is lost.
func TestDuplicateHasItsOwnChance(t *testing.T) {
	const n = 100_000
	jitter, err := Uniform(0, 1)
	require.NoError(t, err)
	net := single(t, LinkSpec{Loss: sim.One / 2, Duplicate: sim.One / 4, Latency: jitter})
	duplicated, together := 0, [2][2]int{}
	late := [2][2]int{}
	for k := range uint64(n) {
		v := carry(net, 0, 1, k)
		if v.Duplicated {
			duplicated++
			together[v.Fate][v.DuplicateFate]++
			late[v.Arrive][v.DuplicateArrive]++
		}
	}
	assert.True(t, shareAgrees(duplicated, n, 0.25, 1), "%d duplicated", duplicated)
	for _, table := range [][2][2]int{together, late} {
		for _, row := range table {
			for _, count := range row {
				assert.True(t, shareAgrees(count, duplicated, 0.25, 1), "%v", table)
			}
		}
	}
}

// Each kind of chance has its own draw: to turn one on or off, or to send other
// messages as well, changes no other outcome.
func TestDrawsAreIndependent(t *testing.T) {
	jitter, err := Uniform(10*time.Millisecond, 20*time.Millisecond)
	require.NoError(t, err)
	all := LinkSpec{Latency: jitter, Loss: sim.One / 5, Duplicate: sim.One / 3}
	noDuplicate, noLoss, noJitter := all, all, all
	noDuplicate.Duplicate, noLoss.Loss, noJitter.Latency = 0, 0, Constant(time.Millisecond)
	a, b, c, d := single(t, all), single(t, noDuplicate), single(t, noLoss), single(t, noJitter)
	sparse := single(t, all)
	for k := range uint64(1000) {
		v := carry(a, 0, 100, k)
		without := carry(b, 0, 100, k)
		require.Equal(t, []any{v.Fate, v.Start, v.Arrive}, []any{without.Fate, without.Start, without.Arrive})
		without = carry(c, 0, 100, k)
		require.Equal(t, []any{v.Arrive, v.Duplicated, v.DuplicateArrive}, []any{without.Arrive, without.Duplicated, without.DuplicateArrive})
		without = carry(d, 0, 100, k)
		require.Equal(t, []any{v.Fate, v.Duplicated, v.DuplicateFate}, []any{without.Fate, without.Duplicated, without.DuplicateFate})
		if k%3 == 0 {
			require.Equal(t, v, carry(sparse, 0, 100, k))
		}
	}
}

// The names of the streams are part of the contract: here they are, as draws.
func TestStreamNames(t *testing.T) {
	jitter, err := Uniform(0, 1<<62)
	require.NoError(t, err)
	const seed = 99
	net, err := New(seed, []string{"n3", "n7"}, []LinkSpec{{From: 1, To: 0, Latency: jitter, Loss: sim.One / 2, Duplicate: sim.One / 2}})
	require.NoError(t, err)
	draw := func(what string, k sim.Key, copy uint32) uint64 {
		return sim.Seed(seed).Stream("link/n7->n3/"+what).Draw(k, copy)
	}
	half := sim.Ratio(sim.One / 2)
	for i := range uint64(200) {
		k := sim.Key{Source: 5, N: i}
		var v Verdict
		net.Carry(0, 1, 0, 1, k, &v)
		require.Equal(t, half.Hit(draw("loss", k, 0)), v.Fate == Lost)
		require.Equal(t, clock.Time(jitter.Sample(draw("latency", k, 0))), v.Arrive)
		require.Equal(t, half.Hit(draw("duplicate", k, 0)), v.Duplicated)
		if v.Duplicated {
			require.Equal(t, half.Hit(draw("loss", k, 1)), v.DuplicateFate == Lost)
			require.Equal(t, clock.Time(jitter.Sample(draw("latency", k, 1))), v.DuplicateArrive)
		}
	}
}

// A copy that several rules refuse gets the first one's fate, and what is not
// taken takes no transmitter time.
func TestOrderOfJudgement(t *testing.T) {
	n := single(t, LinkSpec{Bandwidth: 8_000_000_000, Queue: Packets(0), Loss: sim.One})
	require.Equal(t, Lost, carry(n, 0, 100, 1).Fate)
	require.Equal(t, Verdict{Fate: QueueFull, Fault: NoFault}, carry(n, 0, 100, 2))
	n.Begin(4, Partition{Groups: [][]sim.NodeID{{0}, {1}}})
	require.Equal(t, Verdict{Fate: Partitioned, Fault: 4}, carry(n, 0, 100, 3))
	n.Begin(5, LinkDownFault{Links: []Ends{{0, 1}}})
	require.Equal(t, Verdict{Fate: LinkDown, Fault: 5}, carry(n, 0, 100, 4))
	assert.Equal(t, Stats{Transmissions: 1, Bytes: 100, Drops: 4, BusyNS: 100}, n.Stats(0, 1))
	n.End(4)
	n.End(5)
	assert.Equal(t, clock.Time(100), carry(n, 100, 100, 5).Start)
}

func TestFateTaken(t *testing.T) {
	taken := map[Fate]bool{Arrives: true, Lost: true, BurstLost: true, Corrupted: true, TooLarge: false, QueueFull: false, LinkDown: false, Partitioned: false, Kept: false, Queued: false, Due: false}
	require.Len(t, taken, int(fateCount))
	for f, want := range taken {
		assert.Equal(t, want, f.Taken(), f.String())
	}
}

func TestCarryDoesNotAllocate(t *testing.T) {
	s := impaired(t)
	s.Bandwidth, s.Queue, s.FIFO, s.MTU = 8_000_000_000, Packets(16), true, 1000
	n := single(t, s)
	require.NoError(t, n.Share(0, LineSpec{8_000_000_000, Packets(16)}, LineSpec{}))
	require.NoError(t, n.Share(1, LineSpec{}, LineSpec{8_000_000_000, Packets(16)}))
	var now clock.Time
	var key sim.Key
	var v Verdict
	step := func() {
		now, key.N = now+90, key.N+1
		n.Carry(now, 0, 1, 100, key, &v)
		n.CutAt(0, 1)
		n.Receive(now, 0, 1, 100)
		n.NextHop(0, 1)
	}
	for range 1000 {
		step() // grow the queues
	}
	assert.Zero(t, testing.AllocsPerRun(10_000, step))
	up, down := n.AccessStats(0)
	assert.Nil(t, down)
	assert.Positive(t, up.QueueMax)
}

func TestCarryOnNoLinkPanics(t *testing.T) {
	n := single(t, LinkSpec{})
	var v Verdict
	assert.PanicsWithValue(t, "netmodel: no link from node 1 to node 0", func() { n.Carry(0, 1, 0, 1, sim.Key{}, &v) })
}
