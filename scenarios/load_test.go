package scenarios

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
	"meshsim/sim"
)

// endless is a reader that never ends; it counts what was taken.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func TestWhatIsNoScenarioFile(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.toml")
	f, err := os.Create(huge)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(100<<20))
	require.NoError(t, f.Close())
	secret := filepath.Join(dir, "secret.toml")
	require.NoError(t, os.WriteFile(secret, nil, 0))

	for name, want := range map[string]string{
		dir:                            dir + ": is a directory; a file is needed",
		huge:                           huge + ": is too large: 104857600 bytes or more; allowed: 16 MiB",
		filepath.Join(dir, "no.toml"):  filepath.Join(dir, "no.toml") + ": there is no such file",
		"detuor":                       `detuor: there is no such file and no such built-in scenario (did you mean "detour"?)`,
		"detour.toml":                  `detour.toml: there is no such file`,
		filepath.Join(secret, "x.tml"): filepath.Join(secret, "x.tml") + ": can't be read: not a directory",
	} {
		_, err := Load(nil, name)
		require.Error(t, err, name)
		assert.Equal(t, want, err.Error())
	}
	if os.Getuid() != 0 {
		_, err = Load(nil, secret)
		assert.EqualError(t, err, secret+": can't be read: permission denied")
	}
}

func TestEndlessInputIsRefusedEarly(t *testing.T) {
	input := &endless{}
	_, err := LoadReader(nil, input, "<stdin>")
	assert.EqualError(t, err, "<stdin>: is too large: 16777217 bytes or more; allowed: 16 MiB")
	assert.Less(t, input.read, int64(64<<20))
}

