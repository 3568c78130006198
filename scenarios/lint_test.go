package scenarios

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lineOf(n string) string { return "[topology]\nkind = \"line\"\nnodes = " + n + "\n" }

const (
	allPairs = "[[traffic]]\nto = \"each\"\narrivals = \"periodic\"\nrate = \"1/s\"\n"
	apart    = "[topology]\nkind = \"links\"\nnodes = 5\n[[links]]\nbetween = [\"n0\", \"n1\"]\n[[links]]\nfrom = \"n3\"\nto = \"n2\"\n[[links]]\nbetween = [\"n3\", \"n4\"]\n"
	hopMeant = " (an expectation that names drops.hop_limit says that this is meant)"
	wayMeant = " (an expectation that names drops.no_route says that this is meant)"
	knowMean = " (an expectation that names drops.unknown_peer says that this is meant)"
	fullMean = " (an expectation that names drops.queue_full says that this is meant)"
	loadMean = "; its queue is unlimited and grows without bound as long as that lasts (an expectation that names traffic.in_flight says that this is meant)"
	mtuMean  = " (an expectation that names drops.mtu says that this is meant)"
)

func oneFault(until string) string {
	return lineOf("2") + "[[fault]]\nname = \"cut\"\nkind = \"link_down\"\nat = \"4s\"\nuntil = \"" + until + "\"\nlinks = [\"n0-n1\"]\n"
}

// twoTalk is n0 that sends a message a second to n1.
func twoTalk(keys string, size int, expect string) string {
	return lineOf("2") + keys + "[[traffic]]\nfrom = \"n0\"\nrate = \"1/s\"\nsize = " + strconv.Itoa(size) + "\n" + expect
}

