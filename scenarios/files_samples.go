package scenarios

import (
	"time"

	"meshsim/netmodel"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// fromFile is a kind of latency or size that is read from a file.
type fromFile interface{ sampleFile() string }

func (k EmpiricalLatency) sampleFile() string { return k.File }
func (k ProfileLatency) sampleFile() string   { return k.File }
func (k EmpiricalSize) sampleFile() string    { return k.File }

// sampleReader reads the file of a latency or size at a key, and knows what bounds
// there are beside it.
type sampleReader struct {
	*report
	s    *Scenario
	key  string
	zero bool // a latency of 0 is allowed
}

// bounds are those of a latency with these keys, of which 0 stands for absent.
func (f *sampleReader) bounds(low, high Duration) netmodel.Bounds {
	if high == 0 {
		high = maxLatency
	}
	if low == 0 && !f.zero {
		low = 1
	}
	return netmodel.Bounds{Min: low, Max: high}
}

// latency is the model of a latency. What is wrong with its file is reported.
func (f sampleReader) latency(l Latency) (netmodel.Latency, error) { return l.Kind.model(&f) }

// sampleKeys calls f for every latency and size of the scenario with its key.
func (s *Scenario) sampleKeys(f func(reader sampleReader, kind any)) {
	f(sampleReader{s: s, key: "link.latency", zero: s.Link.ZeroLatency}, s.Link.Latency.Kind)
	for i := range s.Links {
		entry := &s.Links[i]
		if entry.Latency == nil {
			continue
		}
		zero := s.Link.ZeroLatency
		if entry.ZeroLatency != nil {
			zero = *entry.ZeroLatency
		}
		f(sampleReader{s: s, key: elementPath("links", i) + ".latency", zero: zero}, entry.Latency.Kind)
	}
	for i := range s.Faults {
		if change, ok := s.Faults[i].Kind.(LinkChange); ok && change.Set.Latency != nil {
			zero := change.Set.ZeroLatency != nil && *change.Set.ZeroLatency
			f(sampleReader{s: s, key: elementPath("fault", i) + ".set.latency", zero: zero}, change.Set.Latency.Kind)
		}
	}
	for i := range s.Traffic {
		f(sampleReader{s: s, key: elementPath("traffic", i) + ".size"}, s.Traffic[i].Size.Kind)
	}
}

// checkSamples reads the files of latencies and sizes.
func (s *Scenario) checkSamples(r *report) {
	s.sampleKeys(func(f sampleReader, kind any) {
		file, ok := kind.(fromFile)
		if !ok || file.sampleFile() == "" || r.touches(f.key) {
			return
		}
		f.report = r
		switch k := kind.(type) {
		case LatencyKind:
			if _, err := k.model(&f); err != nil && !r.touches(f.key) {
				r.add(f.fileKey(kind), file.sampleFile(), "%v", err)
			}
		case SizeKind:
			k.model(&f)
		}
	})
}

func (f *sampleReader) fileKey(kind any) string { return f.key + "." + KindName(kind) + ".file" }

// maxWeight bounds a weight, so that the sum over a file fits.
const maxWeight = 1 << 32

// weighted reads a file of values and weights. Without a row, or with rows that are
// wrong, it reports so and returns nil.
func (f *sampleReader) weighted(kind fromFile, column string, value func(*csvRow) int64) (values []int64, weights []uint64) {
	key, before := f.fileKey(kind), f.errors()
	f.s.eachRow(f.report, key, kind.sampleFile(), columnsOf(column, "weight"), func(row *csvRow) {
		weight := int64(1)
		if row.text(column) == "" {
			row.problem(column, "is missing")
		} else {
			values = append(values, value(row))
		}
		row.integer("weight", &weight, 0, maxWeight)
		weights = append(weights, uint64(weight))
	})
	if f.errors() == before && len(values) == 0 && !f.touches("files") {
		f.add(key, kind.sampleFile(), "has no row; allowed: one or more")
	}
	if f.errors() > before || len(values) == 0 {
		return nil, nil
	}
	return values, weights
}

// columnsOf are columns of which the first is required.
func columnsOf(names ...string) []column {
	columns := []column{{names[0], true}}
	for _, name := range names[1:] {
		columns = append(columns, column{name, false})
	}
	return columns
}

// span reads a cell of a latency.
func (f *sampleReader) span(row *csvRow, d *Duration) {
	switch given := cell(row, "latency", d); {
	case !given:
	case *d > maxLatency:
		row.problem("latency", "is out of range; allowed: at most %s", formatDuration(maxLatency))
	case *d == 0 && !f.zero:
		row.problem("latency", "must be above 0; allowed: at least 1ns, or zero_latency = true beside the latency")
	}
}

func (k EmpiricalLatency) model(f *sampleReader) (netmodel.Latency, error) {
	values, weights := f.weighted(k, "latency", func(row *csvRow) int64 {
		var d Duration
		f.span(row, &d)
		return int64(d)
	})
	if values == nil {
		return netmodel.Latency{}, nil
	}
	spans := make([]time.Duration, len(values))
	for i, v := range values {
		spans[i] = time.Duration(v)
	}
	return netmodel.Empirical(spans, weights)
}

func (k EmpiricalSize) model(f *sampleReader) world.Size {
	values, weights := f.weighted(k, "size", func(row *csvRow) (size int64) {
		row.integer("size", &size, 0, maxSize)
		return size
	})
	if values == nil {
		return nil
	}
	choice, err := sim.NewWeighted(weights)
	if err != nil {
		f.add(f.fileKey(k), k.File, "%v", err)
		return nil
	}
	return &world.EmpiricalSize{Values: values, Weights: choice}
}

func (k ProfileLatency) model(f *sampleReader) (netmodel.Latency, error) {
	p := netmodel.Profile{Loop: k.Loop}
	before, key := f.errors(), f.fileKey(k)
	now := netmodel.ProfileRow{Latency: schemas[typeOfLink].byKey["latency"].fallback.Interface().(Latency).Least()}
	f.s.eachRow(f.report, key, k.File, columnsOf("time", "latency", "loss", "bandwidth"), func(row *csvRow) {
		now.At = -1
		f.profileRow(row, &now, p.Rows)
		p.Loss, p.Bandwidth = p.Loss || row.text("loss") != "", p.Bandwidth || row.text("bandwidth") != ""
		p.Rows = append(p.Rows, now)
	})
	if f.errors() == before && len(p.Rows) == 0 && !f.touches("files") {
		f.add(key, k.File, "has no row; allowed: one or more")
	}
	if f.errors() > before || len(p.Rows) == 0 {
		return netmodel.Latency{}, nil
	}
	return netmodel.Recorded(p)
}

// profileRow reads a row into now, which holds what the row before said.
func (f *sampleReader) profileRow(row *csvRow, now *netmodel.ProfileRow, earlier []netmodel.ProfileRow) {
	if cell(row, "time", &now.At); row.text("time") == "" {
		row.problem("time", "is missing")
	}
	switch longest := Duration(*schemas[typeOfScenario].byKey["duration"].max); {
	case row.bad:
	case len(earlier) == 0 && now.At != 0:
		row.problem("time", "is not 0s; allowed: 0s in the first row")
	case len(earlier) > 0 && now.At <= earlier[len(earlier)-1].At:
		row.problem("time", "is not after the row before it")
	case now.At > longest:
		row.problem("time", "is out of range; allowed: at most %s", formatDuration(longest))
	}
	for _, column := range row.columns {
		if len(earlier) == 0 && row.text(column) == "" && column != "time" {
			row.problem(column, "is missing; the first row needs it")
		}
	}
	f.span(row, &now.Latency)
	cell(row, "loss", &now.Loss)
	rate := BitRate(now.Bandwidth)
	if cell(row, "bandwidth", &rate) && rate == 0 {
		row.problem("bandwidth", "can't be unlimited for a time; allowed: a bandwidth such as \"10Mbit/s\"")
	}
	now.Bandwidth = int64(rate)
}
