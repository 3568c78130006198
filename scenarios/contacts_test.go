package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/clock"
)

const planTopology = "[topology]\nkind = \"contacts\"\npath = \"plan\"\n"

// planText writes the contacts of a mesh as one line.
func (m *Mesh) planText() string {
	var all []string
	for _, c := range m.Contacts {
		end := ""
		if c.End != clock.Never {
			end = formatDuration(Duration(c.End))
		}
		all = append(all, fmt.Sprintf("%s>%s %s..%s", m.Nodes[c.From].ID, m.Nodes[c.To].ID, formatDuration(Duration(c.Start)), end))
	}
	return strings.Join(all, ", ")
}

// What each format means, and what it warns of.
func TestContactPlans(t *testing.T) {
	for name, c := range map[string]struct{ text, plan, warnings string }{
		"csv": {
			"# ferry\nsource,target,start,end,direction\na,b,1s,2s,\n7,b,0s,,forward\nb,a,2s,3s,\n",
			"a>b 1s..3s, b>a 1s..3s, n7>b 0s..", "",
		},
		"csv, overlaps": {
			"source,target,start,end,direction\na,b,1s,4s,\nb,a,2s,3s,\na,b,3s,5s,forward\na,a,1s,2s,\n",
			"a>b 1s..5s, b>a 1s..4s",
			`plan:3: warning: the contact of a and b overlaps that of line 2; they are merged
plan:4: warning: the contact of a and b overlaps that of line 2; they are merged
plan:5: warning: target = "a": is the source; the contact is dropped`,
		},
		"ONE": {
			"# comment\n0.00 CONN 3 p4 up\n1.50 CONN p4 3 down\n1.5 CONN 3 p4 UP\n2 C M1 3 p4 100\n3.25 CONN 3 5 up 0\n4 CONN 3 p4 down\n",
			"n3>n5 3.25s.., n3>p4 0s..4s, n5>n3 3.25s.., p4>n3 0s..4s",
			`plan:5: warning: 1 lines that are no CONN events, here and below, are passed over`,
		},
		"ONE, cut": {
			"1 CONN a b down\n2 CONN a b up\n3 CONN b a up\n4 CONN a b down\n",
			"a>b 2s..4s, b>a 2s..4s",
			`plan:1: warning: state = "down": a and b are not connected; it is passed over
plan:3: warning: state = "up": b and a are connected since line 2; it is passed over`,
		},
		"contact list": {
			"31220\t15\t31\n31220\t15\t22\n31240\t31\t15\n31280\t15\t31\n",
			"n15>n22 0s..20s, n15>n31 0s..40s, n15>n31 60s..80s, n22>n15 0s..20s, n31>n15 0s..40s, n31>n15 60s..80s", "",
		},
		"contact list, twice": {
			"20 1 2 5A 5B\n20 2 1 5B 5A\n", "n1>n2 0s..20s, n2>n1 0s..20s",
			`plan:2: warning: the contact of n1 and n2 overlaps that of line 1; they are merged`,
		},
		"ION": {
			"## begin ionadmin\n1 1 ''\ns\na contact +0 +60 1 2 1000\na contact +60 +90 1 2 1000 1.0\na contact +5 +60 2 1 500\na contact -1 -1 2 2 0\na range +0 +90 1 2 1\n@ +100\na contact +0 +1 2 10 8\na range +0 +1 10 2 0\n",
			"n1>n2 0s..90s, n2>n1 5s..60s, n2>n10 100s..101s",
			`plan:2: warning: 3 lines that are neither scheduled contacts nor ranges, here and below, are passed over`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := tryLoad(planTopology, "plan", c.text)
			require.NoError(t, err)
			s.Duration = time.Hour
			m, err := s.Mesh()
			require.NoError(t, err)
			assert.Equal(t, c.plan, m.planText())
			var warnings []string
			for _, w := range s.Warnings() {
				warnings = append(warnings, w.String())
			}
			assert.Equal(t, c.warnings, strings.Join(warnings, "\n"))
		})
	}
}

