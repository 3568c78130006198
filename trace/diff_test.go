package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

// list is a stream of events in memory.
type list struct {
	header Header
	events []Event
	err    error // instead of io.EOF
}

func (l *list) Header() Header { return l.header }

func (l *list) Next() (*Event, error) {
	if len(l.events) == 0 {
		if l.err != nil {
			return nil, l.err
		}
		return nil, io.EOF
	}
	e := clone(&l.events[0])
	l.events = l.events[1:]
	return &e, nil
}

func sampleList(events []Event) *list {
	return &list{header: Header{Epoch: sampleEpoch, Level: LevelAll, Names: sampleNames}, events: events}
}

// edited is a run that differs from sampleRun as edit says.
func edited(edit func([]Event) []Event) *list { return sampleList(edit(sampleRun(RouteChanged))) }

func same(run []Event) []Event { return run }

func TestDiffNamesTheFirstDifference(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func([]Event) []Event
		seq  uint64 // 0: same
		a, b bool   // whether there is an event
	}{
		{"the same", same, 0, false, false},
		{"one ended", func(run []Event) []Event { return run[:20] }, 21, true, false},
		{"one never began", func(run []Event) []Event { return nil }, 1, true, false},
		{"one goes on", func(run []Event) []Event { return append(run, sampleEvent(LinkUp, 34)) }, 34, false, true},
		{"one event is missing", func(run []Event) []Event { return append(run[:6:6], run[7:]...) }, 7, true, true},
		{"one event is more", func(run []Event) []Event { return append([]Event{sampleEvent(LinkUp, 0)}, run...) }, 0, false, false},
		{"another number", func(run []Event) []Event { run[9].Seq = 100; return run }, 10, true, true},
		{"a smaller number", func(run []Event) []Event { run[9].Seq = 3; return run }, 3, true, true},
		{"another cause", func(run []Event) []Event { run[9].Cause = 1; return run }, 10, true, true},
		{"another further cause", func(run []Event) []Event { run[9].Because = nil; return run }, 10, true, true},
		{"the first of two", func(run []Event) []Event { run[30].T++; run[9].T++; return run }, 10, true, true},
	} {
		d, err := Diff(edited(same), edited(c.edit))
		require.NoError(t, err, c.name)
		reverse, err := Diff(edited(c.edit), edited(same))
		require.NoError(t, err, c.name)
		if c.seq == 0 {
			assert.Nil(t, d, c.name)
			assert.Nil(t, reverse, c.name)
			continue
		}
		require.NotNil(t, d, c.name)
		require.NotNil(t, reverse, c.name)
		assert.Equal(t, c.seq, d.Seq, c.name)
		assert.Equal(t, c.a, d.A != "", c.name)
		assert.Equal(t, c.b, d.B != "", c.name)
		assert.Equal(t, []string{d.A, d.B}, []string{reverse.B, reverse.A}, c.name)
		assert.Equal(t, []any{d.Seq, d.T}, []any{reverse.Seq, reverse.T}, c.name)
	}
}

func TestDiffSeesEveryField(t *testing.T) {
	for _, k := range Kinds() {
		for _, f := range kinds[k].fields {
			for i, change := range mutations[f] {
				other := sampleEvent(k, 1)
				change(&other)
				d, err := Diff(sampleList([]Event{sampleEvent(k, 1)}), sampleList([]Event{other}))
				require.NoError(t, err)
				assert.NotNil(t, d, "%v, change %d of %s", k, i, fieldNames[f])
			}
		}
	}
}

func TestDiffTellsTheCauses(t *testing.T) {
	event := func(seq, cause uint64, kind Kind, t clock.Time) Event {
		e := sampleEvent(kind, seq)
		e.T, e.Cause, e.Because = t, cause, nil
		return e
	}
	run := func(last Event) *list {
		return sampleList([]Event{
			event(1, 0, NodeUp, 0),
			event(2, 1, EnvelopeSent, 5),
			event(4, 2, EnvelopeTransmitted, clock.Time(time.Second)),
			event(5, 3, LinkDown, clock.Time(time.Second)),
			last,
		})
	}
	const sent = `seq 4 at 1s: envelope_transmitted at "n3", peer "n1", envelope 0f010203-0405-4607-8809-0a0b0c0d0eff`
	first := []string{
		sent,
		`seq 2 at 5ns: envelope_sent at "n3", peer "n1", envelope 0f010203-0405-4607-8809-0a0b0c0d0eff`,
		`seq 1 at 0s: node_up at "n3", peer "n1"`,
	}
	a := event(6, 4, EnvelopeDelivered, clock.Time(2*time.Second))
	later := a
	later.T++
	otherwise := a
	otherwise.Cause = 5
	for _, c := range []struct {
		name     string
		b        *list
		a, bOnly []string
	}{
		{"one cause for both", run(later), first, nil},
		{"another cause, itself of something that was not traced", run(otherwise), first, []string{
			`seq 5 at 1s: link_down at "n3", peer "n1"`, "seq 3: not among the events compared",
		}},
		{"B has ended", run(event(0, 0, ExpectationFailed, 0)), first, nil},
	} {
		d, err := Diff(run(a), c.b)
		require.NoError(t, err, c.name)
		require.NotNil(t, d, c.name)
		assert.Equal(t, c.a, d.Causes, c.name)
		assert.Equal(t, c.bOnly, d.CausesB, c.name)
		assert.Equal(t, uint64(6), d.Seq)
		assert.Equal(t, clock.Time(2*time.Second), d.T)
	}
	d, err := Diff(run(event(0, 0, ExpectationFailed, 0)), run(a))
	require.NoError(t, err)
	assert.Equal(t, first, d.Causes, "A has ended: what led to B")

	text, err := json.Marshal(d)
	require.NoError(t, err)
	assert.Contains(t, string(text), `{"seq":6,"t":2000000000,"a":"","b":"{\"t\":2000000000,`)
}

