package scenarios

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	wantValues = "latency loss burst_loss bandwidth queue duplicate reorder corrupt mtu header fifo zero_latency"
	linkFault  = "[[fault]]\nat = \"1s\"\nlinks = [\"n0-n1\"]\nkind = "
)

// What is wrong with queue policies, and with faults that change, slow or hold links.
func TestBadPoliciesAndFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"policy", "[link]\nqueue_policy = \"red\"\n", `x.toml:7: link.queue_policy = "red": is not known; allowed: drop_tail drop_random codel`},
		{"near policy", "[link]\nqueue_policy = \"cdel\"\n", `x.toml:7: link.queue_policy = "cdel": is not known; allowed: drop_tail drop_random codel (did you mean "codel"?)`},
		{"policy of a wrong type", "[[links]]\nbetween = [\"n0\", \"n1\"]\nqueue_policy = 3\n", `x.toml:8: links[0].queue_policy = 3: is an integer; allowed: a string`},
		{"policy behind an uplink", "[link]\nbandwidth = \"1Mbit/s\"\nqueue_policy = \"codel\"\n[[node]]\nid = \"n3\"\nuplink = \"1Mbit/s\"\n", `x.toml:8: link.queue_policy = "codel": can't be behind an uplink, which n3 has; allowed: drop_tail`},
		{"no set", linkFault + "\"link_set\"\n", `x.toml:6: fault[0].set: is missing; allowed: a table [set]`},
		{"empty set", linkFault + "\"link_set\"\nset = {}\n", `x.toml:10: fault[0].set: is empty; allowed: ` + wantValues},
		{"set that is no table", linkFault + "\"link_set\"\nset = \"5%\"\n", `x.toml:10: fault[0].set = "5%": is a string; allowed: a table [set]`},
		{"key of set", linkFault + "\"link_set\"\nset = { los = \"5%\" }\n", `x.toml:10: fault[0].set.los = "5%": is not a key; allowed: ` + wantValues + ` (did you mean "loss"?)`},
		{"policy in set", linkFault + "\"link_set\"\nset = { queue_policy = \"codel\" }\n", `x.toml:10: fault[0].set.queue_policy = "codel": is not a key; allowed: ` + wantValues},
		{"values of set, all at once", linkFault + "\"link_set\"\n[fault.set]\nloss = 5\nlatency = \"x\"\nmtu = 0\n", `x.toml:11: fault[0].set.loss = 5: has no unit; allowed: a percentage such as "1.5%"
x.toml:12: fault[0].set.latency = "x": does not begin with a number; allowed: a duration such as "20ms", or { KIND = … } of kind uniform normal lognormal exponential pareto weibull empirical profile
x.toml:13: fault[0].set.mtu = 0: is out of range; allowed: 1 … 1073741824`},
		{"latency of zero", linkFault + "\"link_set\"\nset = { latency = \"0s\" }\n", `x.toml:10: fault[0].set.latency = "0s": must be above 0; allowed: at least "1ns", or zero_latency = true`},
		{"set of a clog", linkFault + "\"clog\"\ndelay = \"1s\"\nset = { loss = \"1%\" }\n", `x.toml:11: fault[0].set = {…}: is a key of kind link_set only; allowed: name kind links delay at until`},
		{"no delay", linkFault + "\"clog\"\n", `x.toml:6: fault[0].delay: is missing; allowed: a duration such as "20ms"`},
		{"delay of zero", linkFault + "\"clog\"\ndelay = \"0s\"\n", `x.toml:10: fault[0].delay = "0s": is out of range; allowed: 1ns … 24h`},
		{"no links", "[[fault]]\nkind = \"hold\"\nat = \"1s\"\n", `x.toml:6: fault[0].links: is missing; allowed: a list of "a->b" (one way), "a-b" or ["a", "b"] (both ways), or { random = N }`},
		{"unknown link", "[[fault]]\nkind = \"hold\"\nat = \"1s\"\nlinks = [\"n0-n2\"]\n", `x.toml:9: fault[0].links[0] = "n0-n2": is not a link of this mesh`},
		{"kind", linkFault + "\"clogg\"\n", `x.toml:9: fault[0].kind = "clogg": is not known; allowed: partition isolate link_down link_set clog hold crash pause clock_skew churn flap swizzle (did you mean "clog"?)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadBytes([]byte(sound+c.text), "x.toml")
			require.Error(t, err)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

// A policy is worth a warning where it never does anything, and is none where some
// of its links have bandwidth.
func TestPolicyWithoutBandwidth(t *testing.T) {
	for text, want := range map[string]string{
		"[link]\nqueue_policy = \"codel\"\n": `x.toml:7: warning: link.queue_policy: is of links without bandwidth, where nothing waits`,
		"[link]\nqueue_policy = \"codel\"\n[[links]]\nbetween = [\"n0\", \"n1\"]\nbandwidth = \"1Mbit/s\"\n":                                                  "",
		"[[links]]\nbetween = [\"n0\", \"n1\"]\nqueue_policy = \"drop_random\"\n":                                                                             `x.toml:8: warning: links[0].queue_policy: is of links without bandwidth, where nothing waits`,
		"[link]\nbandwidth = \"1Mbit/s\"\n[[links]]\nbetween = [\"n0\", \"n1\"]\nqueue_policy = \"drop_random\"\n":                                            "",
		"[link]\nqueue_policy = \"codel\"\nbandwidth = \"1Mbit/s\"\n[node_defaults]\nuplink = \"1Mbit/s\"\n[[links]]\nbetween = [\"n0\", \"n1\"]\nloss = 3\n": "-",
	} {
		s, err := LoadBytes([]byte(sound+text), "x.toml")
		if want == "-" { // another problem leaves nothing to warn of
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		got := ""
		for _, w := range s.Warnings() {
			got += w.String()
		}
		assert.Equal(t, want, got)
	}
}

// A fault can set every key of a link but the policy, for which copies may wait, and
// geo, which is a matter of where nodes are; and each reaches the network.
func TestLinkValuesAreThoseOfALink(t *testing.T) {
	values, link := reflect.TypeFor[LinkValues](), reflect.TypeFor[Link]()
	var keys []string
	for _, key := range schemas[link].keys(nil) {
		if key == "queue_policy" || key == "geo" {
			continue
		}
		keys = append(keys, key)
		of, is := schemas[link].byKey[key], schemas[values].byKey[key]
		require.NotNil(t, is, key)
		assert.Equal(t, reflect.PointerTo(of.typ), is.typ, key)
		assert.Equal(t, of.bounds(), is.bounds(), key)
		if key == "zero_latency" {
			continue
		}
		var v LinkValues
		reflect.ValueOf(&v).Elem().Field(is.index).Set(reflect.New(of.typ))
		if v.Latency != nil {
			*v.Latency = Constant(1)
		}
		spec, err := v.spec(&Mesh{scenario: &Scenario{}})
		require.NoError(t, err)
		given := 0
		for i := range reflect.TypeOf(spec).NumField() {
			if !reflect.ValueOf(spec).Field(i).IsNil() {
				given++
			}
		}
		assert.Equal(t, 1, given, key)
	}
	assert.Equal(t, keys, schemas[values].keys(nil))
}

// The table set is written as it can be read, and can be overridden by its keys.
func TestSetOfAFault(t *testing.T) {
	text := sound + linkFault + "\"link_set\"\nset = { latency = \"200ms\", loss = \"5%\" }\n" + linkFault + "\"hold\"\n"
	s, err := LoadBytes([]byte(text), "x.toml", WithSet("fault[0].set.loss=7%"))
	require.NoError(t, err)
	set := s.Faults[0].Kind.(LinkChange).Set
	assert.Equal(t, Constant(200*time.Millisecond), *set.Latency)
	assert.Equal(t, Ratio(70_000_000), *set.Loss)
	assert.Nil(t, set.Queue)
	again, err := LoadBytes(s.TOML(), "y.toml")
	require.NoError(t, err)
	assert.Equal(t, s.Faults, again.Faults)
}
