package netmodel

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"meshsim/sim"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"
)

const (
	us  = time.Microsecond
	msd = time.Millisecond
)

// kind is a latency with the exact quantile function of its distribution before it
// is clamped, and the distribution function.
type kind struct {
	latency  Latency
	bounds   Bounds
	quantile func(u float64) float64
	cdf      func(x float64) float64
}

func number(x float64) sim.Number { return sim.Number(math.Round(x * 1e9)) }

func phi(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

func normalKind(mean, sd float64, b Bounds) kind {
	l, err := Normal(time.Duration(mean), time.Duration(sd), b)
	return kind{must(l, err), b, func(u float64) float64 { return mean + sd*math.Sqrt2*math.Erfinv(2*u-1) },
		func(x float64) float64 { return phi((x - mean) / sd) }}
}

func lognormalKind(median, sigma float64, b Bounds) kind {
	l, err := Lognormal(time.Duration(median), number(sigma), b)
	return kind{must(l, err), b, func(u float64) float64 { return median * math.Exp(sigma*math.Sqrt2*math.Erfinv(2*u-1)) },
		func(x float64) float64 { return phi(math.Log(x/median) / sigma) }}
}

func exponentialKind(mean float64, b Bounds) kind {
	l, err := Exponential(time.Duration(mean), b)
	return kind{must(l, err), b, func(u float64) float64 { return -mean * math.Log1p(-u) },
		func(x float64) float64 { return -math.Expm1(-x / mean) }}
}

func paretoKind(scale, shape float64, most time.Duration) kind {
	l, err := Pareto(time.Duration(scale), number(shape), most)
	return kind{must(l, err), Bounds{time.Duration(scale), most}, func(u float64) float64 { return scale * math.Pow(1-u, -1/shape) },
		func(x float64) float64 { return 1 - math.Pow(scale/x, shape) }}
}

func weibullKind(scale, shape float64, b Bounds) kind {
	l, err := Weibull(time.Duration(scale), number(shape), b)
	return kind{must(l, err), b, func(u float64) float64 { return scale * math.Pow(-math.Log1p(-u), 1/shape) },
		func(x float64) float64 { return -math.Expm1(-math.Pow(x/scale, shape)) }}
}

func uniformKind(low, high time.Duration) kind {
	l, err := Uniform(low, high)
	return kind{must(l, err), Bounds{low, high}, func(u float64) float64 { return float64(low) + u*float64(high-low) },
		func(x float64) float64 { return (x - float64(low)) / float64(high-low) }}
}

func must(l Latency, err error) Latency {
	if err != nil {
		panic(err)
	}
	return l
}

var wide = Bounds{0, MaxLatency}

// kindsOfLatency are those that the tests look at, most of them clamped.
func kindsOfLatency() map[string]kind {
	const m = 1e6
	return map[string]kind{
		"uniform":              uniformKind(9*msd, 11*msd),
		"normal":               normalKind(20*m, 4*m, wide),
		"normal clamped at 0":  normalKind(10*m, 8*m, wide),
		"normal clamped":       normalKind(10*m, 8*m, Bounds{5 * msd, 16 * msd}),
		"lognormal":            lognormalKind(20*m, 0.5, wide),
		"lognormal clamped":    lognormalKind(20*m, 1.2, Bounds{10 * msd, 100 * msd}),
		"exponential":          exponentialKind(10*m, wide),
		"exponential clamped":  exponentialKind(10*m, Bounds{2 * msd, 40 * msd}),
		"pareto":               paretoKind(10*m, 4.5, time.Hour),
		"pareto clamped":       paretoKind(10*m, 1, 200*msd),
		"weibull":              weibullKind(15*m, 1.7, wide),
		"weibull clamped":      weibullKind(15*m, 0.6, Bounds{3 * msd, 80 * msd}),
		"weibull of two modes": weibullKind(15*m, 0.5, Bounds{5 * msd, 20 * msd}),
	}
}

// clamped is the exact quantile after clamping.
func (k *kind) clamped(u float64) float64 {
	return max(float64(k.bounds.Min), min(k.quantile(u), float64(k.bounds.Max)))
}

// moment is E[(X − centre)ⁿ] by the midpoint rule over the quantiles.
func (k *kind) moment(n int, centre float64) float64 {
	const steps = 50_000
	sum := 0.0
	for i := range steps {
		sum += math.Pow((k.clamped((float64(i)+0.5)/steps)-centre)/1e6, float64(n))
	}
	return sum / steps
}

// samplesOf draws from a kind, in ascending order.
func samplesOf(k kind, seed sim.Seed, n int) []float64 {
	stream := seed.Stream("test/latency")
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(k.latency.Sample(stream.Draw(sim.Key{N: uint64(i)}, 0)))
	}
	slices.Sort(all)
	return all
}

