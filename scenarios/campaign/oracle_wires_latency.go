package campaign

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/scenarios"
)

// slack is by how much a latency of floats may be off: their rounding, and the tails
// of the standard library's quantiles.
func slack(x float64) time.Duration { return 2 + time.Duration(x*1e-8) }

// latency is what the distribution gives for a draw, by its formula in floats of the
// standard library, and by how much that may be off. known is false where the draw is
// needed and not plain.
func (l *naiveLink) latency(handed clock.Time, draw func(string) uint64, plain bool) (d, off time.Duration, known bool) {
	switch k := l.Latency.Kind.(type) {
	case scenarios.ConstantLatency:
		return k.Value, 0, true
	case scenarios.ProfileLatency:
		return l.rowAt(handed).latency, 0, true
	}
	if !plain {
		return 0, 0, false
	}
	u := draw("latency")
	switch k := l.Latency.Kind.(type) {
	case scenarios.UniformLatency:
		return k.Min + time.Duration(part(u, uint64(k.Max-k.Min)+1)), 0, true
	case scenarios.EmpiricalLatency:
		return l.weighted(u), 0, true
	case scenarios.NormalLatency:
		d, off = l.clamp(float64(k.Mean)+float64(k.StdDev)*normalQuantile(u), k.Min, 0)
		return d, off + slack(float64(k.StdDev)), true
	case scenarios.LognormalLatency:
		d, off = l.clamp(float64(k.Median)*math.Exp(k.Sigma.Float()*normalQuantile(u)), k.Min, k.Max)
	case scenarios.ExponentialLatency:
		d, off = l.clamp(float64(k.Mean)*minusLog(u), k.Min, k.Max)
	case scenarios.ParetoLatency:
		d, off = l.clamp(float64(k.Scale)*math.Exp(minusLog(u)/k.Shape.Float()), k.Scale, k.Max)
	case scenarios.WeibullLatency:
		d, off = l.clamp(float64(k.Scale)*math.Pow(minusLog(u), 1/k.Shape.Float()), k.Min, k.Max)
	default:
		return 0, 0, false
	}
	return d, off, true
}

// clamp brings a latency between its bounds, of which 0 stands for none.
func (l *naiveLink) clamp(x float64, least, most time.Duration) (d, off time.Duration) {
	if least == 0 && !l.ZeroLatency {
		least = 1
	}
	if most == 0 {
		most = 24 * time.Hour
	}
	x = min(max(x, float64(least)), float64(most))
	return time.Duration(math.Round(x)), slack(x)
}

// part is ⌊draw·n/2⁶⁴⌋, by long multiplication in halves.
func part(draw, n uint64) uint64 {
	const half = 1 << 32
	low := draw % half * (n % half) / half
	middle := draw/half*(n%half) + low
	cross := draw%half*(n/half) + middle%half
	return draw/half*(n/half) + middle/half + cross/half
}

// minusLog is −ln((draw+1)/2⁶⁴).
func minusLog(draw uint64) float64 {
	if rest := ^draw; rest < 1<<63 {
		return -math.Log1p(-float64(rest) / (1 << 64))
	}
	return -math.Log((float64(draw) + 1) / (1 << 64))
}

// normalQuantile is that of the standard normal distribution at (draw+½)/2⁶⁴.
func normalQuantile(draw uint64) float64 {
	if draw > math.MaxUint64/2 {
		return -normalQuantile(^draw)
	}
	return -math.Sqrt2 * math.Erfcinv((float64(draw)+0.5)/(1<<63))
}

// sample is a row of a file of latencies: a value with its weight, or what holds from
// a time on.
type sample struct {
	latency, from time.Duration
	weight        uint64
	loss          *scenarios.Ratio // nil: the link's own
	rate          *scenarios.BitRate
}

// recorded reports whether the latency is a profile.
func (l *naiveLink) recorded() bool {
	_, profile := l.Latency.Kind.(scenarios.ProfileLatency)
	return profile
}

// read reads the file of a latency, if it has one, as far as it is written plainly.
func (l *naiveLink) read(s *scenarios.Scenario) bool {
	file := ""
	switch k := l.Latency.Kind.(type) {
	case scenarios.EmpiricalLatency:
		file = k.File
	case scenarios.ProfileLatency:
		file = k.File
	default:
		return true
	}
	data, err := s.ReadFile(file)
	if err != nil {
		return false
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return false
	}
	now := sample{}
	for _, row := range rows[1:] {
		now.weight = 1
		for i, cell := range row {
			if cell != "" && !now.set(rows[0][i], cell) {
				return false
			}
		}
		l.samples = append(l.samples, now)
	}
	return len(l.samples) > 0
}

// set reads a cell; an empty one leaves what the row before said.
func (s *sample) set(column, cell string) (ok bool) {
	var err error
	switch column {
	case "latency":
		s.latency, err = time.ParseDuration(cell)
	case "time":
		s.from, err = time.ParseDuration(cell)
	case "weight":
		s.weight, err = strconv.ParseUint(cell, 10, 32)
	case "loss":
		percent, bad := strconv.ParseUint(strings.TrimSuffix(cell, "%"), 10, 7)
		s.loss, err = new(scenarios.Ratio(percent*10_000_000)), bad
	case "bandwidth":
		megabits, bad := strconv.ParseInt(strings.TrimSuffix(cell, "Mbit/s"), 10, 32)
		s.rate, err = new(scenarios.BitRate(megabits*1_000_000)), bad
	default:
		return false
	}
	return err == nil
}

// weighted is the value that a draw stands for.
func (l *naiveLink) weighted(draw uint64) time.Duration {
	total := uint64(0)
	for _, s := range l.samples {
		total += s.weight
	}
	at := part(draw, total)
	for _, s := range l.samples {
		if at < s.weight {
			return s.latency
		}
		at -= s.weight
	}
	return -1
}

// rowAt is the row of a profile that holds for what is handed over at a time.
func (l *naiveLink) rowAt(handed clock.Time) sample {
	t, last := time.Duration(handed), len(l.samples)-1
	if k := l.Latency.Kind.(scenarios.ProfileLatency); k.Loop && last > 0 {
		t %= 2*l.samples[last].from - l.samples[last-1].from
	}
	row := l.samples[0]
	for _, s := range l.samples {
		if s.from <= t {
			row = s
		}
	}
	return row
}

// lossAt and rateAt are what holds for a copy handed over at a time.
func (l *naiveLink) lossAt(handed clock.Time) scenarios.Ratio {
	if l.recorded() {
		if row := l.rowAt(handed); row.loss != nil {
			return *row.loss
		}
	}
	return l.Loss
}

func (l *naiveLink) rateAt(handed clock.Time) scenarios.BitRate {
	if l.recorded() {
		if row := l.rowAt(handed); row.rate != nil {
			return *row.rate
		}
	}
	return l.Bandwidth
}