// Each lint where it has to speak, and just short of it. Scenarios last 10 s.
func TestLint(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"hop limit", lineOf("4") + "[routing]\nmax_hops = 2\n" + allPairs, `x.toml:7: warning: routing.max_hops = 2: is too low for 2 of the 12 ordered pairs (16.7 %) of traffic "t1", which need up to 3 links` + hopMeant},
		{"hop limit, enough", lineOf("4") + "[routing]\nmax_hops = 3\n" + allPairs, ""},
		{"hop limit, not written", lineOf("10") + "[[traffic]]\nname = \"far\"\nfrom = \"n0\"\nto = \"n9\"\nrate = \"1/s\"\n", `x.toml:1: warning: routing.max_hops = 8: is too low for 1 of the 1 ordered pairs (100 %) of traffic "far", which need up to 9 links` + hopMeant},
		{"hop limit, of who talks", lineOf("4") + "[routing]\nmax_hops = 1\n[[traffic]]\nfrom = [\"n0\", \"n3\"]\nto = [\"n1\", \"n2\"]\nrate = \"1/s\"\n", `x.toml:7: warning: routing.max_hops = 1: is too low for 2 of the 4 ordered pairs (50 %) of traffic "t1", which need up to 2 links` + hopMeant},
		{"hop limit, no traffic", lineOf("4") + "[routing]\nmax_hops = 2\n", `x.toml:7: warning: routing.max_hops = 2: is too low for 2 of the 12 ordered pairs (16.7 %), which need up to 3 links` + hopMeant},
		{"hop limit, meant", lineOf("4") + "[routing]\nmax_hops = 2\n" + allPairs + "[[expect]]\nat_end = \"drops.hop_limit > 0\"\n", ""},
		{"hop limit, not meant", lineOf("4") + "[routing]\nmax_hops = 2\n[[expect]]\nat_end = \"drops.hop_limit == 0\"\n", `x.toml:7: warning: routing.max_hops = 2: is too low for 2 of the 12 ordered pairs (16.7 %), which need up to 3 links` + hopMeant},
		{"hop limit, broadcast", lineOf("4") + "[routing]\nmax_hops = 2\n[[traffic]]\nto = \"*\"\nrate = \"1/s\"\n", `x.toml:7: warning: routing.max_hops = 2: is too low for 2 of the 12 ordered pairs (16.7 %) of traffic "t1", which need up to 3 links; a flood may reach fewer still, as its first copy need not take the fewest links` + hopMeant},
		{"hop limit, the quick way is long", "[topology]\nkind = \"ring\"\nnodes = 5\n[[links]]\nbetween = [\"n0\", \"n1\"]\nlatency = \"9ms\"\n[routing]\nmax_hops = 3\n[[traffic]]\nfrom = \"n0\"\nto = \"n1\"\nrate = \"1/s\"\n", `x.toml:10: warning: routing.max_hops = 3: is too low for 1 of the 1 ordered pairs (100 %) of traffic "t1", which need up to 4 links` + hopMeant},
		{"direct", lineOf("3") + "[routing]\nstrategy = \"direct\"\n" + allPairs, `x.toml:7: warning: routing.strategy = "direct": reaches neighbours only, and 2 of the 6 ordered pairs (33.3 %) of traffic "t1" are none, such as n2 → n0` + wayMeant},
		{"direct, neighbours", lineOf("2") + "[routing]\nstrategy = \"direct\"\n" + allPairs, ""},
		{"isolated", "[topology]\nkind = \"links\"\nnodes = 6\n[[links]]\nbetween = [\"n0\", \"n4\"]\n", `x.toml:3: warning: topology: 4 of 6 nodes have no links: n1 n2 n3 …` + wayMeant},
		{"unreachable", apart + allPairs, `x.toml:14: warning: traffic[0].to: 14 of the 20 ordered pairs (70 %) have no path, such as n2 → n0` + wayMeant},
		{"unreachable, but nobody wants to", apart + "[[traffic]]\nfrom = \"n4\"\nto = [\"n2\", \"n3\"]\nrate = \"1/s\"\n", ""},
		{"unknown", lineOf("3") + "[registry]\nstart = \"neighbours\"\n" + allPairs, `x.toml:7: warning: registry.start = "neighbours": for 2 of the 6 ordered pairs (33.3 %) of traffic "t1" the source does not know the destination at the start, such as n2 → n0` + knowMean},
		{"unknown, broadcast", lineOf("3") + "[registry]\nstart = \"none\"\n[[traffic]]\nto = \"*\"\nrate = \"1/s\"\n", ""},
		{"fault", oneFault("10s"), ""},
		{"fault that does not end", oneFault("10.1s"), `x.toml:10: warning: fault[0].until = "10.1s": is after the end of the run (10s): the fault does not end`},
		{"within", oneFault("8s") + "[[expect]]\nwithin = \"true\"\nafter = \"cut\"\nlimit = \"2s\"\n", ""},
		{"within, too late", oneFault("8s") + "[[expect]]\nwithin = \"true\"\nafter = \"cut\"\nlimit = \"2001ms\"\n", `x.toml:15: warning: expect[0].limit = "2.001s": reaches beyond the end of the run (10s), as the fault ends at 8s`},
		{"within, never", oneFault("11s") + "[[expect]]\nwithin = \"true\"\nafter = \"cut\"\nlimit = \"1s\"\n", "x.toml:10: warning: fault[0].until = \"11s\": is after the end of the run (10s): the fault does not end\n" + `x.toml:14: warning: expect[0].after = "cut": does not end within the run (10s): nothing is judged`},
		{"traffic without messages", lineOf("2") + "[[traffic]]\ninterval = \"1h\"\n", `x.toml:6: warning: traffic[0]: sends nothing in this run: the first message would leave at 2878.151309931s`},
		{"traffic without messages before it stops", lineOf("2") + "[[traffic]]\ninterval = \"5s\"\nstop = \"1ms\"\n", `x.toml:6: warning: traffic[0]: sends nothing in this run: the first message would leave at 3.997432375s`},
		{"traffic, one message", lineOf("2") + "[[traffic]]\narrivals = \"periodic\"\nstart = \"10s\"\ninterval = \"1h\"\n", ""},
		{"window after the traffic", lineOf("2") + "[measure]\nwarmup = \"3s\"\n[[traffic]]\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 3\n", `x.toml:6: warning: measure: counts nothing of traffic "t1": its last message leaves at 2s, the window begins at 3s`},
		{"window on the last message", lineOf("2") + "[measure]\nwarmup = \"2s\"\n[[traffic]]\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 3\n", ""},
		{"window before the traffic", lineOf("2") + "[measure]\ndrain = \"6s\"\n[[traffic]]\nstart = \"4001ms\"\narrivals = \"periodic\"\ninterval = \"1s\"\n", `x.toml:6: warning: measure: counts nothing of traffic "t1": its first message leaves at 4.001s, the window ends at 4s`},
		{"load", lineOf("3") + "[link]\nbandwidth = \"1599bit/s\"\nheader = 50\n[[traffic]]\nfrom = \"n0\"\nto = \"n2\"\nrate = \"1/s\"\nsize = 150\n", `x.toml:7: warning: link.bandwidth = "1599bit/s": n0->n1 is offered 1.6kbit/s, 100.06 % of it` + loadMean + "\n" + `x.toml:7: warning: link.bandwidth = "1599bit/s": n1->n2 is offered 1.6kbit/s, 100.06 % of it` + loadMean},
		{"load, just as much", lineOf("3") + "[link]\nbandwidth = \"1600bit/s\"\nheader = 50\n[[traffic]]\nfrom = \"n0\"\nto = \"n2\"\nrate = \"1/s\"\nsize = 150\n", ""},
		{"load, one after the other", lineOf("2") + "[link]\nbandwidth = \"1600bit/s\"\n[[traffic]]\nrate = \"1/s\"\nstart = \"5s\"\n[[traffic]]\nrate = \"1/s\"\nstop = \"5s\"\n", ""},
		{"load, at once", lineOf("2") + "[link]\nbandwidth = \"1600bit/s\"\n[[traffic]]\nfrom = \"n1\"\nrate = \"1/s\"\nstop = \"5s\"\n[[traffic]]\nrate = \"1/s\"\nstart = \"4s\"\n", `x.toml:7: warning: link.bandwidth = "1600bit/s": n1->n0 is offered 3.2kbit/s, 200 % of it` + loadMean},
		{"load, a burst", lineOf("2") + "[link]\nbandwidth = \"160kbit/s\"\n[[traffic]]\narrivals = \"periodic\"\ninterval = \"1us\"\ncount = 100\n", ""},
		{"load, a burst too large", lineOf("2") + "[link]\nbandwidth = \"160kbit/s\"\n[[traffic]]\nfrom = \"n0\"\narrivals = \"periodic\"\ninterval = \"1us\"\ncount = 150\n", `x.toml:7: warning: link.bandwidth = "160kbit/s": n0->n1 is offered 240kbit/s, 150 % of it` + loadMean},
		{"load, one large message", lineOf("2") + "[link]\nbandwidth = \"8kbit/s\"\n[[traffic]]\nfrom = \"n0\"\narrivals = \"periodic\"\ninterval = \"1s\"\ncount = 1\nsize = 9000\n", ""},
		{"load, worst first", lineOf("5") + "[link]\nbandwidth = \"16kbit/s\"\n[[links]]\nfrom = \"n2\"\nto = \"n3\"\nbandwidth = \"4kbit/s\"\n[[traffic]]\nfrom = \"n0\"\nto = \"n4\"\nrate = \"20/s\"\n", `x.toml:7: warning: link.bandwidth = "16kbit/s": n0->n1 is offered 32kbit/s, 200 % of it` + loadMean + "\n" +
			`x.toml:7: warning: link.bandwidth = "16kbit/s": n1->n2 is offered 32kbit/s, 200 % of it, and further ones are offered too much` + loadMean + "\n" +
			`x.toml:11: warning: links[0].bandwidth = "4kbit/s": n2->n3 is offered 32kbit/s, 800 % of it` + loadMean},
		{"load, flood", lineOf("3") + "[link]\nbandwidth = \"3199bit/s\"\n[routing]\nstrategy = \"flood\"\n[[traffic]]\nto = \"*\"\nrate = \"1/s\"\n", `x.toml:7: warning: link.bandwidth = "3199bit/s": n1->n0 is offered 3.2kbit/s, 100.03 % of it` + loadMean + "\n" + `x.toml:7: warning: link.bandwidth = "3199bit/s": n1->n2 is offered 3.2kbit/s, 100.03 % of it` + loadMean},
		{"load, flood that ends early", lineOf("3") + "[link]\nbandwidth = \"1600bit/s\"\n[routing]\nstrategy = \"flood\"\nmax_hops = 1\n[[traffic]]\nto = \"*\"\nrate = \"1/s\"\n[[expect]]\nat_end = \"drops.hop_limit > 0\"\n", ""},
		{"load, telling digits", twoTalk("[link]\nbandwidth = \"100kbit/s\"\nheader = 50\n", 12451, ""), `x.toml:7: warning: link.bandwidth = "100kbit/s": n0->n1 is offered 100.01kbit/s, 100.008 % of it` + loadMean},
		{"load, limited queue", twoTalk("[link]\nbandwidth = \"99kbit/s\"\nqueue = 9\n", 12500, ""), `x.toml:7: warning: link.bandwidth = "99kbit/s": n0->n1 is offered 100kbit/s, 101 % of it` + fullMean},
		{"load, uplink", lineOf("3") + "[node_defaults]\nuplink = \"2399bit/s\"\n[link]\nheader = 50\n[[traffic]]\nfrom = \"n1\"\nto = \"each\"\nrate = \"1/s\"\nsize = 100\n", `x.toml:7: warning: node_defaults.uplink = "2399bit/s": the uplink of n1 is offered 2.4kbit/s, 100.04 % of it` + loadMean},
		{"load, uplink, just as much", lineOf("3") + "[node_defaults]\nuplink = \"2400bit/s\"\n[link]\nheader = 50\n[[traffic]]\nfrom = \"n1\"\nto = \"each\"\nrate = \"1/s\"\nsize = 100\n", ""},
		{"load, downlink, of a relay too", lineOf("3") + "[[node]]\nid = \"n1\"\ndownlink = { bandwidth = \"3kbit/s\", queue = 2 }\n[[traffic]]\nfrom = [\"n0\", \"n2\"]\nto = [\"n0\", \"n2\"]\nrate = \"1/s\"\n", `x.toml:8: warning: node[0].downlink = "3kbit/s": the downlink of n1 is offered 3.2kbit/s, 107 % of it` + fullMean},
		{"load, uplink, meant", twoTalk("[node_defaults]\nuplink = \"1kbit/s\"\n", 200, "[[expect]]\nat_end = \"traffic.in_flight > 0\"\n"), ""},
		{"load, downlink, full and meant", twoTalk("[node_defaults]\ndownlink = { bandwidth = \"1kbit/s\", queue = 1 }\n", 200, "[[expect]]\nat_end = \"drops.queue_full > 0\"\n"), ""},
		{"mtu", twoTalk("[link]\nmtu = 199\n", 200, ""), `x.toml:11: warning: traffic[0].size = 200: for 1 of the 1 senders of traffic "t1", messages of at least 200 bytes are larger than any link takes that leads away from the source: mtu 199 at most` + mtuMean},
		{"mtu, just as large", twoTalk("[link]\nmtu = 200\n", 200, ""), ""},
		{"mtu, meant", twoTalk("[link]\nmtu = 199\n", 200, "[[expect]]\nat_end = \"drops.mtu > 0\"\n"), ""},
		{"mtu, of one link", lineOf("3") + "[link]\nmtu = 9\n[[links]]\nbetween = [\"n0\", \"n1\"]\nmtu = 300\n[[traffic]]\nrate = \"1/s\"\nsize = { uniform = [250, 900] }\n", `x.toml:13: warning: traffic[0].size = { uniform = [250, 900] }: for 1 of the 3 senders of traffic "t1", messages of at least 250 bytes are larger than any link takes that leads away from the source: mtu 9 at most` + mtuMean},
		{"one way", apart + "[routing]\nstrategy = \"link_state\"\n[[traffic]]\nfrom = \"n4\"\nto = [\"n2\", \"n3\"]\nrate = \"1/s\"\n", `x.toml:14: warning: routing.strategy = "link_state": uses a link only if it leads both ways, and 1 of the 5 links do not, such as n3->n2` + wayMeant + "\n" +
			`x.toml:17: warning: traffic[0].to: 1 of the 2 ordered pairs (50 %) have no path, such as n4 → n2` + wayMeant},
		{"one way, meant", apart + "[routing]\nstrategy = \"distance_vector\"\n" + allPairs + "[[expect]]\nat_end = \"drops.no_route > 0\"\n", ""},
		{"mtu of adverts", lineOf("3") + "[link]\nmtu = 114\n[routing]\nstrategy = \"link_state\"\n", `x.toml:9: warning: routing.strategy = "link_state": sends control messages of 115 bytes and more, and 4 of the 4 links do not take them, such as n0->n1: mtu 114 at most` + mtuMean},
		{"mtu of adverts, just as large", lineOf("3") + "[link]\nmtu = 115\n[routing]\nstrategy = \"link_state\"\n", ""},
		{"mtu of vectors", lineOf("17") + "[link]\nmtu = 9\n[[links]]\nbetween = [\"n0\", \"n1\"]\nmtu = 3000\n[routing]\nstrategy = \"distance_vector\"\nmax_hops = 16\n", `x.toml:12: warning: routing.strategy = "distance_vector": sends control messages of 834 bytes and more, and 30 of the 32 links do not take them, such as n1->n2: mtu 9 at most` + mtuMean},
		{"mtu of adverts, meant", lineOf("3") + "[link]\nmtu = 9\n[routing]\nstrategy = \"link_state\"\n[[expect]]\nat_end = \"drops.mtu > 0\"\n", ""},
		{"load, gossip is not known", lineOf("2") + "[link]\nbandwidth = \"1kbit/s\"\n[routing]\nfanout = 1\n[[traffic]]\nto = \"*\"\nrate = \"9/s\"\n", ""},
		{"mtu, sometimes", lineOf("3") + "[link]\nmtu = 9\n[[traffic]]\nrate = \"1/s\"\nsize = { uniform = [9, 900] }\n", ""},
		{"load, meant", lineOf("2") + "[link]\nqueue = 5\nbandwidth = \"1kbit/s\"\n[[traffic]]\nrate = \"1/s\"\n[[expect]]\nat_end = \"drops.queue_full > 0\"\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := tryLoad(c.text)
			require.NoError(t, err)
			assert.Equal(t, c.want, warningsOf(s))
		})
	}
}

