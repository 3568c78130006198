package campaign

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"meshsim/scenarios"
)

// links draws what wires do, and gives some of them values of their own.
func (w *swarm) links() {
	w.s.Link = w.wire("link")
	d := w.of("links")
	switch {
	case w.s.Topology.Kind == nil:
	case len(w.s.Links) > 0:
		other := w.wire("links")
		for i := range w.s.Links {
			if d.hit(30) {
				override(d, reflect.ValueOf(&w.s.Links[i]).Elem(), &other)
			}
		}
	case w.on("links", 70):
		w.mesh = must(w.s.Mesh())
		other := w.wire("links")
		for _, l := range w.mesh.Links {
			if !d.hit(20) {
				continue
			}
			entry := scenarios.Links{From: w.mesh.Nodes[l.From].ID, To: w.mesh.Nodes[l.To].ID}
			override(d, reflect.ValueOf(&entry).Elem(), &other)
			w.s.Links = append(w.s.Links, entry)
		}
	}
}

// wire draws a link, feature by feature.
func (w *swarm) wire(of string) scenarios.Link {
	l := scenarios.Link{Latency: w.latency(of + "/latency")}
	feature := func(name string, percent int, draw func(d *draws)) {
		if w.on(of+"/"+name, percent) {
			draw(w.of(of + "/" + name))
		}
	}
	feature("loss", 40, func(d *draws) { l.Loss = pick(d, d.share(1, 50), d.share(50, 500)) })
	feature("burst_loss", 30, func(d *draws) {
		l.BurstLoss = scenarios.BurstLoss{P: d.share(5, 200), R: d.share(100, 900), Good: d.share(0, 20), Bad: d.share(300, 1000)}
	})
	feature("bandwidth", 40, func(d *draws) {
		l.Bandwidth = pick[scenarios.BitRate](d, 20, 100, 777, 1000, 10_000) * scenarios.KbitPerSecond
	})
	feature("queue", 40, func(d *draws) {
		l.Queue = pick(d, scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: int64(d.between(0, 6))},
			scenarios.QueueSize{Unit: scenarios.QueueBytes, Max: int64(d.between(0, 2000))})
	})
	feature("queue_policy", 40, func(d *draws) {
		if l.QueuePolicy = d.word(words("link.queue_policy")); l.Bandwidth == 0 {
			l.Bandwidth = 100 * scenarios.KbitPerSecond
		}
	})
	feature("duplicate", 35, func(d *draws) { l.Duplicate = pick(d, d.share(1, 300), 1_000_000_000) })
	feature("reorder", 35, func(d *draws) { l.Reorder = d.share(1, 500) })
	feature("corrupt", 35, func(d *draws) { l.Corrupt = d.share(1, 300) })
	feature("mtu", 35, func(d *draws) { l.MTU = int64(pick(d, 199, 200, 1000)) })
	feature("header", 35, func(d *draws) { l.Header = int64(d.between(1, 60)) })
	feature("fifo", 35, func(*draws) { l.FIFO = true })
	feature("zero_latency", 20, func(d *draws) {
		if l.ZeroLatency = true; d.hit(50) {
			l.Latency = scenarios.Constant(0)
		}
	})
	return l
}

// latency draws one of few round values, so that many paths tie, or an odd one, or
// one that varies.
func (w *swarm) latency(feature string) scenarios.Latency {
	d := w.of(feature)
	base := time.Duration(d.between(1, 4)) * time.Millisecond
	if d.hit(50) {
		base = time.Duration(d.between(1, 30_000_000))
	}
	spread := time.Duration(d.between(1, 20_000_000))
	draw := latencyKinds[d.word(words("latency"))]
	if d.hit(25) || draw == nil {
		return scenarios.Constant(base)
	}
	return scenarios.Latency{Kind: draw(w, d, base, spread)}
}

