package scenarios

import (
	"fmt"
	"slices"

	"meshsim/scenarios/world"
	"meshsim/sim"
)

// lintSizes warns of traffic that no link at its sources takes.
func (b *builder) lintSizes(r *report, demands []demand) {
	if b.scenario.meant("drops.mtu") {
		return
	}
	most := b.mesh.largestMTU()
	if !slices.ContainsFunc(most, func(m int64) bool { return m > 0 }) {
		return
	}
	for i := range b.scenario.Traffic {
		b.lintMTU(r, i, demands, most)
	}
}

// lintMTU warns of an entry whose messages are larger than what any link takes that
// leads away from some of their senders, however small a size is drawn.
func (b *builder) lintMTU(r *report, entry int, demands []demand, most []int64) {
	t := &b.scenario.Traffic[entry]
	least, flows, stuck, largest := b.leastSize(entry), 0, 0, int64(0)
	of, size := "senders", int64(0)
	count := func(bytes int64, from sim.NodeID) {
		flows++
		if limit := most[from]; limit > 0 && bytes > limit {
			stuck++
			largest, size = max(largest, limit), max(size, bytes)
		}
	}
	for i := range demands {
		d := &demands[i]
		switch {
		case d.entry != entry:
		case t.File != "":
			of = "flows"
			count(int64(d.size), d.from[0])
		default:
			for _, s := range d.from {
				count(least, s)
			}
		}
	}
	if stuck == 0 {
		return
	}
	key, value, what := elementPath("traffic", entry)+".size", any(t.Size), fmt.Sprintf("messages of at least %d bytes", size)
	if t.File != "" {
		key, value, what = elementPath("traffic", entry)+".file", t.File, fmt.Sprintf("messages of up to %d bytes", size)
	}
	r.warn(key, value, "for %d of the %d %s of traffic %s, %s are larger than any link takes that leads away from the source: mtu %d at most %s",
		stuck, flows, of, quote(t.Name), what, largest, meantBy("drops.mtu"))
}

// largestMTU is by node the largest message that some link away from it takes; 0
// where one takes any, or there is none.
func (m *Mesh) largestMTU() []int64 {
	most, any := make([]int64, len(m.Nodes)), make([]bool, len(m.Nodes))
	for i := range m.Links {
		l := &m.Links[i]
		most[l.From] = max(most[l.From], l.MTU)
		any[l.From] = any[l.From] || l.MTU == 0
	}
	for i := range most {
		if any[i] {
			most[i] = 0
		}
	}
	return most
}

// leastSize is the least size of an entry's messages.
func (b *builder) leastSize(i int) int64 {
	switch k := b.scenario.Traffic[i].Size.Kind.(type) {
	case FixedSize:
		return k.Bytes
	case UniformSize:
		return k.Min
	case EmpiricalSize:
		r := &report{src: &b.scenario.source} // the file was read before
		model := k.model(&sampleReader{report: r, s: b.scenario, key: elementPath("traffic", i) + ".size"})
		if drawn, ok := model.(*world.EmpiricalSize); ok && drawn != nil {
			least := int64(maxSize)
			for _, size := range drawn.Values {
				least = min(least, size)
			}
			return least
		}
	}
	return 0
}
