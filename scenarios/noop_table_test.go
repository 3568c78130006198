package scenarios

// wire is a link a→b of 10 ms on which a sends 100 messages, at 10, 20, … 1000 ms.
const wire = `duration = "10s"
[topology]
kind = "links"
[link]
latency = "10ms"
[[links]]
from = "a"
to = "b"
[[node]]
id = "a"
[[node]]
id = "b"
[routing]
strategy = "direct"
[[traffic]]
from = "a"
to = "b"
arrivals = "periodic"
interval = "10ms"
start = "10ms"
count = 100
size = 100
`

// rush is a link that carries 250 messages a second. It gets a burst of 50, early,
// and just as many as it can carry later.
const rush = `duration = "10s"
[topology]
kind = "links"
[link]
latency = "10ms"
bandwidth = "2Mbit/s"
queue = 60
[[links]]
from = "a"
to = "b"
[[traffic]]
from = "a"
to = "b"
arrivals = "periodic"
interval = "1ns"
count = 50
size = 1000
class = "early"
[[traffic]]
from = "a"
to = "b"
arrivals = "periodic"
interval = "4ms"
start = "1ms"
count = 500
size = 1000
class = "late"
`

// pairs is a line of three on which everyone writes to everyone once.
const pairs = `duration = "10s"
[topology]
kind = "line"
nodes = 3
[routing]
max_hops = 255
[[traffic]]
to = "each"
arrivals = "periodic"
interval = "1s"
count = 1
`

// diamond is two ways of equal length from a to d, of which the one over c loses all.
const diamond = `duration = "10s"
[topology]
kind = "links"
[[node]]
id = "b"
[[node]]
id = "a"
[[node]]
id = "c"
[[node]]
id = "d"
[[links]]
between = ["a", "b"]
[[links]]
between = ["a", "c"]
[[links]]
between = ["b", "d"]
[[links]]
between = ["c", "d"]
loss = "100%"
[[traffic]]
from = "a"
to = "d"
arrivals = "periodic"
interval = "1s"
count = 5
`

// recall is a pair of which the one makes four records while the wire is cut.
const recall = `duration = "10s"
[topology]
kind = "line"
nodes = 2
[memory]
sync_interval = "1s"
[[traffic]]
kind = "reflections"
from = "n0"
arrivals = "periodic"
interval = "10ms"
start = "1s"
count = 4
size = 100
[[fault]]
kind = "isolate"
nodes = ["n1"]
at = "500ms"
until = "2s"
`

// unanswered is a node that wants to shake hands with a peer that hears nothing.
const unanswered = `duration = "10s"
[topology]
kind = "links"
[link]
latency = "10ms"
[[links]]
from = "b"
to = "a"
[[links]]
from = "a"
to = "b"
loss = "100%"
[handshake]
jitter = "0%"
tries = 1
[[traffic]]
kind = "handshakes"
from = "a"
to = "b"
arrivals = "periodic"
interval = "1s"
start = "1s"
count = 1
`

// during is a fault of wire that hits the 25 messages of 260 … 500 ms.
func during(kind string) []string {
	return []string{`fault=[{kind=` + kind + `,at="255ms",until="505ms"}]`}
}

// often is a fault of wire that comes and goes, for 100 ms each on the mean.
func often(kind string) []string {
	return []string{`fault=[{kind=` + kind + `,mean_up="100ms",mean_down="100ms",at="0s",until="2s"}]`}
}

// evenly is a link that is up for 100 ms and down for 50 ms, exactly: of the messages
// of wire 31 find it down, and it goes down under 7.
var evenly = sets(`fault=[{kind="flap",links=["a->b"],mean_up="100ms",min_up="100ms",mean_down="50ms",min_down="50ms",at="0s",until="2s"}]`)

// twiceLater has every message of wire come twice, up to half a second apart.
var twiceLater = sets(`link.duplicate="100%"`, `link.latency={uniform={min="1ms",max="500ms"}}`)

// learning has the messages of pairs leave when nodes have learnt their routes.
var learning = sets(`traffic[0].start="5s"`)

// later moves a fault of a built-in to where nothing happens any more.
func later(fault string) []string { return []string{fault + `.until="8000h"`, fault + `.at="7999h"`} }

func sets(s ...string) []string { return s }

var noFault = sets(`fault=[]`)

