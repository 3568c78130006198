package scenarios

// talk is a pair of nodes, of which a sends b 100 messages, at 10, 20, … 1000 ms, through
// a session that keeps what waits.
const talk = `duration = "10s"
[topology]
kind = "links"
[link]
latency = "10ms"
[[links]]
between = ["a", "b"]
[[node]]
id = "a"
[[node]]
id = "b"
[session]
enabled = true
max_queue = 1000
jitter = "0%"
[[traffic]]
from = "a"
to = "b"
arrivals = "periodic"
interval = "10ms"
start = "10ms"
count = 100
size = 100
`

// deaf has b hear and say nothing for a while.
func deaf(from, until string, more ...string) []string {
	return append(sets(`fault=[{kind="isolate",nodes=["b"],at="`+from+`",until="`+until+`"}]`), more...)
}

// slow has a session wait for the answer to each message before the next one.
func slow(more ...string) []string {
	return append(sets(`session.window=1`, `session.max_queue=1`), more...)
}

// sessionNoops is the table of what concerns sessions.
var sessionNoops = []noop{
	{"session.enabled", talk, sets(`link.loss="20%"`), "traffic.delivered == 100 && drops.loss > 20", sets(`session.enabled=false`)},
	{"session.max_queue", talk, deaf("0s", "3s", `session.overflow="error"`, `session.max_queue=10`), "traffic.delivered == 10", sets(`session.max_queue=32`)},
	{"session.overflow=error", talk, deaf("0s", "3s", `session.overflow="error"`, `session.max_queue=10`), "traffic.delivered == 10 && traffic.latency_ns.min > '2.9s'", sets(`session.overflow="drop_oldest"`)},
	{"session.overflow=drop_oldest", talk, deaf("0s", "3s", `session.overflow="drop_oldest"`, `session.max_queue=10`), "traffic.delivered == 10 && traffic.latency_ns.max < '2.3s'", sets(`session.overflow="drop_newest"`)},
	{"session.overflow=drop_newest", talk, slow(`session.overflow="drop_newest"`), "sessions.overflow > 0 && traffic.latency_ns.max < '50ms'", sets(`session.overflow="block"`)},
	{"session.overflow=block", talk, slow(`session.overflow="block"`, `session.block_timeout="10s"`), "traffic.delivered == 100", sets(`session.overflow="error"`)},
	{"session.block_timeout", talk, slow(`session.block_timeout="10s"`), "traffic.delivered == 100", sets(`session.block_timeout="100ms"`)},
	{"session.heartbeat", talk, sets(`session.heartbeat="900ms"`), "control.envelopes < 130", sets(`session.heartbeat="250ms"`)},
	{"session.heartbeat_timeout", talk, deaf("3s", "3.5s", `session.heartbeat_timeout="500ms"`), "sessions.closed == 2", sets(`session.heartbeat_timeout="1s"`)},
	{"session.reconnect_min", talk, deaf("0s", "1s", `session.reconnect_min="2s"`), "traffic.latency_ns.max > '2s'", sets(`session.reconnect_min="100ms"`)},
	{"session.reconnect_max", talk, deaf("0s", "5s", `session.reconnect_max="200ms"`), "traffic.last_delivery_ns < '5.5s'", sets(`session.reconnect_max="10s"`)},
	{"session.jitter", talk, deaf("0s", "1s", `session.jitter="50%"`), "traffic.last_delivery_ns != '1.54s'", sets(`session.jitter="0%"`)},
	{"session.on_reconnect=resume", talk, deaf("300ms", "2s", `session.on_reconnect="resume"`), "traffic.delivered == 100 && sessions.reconnects == 2", sets(`session.on_reconnect="clear"`)},
	{"session.on_reconnect=clear", talk, deaf("300ms", "2s", `session.on_reconnect="clear"`), "sessions.lost > 20 && sessions.reconnects == 2", sets(`session.on_reconnect="resume"`)},
	{"session.rto_min", talk, sets(`link.loss="10%"`, `session.fast_retransmit=false`, `session.rto_min="50ms"`), "traffic.latency_ns.max < '1s'", sets(`session.rto_min="1s"`)},
	{"session.rto_max", talk, deaf("300ms", "3.5s", `session.heartbeat_timeout="9s"`, `session.rto_max="1s"`), "traffic.last_delivery_ns < '6s'", sets(`session.rto_max="60s"`)},
	{"session.fast_retransmit", talk, sets(`link.loss="5%"`, `session.fast_retransmit=true`), "traffic.latency_ns.p50 < '50ms'", sets(`session.fast_retransmit=false`)},
	{"session.congestion=newreno", talk, sets(`link.latency="100ms"`, `traffic[0].interval="1ms"`, `traffic[0].size=1200`, `session.congestion="newreno"`), "traffic.latency_ns.max > '500ms'", sets(`session.congestion="none"`)},
	{"session.congestion=none", talk, sets(`link.latency="100ms"`, `traffic[0].interval="1ms"`, `traffic[0].size=1200`, `session.congestion="none"`), "traffic.latency_ns.max < '310ms'", sets(`session.congestion="newreno"`)},
	{"session.window", talk, sets(`session.window=1`), "traffic.latency_ns.max > '900ms'", sets(`session.window=256`)},
	{"session.read_interval", talk, sets(`session.read_interval="50ms"`), "traffic.latency_ns.max > '3s'", sets(`session.read_interval="0s"`)},

	{"action.disconnect", talk, sets(`action=[{at="505ms",node="a",kind="disconnect",peer="b"}]`), "traffic.delivered == 50 && traffic.in_flight == 50", sets(`action=[]`)},
	{"action.reconnect", talk, sets(`action=[{at="505ms",node="a",kind="disconnect",peer="b"},{at="5s",node="a",kind="reconnect",peer="b"}]`),
		"traffic.delivered == 100 && traffic.last_delivery_ns > '5s'", sets(`action=[{at="505ms",node="a",kind="disconnect",peer="b"}]`)},
}
