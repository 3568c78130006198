package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/scenarios/world"
	"meshsim/trace"
)

func TestBadSessions(t *testing.T) {
	const act = "[[action]]\nat = \"1s\"\nnode = \"n0\"\n"
	for _, c := range []struct{ text, want string }{
		{"[session]\noverflow = \"drop\"\n", `x.toml:7: session.overflow = "drop": is not known; allowed: error drop_oldest drop_newest block`},
		{"[session]\nmax_queue = 0\nwindow = 65537\n", `x.toml:7: session.max_queue = 0: is out of range; allowed: 1 … 1048576
x.toml:8: session.window = 65537: is out of range; allowed: 1 … 65536`},
		{"[session]\nheartbeat = \"2s\"\n", `x.toml:6: session.heartbeat_timeout = "1s": is not longer than heartbeat (2s)`},
		{"[session]\nheartbeat_timeout = \"250ms\"\n", `x.toml:7: session.heartbeat_timeout = "250ms": is not longer than heartbeat (250ms)`},
		{"[session]\nreconnect_min = \"1m\"\nreconnect_max = \"59s\"\n", `x.toml:8: session.reconnect_max = "59s": is shorter than reconnect_min (60s)`},
		{"[session]\nrto_max = \"500ms\"\n", `x.toml:7: session.rto_max = "500ms": is shorter than rto_min (1s)`},
		{"[session]\njitter = \"101%\"\n", `x.toml:7: session.jitter = "101%": is above 100%; allowed: a percentage such as "1.5%"`},
		{"[session]\ncongestion = \"reno\"\n", `x.toml:7: session.congestion = "reno": is not known; allowed: newreno none`},
		{"[session]\nread_interval = \"-1s\"\n", `x.toml:7: session.read_interval = "-1s": must not be negative; allowed: a duration such as "20ms"`},
		{"[session]\nenable = true\n", `x.toml:7: session.enable = true: is not a key; allowed: enabled max_queue overflow block_timeout heartbeat heartbeat_timeout reconnect_min reconnect_max jitter on_reconnect rto_min rto_max fast_retransmit congestion window read_interval (did you mean "enabled"?)`},
		{act + "kind = \"disconnect\"\npeer = \"n1\"\n", `x.toml:9: action[0].kind = "disconnect": needs sessions; allowed: with [session] enabled = true`},
		{"session.enabled = true\n" + act + "kind = \"reconnect\"\npeer = \"n0\"\n", `x.toml:11: action[0].peer = "n0": is node too; allowed: another node`},
		{"session.enabled = true\n" + act + "kind = \"disconnect\"\n", `x.toml:7: action[0].peer: is missing; allowed: a string`},
	} {
		text := sound + c.text
		if dotted, rest, ok := strings.Cut(c.text, "\n"); ok && strings.HasPrefix(dotted, "session.") {
			text = dotted + "\n" + sound + rest
		}
		_, err := LoadBytes([]byte(text), "x.toml")
		require.Error(t, err, c.text)
		assert.Equal(t, c.want, err.Error())
	}
}

// A zero field of a Go literal takes its default, and the defaults agree with each other.
func TestSessionDefaults(t *testing.T) {
	s := Scenario{Version: 1, Duration: Duration(time.Second), Topology: Topology{Kind: Ring{Nodes: 3}}}
	c := s.withDefaults().Session.config()
	require.NoError(t, c.Validate())
	assert.True(t, c.FastRetransmit)
	assert.True(t, c.Congestion)
	assert.Equal(t, time.Second, c.HeartbeatTimeout)
	assert.Equal(t, 32, c.MaxQueue)
}

