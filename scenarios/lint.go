package scenarios

import (
	"slices"
	"strings"
	"sync"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/sim"
)

// lint warns of what a scenario can hardly mean, on the mesh of one without errors:
// a hop limit that some pairs can't keep, pairs without a path, peers that nobody
// knows, what is offered more than it carries or larger messages, times outside of
// the run.
//
// Whoever means it says so by an expectation that names what follows, such as
// drops.hop_limit: then there is nothing to warn of. See meant.
func (s *Scenario) lint(r *report, m *Mesh) {
	for i := range s.Faults {
		s.lintFault(r, i)
	}
	for i := range s.Expects {
		s.lintWithin(r, i)
	}
	b := &builder{scenario: s, mesh: m}
	for i := range s.Traffic {
		b.lintTimes(r, i)
	}
	b.lintConduct(r)
	b.lintTrust(r)
	s.lintSession(r)
	b.lintProfiles(r)
	b.lintIsolated(r)
	if survey := newSurvey(b); survey != nil {
		survey.run()
		survey.tellPairs(r)
		survey.tellLoads(r)
		b.lintSizes(r, survey.demands)
		b.lintLearning(r)
	}
}

// linted remembers what lint said of a scenario, by its text: it is asked for
// before a run and again by its result.
type linted struct {
	sync.Mutex
	text     string
	problems []Problem
}

// lintOnce is lint, done anew only when the scenario has changed since.
func (s *Scenario) lintOnce(r *report, m *Mesh) {
	memory := s.source.linted
	if memory == nil {
		s.lint(r, m)
		return
	}
	memory.Lock()
	defer memory.Unlock()
	if text := string(s.TOML()); text != memory.text {
		fresh := &report{src: r.src}
		s.lint(fresh, m)
		memory.text, memory.problems = text, fresh.problems
	}
	for _, p := range memory.problems {
		r.put(p)
	}
}

// meant reports whether an expectation names a metric, other than to say that it
// is 0.
func (s *Scenario) meant(metric string) bool {
	return slices.ContainsFunc(s.Expects, func(x Expect) bool {
		for _, f := range x.forms() {
			text := strings.ReplaceAll(f.Expr+" "+f.While, " ", "")
			if strings.Contains(strings.ReplaceAll(text, metric+"==0", ""), metric) {
				return true
			}
		}
		return false
	})
}

func meantBy(metric string) string {
	return "(an expectation that names " + metric + " says that this is meant)"
}

// lintFault warns of a fault that does not end within the run although it should.
func (s *Scenario) lintFault(r *report, i int) {
	if f := &s.Faults[i]; f.Until > s.Duration && f.At <= s.Duration {
		r.warn(elementPath("fault", i)+".until", f.Until, "is after the end of the run (%s): the fault does not end", formatDuration(s.Duration))
	}
}

// lintWithin warns of a window after a fault that the run does not see to its end.
func (s *Scenario) lintWithin(r *report, i int) {
	x := &s.Expects[i]
	k := slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Name == x.After })
	if x.Within == "" || k < 0 {
		return
	}
	path, until := elementPath("expect", i), s.Faults[k].Until
	switch end := clock.Time(until).Add(x.Limit); {
	case until > s.Duration:
		r.warn(path+".after", x.After, "does not end within the run (%s): nothing is judged", formatDuration(s.Duration))
	case end > clock.Time(s.Duration):
		r.warn(path+".limit", x.Limit, "reaches beyond the end of the run (%s), as the fault ends at %s", formatDuration(s.Duration), formatDuration(until))
	}
}

// lintTimes warns of traffic that sends nothing in the run, or nothing that is
// counted.
func (b *builder) lintTimes(r *report, i int) {
	t, path := &b.scenario.Traffic[i], elementPath("traffic", i)
	end := b.scenario.Duration
	if t.File != "" || t.Start > end {
		return // flows are counted as they are read; the start is reported already
	}
	source, err := b.traffic(i)
	messages, ok := source.(*world.Messages)
	if err != nil || !ok {
		return
	}
	first := messages.First()
	stop := end
	if t.Stop != 0 {
		stop = min(stop, t.Stop-1)
	}
	from, to := b.scenario.Measure.Warmup, end-b.scenario.Measure.Drain
	switch {
	case first > clock.Time(stop) && first != clock.Never:
		r.warn(path, nil, "sends nothing in this run: the first message would leave at %s", formatDuration(Duration(first)))
	case from >= to: // which is reported already
	case first > clock.Time(to):
		r.warn("measure", nil, "counts nothing of traffic %s: its first message leaves at %s, the window ends at %s", quote(t.Name), formatDuration(Duration(first)), formatDuration(to))
	case t.last(stop) < from:
		r.warn("measure", nil, "counts nothing of traffic %s: its last message leaves at %s, the window begins at %s", quote(t.Name), formatDuration(t.last(stop)), formatDuration(from))
	}
}

