package world

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/netmodel"
	"meshsim/sim"
)

const packetHops = 987_000 // of the comparison workload

// workload builds the comparison workload from the files of the built-in of that
// name, without the scenario language.
func workload(tb testing.TB) *World {
	links, routes, flows := table(tb, "links"), table(tb, "routes"), table(tb, "flows")
	var keys []string
	for _, row := range links {
		keys = append(keys, row[0], row[1])
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	number := func(id string) sim.NodeID {
		i, ok := slices.BinarySearch(keys, id)
		require.True(tb, ok, id)
		return sim.NodeID(i)
	}
	span := func(text string) time.Duration {
		d, err := time.ParseDuration(text)
		require.NoError(tb, err)
		return d
	}
	c := Config{Seed: 1, MaxHops: 16, SeenMax: 1 << 16}
	c.Metrics.To = clock.Time(21 * time.Second)
	for _, row := range links {
		a, b := number(row[0]), number(row[1])
		latency := netmodel.Constant(span(row[2]))
		for _, ends := range [][2]sim.NodeID{{a, b}, {b, a}} {
			c.Links = append(c.Links, netmodel.LinkSpec{From: ends[0], To: ends[1], Latency: latency, Bandwidth: 10_000_000, Header: 30})
		}
	}
	next := make([][]sim.NodeID, len(keys))
	for i := range next {
		next[i] = slices.Repeat([]sim.NodeID{sim.NoNode}, len(keys))
	}
	for _, row := range routes {
		next[number(row[0])][number(row[1])] = number(row[2])
	}
	base := make([]mesh.Peer, len(keys))
	for i, key := range keys {
		base[i] = mesh.Peer{ID: sim.NodeID(i), Name: key}
		c.Nodes = append(c.Nodes, NodeSpec{ID: key, Key: key, New: func(s Seat) (mesh.Node, error) {
			registry, err := mesh.NewPeerRegistry(s.Self, base, mesh.RegistryAll, s.Neighbours)
			require.NoError(tb, err)
			return mesh.NewRouter(mesh.Config{
				Self: s.Self, Neighbours: s.Neighbours, Registry: registry, Policy: mesh.Static(next[s.Self]),
				MaxHops: c.MaxHops, SeenMax: c.SeenMax, Memory: s.Memory, Identity: s.Identity, Keyring: s.Keyring,
			})
		}})
	}
	f := &Flows{Name: "t1", Type: "MESSAGE", Keys: keys}
	for _, row := range flows {
		size, err := strconv.ParseInt(row[4], 10, 64)
		require.NoError(tb, err)
		count, err := strconv.ParseUint(row[5], 10, 64)
		require.NoError(tb, err)
		f.Rows = append(f.Rows, Flow{
			Source: number(row[0]), Destination: number(row[1]), Start: clock.Time(span(row[2])), Interval: span(row[3]), Size: size, Count: count,
		})
	}
	c.Sources = []Source{f}
	w, err := New(c)
	require.NoError(tb, err)
	return w
}

func table(tb testing.TB, name string) [][]string {
	text, err := os.ReadFile("../library/workload-" + name + ".csv")
	require.NoError(tb, err)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(tb, err)
	return rows[1:]
}

// The sums are those that every simulator must reach on this workload.
func TestWorkloadGivesTheKnownSums(t *testing.T) {
	w := workload(t)
	require.Equal(t, Reached, w.Run(w.config.Metrics.To))
	w.Finish()
	s := w.Metrics().Summary()
	require.EqualValues(t, 200_000, s.Traffic.Delivered)
	require.EqualValues(t, packetHops, s.Links.Transmissions)
	require.EqualValues(t, int64(10_459_135_542_805), s.Traffic.LatencyNS.Sum)
	require.EqualValues(t, int64(20_042_201_234), s.Traffic.LastDeliveryNS)
	for _, i := range w.Invariants() {
		require.Equal(t, "passed", i.Verdict, i.Detail)
	}
}

// BenchmarkWorkload is one run of the comparison workload with digest, metrics
// and invariants on; the world is built before the clock starts.
func BenchmarkWorkload(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := workload(b)
		b.StartTimer()
		w.Run(w.config.Metrics.To)
	}
	perRun := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(packetHops/perRun, "packet-hops/s")
	b.ReportMetric(0, "ns/op")
}

// In steady state no event allocates: what is left are tables that grow with what
// nodes and checkers have to remember, less than once in a thousand events.
func TestNoAllocationPerEvent(t *testing.T) {
	w := workload(t)
	w.Run(clock.Time(10 * time.Second))
	before := w.Events()
	allocs := testing.AllocsPerRun(1, func() { w.Run(w.engine.Now().Add(4 * time.Second)) })
	events := w.Events() - before
	require.Greater(t, events, uint64(100_000))
	require.Less(t, allocs/float64(events), 0.001, "%v allocations in %d events", allocs, events)
}
