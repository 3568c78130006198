package campaign

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"meshsim/scenarios"
)

// faults draws what goes wrong: each kind by its own coin, up to three times, and
// each time for a least time, with a least time before the next of its kind, so that
// the mesh also settles in each state. Faults of different kinds overlap.
func (w *swarm) faults() {
	if !w.on("faults", 80) {
		return
	}
	for _, kind := range words("fault.kind") {
		draw := faultKinds[kind]
		if draw == nil || !w.on("fault/"+kind, 35) {
			continue // one that the swarm does not know yet: coverage tells
		}
		d := w.of("fault/" + kind)
		stable := w.s.Duration / 20
		at := d.span(0, w.s.Duration/2)
		for i := range d.between(1, 3) {
			f := scenarios.Fault{Name: fmt.Sprintf("%s%d", kind, i+1), Kind: draw(w, d), At: at, Until: at + stable + d.span(1, w.s.Duration/3)}
			if f.Kind == nil || f.At >= w.s.Duration {
				break
			}
			at = f.Until + stable + d.span(0, w.s.Duration/10)
			if last := i == 0 && kind != "swizzle" && d.hit(15); last {
				f.Until = 0
				w.s.Faults = append(w.s.Faults, f)
				break
			}
			w.s.Faults = append(w.s.Faults, f)
		}
	}
	slices.SortStableFunc(w.s.Faults, func(a, b scenarios.Fault) int { return int(a.At - b.At) })
}

// faultKinds draws kinds of fault by name; nil where the mesh has nothing for it.
var faultKinds = map[string]func(w *swarm, d *draws) scenarios.FaultKind{
	"partition": func(w *swarm, d *draws) scenarios.FaultKind {
		p := scenarios.Partition{OneWay: d.hit(30)}
		switch n := len(w.mesh.Nodes); {
		case n > 1 && d.hit(40):
			p.Mode = d.word(words("fault.partition.mode"))
		case n > 2 && d.hit(20):
			p.Groups = [][]string{{scenarios.Drawn(int64(d.between(2, 3)))}}
		default:
			p.Groups = w.groups(d)
		}
		return p
	},
	"isolate": func(w *swarm, d *draws) scenarios.FaultKind { return scenarios.Isolate{Nodes: w.fewNodes(d)} },
	"churn": func(w *swarm, d *draws) scenarios.FaultKind {
		return scenarios.Churn{Nodes: w.fewNodes(d), MeanUp: d.span(w.s.Duration/50, w.s.Duration/5), MeanDown: d.span(w.s.Duration/50, w.s.Duration/10), Lose: d.word(words("fault.churn.lose"))}
	},
	"flap": func(w *swarm, d *draws) scenarios.FaultKind {
		k := scenarios.Flap{Links: w.someLinks(d, 6), MeanUp: d.span(w.s.Duration/50, w.s.Duration/5), MeanDown: d.span(w.s.Duration/50, w.s.Duration/10)}
		if k.Links == nil {
			return nil
		}
		if d.hit(50) {
			k.MinUp = k.MeanUp / 2
		}
		if d.hit(50) {
			k.MinDown = k.MeanDown / 2
		}
		return k
	},
	"swizzle": func(w *swarm, d *draws) scenarios.FaultKind { return scenarios.Swizzle{Nodes: w.fewNodes(d)} },
	"link_down": func(w *swarm, d *draws) scenarios.FaultKind {
		if set := w.someLinks(d, 6); set != nil {
			return scenarios.LinkDown{Links: set}
		}
		return nil
	},
	"link_set": func(w *swarm, d *draws) scenarios.FaultKind {
		set := w.someLinks(d, 6)
		if set == nil {
			return nil
		}
		change, other := scenarios.LinkChange{Links: set}, w.wire("link_set")
		override(d, reflect.ValueOf(&change.Set).Elem(), &other)
		if change.Set == (scenarios.LinkValues{}) {
			change.Set.Loss = new(d.share(1, 1000))
		}
		return change
	},
	"clog": func(w *swarm, d *draws) scenarios.FaultKind {
		if set := w.someLinks(d, 6); set != nil {
			return scenarios.Clog{Links: set, Delay: d.span(1, w.s.Duration/10)}
		}
		return nil
	},
	"hold": func(w *swarm, d *draws) scenarios.FaultKind {
		if set := w.someLinks(d, 6); set != nil {
			return scenarios.Hold{Links: set}
		}
		return nil
	},
	"crash": func(w *swarm, d *draws) scenarios.FaultKind {
		return scenarios.NodeCrash{Nodes: w.fewNodes(d), Lose: d.word(words("fault.crash.lose"))}
	},
	"pause": func(w *swarm, d *draws) scenarios.FaultKind { return scenarios.Pause{Nodes: w.fewNodes(d)} },
	"clock_skew": func(w *swarm, d *draws) scenarios.FaultKind {
		return scenarios.ClockSkew{Nodes: w.fewNodes(d), Offset: scenarios.Offset(d.span(-time.Second, time.Second)), Drift: scenarios.PPM(d.between(1, 100_000))}
	},
}

// groups draws two or three groups: one and the rest, halves, or some nodes in none.
func (w *swarm) groups(d *draws) [][]string {
	n := len(w.mesh.Nodes)
	first := w.someNodes(d, max(1, n/2))
	if d.hit(50) {
		return [][]string{first, {"*"}}
	}
	var rest []string
	for _, node := range w.mesh.Nodes {
		if !slices.Contains(first, node.ID) {
			rest = append(rest, node.ID)
		}
	}
	switch {
	case len(rest) == 0:
		return [][]string{first, {"*"}}
	case len(rest) > 2 && d.hit(50):
		return [][]string{first, rest[:len(rest)/2], rest[len(rest)/2:]}
	}
	return [][]string{first, rest[:max(1, len(rest)/2)]}
}