func warningsOf(s *Scenario) string {
	var lines []string
	for _, w := range s.Warnings() {
		lines = append(lines, w.String())
	}
	return strings.Join(lines, "\n")
}

// A static table that leads into dead ends and loops.
func TestLintOfStaticTables(t *testing.T) {
	const text = "[topology]\nkind = \"ring\"\nnodes = 4\n[routing]\nstrategy = \"static\"\nfile = \"r.csv\"\nmax_hops = 2\n[[traffic]]\nto = \"n3\"\nfrom = [\"n0\", \"n1\", \"n2\"]\nrate = \"1/s\"\n"
	for table, want := range map[string]string{
		"n0,n3,n3\nn1,n3,n0\nn2,n3,n3\n": "",
		"n0,n3,n1\nn1,n3,n2\nn2,n3,n3\n": `x.toml:9: warning: routing.max_hops = 2: is too low for 1 of the 3 ordered pairs (33.3 %) of traffic "t1", which need up to 3 links` + hopMeant,
		"n0,n3,n1\nn2,n3,n3\n":           `x.toml:8: warning: routing.file = "r.csv": leads 2 of the 3 ordered pairs (66.7 %) of traffic "t1" to where there is no route, such as n0 → n3` + wayMeant,
		"n0,n3,n1\nn1,n3,n0\nn2,n3,n1\n": `x.toml:8: warning: routing.file = "r.csv": leads 3 of the 3 ordered pairs (100 %) of traffic "t1" in a loop, such as n0 → n3` + wayMeant,
	} {
		s, err := tryLoad(text, "r.csv", "node,destination,next\n"+table)
		require.NoError(t, err)
		assert.Equal(t, want, warningsOf(s), table)
	}
}

