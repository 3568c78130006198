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

// goldenKinds have parameters that show every digit.
func goldenKinds() map[string]Latency {
	values, weights := make([]time.Duration, 1000), make([]uint64, 1000)
	for i := range values {
		values[i], weights[i] = time.Duration(i*i*i), uint64(i%7)
	}
	b := Bounds{3 * time.Second, 5 * time.Hour}
	return map[string]Latency{
		"uniform":     must(Uniform(0, 10*time.Hour)),
		"normal":      must(Normal(time.Hour, time.Hour, b)),
		"lognormal":   must(Lognormal(time.Hour, 1_234_567_891, b)),
		"exponential": must(Exponential(time.Hour, b)),
		"pareto":      must(Pareto(time.Minute, 345_678_912, MaxLatency)),
		"weibull":     must(Weibull(time.Hour, 789_123_456, b)),
		"empirical":   must(Empirical(values, weights)),
	}
}

// Recorded runs replay only as long as a million samples of each kind, and the
// means, come to these numbers, on every architecture.
func TestLatencyGolden(t *testing.T) {
	type golden struct{ Sum, Mixed, Mean int64 } // Sum modulo 2⁶⁴
	want := map[string]golden{
		"empirical":   {250332544033898, -1248411336747397122, 250085663},
		"exponential": {3574733471293664246, -8775577533543161876, 3575744640456},
		"lognormal":   {5804352401880075356, 3203975489595802166, 5800505649496},
		"normal":      {3902887823179671167, -6614620687099173001, 3900386239495},
		"pareto":      {-7786373612155257882, -4808136167051379224, 10657460359035},
		"uniform":     {-437973512404057365, 8553883874577463731, 18000000000000},
		"weibull":     {3924490700673636182, -1531308563908496226, 3925942359746},
	}
	stream := sim.Seed(42).Stream("golden/latency")
	for name, l := range goldenKinds() {
		g := golden{Mean: int64(l.Mean())}
		for i := range uint64(1_000_000) {
			d := int64(l.Sample(stream.Draw(sim.Key{N: i}, 0)))
			g.Sum += d
			g.Mixed = (g.Mixed ^ d) * 1099511628211
		}
		assert.Equal(t, want[name], g, name)
	}
}

// Loss belongs to the message: whatever kind the latency is of, the same copies
// are lost and the same are duplicated.
func TestLatencyMovesNoOtherDraw(t *testing.T) {
	fates := func(l Latency) (all []Fate) {
		n := single(t, LinkSpec{Latency: l, Loss: sim.One / 3, Duplicate: sim.One / 3})
		for k := range uint64(2000) {
			v := carry(n, 0, 100, k)
			all = append(all, v.Fate)
			if v.Duplicated {
				all = append(all, v.DuplicateFate, 100)
			}
		}
		return all
	}
	want := fates(Constant(time.Millisecond))
	require.Contains(t, want, Lost)
	for name, l := range goldenKinds() {
		assert.Equal(t, want, fates(l), name)
	}
	recorded := must(Recorded(Profile{Rows: []ProfileRow{{}, {At: 1, Latency: 5}}}))
	assert.Equal(t, want, fates(recorded), "profile")
}

