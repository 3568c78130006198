package scenarios_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/scenarios"
	"meshsim/trace"
)

// planned loads a scenario of two seconds over the contacts of a CSV file, with
// latencies of 10 ms.
func planned(t require.TestingT, plan, rest string) *scenarios.Scenario {
	fsys := fstest.MapFS{
		"x.toml":   {Data: []byte("version = 1\nduration = \"2s\"\n[topology]\nkind = \"contacts\"\npath = \"plan.csv\"\n[link]\nlatency = \"10ms\"\n" + rest)},
		"plan.csv": {Data: []byte("source,target,start,end,direction\n" + plan)},
	}
	s, err := scenarios.Load(fsys, "x.toml")
	require.NoError(t, err)
	return s
}

// stream is traffic from a to b, every 5 ms from 3 ms on.
func stream(count int64) []scenarios.Traffic {
	t := messages("t1", []string{"a"}, []string{"b"}, ms(3), ms(5), 100, count)
	t.Kind = scenarios.Messages{Type: "MESSAGE"}
	return []scenarios.Traffic{t}
}

// interval is a span in milliseconds: from ≤ t < to.
type interval struct{ from, to int64 }

func intervals(t *rapid.T, label string, most int) []interval {
	return rapid.Custom(func(t *rapid.T) []interval {
		var all []interval
		for range rapid.IntRange(0, most).Draw(t, "spans") {
			from := rapid.Int64Range(0, 19).Draw(t, "from") * 100
			all = append(all, interval{from, from + rapid.Int64Range(1, 8).Draw(t, "length")*100})
		}
		return all
	}).Draw(t, label)
}

func cover(all []interval, at int64) bool {
	return slices.ContainsFunc(all, func(i interval) bool { return i.from <= at && at < i.to })
}

// turning is a link that is seen to come up or go down.
type turning struct {
	at int64
	up bool
}

// turnings are those of one link, by the naive twin: at each instant contacts act
// before faults, and of either what ends before what begins.
func turnings(contacts, faults []interval) (all []turning) {
	up := cover(contacts, 0)
	see := func(at int64, now bool) {
		if now != up {
			up = now
			all = append(all, turning{at, now})
		}
	}
	for at := int64(0); at <= 2000; at += 100 {
		if at > 0 {
			see(at, cover(contacts, at) && !cover(faults, at-1))
		}
		ended := slices.DeleteFunc(slices.Clone(faults), func(f interval) bool { return f.from == at })
		see(at, cover(contacts, at) && !cover(ended, at))
		see(at, cover(contacts, at) && !cover(faults, at))
	}
	return all
}

// Whatever contacts and faults there are: a message arrives when its link was in
// contact and free of faults as it left and as it came, else it is lost there, and
// only a fault that the contact let act is to blame. Links turn when the twin says
// so, and the scenario with its plan inside gives the same run.
func TestContactsAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contacts := append(intervals(t, "contacts", 4), interval{1900, 2100})
		faults := intervals(t, "faults", 2)
		plan := ""
		for _, c := range contacts {
			plan += fmt.Sprintf("a,b,%dms,%dms,forward\n", c.from, c.to)
		}
		s := planned(t, plan+"b,a,0s,5s,forward\n", "[routing]\nstrategy = \"direct\"\n")
		for i, f := range faults {
			s.Faults = append(s.Faults, cut(fmt.Sprintf("f%d", i), f.from, f.to, scenarios.LinkDown{Links: scenarios.LinkSet{"a->b"}}))
		}
		s.Traffic = stream(390)
		events, result := record(t, s)

		var seen []turning
		fates := map[int64]trace.Event{}
		for _, e := range events {
			switch at := int64(e.T) / 1_000_000; {
			case e.Kind == trace.LinkUp || e.Kind == trace.LinkDown:
				seen = append(seen, turning{at, e.Kind == trace.LinkUp})
			case e.Kind == trace.EnvelopeDelivered || e.Kind == trace.EnvelopeDropped:
				fates[e.N] = e
			}
		}
		require.Equal(t, turnings(contacts, faults), seen)
		for n := int64(0); n < 390; n++ {
			left := 3 + 5*n
			judged := left // when its fate is decided
			if cover(contacts, left) && !cover(faults, left) {
				judged = left + 10
			}
			e, lost := fates[n], !cover(contacts, judged) || cover(faults, judged)
			require.Equal(t, lost, e.Kind == trace.EnvelopeDropped, "message %d", n)
			if lost {
				require.Equal(t, trace.LinkIsDown, e.Reason)
				require.Equal(t, trace.Wire, e.Layer)
				require.Equal(t, cover(contacts, judged), len(e.Because) > 0, "message %d", n)
			}
		}

		whole, err := s.SelfContained()
		require.NoError(t, err)
		alone, err := scenarios.LoadBytes(whole.TOML(), "elsewhere.toml")
		require.NoError(t, err)
		require.Equal(t, result.Digest, run(t, alone, scenarios.Options{}).Digest)
	})
}

