package netmodel

import (
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/require"
)

func BenchmarkCarry(b *testing.B) {
	jitter, err := Uniform(9*time.Millisecond, 11*time.Millisecond)
	require.NoError(b, err)
	for name, s := range map[string]LinkSpec{
		"plain":                 {Latency: Constant(10 * time.Millisecond)},
		"bandwidth+queue":       {Latency: Constant(10 * time.Millisecond), Bandwidth: 10_000_000, Queue: Packets(64), Header: 30},
		"burst+corrupt+reorder": {Latency: jitter, BurstLoss: GilbertElliott{P: sim.One / 100, R: sim.One / 4, Bad: sim.One}, Corrupt: sim.One / 100, Reorder: sim.One / 100, FIFO: true},
		"loss+jitter+duplicate": {Latency: jitter, Loss: sim.One / 100, Duplicate: sim.One / 100},
	} {
		b.Run(name, func(b *testing.B) {
			n := network(b, 6, full(6, s)...)
			key, now := sim.Key{Source: 1}, clock.Time(0)
			var v Verdict
			b.ReportAllocs()
			for b.Loop() {
				key.N++
				now += 36_000 // a copy every 180 µs on each of five links that need 184 µs
				n.Carry(now, sim.NodeID(key.N%5), 5, 200, key, &v)
			}
		})
	}
}

func BenchmarkNextHop(b *testing.B) {
	n := network(b, 50, full(50, LinkSpec{Latency: Constant(time.Millisecond)})...)
	b.ReportAllocs()
	to := sim.NodeID(0)
	for b.Loop() {
		to = (to + 7) % 50
		n.NextHop(49-to, to)
	}
}

func BenchmarkTree(b *testing.B) {
	n := network(b, 1000, full(1000, LinkSpec{Latency: Constant(time.Millisecond)})...)
	b.ReportAllocs()
	for b.Loop() {
		n.routes.version++
		n.NextHop(1, 0)
	}
}
