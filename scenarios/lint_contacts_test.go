package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const apartMean = " have no path at any instant at which they send: links of the plan come and go, and nobody keeps a message until the next is up; such as "

// A pair whose links are never up together is told, and just short of it not.
func TestLintOfContactPlans(t *testing.T) {
	const plan = "source,target,start,end\na,b,1s,5s\nb,c,5s,9s\n"
	ask := func(keys, traffic string) string {
		return planTopology + keys + "[[traffic]]\nfrom = \"a\"\nto = \"c\"\narrivals = \"periodic\"\nrate = \"1/s\"\n" + traffic
	}
	told := func(line int, pairs, example, why string) string {
		return fmt.Sprintf("x.toml:%d: warning: traffic[0].to: %s%s%s%s", line, pairs, apartMean, example, why)
	}
	const one = "1 of the 1 ordered pairs (100 %)"
	for _, c := range []struct{ name, text, plan, want string }{
		{"one after the other", ask("", ""), plan, told(8, one, "a → c", wayMeant)},
		{"together for a nanosecond", ask("", ""), strings.Replace(plan, "b,c,5s", "b,c,4.999999999s", 1), ""},
		{"together, but before it sends", ask("", "start = \"5s\"\n"), strings.Replace(plan, "b,c,5s", "b,c,4s", 1), told(8, one, "a → c", wayMeant)},
		{"together, but after it sends", ask("", "count = 3\n"), strings.Replace(plan, "b,c,5s", "b,c,3s", 1), told(8, one, "a → c", wayMeant)},
		{"together when the last is sent", ask("", "count = 4\n"), strings.Replace(plan, "b,c,5s", "b,c,3s", 1), ""},
		{"a link outside of the plan", ask("", "") + "[[links]]\nbetween = [\"b\", \"c\"]\n", strings.Replace(plan, "b,c,5s,9s", "c,d,1s,2s", 1), "x.toml:12: warning: links[0].between[0] = \"b->c\": is not a link of the topology; it is added\nx.toml:12: warning: links[0].between[1] = \"c->b\": is not a link of the topology; it is added"},
		{"meant", ask("", "") + "[[expect]]\nat_end = \"drops.no_route > 0\"\n", plan, ""},
		{"flood, on its way meanwhile", ask("[link]\nlatency = \"100ms\"\n[routing]\nstrategy = \"flood\"\n", ""), plan, ""},
		{"flood, too far apart", ask("[link]\nlatency = \"1ms\"\n[routing]\nstrategy = \"flood\"\n", ""), strings.Replace(plan, "b,c,5s", "b,c,6s", 1), told(12, one, "a → c", wayMeant)},
		{"direct", ask("[routing]\nstrategy = \"direct\"\n", "start = \"5s\"\n"), "source,target,start,end\na,c,1s,5s\na,b,1s,9s\nb,c,1s,9s\n", told(10, one, "a → c", wayMeant)},
		{"after the end", ask("", ""), "source,target,start,end\na,b,1s,5s\nb,c,1s,2s\nc,a,10s,11s\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := tryLoad(c.text, "plan", c.plan)
			require.NoError(t, err)
			assert.Equal(t, c.want, warningsOf(s))
		})
	}
}

// anyPlan draws a plan in whole seconds.
func anyPlan(t *rapid.T, nodes int) string {
	plan := "source,target,start,end,direction\n"
	for a := range nodes {
		for b := range nodes {
			for at := 0; a != b && at < 12; {
				at += rapid.IntRange(0, 20).Draw(t, "gap")
				end := at + rapid.IntRange(1, 6).Draw(t, "span")
				if at > 12 {
					break
				}
				plan += fmt.Sprintf("n%d,n%d,%ds,%ds,forward\n", a, b, at, end)
				at = end + 1
			}
		}
	}
	return plan
}

// The pairs that lint says are apart are those that a run delivers nothing of; of
// floods, which go on without a whole path, none that it does deliver.
func TestLintOfContactPlansAgainstRuns(t *testing.T) {
	const nodes = 3
	for _, strategy := range []string{"shortest_path", "direct", "flood"} {
		t.Run(strategy, func(t *testing.T) {
			apart, joined := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				text := "version = 1\nduration = \"11s\"\n[topology]\nkind = \"contacts\"\npath = \"plan.csv\"\n[routing]\nstrategy = \"" + strategy + "\"\n"
				for i := range nodes {
					text += fmt.Sprintf("[[node]]\nid = \"n%d\"\n", i)
				}
				for a := range nodes {
					for b := range nodes {
						if start := rapid.IntRange(0, 9).Draw(t, "start"); a != b {
							text += fmt.Sprintf("[[traffic]]\nname = \"t%d-%d\"\nclass = \"c%d-%d\"\nfrom = \"n%d\"\nto = \"n%d\"\nstart = \"%ds\"\ncount = %d\narrivals = \"periodic\"\nrate = \"2/s\"\nstop = \"10s\"\n",
								a, b, a, b, a, b, start, rapid.IntRange(1, 12).Draw(t, "count"))
						}
					}
				}
				fsys := fstest.MapFS{"x.toml": {Data: []byte(text)}, "plan.csv": {Data: []byte(anyPlan(t, nodes) + "n0,n1,11s,12s,forward\n")}}
				s, err := Load(fsys, "x.toml")
				if err != nil {
					t.Skip(err)
				}
				v := surveyed(t, s)
				result, err := s.Run(Options{})
				require.NoError(t, err)
				for i := range s.Traffic {
					delivered := result.Metrics.Traffic.Classes[s.Traffic[i].Class].Delivered
					lost := v.tallies[i].apart + v.tallies[i].unreachable
					if strategy != "flood" || lost > 0 {
						require.Equal(t, lost > 0, delivered == 0, s.Traffic[i].Name)
					}
					apart += v.tallies[i].apart
					joined += 1 - lost
				}
			})
			assert.Positive(t, apart)
			assert.Positive(t, joined)
		})
	}
}

// A long plan is looked at in fewer spans, of which none is longer for the work of
// one; then fewer pairs are told, and that is said.
func TestLintOfALongContactPlan(t *testing.T) {
	var plan strings.Builder
	plan.WriteString("source,target,start,end\nx,y,0s,100s\ny,z,2000s,2100s\n")
	for i := range 20_000 { // the ends of a star never meet
		fmt.Fprintf(&plan, "hub,n%d,%dms,%dms\n", i%300, 100*i, 100*i+100)
	}
	s, err := tryLoad(planTopology+"[[traffic]]\nrate = \"0.001/s\"\n[[traffic]]\nfrom = \"x\"\nto = \"z\"\nrate = \"0.1/s\"\n", "plan", plan.String())
	require.NoError(t, err)
	s.Duration = 2200 * time.Second
	started := time.Now()
	assert.Contains(t, warningsOf(s), `traffic[1].to: 1 of the 1 ordered pairs (100 %)`+apartMean+"x → z; there may be more, as the 20002 spans between changes of the plan are looked at as ")
	assert.Less(t, time.Since(started), 20*time.Second, "it does not hang")
}