// distance is the Kolmogorov–Smirnov distance between sorted samples and a clamped
// distribution, whose atoms at the bounds jump in both functions at once.
func (k *kind) distance(sorted []float64) float64 {
	n, far := float64(len(sorted)), 0.0
	for i := 0; i < len(sorted); {
		j, x := i, sorted[i]
		for j < len(sorted) && sorted[j] == x {
			j++
		}
		before, upTo := k.cdf(x), k.cdf(x)
		if x <= float64(k.bounds.Min) {
			before = 0
		}
		if x >= float64(k.bounds.Max) {
			upTo = 1
		}
		far = max(far, math.Abs(float64(i)/n-before), math.Abs(float64(j)/n-upTo))
		i = j
	}
	return far
}

// agrees says what is wrong with samples of a kind, each figure in its own measure:
// 4 standard errors, or 1.95/√N for the shape.
func (k *kind) agrees(sorted []float64) (wrong []string) {
	n := float64(len(sorted))
	note := func(what string, got, want, most float64) {
		if !(math.Abs(got-want) <= most) {
			wrong = append(wrong, fmt.Sprintf("%s is %v, not %v ± %v", what, got, want, most))
		}
	}
	mean := k.moment(1, 0)
	variance := k.moment(2, mean*1e6)
	var sum, squares float64
	for _, x := range sorted {
		sum += x / 1e6
		squares += (x/1e6 - mean) * (x/1e6 - mean)
	}
	note("mean", sum/n, mean, 4*math.Sqrt(variance/n))
	fourth := k.moment(4, mean*1e6)
	note("variance", squares/n, variance, 4*math.Sqrt((fourth-variance*variance)/n))
	for _, u := range []float64{0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999} {
		x := k.clamped(u)
		if x == float64(k.bounds.Min) || x == float64(k.bounds.Max) {
			continue // within an atom, which the distance judges
		}
		below, _ := slices.BinarySearch(sorted, x)
		note(fmt.Sprintf("share below the quantile %v", u), float64(below)/n, u, 4*math.Sqrt(u*(1-u)/n))
	}
	note("Kolmogorov–Smirnov distance", k.distance(sorted), 0, 1.95/math.Sqrt(n))
	return wrong
}

// Seed 7 was fixed before the first run.
func TestSamplesHaveTheirDistribution(t *testing.T) {
	for name, k := range kindsOfLatency() {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, k.agrees(samplesOf(k, 7, 100_000)))
		})
	}
}

// The checks above see what they are for: a normal that is drawn again instead of
// clamped has another mean, and one with a wrong constant another shape.
func TestSamplesOfOtherDistributionsAreSeen(t *testing.T) {
	k := normalKind(10e6, 8e6, wide)
	again := k
	again.bounds = Bounds{-MaxLatency, MaxLatency}
	all := samplesOf(k, 7, 100_000)
	redrawn := slices.DeleteFunc(slices.Clone(all), func(x float64) bool { return x <= 0 })
	assert.NotEmpty(t, k.agrees(redrawn), "redrawn")
	assert.NotEmpty(t, again.agrees(all), "clamped, judged as not")
	scaled := slices.Clone(all)
	for i := range scaled {
		scaled[i] *= 1.02
	}
	assert.NotEmpty(t, k.agrees(scaled), "2 % too long")
}

