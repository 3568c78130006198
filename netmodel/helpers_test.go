package netmodel

import (
	"fmt"
	"testing"
	"time"

	"meshsim/clock"
	"meshsim/sim"

	"github.com/stretchr/testify/require"
)

const ms = clock.Time(time.Millisecond)

// keys are node keys in byte order.
func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("n%05d", i)
	}
	return all
}

// network has n nodes, seed 42 and the given links.
func network(t require.TestingT, n int, links ...LinkSpec) *Network {
	if tb, ok := t.(testing.TB); ok {
		tb.Helper()
	}
	net, err := New(42, keys(n), links)
	require.NoError(t, err)
	return net
}

// both makes the two links of each pair after a pattern.
func both(pairs []Pair, s LinkSpec) []LinkSpec {
	var links []LinkSpec
	for _, p := range pairs {
		s.From, s.To = sim.NodeID(p.A), sim.NodeID(p.B)
		links = append(links, s)
		s.From, s.To = s.To, s.From
		links = append(links, s)
	}
	return links
}

func full(n int, s LinkSpec) []LinkSpec {
	pairs, err := Full(n)
	if err != nil {
		panic(err)
	}
	return both(pairs, s)
}

func line(n int, s LinkSpec) []LinkSpec {
	pairs, err := Line(n)
	if err != nil {
		panic(err)
	}
	return both(pairs, s)
}

// single is a network of one link, from 0 to 1.
func single(t require.TestingT, s LinkSpec) *Network {
	s.From, s.To = 0, 1
	return network(t, 2, s)
}

// carry hands a copy from 0 to 1.
func carry(n *Network, now clock.Time, size int64, key uint64) Verdict {
	var v Verdict
	n.Carry(now, 0, 1, size, sim.Key{Source: sim.Hash("message/test"), N: key}, &v)
	return v
}