// A plan gives values of links, in cells or as rates and ranges.
func TestValuesInContactPlans(t *testing.T) {
	s, err := tryLoad(planTopology+"[link]\nlatency = \"3ms\"\nheader = 8\n", "plan",
		"source,target,start,end,latency,loss,bandwidth,queue,direction\na,b,1s,2s,5ms,,1kbit/s,,\nb,a,3s,4s,,2%,,7,forward\na,b,5s,6s,5ms,,,,\n")
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	fiveMS := Constant(5 * time.Millisecond)
	assert.Equal(t, []MeshLink{
		{0, 1, Link{Latency: fiveMS, Bandwidth: 1000, Header: 8, QueuePolicy: "drop_tail"}},
		{1, 0, Link{Latency: fiveMS, Bandwidth: 1000, Header: 8, Loss: 20_000_000, Queue: QueueSize{QueueCopies, 7}, QueuePolicy: "drop_tail"}},
	}, m.Links)

	s, err = tryLoad(planTopology, "plan", "a contact +0 +9 1 2 1000\na contact +0 +9 2 1 500\na contact +0 +9 2 3 1\na contact +0 +9 3 2 1\n"+
		"a range +0 +9 1 2 4\na range +0 +9 3 2 5\na range +0 +9 2 1 6\n")
	require.NoError(t, err)
	m, err = s.Mesh()
	require.NoError(t, err)
	var got []string
	for _, l := range m.Links {
		got = append(got, fmt.Sprintf("%s>%s %v %d", m.Nodes[l.From].ID, m.Nodes[l.To].ID, l.Latency.Least(), l.Bandwidth))
	}
	assert.Equal(t, []string{"n1>n2 4s 8000", "n2>n1 6s 4000", "n2>n3 1ms 8", "n3>n2 5s 8"}, got)
}

// Every fault of a plan has its line, key and reason.
func TestBadContactPlans(t *testing.T) {
	for text, want := range map[string]string{
		"":                              `plan:1: is no contact plan of a known format; allowed: ` + planFormats,
		"source,target,start\na,b,1s\n": `plan:1: end: is missing; allowed: source,target,start,end,latency,loss,bandwidth,queue,direction`,
		"source,target,start,end,latency,direction\na,b,2s,2s,,\na,b,1,2s,,\na,,1s,2s,0s,up\na,b,9999h,2s,,\n": `plan:2: end = "2s": is not after start (2s)
plan:3: start = "1": has no unit; allowed: a duration such as "20ms"
plan:4: target: is empty; allowed: a node id
plan:4: direction = "up": is not known; allowed: both forward
plan:5: start = "9999h": is out of range; allowed: at most 8760h`,
		"source,target,start,end,latency,loss\na,b,1s,2s,1ms,1%\nb,a,3s,4s,2ms,1%\na,b,5s,6s,0s,\na,c,5s,6s,0s,\n": `plan:3: latency = "2ms": is "1ms" in line 2; allowed: one value for each link
plan:4: latency = "0s": is "1ms" in line 2; allowed: one value for each link
plan:5: latency = "0s": must be above 0; allowed: at least 1ns, or zero_latency = true in [link]`,
		"1 CONN a b up\n0.5 CONN c d up\n1 CONN a b down\nx CONN a b up\n2 CONN a b sideways\n3 CONN a b\n4 CONN a b up x y\n": `plan:2: time = "0.5": is before that of line 1
plan:3: time = "1": is not after line 1, where they connect
plan:4: time = "x": is no time; allowed: seconds such as 12.5
plan:5: state = "sideways": is not known; allowed: up down
plan:6: has 4 words; allowed: TIME CONN A B up|down
plan:7: has 7 words; allowed: TIME CONN A B up|down`,
		"20 1 2\n20.5.1 1 2\n40 1\n40 1 a->b\n99999999999999999999 1 2\n99999999999 1 2\n": `plan:2: t = "20.5.1": "20.5.1" is not a number; allowed: seconds, exact to 1ns
plan:3: has 2 words; allowed: t i j, or t i j and two groups
plan:4: target = "a->b": contains "->", which stands between the ends of a link
plan:5: t = "99999999999999999999": is too large; allowed: seconds, exact to 1ns
plan:6: t = "99999999999": is too large; allowed: seconds, exact to 1ns`,
		"20 1 2\n99999999 1 2\n": `plan:2: t = "99999999": is out of range; allowed: at most 8760h`,
		"a contact +0 +60 1 2 1000\na contact +70 +80 1 2 2000\na contact 2025/01/01-00:00:00 +1 1 2 5\na contact +5 +5 1 2 0\na contact +1 +2 1 2\nd contact * 1 2\na range +0 +1 1 2 1\na range +1 +2 1 2 2\na range +0 +1 1 2 99999\n": `plan:2: bandwidth = "16000bit/s": is "8kbit/s" in line 1; allowed: one value for each link
plan:3: start = "2025/01/01-00:00:00": is no relative time; allowed: + and seconds, such as +60
plan:4: end = "+5": is not after start (+5)
plan:4: bandwidth = "0": is out of range; allowed: 1 … 125000000000000
plan:5: has 6 words; allowed: a contact +START +STOP FROM TO RATE
plan:6: changes the plan; allowed: what the plan comes to, as lines "a contact" and "a range"
plan:8: latency = "2s": differs from that of line 7; allowed: one value for each link
plan:9: latency = "99999": is out of range; allowed: 0 … 86400`,
		"hello world\n": `plan:1: is no contact plan of a known format; allowed: ` + planFormats,
	} {
		_, err := tryLoad(planTopology, "plan", text)
		assert.EqualError(t, err, want, text)
	}
	_, err := tryLoad(planTopology)
	assert.EqualError(t, err, `x.toml:5: topology.path = "plan": there is no such file`)
}