func TestSessionsWithoutUse(t *testing.T) {
	const on = "[session]\nenabled = true\n"
	const warning = `x.toml:6: warning: session: is of no use: no messages to single nodes, no facts and no claims`
	for text, want := range map[string]string{
		"": "", "[session]\nmax_queue = 1\n": "",
		on:                                   warning,
		on + "[[traffic]]\nrate = \"1/s\"\n": "",
		on + "[[traffic]]\nrate = \"1/s\"\nto = \"*\"\n":                                      warning,
		on + "[[traffic]]\nkind = \"requests\"\nrate = \"1/s\"\nto = \"each\"\n":              "",
		on + "[[traffic]]\nkind = \"reflections\"\nrate = \"1/s\"\n":                          warning,
		on + "[[traffic]]\nkind = \"handshakes\"\nrate = \"1/s\"\n":                           warning,
		on + "[[action]]\nat = \"1s\"\nnode = \"n0\"\nkind = \"reconnect\"\npeer = \"n1\"\n":  "",
		on + "[[action]]\nat = \"1s\"\nnode = \"n0\"\nkind = \"submit\"\npeer = \"n1\"\n":     "",
		on + "[[action]]\nat = \"1s\"\nnode = \"n0\"\nkind = \"disconnect\"\npeer = \"n1\"\n": warning,
	} {
		s, err := LoadBytes([]byte(sound+text), "x.toml")
		require.NoError(t, err, text)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.String())
		}
		assert.Equal(t, want, strings.Join(got, "\n"), text)
	}
}

// lossy is a line of five nodes that talk through sessions over links which lose one copy
// in twenty.
const lossy = `version = 1
name = "lossy"
duration = "60s"
[topology]
kind = "line"
nodes = 5
[link]
latency = "10ms"
loss = "5%"
[session]
enabled = true
[[traffic]]
kind = "requests"
rate = "2/s"
stop = "30s"
`

// recorder keeps the events of sessions.
type recorder struct{ events []trace.Event }

func (r *recorder) Emit(e *trace.Event) {
	if e.Kind >= trace.SessionOpen && e.Kind <= trace.SessionDrop {
		r.events = append(r.events, e.Clone())
	}
}

// Whatever is lost on the way, every message arrives, once and in order, at every seed;
// and the metrics count messages, not segments.
func TestSessionsDeliverEverything(t *testing.T) {
	for seed := range 8 {
		s, err := LoadBytes([]byte(lossy), "lossy.toml", WithSet(fmt.Sprintf("seed=%d", seed)))
		require.NoError(t, err)
		var r recorder
		result, err := s.Run(Options{Sinks: []trace.Sink{&r}})
		require.NoError(t, err)
		m := &result.Metrics
		offered, handed := map[trace.EnvelopeID]clock.Time{}, map[trace.EnvelopeID]bool{}
		next := map[string]int64{}
		var sum, longest int64
		for _, e := range r.events {
			switch e.Kind {
			case trace.SessionOffer:
				offered[e.ID] = e.T
			case trace.SessionDeliver:
				require.False(t, handed[e.ID], "twice")
				handed[e.ID] = true
				require.Equal(t, int64(e.T.Sub(offered[e.ID])), int64(e.Latency))
				way := fmt.Sprint(e.Peer, e.Node, e.Channel, e.Session)
				require.Equal(t, next[way], e.Index, way)
				next[way]++
				sum += int64(e.Latency)
				longest = max(longest, e.SegmentHops)
			case trace.SessionDrop:
				require.Fail(t, "dropped", "%+v", e)
			}
		}
		require.Greater(t, len(offered), 400)
		assert.Equal(t, int64(len(offered)), m.Traffic.Sent)
		assert.Equal(t, int64(len(handed)), m.Traffic.Delivered)
		assert.Equal(t, m.Traffic.Expected, m.Traffic.Delivered)
		assert.Zero(t, m.Traffic.InFlight)
		assert.Equal(t, sum, m.Traffic.LatencyNS.Sum)
		assert.Equal(t, longest, m.Traffic.Hops.Max)
		assert.EqualValues(t, 4, longest)
		assert.Positive(t, m.Drops["loss"])
		assert.Positive(t, m.Sessions.Retransmits)
		assert.GreaterOrEqual(t, m.Sessions.Opened-m.Sessions.Closed, int64(20-8), "nearly all are open at the end")
		for _, i := range result.Invariants {
			assert.Equal(t, Passed, i.Verdict, "%s: %s", i.Name, i.Detail)
		}
	}
}