// What comes and goes is judged by what it is at best, and flows row by row.
func TestLintOfFiles(t *testing.T) {
	plan := "source,target,start,end\na,b,0s,6s\nb,c,5s,9s\n"
	s, err := tryLoad(planTopology+"[link]\nbandwidth = \"1bit/s\"\n[routing]\nmax_hops = 1\n"+allPairs, "plan", plan)
	require.NoError(t, err)
	assert.Equal(t, `x.toml:9: warning: routing.max_hops = 1: is too low for 2 of the 6 ordered pairs (33.3 %) of traffic "t1", which need up to 2 links; as links come and go it may be more`+hopMeant, warningsOf(s))

	s, err = tryLoad(lineOf("4")+"[link]\nbandwidth = \"24kbit/s\"\n[routing]\nmax_hops = 2\n[[traffic]]\nfile = \"f.csv\"\n",
		"f.csv", "source,destination,start,interval,size,count\nn0,n3,0s,1s,100,2\nn0,n1,0s,10ms,20,200\nn1,n0,0s,10ms,40,200\nn1,n0,2s,10ms,40,200\nn0,*,,,,\n")
	require.NoError(t, err)
	assert.Equal(t, `x.toml:7: warning: link.bandwidth = "24kbit/s": n1->n0 is offered 32kbit/s, 133 % of it`+loadMean+`
x.toml:9: warning: routing.max_hops = 2: is too low for 2 of the 7 ordered pairs (28.6 %) of traffic "t1", which need up to 3 links`+hopMeant, warningsOf(s))
}

