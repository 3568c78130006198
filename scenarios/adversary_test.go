package scenarios

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
	"meshsim/trace"
)

// rowOf is a line of five nodes with links of 10 ms, on which each writes to each, and
// to everyone, four times.
const rowOf = `version = 1
duration = "10s"
[topology]
kind = "line"
nodes = 5
[link]
latency = "10ms"
[[traffic]]
name = "each"
to = "each"
arrivals = "periodic"
interval = "1s"
start = "1s"
count = 4
[[traffic]]
name = "all"
to = "*"
arrivals = "periodic"
interval = "1s"
start = "1s"
count = 4
`

// Nothing gets past a blackhole in the middle of a line, which takes and says what is its
// own; the copies that it lets end, and the broadcasts, are its harm.
func TestNothingGetsPastABlackhole(t *testing.T) {
	r, events := runEvents(t, rowOf, `adversary=[{nodes="n2",behaviour="blackhole"}]`)
	got := map[string]int{}
	for i := range events {
		if e := &events[i]; e.Kind == trace.EnvelopeDelivered {
			got[fmt.Sprint(e.Origin, e.Node)]++
			across := (e.Origin < 2) != (e.Node < 2) && e.Origin != 2 && e.Node != 2
			assert.False(t, across, "from %d to %d over 2", e.Origin, e.Node)
		}
	}
	assert.Len(t, got, 2+2+4*2, "each end among itself, and with n2 both ways")
	for way, n := range got {
		assert.Equal(t, 8, n, way)
	}
	assert.Equal(t, int64(4*8), r.Metrics.Drops["adversary"])
	assert.Equal(t, []AdversaryResult{{
		Behaviour: "blackhole", Nodes: []string{"n2"}, Harm: trace.Harm{Dropped: 4*8 + 4*4},
	}}, r.Adversaries)
}

// A grayhole lets its share end, and honest nodes of the same scenario do no harm.
func TestGrayholeLetsItsShareEnd(t *testing.T) {
	for _, share := range []float64{0.1, 0.5, 0.93} {
		r, _ := runEvents(t, rowOf, fmt.Sprintf(`adversary=[{nodes="n2",behaviour="grayhole",share="%g%%"}]`, 100*share),
			`traffic[0].count=400`, `traffic[0].interval="10ms"`, `traffic[1].count=1`)
		const n = 400 * 8
		ended := float64(r.Metrics.Drops["adversary"])
		assert.InDelta(t, n*share, ended, 4*math.Sqrt(n*share*(1-share)), "share %g", share)
	}
}

// Outside of its span of time an adversary is honest.
func TestAdversariesAreHonestOutsideTheirTime(t *testing.T) {
	honest, _ := runEvents(t, rowOf)
	for _, adversary := range []string{
		`behaviour="blackhole",start="5s"`, `behaviour="blackhole",start="1ns",stop="1s"`,
		`behaviour="tamper",share="100%",start="5s"`, `behaviour="tamper",share="100%",start="1ns",stop="1s"`,
		`behaviour="delay",by="30ms",start="5s"`, `behaviour="delay",by="30ms",start="1ns",stop="1s"`,
		`behaviour="flood",rate="10/s",start="11s"`, `behaviour="replay"`,
	} {
		r, _ := runEvents(t, rowOf, `adversary=[{nodes="n2",`+adversary+`}]`)
		assert.Equal(t, honest.Digest, r.Digest, adversary)
		assert.Equal(t, trace.Harm{}, r.Adversaries[0].Harm)
	}
}

// Where all is altered every copy that was passed on ends as bad_signature, at the next
// node, and no such copy makes its id known.
func TestAlteredCopiesAreRefused(t *testing.T) {
	for _, signatures := range []string{"modelled", "ed25519"} {
		r, events := runEvents(t, rowOf, `adversary=[{nodes="n2",behaviour="tamper",share="100%"}]`, `mesh.signatures="`+signatures+`"`)
		altered, refused := map[string]bool{}, map[string]bool{}
		for i := range events {
			switch e := &events[i]; {
			case e.Kind == trace.EnvelopeForwarded && e.Node == 2:
				assert.Equal(t, trace.Altered, e.Misdeed)
				altered[fmt.Sprint(e.ID)] = true
			case e.Kind == trace.EnvelopeDropped:
				assert.Equal(t, trace.BadSignature, e.Reason)
				assert.Equal(t, sim.NodeID(2), e.Peer)
				refused[fmt.Sprint(e.ID)] = true
			}
		}
		assert.Len(t, altered, 4*8+4*4)
		assert.Equal(t, altered, refused)
		assert.Equal(t, trace.Harm{Altered: 48}, r.Adversaries[0].Harm)
	}
}

// Each message that is passed on is late by as much as it should be, to the ns, and by
// that of each node that delays.
func TestDelayIsExact(t *testing.T) {
	const by = 123456789 * time.Nanosecond
	r, events := runEvents(t, rowOf, `adversary=[{nodes=["n1","n2"],behaviour="delay",by="123456789ns"}]`)
	late := int64(0)
	for i := range events {
		e := &events[i]
		if e.Kind != trace.EnvelopeDelivered {
			continue
		}
		want := time.Duration(len(e.Path)-1) * 10 * time.Millisecond
		for _, node := range e.Path[1 : len(e.Path)-1] {
			if node == 1 || node == 2 {
				want += by
			}
		}
		require.Equal(t, want, e.Latency, "%v", e.Path)
	}
	for i := range events {
		if e := &events[i]; e.Kind == trace.EnvelopeForwarded {
			if e.Misdeed == trace.Delayed {
				late++
				assert.Equal(t, by, e.Kept)
			} else {
				assert.Equal(t, sim.NodeID(3), e.Node)
			}
		}
	}
	assert.Equal(t, trace.Harm{Delayed: late, Delay: time.Duration(late) * by}, r.Adversaries[0].Harm)
	assert.Equal(t, r.Metrics.Traffic.Expected, r.Metrics.Traffic.Delivered)
}