// latencyKinds draws kinds of latency by name, around base + spread/2. Tails are cut,
// so that a run comes to rest.
var latencyKinds = map[string]func(w *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind{
	"constant": func(_ *swarm, _ *draws, base, _ time.Duration) scenarios.LatencyKind {
		return scenarios.ConstantLatency{Value: base}
	},
	"uniform": func(_ *swarm, _ *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.UniformLatency{Min: base, Max: base + spread}
	},
	"normal": func(_ *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.NormalLatency{Mean: base, StdDev: spread / 4, Min: pick(d, 0, base/2+1)}
	},
	"lognormal": func(_ *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.LognormalLatency{Median: base + 1, Sigma: scenarios.Num(0.1 * float64(d.between(1, 10))), Min: pick(d, 0, base/2+1), Max: base + 10*spread}
	},
	"exponential": func(_ *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.ExponentialLatency{Mean: base + 1, Min: pick(d, 0, base/2+1), Max: base + 10*spread}
	},
	"pareto": func(_ *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.ParetoLatency{Scale: base + 1, Shape: scenarios.Num(0.5 * float64(d.between(2, 8))), Max: base + 1 + 10*spread}
	},
	"weibull": func(_ *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		return scenarios.WeibullLatency{Scale: base + 1, Shape: scenarios.Num(0.5 * float64(d.between(1, 6))), Min: pick(d, 0, base/2+1), Max: base + 10*spread}
	},
	"empirical": func(w *swarm, _ *draws, base, spread time.Duration) scenarios.LatencyKind {
		w.s.Embed("latency.csv", fmt.Appendf(nil, "latency,weight\n%dns,3\n%dns,1\n", base, base+spread))
		return scenarios.EmpiricalLatency{File: "latency.csv"}
	},
	"profile": func(w *swarm, d *draws, base, spread time.Duration) scenarios.LatencyKind {
		w.s.Embed("profile.csv", fmt.Appendf(nil, "time,latency,loss,bandwidth\n0s,%dns,0%%,1Mbit/s\n%dns,%dns,%d%%,\n", base, w.s.Duration/5, base+spread, d.between(0, 40)))
		return scenarios.ProfileLatency{File: "profile.csv", Loop: d.hit(50)}
	},
}

// override gives an entry, whose keys are those of a link and absent unless set,
// some values of another wire: any of its keys that are not zero.
func override(d *draws, entry reflect.Value, from *scenarios.Link) {
	wire := reflect.ValueOf(from).Elem()
	for i := range wire.NumField() {
		key := entry.FieldByName(wire.Type().Field(i).Name)
		if !key.IsValid() || wire.Field(i).IsZero() || !d.hit(60) {
			continue
		}
		value := reflect.New(wire.Field(i).Type())
		value.Elem().Set(wire.Field(i))
		key.Set(value)
	}
	if d.hit(10) { // where the default has a bound
		entry.FieldByName("Queue").Set(reflect.ValueOf(new(scenarios.QueueSize{})))
	}
	if from.Latency == scenarios.Constant(0) { // the one needs the other
		entry.FieldByName("ZeroLatency").Set(reflect.ValueOf(new(true)))
	}
}

// nodes draws what nodes have besides links.
func (w *swarm) nodes() {
	n := &w.s.NodeDefaults
	if w.on("uplink", 25) && !w.choosy() {
		n.Uplink = access(w.of("uplink"))
	}
	if w.on("downlink", 25) {
		n.Downlink = access(w.of("downlink"))
	}
	if w.on("start", 30) {
		d := w.of("start")
		n.Start = pick(d, scenarios.StartAt(d.span(1, w.s.Duration/10)), scenarios.StartTime{Max: w.s.Duration / 5, Uniform: true})
	}
	if w.on("clock", 25) {
		d := w.of("clock")
		n.ClockOffset = scenarios.Offset(d.span(-time.Second, time.Second))
		n.ClockDrift = scenarios.PPM(d.between(-100_000_000, 100_000_000))
	}
	geo := w.on("geo", 10)
	if geo { // latencies from places, instead of the one drawn
		w.s.Link.Geo, w.s.Link.Latency = true, scenarios.Latency{}
	}
	if w.on("node", 25) || geo {
		w.ownNodes()
	}
}

// choosy reports whether a link has a policy of its own, which none behind an uplink
// may have.
func (w *swarm) choosy() bool {
	const plain = "drop_tail"
	if p := w.s.Link.QueuePolicy; p != "" && p != plain {
		return true
	}
	return slices.ContainsFunc(w.s.Links, func(l scenarios.Links) bool { return l.QueuePolicy != nil && *l.QueuePolicy != plain })
}

// ownNodes gives all nodes entries, since without one a node of own links is none,
// and some of them values.
func (w *swarm) ownNodes() {
	d := w.of("node")
	bare := *w.s
	bare.Link.Geo = false // it asks for the places that are drawn here
	for _, seat := range must(bare.Mesh()).Nodes {
		n := scenarios.Node{ID: seat.ID, Kind: d.word(words("node.kind"))}
		if w.s.Link.Geo || d.hit(10) {
			n.Lat, n.Lon = new(scenarios.Degree*scenarios.Degrees(d.between(-60, 60))), new(scenarios.Degree*scenarios.Degrees(d.between(-180, 180)))
		}
		if d.hit(20) && !w.choosy() {
			n.Uplink = new(access(d))
		}
		if d.hit(20) {
			n.Downlink = new(access(d))
		}
		if d.hit(20) {
			n.Start = new(pick(d, scenarios.StartAt(d.span(0, w.s.Duration/10)), scenarios.StartTime{Max: w.s.Duration / 5, Uniform: true}))
		}
		if d.hit(20) {
			n.ClockOffset = new(scenarios.Offset(d.span(-time.Second, time.Second)))
			n.ClockDrift = new(scenarios.PPM(d.between(-100_000, 100_000)))
		}
		if d.hit(20) {
			n.Key = "k" + seat.ID
		}
		w.s.Nodes = append(w.s.Nodes, n)
	}
}

func access(d *draws) scenarios.Access {
	a := scenarios.Access{Bandwidth: pick[scenarios.BitRate](d, 50, 200, 2000) * scenarios.KbitPerSecond}
	if d.hit(60) {
		a.Queue = scenarios.QueueSize{Unit: scenarios.QueueCopies, Max: int64(d.between(0, 8))}
	}
	return a
}