// Lint is asked for before a run and by its result, and done once; a scenario that
// has changed since is looked at anew.
func TestLintIsRemembered(t *testing.T) {
	s, err := tryLoad(lineOf("10") + allPairs)
	require.NoError(t, err)
	memory := s.source.linted
	assert.Empty(t, memory.text, "loading asks for errors only")
	first := s.Warnings()
	require.Len(t, first, 1)
	memory.problems[0].Message = "remembered"
	result, err := s.Run(Options{})
	require.NoError(t, err)
	require.Len(t, result.Warnings, 1)
	assert.Contains(t, result.Warnings[0], "remembered")
	s.Routing.MaxHops = 9
	assert.Empty(t, s.Warnings())
	s.Routing.MaxHops = 8
	assert.Equal(t, first, s.Warnings())

	other, err := s.With(WithSet("routing.max_hops=8"))
	require.NoError(t, err)
	assert.NotSame(t, s.source.linted, other.source.linted)
}

// A large mesh is surveyed by a sample, and says so.
func TestLintOfALargeMesh(t *testing.T) {
	started := time.Now()
	s, err := tryLoad("[topology]\nkind = \"ring\"\nnodes = 10000\n[link]\nbandwidth = \"1Mbit/s\"\n[routing]\nmax_hops = 255\n[[traffic]]\nrate = \"0.001/s\"\n")
	require.NoError(t, err)
	assert.Regexp(t, `^x.toml:9: warning: routing.max_hops = 255: is too low for \d+ of the \d+ ordered pairs \(94.9 %, in a sample of 35 of 10000 destinations\) of traffic "t1", which need up to 5000 links`, warningsOf(s))
	assert.Less(t, time.Since(started), 20*time.Second, "it does not hang")
}
