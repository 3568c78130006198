package scenarios

import (
	"time"

	"meshsim/netmodel"
)

// Latency is the propagation time of a link: a distribution from which each copy
// draws, or what a recorded link did. Write Constant(d), Uniform(a, b), or a kind with
// all its keys, Latency{NormalLatency{Mean: …}}.
type Latency struct{ Kind LatencyKind }

// LatencyKind is a kind of latency: ConstantLatency, UniformLatency, NormalLatency,
// LognormalLatency, ExponentialLatency, ParetoLatency, WeibullLatency,
// EmpiricalLatency or ProfileLatency.
type LatencyKind interface {
	// least is the shortest latency that can be drawn, as far as the keys say, and
	// not below 1 ns unless they say 0 outright.
	least() Duration
	// model is the latency as the network knows it. Files are read through the
	// reader, which reports what is wrong with them.
	model(f *sampleReader) (netmodel.Latency, error)
}

// maxLatency bounds the latency of a link, so that the longest path of a mesh fits
// a Duration.
const maxLatency = netmodel.MaxLatency

// Least is the shortest latency that can be drawn, as far as the keys say; 1 ns for
// what a file says.
func (l Latency) Least() Duration {
	if l.Kind == nil {
		return time.Nanosecond
	}
	return l.Kind.least()
}

// Most is the longest latency that can be drawn, as far as the keys say; 24 h for
// what has no end, and for what a file says.
func (l Latency) Most() Duration {
	most := maxLatency
	switch k := l.Kind.(type) {
	case ConstantLatency:
		return k.Value
	case UniformLatency:
		return k.Max
	case LognormalLatency:
		most = k.Max
	case ExponentialLatency:
		most = k.Max
	case ParetoLatency:
		most = k.Max
	case WeibullLatency:
		most = k.Max
	}
	if most == 0 {
		return maxLatency
	}
	return most
}

// mean is the mean of a latency that needs no file, rounded half up.
func (l Latency) mean() (Duration, bool) {
	if _, isFile := l.Kind.(fromFile); isFile || l.Kind == nil {
		return 0, false
	}
	model, err := l.Kind.model(&sampleReader{zero: l.Least() == 0})
	return model.Mean(), err == nil
}

// ConstantLatency is always the same.
type ConstantLatency struct {
	Value Duration `toml:"value" required:"true" min:"0s" max:"24h" doc:"of every copy"`
}

// UniformLatency is uniform over the nanoseconds from Min to Max, both included.
type UniformLatency struct {
	Min Duration `toml:"min" required:"true" min:"0s" max:"24h" doc:"shortest"`
	Max Duration `toml:"max" required:"true" min:"0s" max:"24h" doc:"longest"`
}

// NormalLatency is normal; what is below Min becomes Min.
type NormalLatency struct {
	Mean   Duration `toml:"mean" required:"true" min:"0s" max:"24h" doc:"before it is clamped"`
	StdDev Duration `toml:"stddev" required:"true" min:"0s" max:"24h" doc:"standard deviation, before it is clamped"`
	Min    Duration `toml:"min" min:"0s" max:"24h" doc:"what is below becomes it; absent: 1ns, or 0 with zero_latency"`
}

// LognormalLatency is lognormal, clamped to Min … Max.
type LognormalLatency struct {
	Median Duration `toml:"median" required:"true" min:"1ns" max:"24h" doc:"before it is clamped"`
	Sigma  Number   `toml:"sigma" required:"true" min:"0" max:"10" doc:"standard deviation of the logarithm"`
	Min    Duration `toml:"min" min:"0s" max:"24h" doc:"what is below becomes it; absent: 1ns, or 0 with zero_latency"`
	Max    Duration `toml:"max" min:"1ns" max:"24h" doc:"what is above becomes it; absent: 24h"`
}

// ExponentialLatency is exponential, clamped to Min … Max.
type ExponentialLatency struct {
	Mean Duration `toml:"mean" required:"true" min:"1ns" max:"24h" doc:"before it is clamped"`
	Min  Duration `toml:"min" min:"0s" max:"24h" doc:"what is below becomes it; absent: 1ns, or 0 with zero_latency"`
	Max  Duration `toml:"max" min:"1ns" max:"24h" doc:"what is above becomes it; absent: 24h"`
}

// ParetoLatency has P(X > x) = (Scale/x)^Shape, clamped to Max.
type ParetoLatency struct {
	Scale Duration `toml:"scale" required:"true" min:"1ns" max:"24h" doc:"shortest"`
	Shape Number   `toml:"shape" required:"true" min:"0.1" max:"100" doc:"P(X > x) is (scale/x)^shape: the smaller, the heavier the tail"`
	Max   Duration `toml:"max" min:"1ns" max:"24h" doc:"what is above becomes it; absent: 24h"`
}