// Where links take their latency from places, the plan's own stays.
func TestPlannedLatencyBesidePlaces(t *testing.T) {
	s, err := tryLoad(planTopology+"[link]\ngeo = true\n[[node]]\nid = \"a\"\nlat = 0.0\nlon = 0.0\n[[node]]\nid = \"b\"\nlat = 0.0\nlon = 10.0\n", "plan",
		"source,target,start,end,latency,direction\na,b,1s,2s,3ms,forward\nb,a,1s,2s,,forward\n")
	require.NoError(t, err)
	m, err := s.Mesh()
	require.NoError(t, err)
	assert.Equal(t, Constant(3*time.Millisecond), m.Links[0].Latency)
	assert.Equal(t, Constant(5560*time.Microsecond), m.Links[1].Latency, "10 degrees along the equator")
}

// Whatever words a plan is made of, it is read or refused, with a line each.
func TestAnyPlanIsReadOrRefused(t *testing.T) {
	words := []string{"source,target,start,end", "a,b,1s,2s", "CONN", "up", "down", "a", "contact", "range", "+0", "+60", "-1", "0", "1", "2", "20", "40.5", "1e9",
		"@", "#", "''", "\"", ",", "a->b", "*", "99999999999999999999", "µ", "-", "{ uniform = {} }", "9223372036854775807"}
	sound := [][]string{
		{"source,target,start,end", "a,b,1s,2s", "a,b,0s,5s"}, {"20 1 2", "40 1 2", "20 2 1"},
		{"0 CONN a b up", "1 CONN a b down", "1 CONN a c up"}, {"a contact +0 +60 1 2 1000", "a range +0 +9 1 2 1", "s"},
	}
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		format := rapid.SampledFrom(sound).Draw(t, "format")
		text.WriteString(format[0] + "\n" + format[1] + "\n")
		for range rapid.IntRange(0, 4).Draw(t, "lines") {
			line := rapid.SampledFrom(format).Draw(t, "line")
			if rapid.IntRange(0, 3).Draw(t, "bad") == 3 {
				line = strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 7).Draw(t, "words"), " ")
			}
			text.WriteString(line + "\n")
		}
		s, err := tryLoad(planTopology, "plan", text.String())
		if err == nil {
			read++
			_, err := s.Mesh()
			require.NoError(t, err)
			s.Warnings()
			return
		}
		for line := range strings.Lines(err.Error()) {
			require.Regexp(t, `^(plan:\d+|x.toml:\d+): .`, line)
		}
	})
	assert.Positive(t, read)
}