func TestDiffComparesByNameWhatBothKeep(t *testing.T) {
	run := sampleRun(ExpectationFailed)
	for i := range run {
		if run[i].Kind == ExpectationFailed {
			run[i].Seq = 0
		}
	}
	full := func() *list { return sampleList(run) }
	// The same run under another numbering of the nodes.
	turned := &list{header: full().header, events: clones(run)}
	turned.header.Names = []string{"n5", "n0", "n1", "n2", "n3", "a node with a long name"}
	to := map[sim.NodeID]sim.NodeID{0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 0, sim.NoNode: sim.NoNode, sim.Everyone: sim.Everyone}
	for i := range turned.events {
		e := &turned.events[i]
		for _, id := range []*sim.NodeID{&e.Node, &e.Peer, &e.Origin, &e.Destination, &e.Next} {
			*id = to[*id]
		}
		for j := range e.Path {
			e.Path[j] = to[e.Path[j]]
		}
	}
	d, err := Diff(full(), turned)
	require.NoError(t, err)
	assert.Nil(t, d)

	for name, f := range map[string]Filter{
		"level": {Level: LevelSummary},
		"time":  {Level: LevelAll, From: 1, To: 1_000_000_000},
		"nodes": {Level: LevelAll, Nodes: []sim.NodeID{3}},
		"none":  {Level: LevelAll, Nodes: []sim.NodeID{4}},
	} {
		filtered := func() *Reader {
			r, err := NewReader(bytes.NewReader(traceOf(t, sampleNames, full().header, f, run)))
			require.NoError(t, err)
			return r
		}
		for _, pair := range [][2]Stream{{filtered(), full()}, {full(), filtered()}, {filtered(), filtered()}} {
			d, err := Diff(pair[0], pair[1])
			require.NoError(t, err)
			assert.Nil(t, d, name)
		}
	}

	unknown := sampleList(nil)
	unknown.header.Nodes = []string{"nobody"}
	run[0].Peer = sim.NoNode
	d, err = Diff(unknown, full())
	require.NoError(t, err)
	assert.Nil(t, d, "a filter by an unknown node keeps nothing of a node")
}

func TestDiffPassesErrorsOn(t *testing.T) {
	for _, pair := range [][2]*list{
		{{err: errDisk}, sampleList(sampleRun(NodeUp))},
		{{err: errDisk}, sampleList(nil)},
		{sampleList(nil), {err: errDisk}},
	} {
		_, err := Diff(pair[0], pair[1])
		assert.ErrorIs(t, err, errDisk)
	}
}

// The history against a list of everything.
func TestHistoryFindsTheLastEvents(t *testing.T) {
	const limit = 8
	rapid.Check(t, func(t *rapid.T) {
		h := history{limit: limit}
		var all []uint64
		seq := uint64(0)
		for _, step := range rapid.SliceOf(rapid.Uint64Range(1, 3)).Draw(t, "steps") {
			seq += step
			h.add(&Event{Kind: LinkUp, Seq: seq, Cause: seq * 7})
			all = append(all, seq)
		}
		kept := map[uint64]bool{}
		for _, s := range all[max(0, len(all)-limit):] {
			kept[s] = true
		}
		for s := range seq + 2 {
			p, found := h.find(s)
			require.Equal(t, kept[s], found, s)
			if found {
				require.Equal(t, past{seq: s, cause: s * 7, kind: LinkUp}, p)
			}
		}
	})
}

func TestCausesAreBounded(t *testing.T) {
	h := newHistory()
	for seq := uint64(1); seq <= 500; seq++ {
		h.add(&Event{Kind: NodeUp, Seq: seq, Cause: seq - 1, Node: 0, Peer: sim.NoNode})
	}
	h.add(&Event{Kind: NodeUp, Seq: 501, Cause: 501, Node: sim.NoNode, Peer: sim.NoNode})
	names := newEncoder([]string{"n0"}, sampleEpoch).names
	chain := h.causes(500, names)
	require.Len(t, chain, maxCauses+1)
	assert.Equal(t, `seq 401 at 0s: node_up at "n0"`, chain[maxCauses-1])
	assert.Equal(t, "seq 400, and further back", chain[maxCauses])
	assert.Equal(t, []string{"seq 501 at 0s: node_up", "seq 501: not before its effect"}, h.causes(501, names))
	assert.Empty(t, h.causes(0, names))
}

func TestComparisonStopsAtTheDifference(t *testing.T) {
	a := edited(same)
	c := NewComparison(a, a.header)
	run := sampleRun(RouteChanged)
	run[4].T++
	for i := range run {
		c.Emit(&run[i])
		assert.Equal(t, i >= 4, c.Differs(), fmt.Sprint(i))
	}
	assert.Len(t, a.events, len(run)-5, "nothing is read beyond it")
}