func TestReadErrorIsReported(t *testing.T) {
	_, err := LoadReader(nil, io.MultiReader(strings.NewReader("version"), failing{}), "<stdin>")
	assert.EqualError(t, err, "<stdin>: can't be read: cable pulled")
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cable pulled") }

func TestLargeInputIsQuick(t *testing.T) {
	for _, line := range []string{"[[fault]]\n", "[x]\n", "a.b = 1\n", "x = [[[[[1]]]]]\n", "\"", "'''", "[a.", "{", "= \n", "\n", "# c\n"} {
		text := strings.Repeat(line, (maxScenarioBytes/32)/len(line))
		start := time.Now()
		_, err := LoadBytes([]byte(text), "x.toml")
		assert.Error(t, err)
		assert.Less(t, time.Since(start), 5*time.Second, "%q", line)
	}
}

func TestBuiltIns(t *testing.T) {
	require.NotEmpty(t, Library())
	for _, entry := range Library() {
		s, err := Load(nil, entry.Name)
		require.NoError(t, err, entry.Name)
		assert.NotEmpty(t, entry.Description, entry.Name)
		assert.Equal(t, entry.Name, s.Name)
		warnings, err := s.Validate()
		require.NoError(t, err)
		assert.Empty(t, warnings)
	}
}

// A file of the same name wins, a folder does not.
func TestFileBeforeBuiltIn(t *testing.T) {
	files := fstest.MapFS{"detour": {Data: []byte(sound)}, "bottleneck/x": {}}
	s, err := Load(files, "detour")
	require.NoError(t, err)
	assert.Equal(t, Ring{Nodes: 5}, s.Topology.Kind)
	s, err = Load(files, "bottleneck")
	require.NoError(t, err)
	assert.Equal(t, "bottleneck", s.Name)
}

func TestOverrides(t *testing.T) {
	env := func(name string) (string, bool) { return "0x10", name == "MESHSIM_SEED" }
	text := "seed = 5\n" + sound + "[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\n"
	load := func(options ...Option) *Scenario {
		s, err := LoadBytes([]byte(text), "x.toml", options...)
		require.NoError(t, err)
		return s
	}
	assert.Equal(t, sim.Seed(5), load().Seed)
	assert.Equal(t, sim.Seed(16), load(WithEnv(env)).Seed)
	assert.Equal(t, sim.Seed(7), load(WithEnv(env), WithSet("seed=7")).Seed)
	assert.Equal(t, sim.Seed(9), load(WithSeed(9), WithSet("seed=7"), WithEnv(env)).Seed)

	s := load(WithSet("topology.nodes=20", "link.latency=3ms", "routing.strategy = flood", "fault[0].at=\"2s\"", "fault[0].links[0]=n3-n4",
		"measure.warmup=1s", `link.queue={}`, "link.queue=12", `node=[{id="n3", key="a"}]`))
	assert.Equal(t, Ring{Nodes: 20}, s.Topology.Kind)
	assert.Equal(t, Constant(3*time.Millisecond), s.Link.Latency)
	assert.Equal(t, "flood", s.Routing.Strategy)
	assert.Equal(t, 2*time.Second, s.Faults[0].At)
	assert.Equal(t, LinkDown{LinkSet{"n3-n4"}}, s.Faults[0].Kind)
	assert.Equal(t, time.Second, s.Measure.Warmup)
	assert.Equal(t, QueueSize{QueueCopies, 12}, s.Link.Queue)
	assert.Equal(t, "a", s.Nodes[0].Key)

	again, err := s.With(WithSeed(3), WithSet("topology.nodes=6"))
	require.NoError(t, err)
	assert.Equal(t, Ring{Nodes: 6}, again.Topology.Kind)
	assert.Equal(t, sim.Seed(3), again.Seed)
	assert.Equal(t, "flood", again.Routing.Strategy)
	assert.Equal(t, Ring{Nodes: 20}, s.Topology.Kind)
	_, err = s.With(WithSet("duration=1ns", "fault[0].links[0]=n3-n5"))
	assert.EqualError(t, err, `--set: fault[0].links[0] = "n3-n5": is not a link of this mesh`)
	_, err = s.With(WithSet("topology.kind=rong"))
	assert.EqualError(t, err, `--set: topology.kind = "rong": is not known; allowed: line ring star full grid torus tree random geometric small_world scale_free links file contacts (did you mean "ring"?)`)
}

func TestBadOverrides(t *testing.T) {
	text := sound + "[[fault]]\nkind = \"link_down\"\nat = \"1s\"\nlinks = [\"n0-n1\"]\n"
	for expression, want := range map[string]string{
		"topology.nodes":         `--set: topology.nodes: has no value; allowed: KEY=VALUE such as topology.nodes=20`,
		"topology.nodes=many":    `--set: topology.nodes = "many": is a string; allowed: an integer`,
		"topology.nods=5":        `--set: topology.nods = 5: is not a key; allowed: kind nodes (did you mean "nodes"?)`,
		"fault[1].at=1s":         `--set: fault[1].at: there is no entry 1; there are 1, counted from 0`,
		"fault.at=1s":            `--set: fault.at: at is inside a list of tables, not a table`,
		"link[0].latency=1s":     `--set: link[0].latency: [0] is not in a list`,
		"fault[0]=3":             `--set: fault[0]: entry 0 must be one of 1 tables`,
		"=3":                     `--set: is not a key; allowed: a path such as link.latency or fault[0].at`,
		"a b=3":                  `--set: a b: is not a key; allowed: a path such as link.latency or fault[0].at`,
		"fault[x].at=3":          `--set: fault[x].at: is not a key; allowed: a path such as link.latency or fault[0].at`,
		"link.latency=1\nx = 2":  `--set: link.latency = "1\nx = 2": has the unknown unit "\nx = "; units: ns us µs ms s m h`,
		"duration.x=1s":          `--set: duration.x: x is inside a string, not a table`,
		"fault[0].links[4]=n1n2": `--set: fault[0].links[4]: there is no entry 4; there are 1, counted from 0`,
	} {
		_, err := LoadBytes([]byte(text), "x.toml", WithSet(expression))
		require.Error(t, err, expression)
		assert.Equal(t, want, err.Error(), expression)
	}
	_, err := LoadBytes([]byte(text), "x.toml", WithEnv(func(string) (string, bool) { return "many", true }))
	assert.EqualError(t, err, `MESHSIM_SEED: seed = "many": is not a seed; allowed: 0 … 9007199254740991, or 0x and hex digits`)
}

// A scenario with its files inside needs no disk, and prefers them to it.
func TestSelfContained(t *testing.T) {
	files := fstest.MapFS{
		"in/here.toml": {Data: []byte("# why\nversion = 1\nduration = \"1s\"\n[topology]\nkind = \"file\"\npath = \"../links.csv\"\n" +
			"[routing]\nstrategy = \"static\"\nfile = \"routes.csv\"\n" + traffic + "file = \"flows.csv\"\n")},
		"links.csv":     {Data: []byte("source,target\na,b\n")},
		"in/routes.csv": {Data: []byte("node,destination,next\na,b,b\n")},
		"in/flows.csv":  {Data: []byte("source,destination\na,b\n")},
	}
	s, err := Load(files, "in/here.toml")
	require.NoError(t, err)
	whole, err := s.SelfContained()
	require.NoError(t, err)
	assert.Len(t, whole.Files, 3)

	alone, err := LoadReader(fstest.MapFS{}, strings.NewReader(string(whole.TOML())), "x.toml")
	require.NoError(t, err)
	assert.Equal(t, []string{"why"}, alone.Comment)
	m, err := alone.Mesh()
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, m.IDs())
	again, err := alone.SelfContained()
	require.NoError(t, err)
	assert.Equal(t, string(whole.TOML()), string(again.TOML()))

	alone.Files["../links.csv"] = "AAAA"
	_, err = alone.Validate()
	assert.ErrorContains(t, err, "embedded file is damaged")
	delete(files, "links.csv")
	_, err = s.SelfContained()
	assert.EqualError(t, err, "links.csv: there is no such file")
}