func TestContactsAfterTheEnd(t *testing.T) {
	s, err := tryLoad(planTopology, "plan", "source,target,start,end\na,b,1s,2s\na,b,10s,11s\na,c,10.1s,\n")
	require.NoError(t, err)
	warnings := s.Warnings()
	require.Len(t, warnings, 1)
	assert.Equal(t, `x.toml:5: warning: topology.path = "plan": 2 of 6 contacts, counted in each direction, begin after the end of the run (10s)`, warnings[0].String())
}

// However contacts overlap and touch, the merged ones cover the same instants, and
// between two of a link there is a gap. MeshAt has the links whose contacts cover
// the instant.
func TestMergedContactsAgainstNaiveTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "source,target,start,end,direction\n"
		type row struct {
			from, to   string
			both       bool
			start, end Duration
		}
		var rows []row
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			r := row{from: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "from"), to: "c", both: rapid.Bool().Draw(t, "both")}
			r.start = Duration(rapid.IntRange(0, 9).Draw(t, "start")) * time.Second
			r.end = r.start + Duration(rapid.IntRange(1, 4).Draw(t, "for"))*time.Second
			direction := "forward"
			if r.both {
				direction = "both"
			}
			rows = append(rows, r)
			text += fmt.Sprintf("%s,%s,%s,%s,%s\n", r.from, r.to, formatDuration(r.start), formatDuration(r.end), direction)
		}
		s, err := tryLoad(planTopology, "plan", text)
		require.NoError(t, err)
		m, err := s.Mesh()
		require.NoError(t, err)
		for i, c := range m.Contacts[1:] {
			if before := m.Contacts[i]; before.From == c.From && before.To == c.To {
				require.Less(t, before.End, c.Start)
			}
		}
		for at := Duration(0); at <= 10*time.Second; at += time.Second / 2 {
			want := map[string]bool{}
			for _, r := range rows {
				if r.start <= at && at < r.end {
					want[r.from+">"+r.to] = true
					want[r.to+">"+r.from] = want[r.to+">"+r.from] || r.both
				}
			}
			now, err := s.MeshAt(at)
			require.NoError(t, err)
			for _, arrow := range []string{"a>c", "b>c", "c>a", "c>b"} {
				require.Equal(t, want[arrow], slices.Contains(strings.Fields(now.arrows()), arrow), "%s at %v", arrow, at)
			}
		}
	})
}

func TestMeshAt(t *testing.T) {
	s, err := tryLoad(planTopology+"[[node]]\nid = \"c\"\n[[links]]\nfrom = \"b\"\nto = \"c\"\n", "plan", "source,target,start,end\na,b,1s,2s\n")
	require.NoError(t, err)
	for at, want := range map[Duration]string{0: "b>c", time.Second: "a>b b>a b>c", 2*time.Second - 1: "a>b b>a b>c", 2 * time.Second: "b>c", 10 * time.Second: "b>c"} {
		m, err := s.MeshAt(at)
		require.NoError(t, err)
		assert.Equal(t, want, m.arrows(), at)
		assert.Len(t, m.Nodes, 3)
	}
	for _, at := range []Duration{-1, 10*time.Second + 1} {
		_, err := s.MeshAt(at)
		assert.ErrorContains(t, err, "is no time of the run; allowed: 0s … 10s")
	}
	all, err := s.Mesh()
	require.NoError(t, err)
	assert.Equal(t, "a>b b>a b>c", all.arrows(), "the union")
}