func TestLatencyRefusesBadParameters(t *testing.T) {
	good := Bounds{0, time.Second}
	for want, made := range map[string]func() (Latency, error){
		"normal latency: mean is -1ns; allowed: 0s … 24h0m0s":      func() (Latency, error) { return Normal(-1, 1, good) },
		"normal latency: stddev is 24h0m0.000000001s":              func() (Latency, error) { return Normal(1, MaxLatency+1, good) },
		"normal latency: bounds 2ns … 1ns":                         func() (Latency, error) { return Normal(1, 1, Bounds{2, 1}) },
		"lognormal latency: median is 0s; allowed: 1ns":            func() (Latency, error) { return Lognormal(0, 1, good) },
		"lognormal latency: sigma is -1e-09; allowed: 0 … 10":      func() (Latency, error) { return Lognormal(1, -1, good) },
		"lognormal latency: sigma is 10.000000001":                 func() (Latency, error) { return Lognormal(1, MaxSigma+1, good) },
		"lognormal latency: bounds 0s … 24h0m0.000000001s":         func() (Latency, error) { return Lognormal(1, 1, Bounds{0, MaxLatency + 1}) },
		"exponential latency: mean is 0s":                          func() (Latency, error) { return Exponential(0, good) },
		"exponential latency: bounds -1ns … 1s":                    func() (Latency, error) { return Exponential(1, Bounds{-1, time.Second}) },
		"pareto latency: scale is 0s":                              func() (Latency, error) { return Pareto(0, 1e9, time.Second) },
		"pareto latency: bounds 2s … 1s":                           func() (Latency, error) { return Pareto(2*time.Second, 1e9, time.Second) },
		"pareto latency: shape is 0.099999999; allowed: 0.1 … 100": func() (Latency, error) { return Pareto(1, MinShape-1, time.Second) },
		"weibull latency: scale is 0s":                             func() (Latency, error) { return Weibull(0, 1e9, good) },
		"weibull latency: shape is 100.000000001":                  func() (Latency, error) { return Weibull(1, MaxShape+1, good) },
		"empirical latency: there is no value":                     func() (Latency, error) { return Empirical(nil, nil) },
		"empirical latency: 1 weights for 2 values":                func() (Latency, error) { return Empirical([]time.Duration{1, 2}, []uint64{1}) },
		"empirical latency: the weights are all 0":                 func() (Latency, error) { return Empirical([]time.Duration{1}, []uint64{0}) },
		"empirical latency: value 1 is -1ns":                       func() (Latency, error) { return Empirical([]time.Duration{1, -1}, nil) },
		"profile latency: there is no row":                         func() (Latency, error) { return Recorded(Profile{}) },
		"profile latency: the first row is at 1ns":                 func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{At: 1}}}) },
		"profile latency: row 1 is at 0s":                          func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{}, {}}}) },
		"profile latency: row 1 is at 1281023h53m38.427387903s":    func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{}, {At: math.MaxInt64 / 2}}}) },
		"profile latency: row 0: latency is -1ns":                  func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{Latency: -1}}}) },
		"profile latency: row 0: loss 1000000001 is above":         func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{Loss: sim.One + 1}}, Loss: true}) },
		"profile latency: row 0: bandwidth 0 bit/s is below 1":     func() (Latency, error) { return Recorded(Profile{Rows: []ProfileRow{{}}, Bandwidth: true}) },
	} {
		_, err := made()
		assert.ErrorContains(t, err, want)
	}
}

func TestSamplingDoesNotAllocate(t *testing.T) {
	n := single(t, LinkSpec{Latency: must(Recorded(Profile{
		Rows: []ProfileRow{{Bandwidth: 1e6}, {At: time.Second, Latency: 5, Bandwidth: 2e6}}, Bandwidth: true, Loop: true,
	}))})
	k := uint64(0)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { k++; carry(n, clock.Time(k)*10*ms, 100, k) }), "profile")
	for name, l := range goldenKinds() {
		draw := uint64(0)
		assert.Zero(t, testing.AllocsPerRun(1000, func() { draw += 1 << 50; l.Sample(draw) }), name)
	}
}

func BenchmarkLatency(b *testing.B) {
	stream := sim.Seed(1).Stream("bench/latency")
	draws := make([]uint64, 1<<10)
	for i := range draws {
		draws[i] = stream.Draw(sim.Key{N: uint64(i)}, 0)
	}
	for name, l := range goldenKinds() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				l.Sample(draws[i&(len(draws)-1)])
				i++
			}
		})
	}
	b.Run("profile of 10000 rows", func(b *testing.B) {
		rows := make([]ProfileRow, 10_000)
		for i := range rows {
			rows[i] = ProfileRow{At: time.Duration(i) * time.Millisecond, Latency: time.Millisecond}
		}
		n := single(b, LinkSpec{Latency: must(Recorded(Profile{Rows: rows, Loop: true}))})
		b.ReportAllocs()
		k := uint64(0)
		for b.Loop() {
			k++
			carry(n, clock.Time(k)*ms/3, 100, k)
		}
	})
}

// A mean is computed once for each kind of link, not for each copy.
func BenchmarkLatencyMean(b *testing.B) {
	for b.Loop() {
		must(Weibull(time.Hour, 789_123_456, wide))
	}
}