// last is when the last message of periodic traffic leaves at the latest, or when
// other traffic stops.
func (t *Traffic) last(stop Duration) Duration {
	if t.Arrivals != "periodic" || t.Count == 0 {
		return stop
	}
	gap := t.gap()
	last := float64(t.Start) + float64(float64(t.Count-1)*float64(gap.Num)/float64(gap.Den))
	if last >= float64(stop) {
		return stop
	}
	return Duration(last)
}

// lintIsolated warns of nodes without any link.
func (b *builder) lintIsolated(r *report) {
	const shown = 3
	linked := make([]bool, len(b.mesh.Nodes))
	for _, l := range b.mesh.Links {
		linked[l.From], linked[l.To] = true, true
	}
	var alone []string
	for i, is := range linked {
		if !is {
			alone = append(alone, b.mesh.Nodes[i].ID)
		}
	}
	if len(alone) == 0 || len(linked) < 2 || b.scenario.meant("drops.no_route") {
		return
	}
	names := strings.Join(alone[:min(len(alone), shown)], " ")
	if len(alone) > shown {
		names += " …"
	}
	r.warn("topology", nil, "%d of %d nodes have no links: %s %s", len(alone), len(linked), names, meantBy("drops.no_route"))
}

// demand is what an entry, or a row of its file, asks of the mesh: messages from
// each of some nodes to others.
type demand struct {
	entry     int // of [[traffic]]; −1 when there is none
	from      []sim.NodeID
	to        []sim.NodeID        // candidates; nil: one envelope for all
	each      bool                // to each of them, not to one at a time
	rate      float64             // arrivals per second and source while it is active
	size      float64             // application bytes
	among     map[sim.NodeID]bool // to, where that is not everyone
	lone      bool                // no more than one arrival, which is no load
	at, until Duration            // when it is active, by the mean time between arrivals
	ends      Duration            // when its last message leaves at the latest
}

// demands lists what the traffic asks for, or all pairs when there is none.
func (b *builder) demands() (all []demand) {
	for i := range b.scenario.Traffic {
		if b.scenario.Traffic[i].File != "" {
			all = append(all, b.flowDemands(i)...)
		} else {
			all = append(all, b.demand(i))
		}
	}
	if len(b.scenario.Traffic) == 0 {
		all = append(all, demand{entry: -1, from: b.all(), to: b.all(), each: true, lone: true})
	}
	return all
}

// meanSize is the mean size of an entry's messages.
func (b *builder) meanSize(i int) float64 {
	size := b.scenario.Traffic[i].Size
	if mean, ok := size.mean(); ok {
		return float64(mean)
	}
	r := &report{src: &b.scenario.source} // the file was read before
	model := size.Kind.model(&sampleReader{report: r, s: b.scenario, key: elementPath("traffic", i) + ".size"})
	if drawn, ok := model.(*world.EmpiricalSize); ok && drawn != nil {
		return float64(drawn.Weights.Mean(func(k int) uint64 { return uint64(drawn.Values[k]) }))
	}
	return 0
}

func (b *builder) demand(i int) demand {
	t := &b.scenario.Traffic[i]
	gap := t.gap()
	d := demand{
		entry: i, from: b.nodes(t.From, "traffic/"+t.Name+"/from"), to: b.destinations(t.target()).Nodes, each: t.To.How == ToEach,
		rate: 1e9 * float64(gap.Den) / float64(gap.Num), size: b.meanSize(i),
	}
	if len(d.to) < len(b.mesh.Nodes) {
		d.setAmong()
	}
	until := b.scenario.Duration
	if t.Stop != 0 {
		until = min(until, t.Stop)
	}
	d.active(t.Start, until, t.Count)
	if d.ends = t.last(until); t.Stop != 0 {
		d.ends = min(d.ends, t.Stop-1)
	}
	return d
}

func (b *builder) flowDemands(i int) (all []demand) {
	flows, _ := b.scenario.Flows(b.mesh, i) // validated
	for _, f := range flows {
		d := demand{entry: i, from: []sim.NodeID{f.Source}, size: float64(f.Size), rate: 1}
		if f.Destination != sim.Everyone {
			d.to = []sim.NodeID{f.Destination}
			d.setAmong()
		}
		if f.Interval > 0 {
			d.rate = 1e9 / float64(f.Interval)
		}
		d.active(Duration(f.Start), b.scenario.Duration, int64(f.Count))
		d.ends = b.scenario.Duration
		if last := float64(f.Start) + float64(float64(f.Interval)*float64(f.Count-1)); f.Count > 0 && last < float64(d.ends) {
			d.ends = Duration(last)
		}
		all = append(all, d)
	}
	return all
}

func (d *demand) setAmong() {
	d.among = make(map[sim.NodeID]bool, len(d.to))
	for _, to := range d.to {
		d.among[to] = true
	}
}

// active sets when a demand sends. What is over in less than a second counts as
// spread over one: a burst is what queues are for.
func (d *demand) active(at, until Duration, count int64) {
	arrivals := d.rate * max(0, (until-at).Seconds())
	if count > 0 {
		arrivals = min(arrivals, float64(count))
	}
	seconds := max(1, arrivals/d.rate)
	d.lone = arrivals < 2
	d.rate = arrivals / seconds
	d.at, d.until = at, at+Duration(seconds*1e9)
}