// What a node keeps is in flight there; a crash drops it, and it never comes again.
func TestACrashTakesWhatIsKept(t *testing.T) {
	keeps := []string{`adversary=[{nodes="n1",behaviour="delay",by="5s"}]`, `traffic[0].from="n0"`, `traffic[0].to="n2"`, `traffic[1].stop="1s"`, `traffic[1].start="0s"`, `traffic[1].from="n4"`}
	r, _ := runEvents(t, rowOf, append(keeps, `duration="4500ms"`)...)
	assert.Equal(t, int64(4), r.Metrics.Traffic.InFlight, "and the broadcast, of which nothing was kept when it was delivered")
	for _, lose := range []string{"nothing", "state"} {
		r, events := runEvents(t, rowOf, append(keeps, `fault=[{kind="crash",nodes="n1",at="2500ms",until="3200ms",lose="`+lose+`"}]`)...)
		assert.Equal(t, int64(2), r.Metrics.Drops["node_down"], "two that it kept; the third is not sent there")
		delivered := 0
		for i := range events {
			if e := &events[i]; e.Kind == trace.EnvelopeDelivered && e.Flow.Name == "each" {
				delivered++
				assert.Equal(t, clock.Time(9020*time.Millisecond), e.T)
			}
		}
		assert.Equal(t, 1, delivered)
		assert.Zero(t, r.Metrics.Copies.InFlight)
	}
}

// Junk comes at multiples of the exact gap from the start on, by the node's own clock,
// before the stop, and not from a node that is down.
func TestJunkIsPeriodic(t *testing.T) {
	const third = `adversary=[{nodes="n0",behaviour="flood",rate="3/s",start="1s",stop="3s"}]`
	at := func(ns ...int64) (times []clock.Time) {
		for _, t := range ns {
			times = append(times, clock.Time(t))
		}
		return times
	}
	for _, c := range []struct {
		name string
		set  []string
		want []clock.Time
	}{
		{"no trouble", nil, at(1e9, 1333333333, 1666666667, 2e9, 2333333333, 2666666667)},
		{"crash", sets(`fault=[{kind="crash",nodes="n0",at="1200ms",until="2s"}]`), at(1e9, 2e9, 2333333333, 2666666667)},
		{"state lost", sets(`fault=[{kind="crash",nodes="n0",at="1200ms",until="2100ms",lose="state"}]`), at(1e9, 2333333333, 2666666667)},
		{"a clock ahead", sets(`node=[{id="n0",clock_offset="500ms"}]`), at(500000000, 833333333, 1166666667, 1500000000, 1833333333, 2166666667)},
		{"a clock set forward", sets(`fault=[{kind="clock_skew",nodes="n0",at="1100ms",offset="1s"}]`), at(1e9, 1333333333, 1666666667)},
		{"a start at 2.5 s", sets(`node=[{id="n0",start="2500ms"}]`), at(2666666667)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, events := runEvents(t, rowOf, append(c.set, third, `traffic=[]`)...)
			var sent []clock.Time
			for i := range events {
				if e := &events[i]; e.Kind == trace.EnvelopeSent {
					sent = append(sent, e.T)
					assert.Equal(t, "FLOOD", e.Type)
					assert.True(t, e.Control)
				}
			}
			assert.Equal(t, c.want, sent)
			assert.Equal(t, trace.Harm{Injected: int64(len(c.want))}, r.Adversaries[0].Harm)
			assert.Equal(t, int64(4*len(c.want)), r.Metrics.Copies.Delivered, "honest nodes take it and pass it on")
		})
	}
}

// What is replayed and refused counts as injected, and each copy that is altered by itself.
func TestHarmInBuiltIns(t *testing.T) {
	for name, reason := range map[string]string{"replay": "replay", "tamper": "bad_signature", "replay-framing": "replay", "session-replay": "identity_conflict"} {
		s, err := Load(nil, name)
		require.NoError(t, err)
		r, err := s.Run(Options{})
		require.NoError(t, err)
		harm := r.Adversaries[0].Harm
		assert.Positive(t, r.Metrics.Drops[reason])
		assert.Equal(t, r.Metrics.Drops[reason], harm.Injected+harm.Altered, name)
	}
}

// Entries keep to their own, and the random nodes of an entry are those named in the result.
func TestHarmByEntry(t *testing.T) {
	r, events := runEvents(t, rowOf, `adversary=[{nodes={random=2},behaviour="blackhole"},{nodes="n0",behaviour="flood",rate="1/s"}]`, "seed=5")
	require.Len(t, r.Adversaries, 2)
	assert.Len(t, r.Adversaries[0].Nodes, 2)
	assert.Equal(t, []string{"n0"}, r.Adversaries[1].Nodes)
	ends := int64(0)
	for i := range events {
		e := &events[i]
		if e.Reason == trace.Adversary || e.Misdeed == trace.Withheld {
			ends++
			assert.Contains(t, r.Adversaries[0].Nodes, fmt.Sprintf("n%d", int(e.Node)))
		}
	}
	assert.Positive(t, ends)
	assert.Equal(t, trace.Harm{Dropped: ends}, r.Adversaries[0].Harm)
	assert.Equal(t, trace.Harm{Injected: 11}, r.Adversaries[1].Harm)
}