// A mesh keeps nothing for later: where no instant has a path, nothing arrives,
// though every link is there at some time.
func TestNoCustody(t *testing.T) {
	for strategy, reasons := range map[string][]string{"shortest_path": {"no_route"}, "flood": {"link_down"}} {
		s := planned(t, "a,mule,0s,1s,\nmule,b,1s,2s,\n", "[routing]\nstrategy = \""+strategy+"\"\n")
		s.Traffic = stream(390)
		result := run(t, s, scenarios.Options{})
		assert.Zero(t, result.Metrics.Traffic.Delivered)
		for reason, n := range result.Metrics.Drops {
			assert.Equal(t, slices.Contains(reasons, reason), n > 0, "%s: %d %s", strategy, n, reason)
		}
	}
}

// The oracle sees contacts: its routes follow them, and are told as they change.
// What links are at time 0 is no event.
func TestRoutesFollowContacts(t *testing.T) {
	s := planned(t, "a,b,0s,500ms,\na,c,500ms,,\nc,b,,,\n", "")
	s.Traffic = stream(300)
	events, result := record(t, s, trace.LinkUp, trace.LinkDown, trace.RouteChanged, trace.EnvelopeDelivered)
	assert.EqualValues(t, 298, result.Metrics.Traffic.Delivered, "but for the two on the wire at the change")
	hops := map[bool]int{false: 1, true: 2}
	told := map[trace.Kind]int{}
	for _, e := range events {
		if e.Kind != trace.EnvelopeDelivered {
			require.Equal(t, 500*time.Millisecond, time.Duration(e.T))
			require.Zero(t, e.Cause+uint64(len(e.Because)))
			told[e.Kind]++
			continue
		}
		require.Len(t, e.Path, hops[e.T > 500_000_000]+1)
	}
	assert.Equal(t, 2, told[trace.LinkDown])
	assert.Equal(t, 2, told[trace.LinkUp])
	assert.Equal(t, 4+4, told[trace.RouteChanged], "a loses its only neighbour, and gets another")
}

// A trace holds the plan: alone, it replays.
func TestTraceHoldsThePlan(t *testing.T) {
	s := planned(t, "a,b,0s,500ms,\nb,a,1s,1500ms,\n", "[[traffic]]\nrate = \"20/s\"\n[[expect]]\nat_end = \"traffic.delivery_ratio == 1\"\n")
	result := run(t, s, scenarios.Options{})
	h, err := s.TraceHeader()
	require.NoError(t, err)
	again, err := scenarios.FromTrace(h)
	require.NoError(t, err)
	assert.Equal(t, result.Digest, run(t, again, scenarios.Options{}).Digest)

	path, err := s.SaveFailure(t.TempDir(), result)
	require.NoError(t, err)
	alone, err := scenarios.Load(nil, filepath.ToSlash(path))
	require.NoError(t, err)
	assert.Equal(t, result.Digest, run(t, alone, scenarios.Options{}).Digest)
}
