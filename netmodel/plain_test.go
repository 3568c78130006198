package netmodel

import (
	"reflect"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A plain link judges as the general way does, and counts the same.
func TestPlainLinkIsNoExceptionToTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := lineSpecs.Draw(t, "line")
		spec := LinkSpec{
			From: 0, To: 1, Latency: Constant(time.Duration(rapid.Int64Range(0, 30).Draw(t, "latency"))),
			Bandwidth: line.Bandwidth, Queue: line.Queue, Header: rapid.Int64Range(0, 3).Draw(t, "header"),
		}
		n, twin := network(t, 2, spec), network(t, 2, spec)
		require.True(t, n.link(0, 1).plain)
		now := clock.Time(0)
		for i := range rapid.IntRange(1, 40).Draw(t, "copies") {
			now += clock.Time(rapid.Int64Range(0, 8).Draw(t, "gap"))
			size := rapid.Int64Range(0, 9).Draw(t, "size")
			key := sim.Key{N: uint64(i)}
			v, want := Verdict{Serve: 1}, Verdict{Serve: 2}
			n.Carry(now, 0, 1, size, key, &v)
			twin.link(0, 1).carry(now, size, key, &want)
			require.Equal(t, want, v, "copy %d", i)
		}
		require.Equal(t, twin.Stats(0, 1), n.Stats(0, 1))
	})
}

// What is in the way of a copy, or leaves something to chance, makes a link one that
// is not plain.
func TestPlainLinks(t *testing.T) {
	require.Equal(t, 17, reflect.TypeFor[LinkSpec]().NumField(), "a new field has a say in review, and a row here")
	jitter, err := Uniform(1, 2)
	require.NoError(t, err)
	recorded, err := Recorded(Profile{Rows: []ProfileRow{{}}})
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		spec LinkSpec
		then func(*Network)
		want bool
	}{
		"nothing":             {want: true},
		"latency and header":  {spec: LinkSpec{Latency: Constant(5), Header: 5}, want: true},
		"bandwidth and queue": {spec: LinkSpec{Bandwidth: 8, Queue: Packets(1)}, want: true},
		"MTU":                 {spec: LinkSpec{MTU: 1}},
		"policy":              {spec: LinkSpec{Bandwidth: 8, Policy: CoDel}},
		"jitter":              {spec: LinkSpec{Latency: jitter}},
		"profile":             {spec: LinkSpec{Latency: recorded}},
		"loss":                {spec: LinkSpec{Loss: 1}},
		"duplicates":          {spec: LinkSpec{Duplicate: 1}},
		"corruption":          {spec: LinkSpec{Corrupt: 1}},
		"reordering":          {spec: LinkSpec{Reorder: 1}},
		"order":               {spec: LinkSpec{FIFO: true}},
		"bursts":              {spec: LinkSpec{BurstLoss: GilbertElliott{P: 1, R: 1, Bad: 1}}},
		"uplink":              {then: func(n *Network) { require.NoError(t, n.Share(0, LineSpec{Bandwidth: 8}, LineSpec{})) }},
		"downlink":            {then: func(n *Network) { require.NoError(t, n.Share(0, LineSpec{}, LineSpec{Bandwidth: 8})) }, want: true},
		"out of contact":      {then: func(n *Network) { n.SetContact([]Ends{{0, 1}}, false) }},
		"back in contact": {want: true, then: func(n *Network) {
			n.SetContact([]Ends{{0, 1}}, false)
			n.SetContact([]Ends{{0, 1}}, true)
		}},
		"down":    {then: func(n *Network) { n.Begin(0, LinkDownFault{[]Ends{{0, 1}}}) }},
		"kept":    {then: func(n *Network) { n.Begin(0, HoldFault{[]Ends{{0, 1}}}) }},
		"clogged": {then: func(n *Network) { n.Begin(0, ClogFault{[]Ends{{0, 1}}, 1}) }},
		"cut":     {then: func(n *Network) { n.Begin(0, Partition{Groups: [][]sim.NodeID{{0}, {1}}}) }},
		"not clogged": {want: true, then: func(n *Network) {
			n.Begin(0, ClogFault{[]Ends{{0, 1}}, 1})
			n.End(0)
		}},
		"not cut": {want: true, then: func(n *Network) {
			n.Begin(0, Partition{Groups: [][]sim.NodeID{{0}, {1}}})
			n.End(0)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.spec.To = 1
			n := network(t, 2, tt.spec)
			if tt.then != nil {
				tt.then(n)
			}
			require.Equal(t, tt.want, n.link(0, 1).plain)
		})
	}
}

// Few nodes have a grid of all links, many a search: both find the same.
func TestGridFindsWhatSearchDoes(t *testing.T) {
	s := full(20, LinkSpec{})
	n := network(t, 20, s[:len(s)/2]...)
	require.NotNil(t, n.grid)
	linked := 0
	for from := range sim.NodeID(20) {
		for to := range sim.NodeID(20) {
			i := n.find(from, to)
			require.Equal(t, n.search(from, to), i, "%d → %d", from, to)
			if i != noLink {
				linked++
				require.Equal(t, []sim.NodeID{from, to}, []sim.NodeID{n.from[i], n.to[i]})
			}
		}
	}
	require.Equal(t, len(n.links), linked)
	require.Nil(t, network(t, 513, LinkSpec{To: 1}).grid)
}
