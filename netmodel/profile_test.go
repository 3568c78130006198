package netmodel

import (
	"math/big"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The row in force is the last whose time is not later, found one by one; a loop
// lasts until the last row has lasted as long as the one before it.
func TestProfileIsAStepFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Profile{Loop: rapid.Bool().Draw(t, "loop"), Loss: rapid.Bool().Draw(t, "loss"), Bandwidth: rapid.Bool().Draw(t, "bandwidth")}
		at := time.Duration(0)
		for i := range rapid.IntRange(1, 12).Draw(t, "rows") {
			p.Rows = append(p.Rows, ProfileRow{
				At: at, Latency: time.Duration(1000 * (i + 1)), Loss: sim.One * sim.Ratio(i%2), Bandwidth: 8_000_000_000 / int64(i+1),
			})
			at += time.Duration(rapid.Int64Range(1, 50).Draw(t, "spacing"))
		}
		last := len(p.Rows) - 1
		period := p.Rows[last].At
		if last > 0 {
			period += p.Rows[last].At - p.Rows[last-1].At
		}
		n := single(t, LinkSpec{Latency: must(Recorded(p)), Loss: sim.One})
		now, free := clock.Time(0), clock.Time(0)
		for k := range uint64(40) {
			now += clock.Time(rapid.Int64Range(0, 60).Draw(t, "step"))
			when := time.Duration(now)
			if p.Loop && last > 0 {
				when %= period
			}
			row := p.Rows[0]
			for _, r := range p.Rows {
				if r.At <= when {
					row = r
				}
			}
			v := carry(n, now, 10, k)
			sent := now
			if p.Bandwidth {
				sent = max(now, free) + clock.Time((80*1_000_000_000+row.Bandwidth-1)/row.Bandwidth)
				free = sent
			}
			require.Equal(t, sent.Add(row.Latency), v.Arrive, "at %v", now)
			lost := !p.Loss || row.Loss == sim.One // else the link's own loss, which is certain
			require.Equal(t, lost, v.Fate == Lost, "at %v", now)
		}
	})
}

func TestProfileMeanIsWeightedByTime(t *testing.T) {
	mean := func(rows ...ProfileRow) time.Duration { return must(Recorded(Profile{Rows: rows})).Mean() }
	assert.Equal(t, 7*time.Millisecond, mean(ProfileRow{Latency: 7 * time.Millisecond}))
	// 10 for 1 s, 20 for 3 s, 40 for as long again: (10 + 60 + 120) / 7
	assert.Equal(t, 27_142_857*time.Nanosecond, mean(
		ProfileRow{Latency: 10 * time.Millisecond}, ProfileRow{At: time.Second, Latency: 20 * time.Millisecond},
		ProfileRow{At: 4 * time.Second, Latency: 40 * time.Millisecond}))
	assert.Equal(t, time.Duration(2), mean(ProfileRow{Latency: 1}, ProfileRow{At: 1, Latency: 2}), "half up")
	rapid.Check(t, func(t *rapid.T) {
		rows := []ProfileRow{{Latency: MaxLatency}}
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			rows = append(rows, ProfileRow{
				At:      rows[len(rows)-1].At + time.Duration(rapid.Int64Range(1, 1<<58).Draw(t, "spacing")),
				Latency: time.Duration(rapid.Int64Range(0, int64(MaxLatency)).Draw(t, "latency")),
			})
		}
		n := len(rows)
		period := 2*rows[n-1].At - rows[n-2].At
		sum := new(big.Int)
		for i, row := range rows {
			end := period
			if i < n-1 {
				end = rows[i+1].At
			}
			sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(end-row.At)), big.NewInt(int64(row.Latency))))
		}
		whole := big.NewInt(int64(period))
		sum.Lsh(sum, 1).Add(sum, whole).Div(sum, whole.Lsh(whole, 1))
		require.Equal(t, sum.Int64(), int64(mean(rows...)))
	})
}

// A profile tells routing its mean, and touches no link but its own.
func TestProfileIsTheLinksOwn(t *testing.T) {
	shared := must(Recorded(Profile{Rows: []ProfileRow{{Latency: 10}, {At: 100, Latency: 30}}}))
	n := network(t, 3, LinkSpec{From: 0, To: 1, Latency: shared}, LinkSpec{From: 1, To: 2, Latency: shared})
	var v Verdict
	n.Carry(150, 0, 1, 1, sim.Key{}, &v)
	assert.Equal(t, clock.Time(180), v.Arrive)
	n.Carry(50, 1, 2, 1, sim.Key{}, &v)
	assert.Equal(t, clock.Time(60), v.Arrive, "the clock of another link is its own")
	latency, hops, ok := n.Distance(0, 2)
	assert.Equal(t, []any{time.Duration(40), 2, true}, []any{latency, hops, ok})
}