// The decision on clamping: mean 10, standard deviation 8, not below 0, is 10.405.
func TestNormalIsClampedNotRedrawn(t *testing.T) {
	k := normalKind(10e9, 8e9, wide)
	assert.InDelta(t, 10.405, k.latency.Mean().Seconds(), 0.0005)
	assert.Equal(t, time.Duration(0), k.latency.Sample(0))
	atoms := 0
	for _, x := range samplesOf(k, 7, 100_000) {
		if x == 0 {
			atoms++
		}
	}
	assert.True(t, shareAgrees(atoms, 100_000, phi(-10.0/8), 1), "%d at 0", atoms)
}

// The order of draws: what grows with the draw, and what falls, being −ln of it.
func TestSamplesFollowTheDraw(t *testing.T) {
	for name, k := range kindsOfLatency() {
		low, high := k.latency.Sample(1<<63-1<<61), k.latency.Sample(1<<63+1<<61)
		falls := falling(name)
		assert.Equal(t, falls, low > high, name)
		u := 0.375
		if falls {
			u = 0.625
		}
		assert.InDelta(t, k.clamped(u), float64(low), 1, name)
		for _, end := range []uint64{0, math.MaxUint64} {
			assert.GreaterOrEqual(t, k.latency.Sample(end), k.bounds.Min, name)
			assert.LessOrEqual(t, k.latency.Sample(end), k.bounds.Max, name)
		}
	}
}

// falling reports whether samples fall as the draw grows: those made of −ln.
func falling(name string) bool {
	return slices.Contains([]string{"exponential", "pareto", "weibull"}, strings.Fields(name)[0])
}

// Every sample is the exact quantile of its draw, to the nanosecond or 10⁻¹² of it.
func TestSamplesAreQuantiles(t *testing.T) {
	all := kindsOfLatency()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Uint64Range(1<<50, math.MaxUint64-1<<50).Draw(t, "draw")
		u := (float64(draw) + 0.5) / (1 << 64)
		for name, k := range all {
			u := u
			if falling(name) {
				u = 1 - u
			}
			want := k.clamped(u)
			// Near 1 the test itself knows u to 2⁻⁵³ only, and so x to the slope times that.
			slope := math.Abs(k.clamped(min(1-1e-16, u+1e-15))-k.clamped(u-1e-15)) / 2
			require.InDelta(t, want, float64(k.latency.Sample(draw)), 1+1e-12*want+slope, name)
		}
	})
}

// exactMean is the mean of the clamped distribution in closed form.
func exactMean(name string, a, b, low, high float64) float64 {
	switch name {
	case "normal": // mean a, standard deviation b
		part := func(z float64) float64 { return a*phi(z) - b*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi) }
		l, h := (low-a)/b, (high-a)/b
		return low*phi(l) + high*phi(-h) + part(h) - part(l)
	case "lognormal": // median a, sigma b
		l, h := math.Log(low/a)/b, math.Log(high/a)/b
		return low*phi(l) + high*phi(-h) + a*math.Exp(b*b/2)*(phi(h-b)-phi(l-b))
	case "exponential": // mean a
		return low + a*(math.Exp(-low/a)-math.Exp(-high/a))
	case "pareto": // scale a, shape b
		if b == 1 {
			return a * (1 + math.Log(high/a))
		}
		return a + a*math.Expm1((1-b)*math.Log(high/a))/(1-b)
	case "weibull": // scale a, shape b
		l, h := math.Pow(low/a, b), math.Pow(high/a, b)
		inner := a * math.Gamma(1+1/b) * (mathext.GammaIncReg(1+1/b, h) - mathext.GammaIncReg(1+1/b, l))
		return -low*math.Expm1(-l) + high*math.Exp(-h) + inner
	}
	panic(name)
}

