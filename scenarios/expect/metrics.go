package expect

import (
	"reflect"
	"slices"
	"strings"

	"meshsim/trace"
)

// metrics is the set's own copy of the summary, and the names of its parts. The
// names are those of the JSON tags, so that a metric that joins the result
// document joins the expressions.
type metrics struct {
	sum     trace.Summary
	classes []*classCopy
	settled int64 // 1: trust converged, after some transition
	latency bool  // some expression reads one before the end
	ended   bool
	fresh   bool // sum holds the present
	byPath  map[string]*metric
	inGroup map[string][]string // children by path of the group, "" for the top
}

// metric is one number of the summary.
type metric struct {
	unit      unit
	latency   bool
	hindsight bool   // whether it is true shows at the end, for all instants before
	atEnd     bool   // it is there at the end only
	over      *int64 // nil, or what must not be 0 for the number to mean anything
	get       func() any
	class     *classCopy // nil: of no class
}

// classCopy holds one class where it can be pointed at: values of a map can't be.
type classCopy struct {
	name string
	sum  trace.ClassSummary
	used bool
}

// index names every metric there is in a run with these traffic classes.
func (m *metrics) index(classes []string) {
	m.byPath, m.inGroup = map[string]*metric{}, map[string][]string{}
	m.sum.Drops = map[string]int64{}
	m.walk("", reflect.ValueOf(&m.sum).Elem(), nil)
	m.byPath["sessions.fairness"].over = &m.sum.Traffic.Delivered
	m.byPath["memory.completeness"].over = &m.sum.Memory.Records
	m.guardLatency("memory.sync_latency_ns", &m.sum.Memory.SyncLatencyNS.Count)
	m.guardLatency("trust.distrust_ns", &m.sum.Trust.DistrustNS.Count)
	m.byPath["trust.converged_at_ns"].atEnd, m.byPath["trust.converged_at_ns"].over = true, &m.settled
	m.group("traffic", "classes")
	for _, class := range classes {
		c := &classCopy{name: class}
		m.group("traffic.classes", class)
		m.walk(join("traffic.classes", class), reflect.ValueOf(&c.sum).Elem(), c)
	}
	for _, r := range trace.Reasons() {
		reason, last := r.String(), new(box[float64])
		m.group("drops", reason)
		m.byPath[join("drops", reason)] = &metric{get: func() any { return last.of(float64(m.sum.Drops[reason])) }}
	}
}

// walk names the numbers below v.
func (m *metrics) walk(path string, v reflect.Value, class *classCopy) {
	for i := range v.NumField() {
		field, t := v.Field(i), v.Type().Field(i)
		if t.Anonymous {
			m.walk(path, field, class)
			continue
		}
		if t.Tag.Get("expr") == "-" {
			continue // no expression can name it
		}
		key, _, _ := strings.Cut(t.Tag.Get("json"), ",")
		below := join(path, key)
		switch p := field.Addr().Interface().(type) {
		case *int64:
			last := new(box[float64])
			m.leaf(path, key, &metric{class: class, get: func() any { return last.of(float64(*p)) }})
		case *float64:
			last := new(box[float64])
			m.leaf(path, key, &metric{class: class, get: func() any { return last.of(*p) }})
		case *bool:
			m.leaf(path, key, &metric{hindsight: true})
		default:
			m.group(path, key)
			if field.Kind() == reflect.Struct {
				m.walk(below, field, class)
			}
		}
	}
	if c, ok := v.Addr().Interface().(*trace.ClassSummary); ok {
		m.guard(path, c)
	}
}

// leaf files a metric with the unit that its name tells.
func (m *metrics) leaf(path, key string, l *metric) {
	m.group(path, key)
	inLatency := strings.HasSuffix(path, "_ns") // of a LatencySummary
	switch {
	case strings.HasSuffix(key, "_ns"), inLatency && key != "count":
		l.unit = duration
	case strings.HasSuffix(key, "_ratio"):
		l.unit = ratio
	}
	l.latency = inLatency
	m.byPath[join(path, key)] = l
}

// guard marks the ratios of a class, and what each is over.
func (m *metrics) guard(path string, c *trace.ClassSummary) {
	m.byPath[join(path, "delivery_ratio")].over = &c.Expected
	m.guardLatency(join(path, "latency_ns"), &c.LatencyNS.Count)
	for _, key := range []string{"mean", "max"} {
		m.byPath[join(path, "hops."+key)].over = &c.Delivered
	}
}

// guardLatency marks what means nothing without a sample.
func (m *metrics) guardLatency(path string, count *int64) {
	for _, key := range []string{"min", "mean", "p50", "p95", "p99", "max"} {
		m.byPath[join(path, key)].over = count
	}
}

func (m *metrics) group(path, key string) {
	if !slices.Contains(m.inGroup[path], key) {
		m.inGroup[path] = append(m.inGroup[path], key)
	}
}

// use notes that the expression of a key reads the metric.
func (m *metrics) use(l *metric, key string) {
	m.latency = m.latency || l.latency && key != AtEnd
	if l.class != nil && !l.class.used {
		l.class.used = true
		m.classes = append(m.classes, l.class)
	}
}

// refresh takes over what was just filled in.
func (m *metrics) refresh() {
	for _, c := range m.classes {
		c.sum = m.sum.Traffic.Classes[c.name]
	}
	m.settled = 0
	if t := &m.sum.Trust; t.Converged && t.Transitions > 0 {
		m.settled = 1
	}
	m.fresh = true
}

// join writes a path; a key in brackets needs no dot.
func join(path, key string) string {
	if path == "" || strings.HasPrefix(key, "[") {
		return path + key
	}
	return path + "." + key
}
