package scenarios

import (
	"cmp"
	"fmt"
	"slices"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// contactWork bounds what is looked at of a contact plan, in nodes, links and pairs.
const contactWork = 1 << 24

// meeting is what the contacts of a plan leave possible: for each destination and
// demand, the senders that have a path at some instant at which they send.
//
// Nobody keeps a copy until a link comes up, so the whole path must be there at
// once: for shortest_path when a message is sent, for direct the link. Floods and
// tables look at their next link only; while a copy is on its way the plan moves on,
// so there a contact counts from slack before its start.
//
// Time is looked at in spans. Normally one lies between two changes of the plan; of
// a long plan a span holds many, with all links that are up at any time in it: then
// some pairs are missed that never have a path, but none is named that has.
type meeting struct {
	v     *survey
	slack Duration
	into  [][]int // links by receiver
	met   map[toward][]bool
	spans int // fewest that were looked at
	of    int // spans between changes
}

// toward is a destination of a demand.
type toward struct {
	to     sim.NodeID
	demand int
}

// meet looks at the contact plan, if there is one.
func (v *survey) meet() *meeting {
	if len(v.mesh.Contacts) == 0 || len(v.scenario.Traffic) == 0 {
		return nil
	}
	m := &meeting{v: v, into: make([][]int, len(v.mesh.Nodes)), met: map[toward][]bool{}}
	for i, l := range v.mesh.Links {
		m.into[l.To] = append(m.into[l.To], i)
		m.slack = max(m.slack, l.Latency.Most())
	}
	if m.slack *= Duration(v.scenario.Routing.MaxHops); v.narrow() || m.slack > v.scenario.Duration {
		m.slack = v.scenario.Duration // a copy may wait for a transmitter as long as it likes
	}
	m.look(0, func(d *demand) bool { return !v.drifts(d) })
	m.look(m.slack, v.drifts)
	return m
}

// drifts reports whether copies of a demand go on without a whole path.
func (v *survey) drifts(d *demand) bool {
	return d.to == nil || v.strategy != "contacts" && v.strategy != "direct"
}

// asked lists, by destination of the sample, the demands among those wanted, and
// how much work one span is.
func (m *meeting) asked(wanted func(*demand) bool) (all [][]int, work int) {
	v := m.v
	all = make([][]int, len(v.sample))
	for i, to := range v.sample {
		for _, k := range slices.Concat(v.general, v.special[to]) {
			if d := &v.demands[k]; d.entry >= 0 && wanted(d) {
				all[i] = append(all[i], k)
				m.met[toward{to, k}] = make([]bool, len(d.from))
				work += len(d.from)
			}
		}
		if all[i] != nil {
			work += len(v.mesh.Nodes) + len(v.mesh.Links)
		}
	}
	return all, work
}

// look finds who meets whom, span by span.
func (m *meeting) look(slack Duration, wanted func(*demand) bool) {
	asked, work := m.asked(wanted)
	if work == 0 {
		return
	}
	from := m.begins(slack, max(1, contactWork/work))
	plan, up := m.v.mesh.Contacts, m.unplanned()
	first, last := make([]int, len(plan)), make([]int, len(plan)) // spans of each contact
	byFirst, byLast := make([]int, len(plan)), make([]int, len(plan))
	for i, c := range plan {
		first[i], last[i] = spanOf(from, early(c, slack)), spanOf(from, c.End-1)
		if early(c, slack) > clock.Time(m.v.scenario.Duration) {
			first[i], last[i] = len(from), len(from) // no span has it
		}
		byFirst[i], byLast[i] = i, i
	}
	slices.SortFunc(byFirst, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	slices.SortFunc(byLast, func(a, b int) int { return cmp.Compare(last[a], last[b]) })
	for span, start := range from {
		for ; len(byFirst) > 0 && first[byFirst[0]] == span; byFirst = byFirst[1:] {
			c := plan[byFirst[0]]
			up[m.v.number(c.From, c.To)]++
		}
		end := clock.Never
		if span+1 < len(from) {
			end = from[span+1]
		}
		m.within(start, end, asked, up)
		for ; len(byLast) > 0 && last[byLast[0]] == span; byLast = byLast[1:] {
			c := plan[byLast[0]]
			up[m.v.number(c.From, c.To)]--
		}
	}
}

// unplanned counts, by link, one for those that the plan does not name: they are
// always up.
func (m *meeting) unplanned() []int {
	up := slices.Repeat([]int{1}, len(m.v.mesh.Links))
	for _, c := range m.v.mesh.Contacts {
		up[m.v.number(c.From, c.To)] = 0
	}
	return up
}

func early(c world.Contact, slack Duration) clock.Time {
	return max(0, c.Start-clock.Time(slack))
}

// begins are the instants at which the spans begin, the first at 0.
func (m *meeting) begins(slack Duration, most int) []clock.Time {
	from := []clock.Time{0}
	for _, c := range m.v.mesh.Contacts {
		from = append(from, early(c, slack), c.End)
	}
	end := clock.Time(m.v.scenario.Duration)
	from = slices.DeleteFunc(from, func(t clock.Time) bool { return t > end })
	slices.Sort(from)
	from = slices.Compact(from)
	if all := len(from); all > most {
		step := (all + most - 1) / most
		for i := 0; i*step < all; i++ {
			from[i] = from[i*step]
		}
		from = from[:(all+step-1)/step]
		m.spans, m.of = len(from), all
	}
	return from
}

// spanOf is the span in which an instant lies.
func spanOf(from []clock.Time, t clock.Time) int {
	i, found := slices.BinarySearch(from, t)
	if found {
		return i
	}
	return i - 1
}

// within notes who has a path in a span, start ≤ t < end, over links that are up.
func (m *meeting) within(start, end clock.Time, asked [][]int, up []int) {
	v := m.v
	for i, demands := range asked {
		to, looked := v.sample[i], false
		for _, k := range demands {
			d, met := &v.demands[k], m.met[toward{v.sample[i], k}]
			if clock.Time(d.at) >= end || clock.Time(d.ends) < start || !slices.Contains(met, false) {
				continue
			}
			if !looked {
				m.reach(to, up)
				looked = true
			}
			for j, s := range d.from {
				met[j] = met[j] || v.floodHops[s] >= 0
			}
		}
	}
}

// reach counts the links to a destination over those that are up, in floodHops.
func (m *meeting) reach(to sim.NodeID, up []int) {
	v := m.v
	for s := range v.floodHops {
		v.floodHops[s] = noPath
	}
	v.floodHops[to] = 0
	v.queue = append(v.queue[:0], to)
	for i := 0; i < len(v.queue); i++ {
		at := v.queue[i]
		if at != to && v.strategy == "direct" {
			return
		}
		for _, l := range m.into[at] {
			if s := v.mesh.Links[l].From; up[l] > 0 && v.floodHops[s] == noPath {
				v.floodHops[s] = v.floodHops[at] + 1
				v.queue = append(v.queue, s)
			}
		}
	}
}

// apart reports whether the i-th sender of a demand never has a path to a
// destination when it sends.
func (m *meeting) apart(k, i int, to sim.NodeID) bool {
	if m == nil {
		return false
	}
	met := m.met[toward{to, k}]
	return met != nil && !met[i]
}

// tellApart warns of pairs that no instant of a contact plan joins.
func (v *survey) tellApart(r *report, t *tally, path string) {
	if t.apart == 0 || v.scenario.meant("drops.no_route") {
		return
	}
	note := ""
	if v.meeting.of > 0 {
		note = fmt.Sprintf("; there may be more, as the %d spans between changes of the plan are looked at as %d", v.meeting.of, v.meeting.spans)
	}
	r.warn(path, nil, "%s have no path at any instant at which they send: links of the plan come and go, and nobody keeps a message until the next is up; such as %s → %s%s %s",
		t.share(t.apart, v), v.mesh.Nodes[t.parted[0]].ID, v.mesh.Nodes[t.parted[1]].ID, note, meantBy("drops.no_route"))
}