// Means are those of theory within the promise, 1 ns or 10⁻⁶, by a thousandfold.
func TestMeansAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.Int64Range(1000, int64(time.Hour))
		a, low, high := span.Draw(t, "a"), rapid.Int64Range(0, int64(time.Second)).Draw(t, "low"), span.Draw(t, "high")
		low, high = min(low, high), max(low, high)
		b := Bounds{time.Duration(low), time.Duration(high)}
		deviation := rapid.Int64Range(1, a).Draw(t, "stddev")
		shape := float64(rapid.Int64Range(100, 5000).Draw(t, "shape")) / 1000
		sigma := float64(rapid.Int64Range(1, 3000).Draw(t, "sigma")) / 1000
		check := func(name string, l Latency, want float64) {
			require.InDelta(t, want, float64(l.Mean()), 1+1e-9*want, name)
		}
		check("normal", must(Normal(time.Duration(a), time.Duration(deviation), b)), exactMean("normal", float64(a), float64(deviation), float64(low), float64(high)))
		check("lognormal", must(Lognormal(time.Duration(a), number(sigma), b)), exactMean("lognormal", float64(a), sigma, float64(low), float64(high)))
		check("exponential", must(Exponential(time.Duration(a), b)), exactMean("exponential", float64(a), 0, float64(low), float64(high)))
		check("weibull", must(Weibull(time.Duration(a), number(shape), b)), exactMean("weibull", float64(a), shape, float64(low), float64(high)))
		most := max(a, high)
		check("pareto", must(Pareto(time.Duration(a), number(shape), time.Duration(most))), exactMean("pareto", float64(a), shape, 0, float64(most)))
	})
}

func TestMeansAtTheLimits(t *testing.T) {
	hour := time.Hour
	for name, c := range map[string]struct {
		latency Latency
		want    float64
	}{
		"weibull of shape 1 is exponential": {must(Weibull(msd, 1e9, wide)), 1e6},
		"sharp weibull":                     {must(Weibull(hour, MaxShape, wide)), 3.6e12 * math.Gamma(1.01)},
		"flat weibull":                      {must(Weibull(us, MinShape, wide)), exactMean("weibull", 1e3, 0.1, 1e-300, float64(MaxLatency))},
		"sharp pareto":                      {must(Pareto(hour, MaxShape, MaxLatency)), 3.6e12 * 100 / 99},
		"pareto of shape 1":                 {must(Pareto(us, 1e9, MaxLatency)), exactMean("pareto", 1e3, 1, 0, float64(MaxLatency))},
		"pareto beside shape 1":             {must(Pareto(us, 1e9+1, MaxLatency)), exactMean("pareto", 1e3, 1, 0, float64(MaxLatency))},
		"pareto that is its scale":          {must(Pareto(hour, 2e9, hour)), 3.6e12},
		"lognormal of sigma 0":              {must(Lognormal(msd, 0, wide)), 1e6},
		"lognormal of the smallest sigma":   {must(Lognormal(msd, 1, wide)), 1e6},
		"lognormal of the largest sigma":    {must(Lognormal(msd, MaxSigma, wide)), exactMean("lognormal", 1e6, 10, 1e-300, float64(MaxLatency))},
		"normal of deviation 0":             {must(Normal(msd, 0, Bounds{2 * msd, hour})), 2e6},
		"normal far below its minimum":      {must(Normal(0, 1, Bounds{2 * msd, hour})), 2e6},
		"normal far above its maximum":      {must(Normal(hour, 1, Bounds{0, msd})), 1e6},
		"all bounds equal":                  {must(Exponential(msd, Bounds{3, 3})), 3},
	} {
		assert.InDelta(t, c.want, float64(c.latency.Mean()), 1+1e-6*c.want, name)
	}
}