// noops is the table: feature, scenario, what turns it on, what turns red without
// it, what turns it off.
var noops = []noop{
	{"link.latency", wire, sets(`link.latency="30ms"`), "traffic.latency_ns.min == '30ms'", sets(`link.latency="10ms"`)},
	{"link.loss", wire, sets(`link.loss="30%"`), "drops.loss > 15 && drops.loss < 45", sets(`link.loss="0%"`)},
	{"link.burst_loss", wire, sets(`link.burst_loss={p="10%",r="30%"}`), "drops.burst_loss > 5 && drops.loss == 0", sets(`link.burst_loss={p="0%",r="30%"}`)},
	{"link.bandwidth", wire, sets(`link.bandwidth="100kbit/s"`), "traffic.latency_ns.min == '18ms'", sets(`link.bandwidth="unlimited"`)},
	{"link.queue", wire, sets(`link.bandwidth="50kbit/s"`, `link.queue=2`), "drops.queue_full > 20 && traffic.latency_ns.max <= '58ms'", sets(`link.queue="unlimited"`)},
	{"link.queue_policy=drop_tail", rush, sets(`link.queue=9`, `traffic[1].interval="1ms"`, `link.queue_policy="drop_tail"`), "traffic.classes.early.delivered == 10", sets(`link.queue_policy="drop_random"`)},
	{"link.queue_policy=drop_random", rush, sets(`link.queue=9`, `traffic[1].interval="1ms"`, `link.queue_policy="drop_random"`), "traffic.classes.early.delivered < 10", sets(`link.queue_policy="drop_tail"`)},
	{"link.queue_policy=codel", rush, sets(`link.queue_policy="codel"`), "traffic.classes.late.latency_ns.min < '50ms'", sets(`link.queue_policy="drop_tail"`)},
	{"link.duplicate", wire, sets(`link.duplicate="50%"`), "traffic.duplicates > 30 && traffic.duplicates < 70", sets(`link.duplicate="0%"`)},
	{"link.reorder", wire, sets(`link.reorder="50%"`), "traffic.latency_ns.min < '1ms' && traffic.latency_ns.max == '10ms'", sets(`link.reorder="0%"`)},
	{"link.corrupt", wire, sets(`link.corrupt="30%"`), "drops.corrupt > 15 && drops.corrupt < 45", sets(`link.corrupt="0%"`)},
	{"link.mtu", wire, sets(`link.mtu=99`), "drops.mtu == 100", sets(`link.mtu=100`)},
	{"link.header", wire, sets(`link.bandwidth="100kbit/s"`, `link.header=25`), "links.bytes == 12500 && traffic.latency_ns.min == '20ms'", sets(`link.header=0`)},
	{"link.fifo", wire, sets(`link.latency={uniform={min="1ms",max="50ms"}}`, `traffic[0].interval="1ms"`, `link.fifo=true`), "traffic.latency_ns.mean > '35ms'", sets(`link.fifo=false`)},
	{"link.zero_latency", wire, sets(`link.latency="0s"`, `link.zero_latency=true`), "traffic.latency_ns.max == '0s'", sets(`link.latency="1ns"`, `link.zero_latency=false`)},
	{"link.geo", wire, sets(`node[0].lat=0`, `node[0].lon=0`, `node[1].lat=0`, `node[1].lon=10`, `link={geo=true}`), "traffic.latency_ns.max == '5.56ms'", sets(`link={geo=false}`)},

	{"links.from", wire, nil, "traffic.delivered == 100", sets(`links[0].from="b"`, `links[0].to="a"`)},
	{"links.to", pairs, sets(`topology={kind="links",nodes=3}`, `links=[{from="n0",to="n1"}]`, `traffic[0].from="n0"`, `traffic[0].to="n1"`), "traffic.delivered == 1", sets(`links[0].to="n2"`)},
	{"links.between", pairs, sets(`topology={kind="links",nodes=3}`, `links=[{between=["n0","n1"]}]`), "traffic.delivered == 2", sets(`links=[{from="n0",to="n1"}]`)},

	{"latency.constant", wire, sets(`link.latency="20ms"`), "traffic.latency_ns.min == '20ms' && traffic.latency_ns.max == '20ms'", sets(`link.latency={uniform={min="10ms",max="30ms"}}`)},
	{"latency.uniform", wire, sets(`link.latency={uniform={min="10ms",max="30ms"}}`), "traffic.latency_ns.min < '12ms' && traffic.latency_ns.max > '28ms'", sets(`link.latency="20ms"`)},
	{"latency.normal", wire, sets(`link.latency={normal={mean="20ms",stddev="4ms"}}`), "traffic.latency_ns.min < '15ms' && traffic.latency_ns.max > '25ms'", sets(`link.latency="20ms"`)},
	{"latency.normal.min", wire, sets(`link.latency={normal={mean="20ms",stddev="4ms",min="18ms"}}`), "traffic.latency_ns.min == '18ms'", sets(`link.latency={normal={mean="20ms",stddev="4ms"}}`)},
	{"latency.lognormal", wire, sets(`link.latency={lognormal={median="20ms",sigma=0.8}}`), "traffic.latency_ns.max > '60ms' && traffic.latency_ns.p50 < '26ms'", sets(`link.latency="27.54ms"`)},
	{"latency.lognormal.min", wire, sets(`link.latency={lognormal={median="20ms",sigma=0.8,min="15ms"}}`), "traffic.latency_ns.min == '15ms'", sets(`link.latency={lognormal={median="20ms",sigma=0.8}}`)},
	{"latency.lognormal.max", wire, sets(`link.latency={lognormal={median="20ms",sigma=0.8,max="30ms"}}`), "traffic.latency_ns.max == '30ms'", sets(`link.latency={lognormal={median="20ms",sigma=0.8}}`)},
	{"latency.exponential", wire, sets(`link.latency={exponential={mean="20ms"}}`), "traffic.latency_ns.min < '3ms' && traffic.latency_ns.max > '60ms'", sets(`link.latency="20ms"`)},
	{"latency.exponential.min", wire, sets(`link.latency={exponential={mean="20ms",min="15ms"}}`), "traffic.latency_ns.min == '15ms'", sets(`link.latency={exponential={mean="20ms"}}`)},
	{"latency.exponential.max", wire, sets(`link.latency={exponential={mean="20ms",max="30ms"}}`), "traffic.latency_ns.max == '30ms'", sets(`link.latency={exponential={mean="20ms"}}`)},
	{"latency.pareto", wire, sets(`link.latency={pareto={scale="10ms",shape=1.5}}`), "traffic.latency_ns.min >= '10ms' && traffic.latency_ns.max > '60ms' && traffic.latency_ns.p50 < '20ms'", sets(`link.latency="30ms"`)},
	{"latency.pareto.max", wire, sets(`link.latency={pareto={scale="10ms",shape=1.5,max="30ms"}}`), "traffic.latency_ns.max == '30ms'", sets(`link.latency={pareto={scale="10ms",shape=1.5}}`)},
	{"latency.weibull", wire, sets(`link.latency={weibull={scale="20ms",shape=0.6}}`), "traffic.latency_ns.min < '1ms' && traffic.latency_ns.max > '90ms'", sets(`link.latency="30.09ms"`)},
	{"latency.weibull.min", wire, sets(`link.latency={weibull={scale="20ms",shape=0.6,min="15ms"}}`), "traffic.latency_ns.min == '15ms'", sets(`link.latency={weibull={scale="20ms",shape=0.6}}`)},
	{"latency.weibull.max", wire, sets(`link.latency={weibull={scale="20ms",shape=0.6,max="30ms"}}`), "traffic.latency_ns.max == '30ms'", sets(`link.latency={weibull={scale="20ms",shape=0.6}}`)},
	{"latency.empirical", wire, sets(`link.latency={empirical={file="latency.csv"}}`), "traffic.latency_ns.min == '10ms' && traffic.latency_ns.max == '30ms' && traffic.latency_ns.mean < '20ms'", sets(`link.latency="15ms"`)},
	{"latency.profile", wire, sets(`link.latency={profile={file="recorded.csv"}}`), "traffic.latency_ns.min == '10ms' && traffic.latency_ns.max == '30ms' && traffic.latency_ns.mean == '26.2ms'", sets(`link.latency="26.2ms"`)},
	{"latency.profile.loop", wire, sets(`link.latency={profile={file="recorded.csv",loop=true}}`), "traffic.latency_ns.mean < '21ms'", sets(`link.latency={profile={file="recorded.csv"}}`)},

	{"node.key", diamond, sets(`node[0].key="z"`), "drops.loss == 5", sets(`node[0].key="b"`)},
	{"node.lat", wire, sets(`link={geo=true}`, `node[0].lat=0`, `node[0].lon=0`, `node[1].lat=10`, `node[1].lon=0`), "traffic.latency_ns.max == '5.56ms'", sets(`node[1].lat=0`)},
	{"node.lon", wire, sets(`link={geo=true}`, `node[0].lat=0`, `node[0].lon=0`, `node[1].lat=0`, `node[1].lon=10`), "traffic.latency_ns.max == '5.56ms'", sets(`node[1].lon=0`)},
	{"node_defaults.uplink", wire, sets(`node_defaults.uplink="100kbit/s"`), "traffic.latency_ns.min == '18ms'", sets(`node_defaults.uplink="unlimited"`)},
	{"node_defaults.downlink", wire, sets(`node_defaults.downlink="100kbit/s"`), "traffic.latency_ns.min == '18ms'", sets(`node_defaults.downlink="unlimited"`)},
	{"node_defaults.start", wire, sets(`node_defaults.start="505ms"`), "traffic.sent == 50", sets(`node_defaults.start="0s"`)},
	{"node_defaults.clock_offset", wire, sets(`node_defaults.clock_offset="2s"`, `expect=[{always="envelope.skew == '2s'",while="envelope.hops == 0"}]`), "envelope.skew == '2s'", sets(`node_defaults.clock_offset="0s"`)},
	{"node_defaults.clock_drift_ppm", wire, sets(`node_defaults.clock_drift_ppm=1000`, `expect=[{always="envelope.skew > '9us'",while="envelope.hops == 0"}]`), "envelope.skew > '9us'", sets(`node_defaults.clock_drift_ppm=0`)},

	// Sums of hops over all ordered pairs, by hand.
	{"topology.line", pairs, sets(`topology={kind="line",nodes=12}`), "links.transmissions == 572", sets(`topology={kind="ring",nodes=12}`)},
	{"topology.ring", pairs, sets(`topology={kind="ring",nodes=12}`), "links.transmissions == 432", sets(`topology={kind="line",nodes=12}`)},
	{"topology.star", pairs, sets(`topology={kind="star",nodes=12}`), "links.transmissions == 242", sets(`topology={kind="full",nodes=12}`)},
	{"topology.full", pairs, sets(`topology={kind="full",nodes=12}`), "links.transmissions == 132", sets(`topology={kind="star",nodes=12}`)},
	{"topology.grid", pairs, sets(`topology={kind="grid",rows=3,columns=4}`), "links.transmissions == 308", sets(`topology={kind="torus",rows=3,columns=4}`)},
	{"topology.torus", "torus-flood", nil, "a flood sends 2E − n + 1 copies", sets(`topology={kind="grid",rows=5,columns=6}`)},
	{"topology.tree", pairs, sets(`topology={kind="tree",nodes=7,branching=2}`), "links.transmissions == 96", sets(`topology={kind="line",nodes=7}`)},
	{"topology.random", pairs, sets(`topology={kind="random",nodes=12,p="50%"}`), "traffic.hops.max >= 2 && traffic.hops.mean < 2.0", sets(`topology={kind="full",nodes=12}`)},
	{"topology.random.connected", pairs, sets(`topology={kind="random",nodes=12,p="10%",connected=false}`), "drops.no_route > 0", sets(`topology={kind="random",nodes=12,p="10%",connected=true}`)},
	{"topology.geometric", "geometric", nil, "nodes that can't hear each other need others between them", sets(`topology={kind="full",nodes=30}`)},
	{"topology.geometric.connected", pairs, sets(`topology={kind="geometric",nodes=12,radius=0.25,connected=false}`), "drops.no_route > 0", sets(`topology={kind="geometric",nodes=12,radius=0.25,connected=true}`)},
	{"topology.small_world", "small-world", nil, "chords shorten the paths", sets(`topology.rewire="0%"`)},
	{"topology.small_world.connected", pairs, sets(`topology={kind="small_world",nodes=60,k=2,rewire="100%",connected=false}`), "drops.no_route > 0", sets(`topology={kind="small_world",nodes=60,k=2,rewire="100%",connected=true}`)},
	{"topology.scale_free", pairs, sets(`topology={kind="scale_free",nodes=40,attach=2}`), "traffic.hops.mean < 3.5", sets(`topology={kind="small_world",nodes=40,k=4,rewire="0%"}`)},
	{"topology.links", pairs, sets(`topology={kind="links",nodes=3}`, `links=[{between=["n0","n1"]}]`), "traffic.delivered == 2 && drops.no_route == 4", sets(`topology={kind="full",nodes=3}`)},
	{"topology.links.nodes", pairs, sets(`links=[{between=["n0","n1"]}]`, `topology={kind="links",nodes=3}`), "traffic.sent == 6", sets(`topology={kind="links"}`)},
	{"topology.file", "flood-abilene", nil, "18 copies a broadcast", sets(`topology={kind="ring",nodes=11}`)},
	{"topology.contacts", "satellite-passes", sets(`duration="50m"`, `traffic[0].rate="6/m"`, `traffic[1].rate="6/m"`, `expect=[{name="passes",at_end="traffic.delivered > 0 && drops.no_route > 400"}]`), "passes", sets(`topology={kind="links"}`, `links=[{between=["Kiruna","sat-1"]},{between=["Weilheim","sat-1"]}]`)},

	{"fault.partition", wire, during(`"partition",groups=[["a"],["*"]]`), "drops.partition == 26", noFault}, // one was under way
	{"fault.partition.oneway", wire, during(`"partition",groups=[["b"],["a"]],oneway=true`), "drops.partition == 0 && fault('f1').active == false", sets(`fault[0].oneway=false`)},
	{"fault.partition.groups", pairs, sets(`topology={kind="full",nodes=4}`, `traffic[0].start="1s"`, `fault=[{kind="partition",groups=[["n0"],["*"]],at="0s"}]`), "traffic.delivered == 6", sets(`fault[0].groups=[["n0","n1"],["n2","n3"]]`)},
	{"fault.partition.mode=uniform", pairs, sets(`topology={kind="full",nodes=8}`, `traffic[0].start="1s"`, `fault=[{kind="partition",mode="uniform",at="0s"}]`), "traffic.delivered != 24 && traffic.delivered < 56", sets(`fault[0].mode="halves"`)},
	{"fault.partition.mode=isolate", pairs, sets(`topology={kind="full",nodes=8}`, `traffic[0].start="1s"`, `fault=[{kind="partition",mode="isolate",at="0s"}]`), "traffic.delivered == 42", sets(`fault[0].mode="halves"`)},
	{"fault.partition.mode=halves", pairs, sets(`topology={kind="full",nodes=8}`, `traffic[0].start="1s"`, `fault=[{kind="partition",mode="halves",at="0s"}]`), "traffic.delivered == 24", sets(`fault[0].mode="isolate"`)},
	{"fault.isolate", wire, during(`"isolate",nodes=["b"]`), "drops.partition == 26", noFault},
	{"fault.link_down", wire, during(`"link_down",links=["a->b"]`), "drops.link_down == 26", noFault},
	{"fault.link_set", wire, during(`"link_set",links=["a->b"],set={loss="100%"}`), "drops.loss == 25", noFault},
	{"fault.clog", wire, during(`"clog",links=["a->b"],delay="30ms"`), "traffic.latency_ns.max == '40ms'", noFault},
	{"fault.hold", wire, during(`"hold",links=["a->b"]`), "traffic.latency_ns.max == '255ms' && traffic.delivered == 100", noFault},
	{"fault.crash", wire, during(`"crash",nodes=["b"]`), "drops.node_down == 25", noFault},
	{"fault.crash.lose=nothing", "crash-restart", nil, "b takes the news of 3 s and 8 s twice, which it forgot, but not that of 1 s", sets(`fault[0].lose="state"`)},
	{"fault.crash.lose=state", "crash-restart", nil, "b takes the news of 3 s and 8 s twice, which it forgot, but not that of 1 s", sets(`fault[1].lose="nothing"`)},
	{"fault.crash.lose=identity", "crash-restart", nil, "three reports of the stranger are refused by a, and by c", sets(`fault[3].lose="state"`)},
	{"fault.pause", "pause-backlog", nil, "messages pile up while it lasts", later("fault[0]")},
	{"fault.clock_skew", wire, sets(`fault=[{kind="clock_skew",nodes=["a"],at="0s",offset="2s"}]`, `expect=[{always="envelope.skew == '2s'",while="envelope.hops == 0"}]`), "envelope.skew == '2s'", noFault},
	{"fault.clock_skew.offset", wire, sets(`fault=[{kind="clock_skew",nodes=["a"],at="0s",offset="2s",drift_ppm=1000}]`, `expect=[{always="envelope.skew > '2s'",while="envelope.hops == 0"}]`), "envelope.skew > '2s'", sets(`fault[0].offset="0s"`)},
	{"fault.clock_skew.drift_ppm", wire, sets(`fault=[{kind="clock_skew",nodes=["a"],at="0s",offset="2s",drift_ppm=1000}]`, `expect=[{always="envelope.skew > '2s'",while="envelope.hops == 0"}]`), "envelope.skew > '2s'", sets(`fault[0].drift_ppm=0`)},
	{"fault.churn", wire, often(`"churn",nodes=["b"]`), "drops.node_down > 20 && drops.node_down < 80", noFault},
	{"fault.churn.mean_up", wire, often(`"churn",nodes=["b"]`), "drops.node_down > 20", sets(`fault[0].mean_up="1h"`)},
	{"fault.churn.mean_down", wire, often(`"churn",nodes=["b"]`), "drops.node_down > 20", sets(`fault[0].mean_down="1us"`)},
	{"fault.churn.lose=nothing", wire, append(often(`"churn",nodes=["b"],lose="nothing"`), twiceLater...), "copies.delivered == traffic.delivered && drops.node_down > 20", sets(`fault[0].lose="state"`)},
	{"fault.churn.lose=state", wire, append(often(`"churn",nodes=["b"],lose="state"`), twiceLater...), "copies.delivered > traffic.delivered", sets(`fault[0].lose="nothing"`)},
	{"fault.churn.lose=identity", wire, often(`"churn",nodes=["a"],lose="identity"`), "drops.bad_signature > 0", sets(`fault[0].lose="state"`)},
	{"fault.churn.outages", wire, sets(`fault=[{kind="churn",nodes=["b"],at="0s",outages=[{node="b",at="255ms",until="505ms"}]}]`), "drops.node_down == 25", sets(`fault[0].outages=[]`)},
	{"fault.flap", wire, often(`"flap",links=["a->b"]`), "drops.link_down > 20 && drops.link_down < 80", noFault},
	{"fault.flap.mean_up", wire, often(`"flap",links=["a->b"]`), "drops.link_down > 20", sets(`fault[0].mean_up="1h"`)},
	{"fault.flap.mean_down", wire, often(`"flap",links=["a->b"]`), "drops.link_down > 20", sets(`fault[0].mean_down="1us"`)},
	{"fault.flap.min_up", wire, evenly, "drops.link_down == 38", sets(`fault[0].min_up="0s"`)},
	{"fault.flap.min_down", wire, evenly, "drops.link_down == 38", sets(`fault[0].min_down="0s"`)},
	{"fault.flap.outages", wire, sets(`fault=[{kind="flap",links=["a->b"],at="0s",outages=[{link="a->b",at="255ms",until="505ms"}]}]`), "drops.link_down == 26", sets(`fault[0].outages=[]`)},
	{"fault.swizzle", wire, sets(`fault=[{kind="swizzle",nodes=["a","b"],at="100ms",until="900ms"}]`), "drops.link_down > 5", noFault},
	{"fault.swizzle.outages", wire, sets(`fault=[{kind="swizzle",nodes=["a","b"],at="0s",until="2s",outages=[{link="a->b",at="255ms",until="505ms"}]}]`), "drops.link_down == 26", sets(`fault[0].outages=[]`)},
	{"fault.until", wire, during(`"link_down",links=["a->b"]`), "traffic.delivered == 74", sets(`fault=[{kind="link_down",links=["a->b"],at="255ms"}]`)},

	{"registry.start=all", pairs, sets(`registry.start="all"`), "traffic.delivered == 6", sets(`registry.start="none"`)},
	{"registry.start=neighbours", pairs, sets(`registry.start="neighbours"`), "drops.unknown_peer == 2", sets(`registry.start="all"`)},
	{"registry.start=none", pairs, sets(`registry.start="none"`), "drops.unknown_peer == 6", sets(`registry.start="all"`)},

	{"registry.announce_interval", pairs, sets(`registry={start="none",announce_interval="500ms"}`, `traffic[0].start="1s"`), "drops.unknown_peer == 0 && traffic.delivered == 6", sets(`registry.announce_interval="8000h"`, `node_defaults.start="1s"`, `traffic[0].start="1s"`)},
	{"registry.expire", pairs, sets(`registry={start="none",announce_interval="8000h",expire="500ms"}`, `traffic[0].start="100ms"`, `traffic[0].count=2`), "drops.unknown_peer == 6 && traffic.delivered == 6", sets(`registry.expire="8000h"`)},

	{"routing.strategy=direct", pairs, sets(`routing.strategy="direct"`), "traffic.delivered == 4 && drops.no_route == 2", sets(`routing.strategy="shortest_path"`)},
	{"routing.strategy=flood", pairs, sets(`topology={kind="ring",nodes=5}`, `routing.strategy="flood"`), "traffic.duplicates > 0", sets(`routing.strategy="shortest_path"`)},
	{"routing.strategy=shortest_path", "detour", nil, "the detour takes seven hops", sets(`routing.strategy="direct"`)},
	{"routing.strategy=static", pairs, sets(`topology.kind="full"`, `traffic[0].from="n0"`, `traffic[0].to="n2"`, `routing={strategy="static",file="routes.csv"}`), "traffic.hops.max == 2", sets(`routing={strategy="shortest_path"}`)},
	{"routing.strategy=gossip", pairs, sets(`topology={kind="full",nodes=8}`, `routing.strategy="gossip"`), "traffic.hops.max > 1", sets(`routing.strategy="flood"`)},
	{"routing.strategy=link_state", pairs, append(learning, `routing.strategy="link_state"`, `expect=[{always="envelope.type != 'DISTANCE_VECTOR'"},{at_end="traffic.delivered == 6 && control.envelopes > 20"}]`), "envelope.type != 'DISTANCE_VECTOR'", sets(`routing.strategy="distance_vector"`)},
	{"routing.strategy=distance_vector", pairs, append(learning, `routing.strategy="distance_vector"`, `expect=[{always="envelope.type != 'LINK_STATE'"},{at_end="traffic.delivered == 6 && control.envelopes > 20"}]`), "envelope.type != 'LINK_STATE'", sets(`routing.strategy="link_state"`)},
	{"routing.fanout", pairs, sets(`topology={kind="full",nodes=8}`, `routing={strategy="flood",fanout=1}`), "traffic.delivered < 40", sets(`routing.fanout=7`)},
	{"routing.hello_interval", pairs, append(learning, `routing={strategy="link_state",hello_interval="100ms",advertise_interval="10s"}`), "control.envelopes > 300", sets(`routing.hello_interval="1s"`)},
	{"routing.advertise_interval", pairs, append(learning, `routing={strategy="link_state",hello_interval="100ms",advertise_interval="100ms"}`), "control.envelopes > 600", sets(`routing.advertise_interval="10s"`)},
	{"routing.file", pairs, sets(`topology.kind="full"`, `traffic[0].from="n0"`, `traffic[0].to="n2"`, `routing={strategy="static",file="routes.csv"}`), "traffic.hops.max == 2", sets(`routing.file="direct.csv"`)},
	{"routing.max_hops", "line-hop-limit", nil, "exactly the pairs within three hops", sets(`routing.max_hops=11`)},
	{"routing.seen_max", pairs, sets(`topology={kind="ring",nodes=5}`, `routing={strategy="flood",max_hops=20,seen_max=1}`, `traffic[0].to="*"`), "copies.delivered > traffic.delivered", sets(`routing.seen_max=65536`)},

	{"memory.sync_interval", recall, nil, "memory.completeness == 1", sets(`memory.sync_interval="1h"`)},
	{"memory.chunk_size", recall, nil, "control.envelopes == 36", sets(`memory.chunk_size=1`)},
	{"memory.limit", recall, sets(`memory.limit=3`), "memory.completeness < 1", sets(`memory.limit=4`)},

	{"measure.warmup", wire, sets(`measure.warmup="500ms"`), "traffic.sent == 51", sets(`measure.warmup="0s"`)},
	{"measure.drain", wire, sets(`measure.drain="9.5s"`), "traffic.sent == 50", sets(`measure.drain="0s"`)},

	{"traffic.messages", wire, nil, "traffic.sent == 100", sets(`traffic=[]`)},
	{"traffic.messages.type", wire, sets(`traffic[0].type="PING"`, `expect=[{always="envelope.type == 'PING'"}]`), "envelope.type == 'PING'", sets(`traffic[0].type="MESSAGE"`)},
	{"traffic.reflections", recall, nil, "memory.records == 4", sets(`traffic[0].kind="messages"`)},
	{"traffic.requests", pairs, sets(`traffic[0].kind="requests"`), "traffic.sent == 12 && traffic.delivered == 12", sets(`traffic[0].kind="messages"`)},
	{"traffic.requests.type", pairs, sets(`traffic[0].kind="requests"`, `traffic[0].type="ASK"`, `expect=[{always="envelope.type in ['ASK', 'ASK_REPLY']"}]`), "envelope.type in ['ASK', 'ASK_REPLY']", sets(`traffic[0].type="REQUEST"`)},
	{"traffic.requests.reply_size", pairs, sets(`traffic[0].kind="requests"`, `traffic[0].reply_size=50`), "links.bytes == 2000", sets(`traffic[0].reply_size=200`)}, // 8 links each way

	{"adversary.blackhole", "blackhole", nil, "the other 150 end at m", sets(`adversary=[]`)},
	{"adversary.grayhole", "blackhole", sets(`adversary[0].behaviour="grayhole"`, `adversary[0].share="100%"`), "the other 150 end at m", sets(`adversary[0].share="0%"`)},
	{"adversary.tamper", "tamper", nil, "what was altered is refused at each of the three nodes that it comes to", sets(`adversary=[]`)},
	{"adversary.delay", "slow-forwarder", nil, "27 of them late", sets(`adversary=[]`)},
	{"adversary.flood", pairs, sets(`adversary=[{nodes="n1",behaviour="flood",rate="2/s"}]`), "control.envelopes == 21", sets(`adversary=[]`)}, // 0 s … 10 s
	{"adversary.replay", "replay", nil, "all six messages come again, and are known", sets(`adversary=[]`)},
	{"adversary.start", "replay", sets(`adversary[0].start="1050ms"`, `expect=[{name="late",at_end="drops.replay == 5"}]`), "late", sets(`adversary[0].start="0s"`)},
	{"adversary.stop", "replay", sets(`adversary[0].stop="2050ms"`, `expect=[{name="early",at_end="drops.replay == 1"}]`), "early", sets(`adversary[0].stop="9s"`)},
	{"action.set_presence", "overloaded-peer", nil, "b defers twice, at 2 s and about 5 s later", sets(`action=[]`)},
	{"action.set_presence.presence=overloaded", "overloaded-peer", nil, "b defers twice, at 2 s and about 5 s later", sets(`action[0].presence="engaged"`)},
	{"action.set_presence.presence=focused", "overloaded-peer", nil, "b defers twice, at 2 s and about 5 s later", sets(`action[1].presence="overloaded"`)},
	{"action.set_presence.presence=diffuse", "overloaded-peer", sets(`action[1].presence="diffuse"`), "b defers twice, at 2 s and about 5 s later", sets(`action[1].presence="overloaded"`)},
	{"action.set_presence.presence=engaged", "overloaded-peer", sets(`action[1].presence="engaged"`), "b defers twice, at 2 s and about 5 s later", sets(`action[1].presence="overloaded"`)},
	{"action.set_presence.lri", "overloaded-peer", sets(`action[0].lri=100`, `expect=[{name="told",at_end="links.bytes == 7277"}]`), "told", sets(`action[0].lri=95`)}, // one digit more in four messages

	{"traffic.handshakes", pairs, sets(`traffic[0].kind="handshakes"`), "handshakes.completed == 6", sets(`traffic[0].kind="messages"`)},
	{"handshake.auto=none", pairs, sets(`handshake.auto="none"`), "handshakes.started == 0 && traffic.sent == 6", sets(`handshake.auto="all"`)},
	{"handshake.auto=neighbours", pairs, sets(`handshake.auto="neighbours"`), "handshakes.completed == 4", sets(`handshake.auto="none"`)},
	{"handshake.auto=all", pairs, sets(`handshake.auto="all"`), "handshakes.completed == 6", sets(`handshake.auto="neighbours"`)},
	// HELLO at 1 s and when it is to be repeated, up to 10 s.
	{"handshake.retry", unanswered, sets(`handshake.tries=3`, `handshake.retry="5s"`), "control.envelopes == 2", sets(`handshake.retry="1s"`)},
	{"handshake.tries", unanswered, sets(`handshake.tries=3`), "control.envelopes == 3", sets(`handshake.tries=4`)},
	{"handshake.backoff", unanswered, sets(`handshake.backoff="3s"`), "control.envelopes == 2", sets(`handshake.backoff="10s"`)},
	{"handshake.rounds", unanswered, sets(`handshake.backoff="1s"`, `handshake.rounds=2`), "handshakes.failed == 1 && control.envelopes == 2", sets(`handshake.rounds=3`)},
	{"handshake.jitter", unanswered, sets(`handshake.tries=9`, `handshake.jitter="50%"`, `expect=[{name="early",eventually="control.envelopes == 2",by="1999ms"}]`), "early", sets(`handshake.jitter="0%"`)},
	{"handshake.retry_after", "overloaded-peer", sets(`handshake.retry_after="3s"`, `expect=[{name="thrice",at_end="handshakes.deferred == 3"}]`), "thrice", sets(`handshake.retry_after="5s"`)},
	{"trust.on_replay=malicious", "replay-framing", nil, "both block the other, and nobody blocks m", sets(`trust.on_replay="drop"`)},
	{"trust.on_replay=drop", "replay", sets(`expect=[{name="nobody",at_end="trust.levels.blocked == 0 && drops.replay > 0"}]`), "nobody", sets(`trust.on_replay="malicious"`)},
	{"mesh.signatures=modelled", pairs, sets(`handshake.auto="all"`), "control.bytes == 20604", sets(`mesh.signatures="ed25519"`)}, // shorter ones
	{"mesh.signatures=ed25519", pairs, sets(`handshake.auto="all"`, `mesh.signatures="ed25519"`), "control.bytes == 22908", sets(`mesh.signatures="modelled"`)},
	{"trust.timestamp_window", unanswered, sets(`links[1].loss="0%"`, `node=[{id="a",clock_offset="2s"},{id="b"}]`, `trust.timestamp_window="1s"`), "drops.stale == 1", sets(`trust.timestamp_window="3s"`)},
	{"traffic.from", pairs, sets(`traffic[0].from="n0"`), "traffic.sent == 2", sets(`traffic[0].from="*"`)},
	{"traffic.to", pairs, nil, "traffic.sent == 6", sets(`traffic[0].to="random"`)},
	{"traffic.arrivals=poisson", wire, sets(`link.bandwidth="100kbit/s"`, `traffic[0].arrivals="poisson"`), "traffic.latency_ns.max > '18ms'", sets(`traffic[0].arrivals="periodic"`)},
	{"traffic.arrivals=periodic", wire, sets(`link.bandwidth="100kbit/s"`), "traffic.latency_ns.max == '18ms'", sets(`traffic[0].arrivals="poisson"`)},
	{"traffic.rate", wire, sets(`traffic=[{from="a",to="b",arrivals="periodic",rate="200/s",start="10ms",count=100}]`), "traffic.last_delivery_ns == '515ms'", sets(`traffic[0].rate="100/s"`)},
	{"traffic.interval", wire, sets(`traffic[0].interval="5ms"`), "traffic.last_delivery_ns == '515ms'", sets(`traffic[0].interval="10ms"`)},
	{"traffic.size", wire, sets(`traffic[0].size=77`), "links.bytes == 7700", sets(`traffic[0].size=200`)},
	{"traffic.start", wire, sets(`traffic[0].start="1s"`), "traffic.last_delivery_ns == '2s'", sets(`traffic[0].start="0s"`)},
	{"traffic.stop", wire, sets(`traffic[0].stop="500ms"`), "traffic.sent == 49", sets(`traffic[0].stop="10s"`)},
	{"traffic.count", wire, sets(`traffic[0].count=7`), "traffic.sent == 7", sets(`traffic[0].count=8000`)},
	{"traffic.class", rush, sets(`traffic[0].class="burst"`), "traffic.classes.burst.sent == 50", sets(`traffic[0].class="late"`, `traffic[1].class="burst"`)},
	{"traffic.file", wire, sets(`traffic=[{file="flows.csv"}]`), "links.bytes == 693", sets(`traffic[0].file="silence.csv"`)},

	{"size.constant", wire, nil, "links.bytes == 10000", sets(`traffic[0].size={uniform=[0,200]}`)},
	{"size.uniform", wire, sets(`traffic[0].size={uniform=[64,1500]}`), "links.bytes > 60000 && links.bytes < 96000 && links.bytes != 78200", sets(`traffic[0].size=782`)},
	{"size.exponential", wire, sets(`traffic[0].size={exponential=500}`), "links.bytes > 30000 && links.bytes < 70000 && links.bytes != 50000", sets(`traffic[0].size=500`)},
	{"size.empirical", wire, sets(`traffic[0].size={empirical="size.csv"}`), "links.bytes > 11000 && links.bytes < 19000 && links.bytes != 15000", sets(`traffic[0].size=150`)},
}