// In steady state no message that goes through a session allocates: segments, messages
// and what is remembered of ids are made many at a time.
func TestSessionsDoNotAllocate(t *testing.T) {
	s, err := LoadBytes([]byte(lossy), "lossy.toml", WithSet(`duration="200s"`, `traffic[0].stop="200s"`, `link.loss="1%"`))
	require.NoError(t, err)
	r, err := s.prepare(Options{})
	require.NoError(t, err)
	require.Equal(t, world.Reached, r.world.Run(clock.Time(100*time.Second)))
	var events uint64
	allocs := testing.AllocsPerRun(1, func() {
		before := r.world.Events()
		r.world.Run(r.world.Now().Add(20 * time.Second))
		events = r.world.Events() - before
	})
	require.Greater(t, events, uint64(5_000))
	assert.Less(t, allocs/float64(events), 0.02, "%v allocations in %d events", allocs, events)
	t.Logf("%v allocations in %d events: %.5f each", allocs, events, allocs/float64(events))
}

// A crash ends the sessions of a node. Whatever it loses, nothing comes twice, and who
// restarts is heard again.
func TestSessionsAcrossCrashes(t *testing.T) {
	for _, lose := range []string{"nothing", "state"} {
		for seed := range 5 {
			s, err := LoadBytes([]byte(lossy), "lossy.toml", WithSet(fmt.Sprintf("seed=%d", seed),
				`fault=[{name="down",kind="crash",nodes=["n2","n4"],lose="`+lose+`",at="10s",until="14s"}]`,
				`expect=[{within="session('n2','n4').up and session('n4','n2').up and session('n0','n4').up",after="down",limit="16s"}]`))
			require.NoError(t, err)
			result, err := s.Run(Options{})
			require.NoError(t, err)
			assert.Equal(t, Passed, result.Verdict, "%s %d: %+v", lose, seed, result.Expectations)
			m := &result.Metrics
			assert.Positive(t, m.Sessions.Lost, lose)
			assert.Zero(t, m.Traffic.InFlight, lose)
			assert.Greater(t, m.Traffic.DeliveryRatio, 0.8, lose)
			for _, i := range result.Invariants {
				assert.Equal(t, Passed, i.Verdict, "%s: %s", i.Name, i.Detail)
			}
		}
	}
}

// What a node makes of a message that came through a session comes from that message, and
// not from the segment that let it through.
func TestWhatComesOfAMessage(t *testing.T) {
	s, err := LoadBytes([]byte(lossy), "lossy.toml", WithSet(`handshake.auto="all"`, `knowledge.facts=[{id="f",known_by="*"}]`, `session.read_interval="200ms"`,
		`traffic=[{kind="facts",rate="1/s",start="5s"}]`))
	require.NoError(t, err)
	came := map[uint64]trace.Event{}
	verified := 0
	_, err = s.Run(Options{Sinks: []trace.Sink{watcher(func(e *trace.Event) {
		switch {
		case e.Kind == trace.SessionDeliver:
			came[e.Seq] = e.Clone()
		case e.Kind == trace.TrustUpdated && e.By == "local":
			verified++
			of := came[e.Cause]
			assert.Equal(t, [2]string{"FACT_PROPOSE", fmt.Sprint(e.Peer)}, [2]string{of.Type, fmt.Sprint(of.Peer)}, "%+v", e)
		}
	})}})
	require.NoError(t, err)
	assert.Greater(t, verified, 10)
}

// watcher is a function as a sink.
type watcher func(*trace.Event)

func (w watcher) Emit(e *trace.Event) { w(e) }