// An embedded file that unpacks to more than a file may have is refused without
// unpacking it all.
func TestPackedBomb(t *testing.T) {
	_, err := unpack(pack(make([]byte, maxTableBytes+1)))
	assert.ErrorContains(t, err, "larger than 64 MiB")
	_, err = unpack("not base64")
	assert.ErrorContains(t, err, "damaged")
}

func FuzzLoad(f *testing.F) {
	for _, c := range badInput {
		if len(c.text) < 1000 {
			f.Add(c.text)
		}
	}
	for _, c := range badTopology {
		f.Add(c.topology())
	}
	for _, latency := range []string{"{ normal = { mean = \"1ms\", stddev = \"1ms\" } }", "{ lognormal = { median = \"1ms\", sigma = 0.5, max = \"1s\" } }", "{ profile = { file = \"p.csv\", loop = true } }", "{ pareto = [\"1ms\", 1.5] }"} {
		f.Add(sound + "[link]\nlatency = " + latency + "\n" + traffic + "rate = \"1/s\"\nsize = { uniform = [64, 1500] }\n")
	}
	comments := regexp.MustCompile(`(?m)^#.*\n`)
	for _, name := range libraryNames() {
		text, _ := builtin(name)
		f.Add(comments.ReplaceAllString(string(text), ""))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 || drawsMuch(text) {
			return
		}
		s, err := LoadReader(fstest.MapFS{}, strings.NewReader(text), "x.toml")
		if err != nil {
			var errs Errors
			require.ErrorAs(t, err, &errs)
			require.NotEmpty(t, errs)
			for _, p := range errs {
				require.Equal(t, "x.toml", p.File)
				require.NotContains(t, p.String(), "\n")
			}
			return
		}
		again, err := LoadReader(fstest.MapFS{}, strings.NewReader(string(s.TOML())), "x.toml")
		require.NoError(t, err)
		require.Equal(t, string(s.TOML()), string(again.TOML()))
	})
}

// drawsMuch reports that a text asks for a topology that takes far longer to draw than
// the text to read.
func drawsMuch(text string) bool {
	table, _, _, _ := parseTOML(text)
	topology, _ := table["topology"].(map[string]any)
	for _, value := range topology {
		if n, ok := value.(int64); ok && n > 30 {
			return true
		}
	}
	return false
}

func FuzzLinkFile(f *testing.F) {
	f.Add("source,target\n1,2\n")
	f.Add("source,target,latency,loss,bandwidth,queue,direction\na,b,\"{ uniform = { min = \"\"1ms\"\", max = \"\"2ms\"\" } }\",1%,1Mbit/s,3,forward\n")
	f.Add("# x\n\"a\n")
	text := strings.Replace(strings.Replace(sound, `"ring"`, `"file"`, 1), "nodes = 5", "path = \"l.csv\"", 1)
	f.Fuzz(func(t *testing.T, csv string) {
		s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(text)}, "l.csv": {Data: []byte(csv)}}, "x.toml")
		if err == nil {
			m, err := s.Mesh()
			require.NoError(t, err)
			require.NotEmpty(t, m.Nodes)
		}
	})
}

// Whatever a contact plan holds, its mesh stands at any time, and contacts of one
// link neither overlap nor touch.
func FuzzContactPlan(f *testing.F) {
	f.Add("source,target,start,end\n1,2,0s,5s\n1,2,7s,9s\n")
	f.Add("source,target,start,end,latency,loss,bandwidth,queue,direction\na,b,1s,2s,5ms,1%,1Mbit/s,3,forward\n")
	f.Add("0 CONN a b up\n12.5 CONN a b down\n")
	f.Add("20\t1\t2\n40\t1\t2\n40\t2\t3\n")
	f.Add("a contact +0 +3600 1 2 10000\na range +0 +3600 1 2 1\n")
	text := strings.Replace(strings.Replace(sound, `"ring"`, `"contacts"`, 1), "nodes = 5", "path = \"plan\"", 1)
	f.Fuzz(func(t *testing.T, plan string) {
		s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(text)}, "plan": {Data: []byte(plan)}}, "x.toml")
		if err != nil {
			return
		}
		m, err := s.Mesh()
		require.NoError(t, err)
		last := map[[2]sim.NodeID]clock.Time{}
		for _, c := range m.Contacts {
			ends := [2]sim.NodeID{c.From, c.To}
			require.Less(t, c.Start, c.End)
			if before, known := last[ends]; known {
				require.Greater(t, c.Start, before)
			}
			last[ends] = c.End
		}
		now, err := s.MeshAt(s.Duration / 2)
		require.NoError(t, err)
		require.LessOrEqual(t, len(now.Links), len(m.Links))
	})
}