// WeibullLatency has P(X > x) = e^−(x/Scale)^Shape, clamped to Min … Max.
type WeibullLatency struct {
	Scale Duration `toml:"scale" required:"true" min:"1ns" max:"24h" doc:"63.2% are shorter"`
	Shape Number   `toml:"shape" required:"true" min:"0.1" max:"100" doc:"P(X > x) is e^−(x/scale)^shape; 1 is exponential, less has a heavier tail"`
	Min   Duration `toml:"min" min:"0s" max:"24h" doc:"what is below becomes it; absent: 1ns, or 0 with zero_latency"`
	Max   Duration `toml:"max" min:"1ns" max:"24h" doc:"what is above becomes it; absent: 24h"`
}

// EmpiricalLatency is one of the values in a file.
type EmpiricalLatency struct {
	File string `toml:"file" required:"true" doc:"CSV with the header latency and, optional, weight (an integer, default 1)"`
}

// ProfileLatency is what a recorded link did: the row in force when a copy is
// handed over counts.
type ProfileLatency struct {
	File string `toml:"file" required:"true" doc:"CSV with the header time and any of latency,loss,bandwidth, which replace those of the link; the first time is 0s, an empty cell is as in the row before"`
	Loop bool   `toml:"loop" default:"false" doc:"begin again when the last row has lasted as long as the one before it; false: the last row stays in force"`
}

// Constant is the latency that is always d.
func Constant(d Duration) Latency { return Latency{ConstantLatency{d}} }

// Uniform is the latency that is drawn uniformly from low … high.
func Uniform(low, high Duration) Latency { return Latency{UniformLatency{low, high}} }

// Normal is the normal latency, clamped below to what a link may have.
func Normal(mean, stddev Duration) Latency {
	return Latency{NormalLatency{Mean: mean, StdDev: stddev}}
}

// Lognormal is the lognormal latency without further bounds.
func Lognormal(median Duration, sigma Number) Latency {
	return Latency{LognormalLatency{Median: median, Sigma: sigma}}
}

// Exponential is the exponential latency without further bounds.
func Exponential(mean Duration) Latency { return Latency{ExponentialLatency{Mean: mean}} }

// Pareto is the Pareto latency without further bounds.
func Pareto(scale Duration, shape Number) Latency {
	return Latency{ParetoLatency{Scale: scale, Shape: shape}}
}

// Weibull is the Weibull latency without further bounds.
func Weibull(scale Duration, shape Number) Latency {
	return Latency{WeibullLatency{Scale: scale, Shape: shape}}
}

func (k ConstantLatency) least() Duration    { return k.Value }
func (k UniformLatency) least() Duration     { return k.Min }
func (k NormalLatency) least() Duration      { return max(k.Min, 1) }
func (k LognormalLatency) least() Duration   { return max(k.Min, 1) }
func (k ExponentialLatency) least() Duration { return max(k.Min, 1) }
func (k ParetoLatency) least() Duration      { return k.Scale }
func (k WeibullLatency) least() Duration     { return max(k.Min, 1) }
func (EmpiricalLatency) least() Duration     { return 1 }
func (ProfileLatency) least() Duration       { return 1 }

func (k UniformLatency) check(r *report, path string) {
	if k.Max < k.Min {
		r.add(path+".max", k.Max, "is below min; allowed: at least %s", formatDuration(k.Min))
	}
}
func (k LognormalLatency) check(r *report, path string)   { checkBounds(r, path, "min", k.Min, k.Max) }
func (k ExponentialLatency) check(r *report, path string) { checkBounds(r, path, "min", k.Min, k.Max) }
func (k ParetoLatency) check(r *report, path string)      { checkBounds(r, path, "scale", k.Scale, k.Max) }
func (k WeibullLatency) check(r *report, path string)     { checkBounds(r, path, "min", k.Min, k.Max) }

// checkBounds refuses a maximum, if there is one, below the least latency.
func checkBounds(r *report, path, low string, least, most Duration) {
	if most != 0 && most < least {
		r.add(path+".max", most, "is below %s; allowed: at least %s", low, formatDuration(least))
	}
}

func (k ConstantLatency) model(*sampleReader) (netmodel.Latency, error) {
	return netmodel.Constant(k.Value), nil
}

func (k UniformLatency) model(*sampleReader) (netmodel.Latency, error) {
	return netmodel.Uniform(k.Min, k.Max)
}

func (k NormalLatency) model(f *sampleReader) (netmodel.Latency, error) {
	return netmodel.Normal(k.Mean, k.StdDev, f.bounds(k.Min, 0))
}

func (k LognormalLatency) model(f *sampleReader) (netmodel.Latency, error) {
	return netmodel.Lognormal(k.Median, k.Sigma, f.bounds(k.Min, k.Max))
}

func (k ExponentialLatency) model(f *sampleReader) (netmodel.Latency, error) {
	return netmodel.Exponential(k.Mean, f.bounds(k.Min, k.Max))
}

func (k ParetoLatency) model(f *sampleReader) (netmodel.Latency, error) {
	return netmodel.Pareto(k.Scale, k.Shape, f.bounds(0, k.Max).Max)
}

func (k WeibullLatency) model(f *sampleReader) (netmodel.Latency, error) {
	return netmodel.Weibull(k.Scale, k.Shape, f.bounds(k.Min, k.Max))
}
