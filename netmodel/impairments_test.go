package netmodel

import (
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// impaired is a link on which everything may happen to a copy.
func impaired(t require.TestingT) LinkSpec {
	jitter, err := Uniform(10*time.Millisecond, 20*time.Millisecond)
	require.NoError(t, err)
	return LinkSpec{
		Latency: jitter, Loss: sim.One / 5, Corrupt: sim.One / 4, Duplicate: sim.One / 3, Reorder: sim.One / 6,
		BurstLoss: GilbertElliott{P: sim.One / 10, R: sim.One / 3, Good: sim.One / 50, Bad: sim.One / 2},
	}
}

// draws is what kinds of chance decide on a copy and its duplicate, each seen alone.
type draws struct {
	lost, corrupt     [2]bool
	burst, duplicated bool
}

// judged is the verdict with the fates that follow from the draws: what comes first
// in the order hides what comes after.
func judged(s *LinkSpec, v Verdict, d draws) Verdict {
	fate := func(copy int, burst bool) Fate {
		switch {
		case s.Loss > 0 && d.lost[copy]:
			return Lost
		case burst && s.BurstLoss.loses():
			return BurstLost
		case s.Corrupt > 0 && d.corrupt[copy]:
			return Corrupted
		}
		return Arrives
	}
	v.Fate, v.Duplicated, v.DuplicateFate = fate(0, d.burst), s.Duplicate > 0 && d.duplicated, Arrives
	if v.Duplicated {
		v.DuplicateFate = fate(1, false)
	}
	return v
}

// To turn any one model off moves no draw of another.
func TestModelsDrawApart(t *testing.T) {
	all := impaired(t)
	only := func(keep func(from, to *LinkSpec)) *Network {
		s := LinkSpec{Latency: Constant(15 * time.Millisecond), Duplicate: sim.One}
		keep(&all, &s)
		return single(t, s)
	}
	alone := map[string]*Network{
		"loss":      only(func(from, to *LinkSpec) { to.Loss = from.Loss }),
		"burst":     only(func(from, to *LinkSpec) { to.BurstLoss = from.BurstLoss }),
		"corrupt":   only(func(from, to *LinkSpec) { to.Corrupt = from.Corrupt }),
		"duplicate": only(func(from, to *LinkSpec) { to.Duplicate = from.Duplicate }),
		"reorder":   only(func(from, to *LinkSpec) { to.Reorder = from.Reorder }),
		"latency":   only(func(from, to *LinkSpec) { to.Latency = from.Latency }),
	}
	without := map[string]LinkSpec{"nothing": all}
	for name, off := range map[string]func(*LinkSpec){
		"loss": func(s *LinkSpec) { s.Loss = 0 }, "burst": func(s *LinkSpec) { s.BurstLoss = GilbertElliott{} },
		"corrupt": func(s *LinkSpec) { s.Corrupt = 0 }, "duplicate": func(s *LinkSpec) { s.Duplicate = 0 },
		"reorder": func(s *LinkSpec) { s.Reorder = 0 }, "latency": func(s *LinkSpec) { s.Latency = Constant(15 * time.Millisecond) },
		"only a queue and an MTU that refuse nothing": func(s *LinkSpec) { s.MTU, s.Queue = 100, Packets(0) },
	} {
		s := all
		off(&s)
		without[name] = s
	}
	nets := map[string]*Network{}
	for name, s := range without {
		nets[name] = single(t, s)
	}
	for k := range uint64(3000) {
		v := map[string]Verdict{}
		for name, n := range alone {
			v[name] = carry(n, 0, 100, k)
		}
		d := draws{
			lost:    [2]bool{v["loss"].Fate == Lost, v["loss"].DuplicateFate == Lost},
			corrupt: [2]bool{v["corrupt"].Fate == Corrupted, v["corrupt"].DuplicateFate == Corrupted},
			burst:   v["burst"].Fate == BurstLost, duplicated: v["duplicate"].Duplicated,
		}
		for name, n := range nets {
			s := without[name]
			got := carry(n, 0, 100, k)
			require.Equal(t, judged(&s, got, d), got, "copy %d without %s", k, name)
			for copy, at := range []struct{ got, latency, reorder clock.Time }{
				{got.Arrive, v["latency"].Arrive, v["reorder"].Arrive},
				{got.DuplicateArrive, v["latency"].DuplicateArrive, v["reorder"].DuplicateArrive},
			} {
				if copy == 1 && !got.Duplicated {
					continue
				}
				want := at.latency
				if name == "latency" {
					want = 15 * ms
				}
				if at.reorder == 0 && s.Reorder > 0 {
					want = 0
				}
				require.Equal(t, want, at.got, "copy %d.%d without %s", k, copy, name)
			}
		}
	}
}

// The streams of what is new have the names of the contract.
func TestNamesOfRareStreams(t *testing.T) {
	n := single(t, LinkSpec{Latency: Constant(5), Corrupt: sim.One / 2, Reorder: sim.One / 2, Duplicate: sim.One})
	half := sim.Ratio(sim.One / 2)
	hit := func(what string, k uint64, copy uint32) bool {
		return half.Hit(sim.Seed(42).Stream("link/n00000->n00001/"+what).Draw(sim.Key{Source: sim.Hash("message/test"), N: k}, copy))
	}
	for k := range uint64(200) {
		v := carry(n, 0, 1, k)
		require.Equal(t, hit("corrupt", k, 0), v.Fate == Corrupted)
		require.Equal(t, hit("corrupt", k, 1), v.DuplicateFate == Corrupted)
		require.Equal(t, hit("reorder", k, 0), v.Arrive == 0)
		require.Equal(t, hit("reorder", k, 1), v.DuplicateArrive == 0)
	}
}

// Shares over many copies; a corrupted copy has been sent like any other.
func TestSharesOfCorruptionAndReordering(t *testing.T) {
	const n = 100_000
	net := single(t, LinkSpec{Latency: Constant(1000), Corrupt: sim.One / 10, Reorder: sim.One / 4, Bandwidth: 8_000_000_000})
	corrupt, early := 0, 0
	for k := range uint64(n) {
		now := clock.Time(k) * 10
		v := carry(net, now, 10, k)
		require.Equal(t, now, v.Start)
		if v.Fate == Corrupted {
			corrupt++
		}
		if v.Arrive == now+10 {
			early++
		} else {
			require.Equal(t, now+1010, v.Arrive)
		}
	}
	assert.True(t, shareAgrees(corrupt, n, 0.1, 1), "%d corrupted", corrupt)
	assert.True(t, shareAgrees(early, n, 0.25, 1), "%d reordered", early)
	assert.Equal(t, Stats{Transmissions: n, Bytes: 10 * n, BusyNS: 10 * n}, net.Stats(0, 1), "a corrupted copy is counted as dropped when it arrives")
	net.Damaged(0, 1)
	assert.EqualValues(t, 1, net.Stats(0, 1).Drops)
}

// What arrives on a FIFO link never does so before what was handed over earlier;
// without the rule some does, by latency or by reordering alone. What is lost holds
// nothing up.
func TestFIFO(t *testing.T) {
	jitter, err := Uniform(0, 10*time.Millisecond)
	require.NoError(t, err)
	for name, s := range map[string]LinkSpec{
		"jitter":  {Latency: jitter, Duplicate: sim.One / 5, Loss: sim.One / 5, Corrupt: sim.One / 5},
		"reorder": {Latency: Constant(10 * time.Millisecond), Reorder: sim.One / 5},
	} {
		overtakes := func(fifo bool) (n int) {
			s.FIFO = fifo
			net := single(t, s)
			var latest clock.Time
			for k := range uint64(5000) {
				v := carry(net, clock.Time(k)*ms, 10, k)
				for _, c := range []struct {
					fate Fate
					at   clock.Time
				}{{v.Fate, v.Arrive}, {v.DuplicateFate, v.DuplicateArrive}} {
					if !c.fate.Reaches() || c.at == 0 {
						continue
					}
					if c.at < latest {
						n++
					}
					latest = max(latest, c.at)
				}
			}
			return n
		}
		assert.Zero(t, overtakes(true), name)
		assert.Greater(t, overtakes(false), 500, name)
	}

	half := LinkSpec{Latency: jitter, Loss: sim.One / 2, FIFO: true}
	with, without := single(t, half), single(t, LinkSpec{Latency: jitter, FIFO: true})
	later := 0
	for k := range uint64(1000) {
		a, b := carry(with, clock.Time(k)*ms, 10, k), carry(without, clock.Time(k)*ms, 10, k)
		require.LessOrEqual(t, a.Arrive, b.Arrive)
		if a.Arrive < b.Arrive {
			later++
		}
	}
	assert.Positive(t, later, "lost copies hold nothing up")
}

// A size of just the MTU passes, the header not counted.
func TestMTU(t *testing.T) {
	n := single(t, LinkSpec{Latency: Constant(5), MTU: 1500, Header: 40, Bandwidth: 8_000_000_000, Queue: Packets(0)})
	require.Equal(t, Verdict{Fault: NoFault, Header: 40, Arrive: 1545}, carry(n, 0, 1500, 1))
	require.Equal(t, Verdict{Fate: TooLarge, Fault: NoFault}, carry(n, 0, 1501, 2), "before the full queue")
	require.Equal(t, Verdict{Fate: QueueFull, Fault: NoFault}, carry(n, 0, 1, 3))
	n.Begin(4, Partition{Groups: [][]sim.NodeID{{0}, {1}}})
	require.Equal(t, Verdict{Fate: Partitioned, Fault: 4}, carry(n, 0, 1501, 4))
	assert.Equal(t, Stats{Transmissions: 1, Bytes: 1540, Drops: 3, BusyNS: 1540}, n.Stats(0, 1))
	assert.Equal(t, clock.Time(0), carry(single(t, LinkSpec{}), 0, 1<<62, 1).Arrive, "no MTU takes all")
}

// An uplink is one transmitter for all links of its node: they wait for each
// other there, and what their own transmitters refuse has used it.
func TestUplinkIsShared(t *testing.T) {
	slow := LinkSpec{From: 0, To: 2, Bandwidth: 4_000_000_000, Queue: Packets(0)}
	n := network(t, 3, LinkSpec{From: 0, To: 1, Latency: Constant(7)}, slow, LinkSpec{From: 1, To: 0}, LinkSpec{From: 2, To: 0})
	require.NoError(t, n.Share(0, LineSpec{Bandwidth: 8_000_000_000, Queue: Packets(2)}, LineSpec{}))
	var v Verdict
	hand := func(now clock.Time, from, to sim.NodeID) Verdict {
		n.Carry(now, from, to, 10, sim.Key{}, &v)
		return v
	}
	assert.Equal(t, Verdict{Fault: NoFault, Start: 0, Arrive: 17}, hand(0, 0, 1))
	assert.Equal(t, Verdict{Fault: NoFault, Start: 10, Arrive: 40}, hand(0, 0, 2), "10 more for the uplink, 20 for its own")
	assert.Equal(t, Verdict{Fate: QueueFull, Fault: NoFault}, hand(0, 0, 2), "the uplink is through at 30, its own line is busy until 40")
	assert.Equal(t, Verdict{Fate: QueueFull, Fault: NoFault}, hand(0, 0, 1), "two wait for the uplink")
	assert.Equal(t, Verdict{Fault: NoFault, Start: 30, Arrive: 47}, hand(11, 0, 1), "behind what was refused after it")
	assert.Equal(t, Verdict{Fault: NoFault, Start: 11, Arrive: 11}, hand(11, 1, 0), "other nodes have their own")
	up, down := n.AccessStats(0)
	assert.Equal(t, &Stats{BusyNS: 40, WaitNS: 10 + 20 + 19, WaitMaxNS: 20, QueueMax: 2}, up)
	assert.Nil(t, down)
	assert.EqualValues(t, 20, n.Stats(0, 2).BusyNS)
	assert.EqualValues(t, 1, n.Stats(0, 2).Drops)
	up, down = n.AccessStats(1)
	assert.Nil(t, up)
	assert.Nil(t, down)
}

func TestShareRefuses(t *testing.T) {
	n := single(t, LinkSpec{})
	assert.EqualError(t, n.Share(0, LineSpec{Bandwidth: -1}, LineSpec{}), "uplink of node n00000: bandwidth -1 bit/s is negative")
	assert.EqualError(t, n.Share(1, LineSpec{}, LineSpec{1, Packets(-1)}), "downlink of node n00001: queue limit -1 is negative")
}
