package scenarios

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/netmodel"
	"meshsim/trace"
)

func TestNumberIsExact(t *testing.T) {
	for raw, want := range map[any]Number{int64(0): 0, int64(2): 2e9, 0.5: 5e8, 0.1: 1e8, 1.000000001: 1_000_000_001, 1e-9: 1, int64(1e6): maxNumber, 999999.999999999: maxNumber - 1} {
		got, err := fromNumber(parseNumber)(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, got, raw)
		again, err := fromNumber(parseNumber)(parseTOMLValue(formatNumber(got)))
		require.NoError(t, err)
		assert.Equal(t, want, again)
	}
	for raw, want := range map[any]string{
		1e-10: "is finer than 0.000000001", int64(1e6 + 1): "is too large", 1e300: "is out of range", -0.5: "must not be negative",
		int64(-1): "must not be negative", "0.5": "is a string", true: "is a boolean",
	} {
		_, err := fromNumber(parseNumber)(raw)
		assert.EqualError(t, err, want, raw)
	}
}

// The forms of the contract, and those that leave the names of keys out.
func TestLatenciesAndSizesRead(t *testing.T) {
	const ms = time.Millisecond
	for text, want := range map[string]Latency{
		`"20ms"`: Constant(20 * ms),
		`{ uniform = { min = "1ms", max = "2ms" } }`:                                Uniform(ms, 2*ms),
		`{ uniform = ["1ms", "2ms"] }`:                                              Uniform(ms, 2*ms),
		`{ normal = { mean = "20ms", stddev = "4ms", min = "5ms" } }`:               {NormalLatency{20 * ms, 4 * ms, 5 * ms}},
		`{ normal = { mean = "20ms", stddev = "4ms" } }`:                            Normal(20*ms, 4*ms),
		`{ lognormal = { median = "20ms", sigma = 0.5, min = "1ms", max = "1s" } }`: {LognormalLatency{20 * ms, Num(0.5), ms, time.Second}},
		`{ lognormal = { median = "20ms", sigma = 1 } }`:                            Lognormal(20*ms, 1e9),
		`{ exponential = { mean = "20ms", min = "1ms", max = "1s" } }`:              {ExponentialLatency{20 * ms, ms, time.Second}},
		`{ exponential = "20ms" }`:                                                  Exponential(20 * ms),
		`{ pareto = { scale = "1ms", shape = 1.5, max = "1s" } }`:                   {ParetoLatency{ms, Num(1.5), time.Second}},
		`{ weibull = { scale = "1ms", shape = 0.7, min = "1us", max = "1s" } }`:     {WeibullLatency{ms, Num(0.7), time.Microsecond, time.Second}},
		`{ empirical = { file = "x.csv" } }`:                                        {EmpiricalLatency{"x.csv"}},
		`{ profile = { file = "x.csv", loop = true } }`:                             {ProfileLatency{"x.csv", true}},
		`{ profile = { file = "x.csv" } }`:                                          {ProfileLatency{"x.csv", false}},
	} {
		got, err := codecs[typeOfLatency].parse(parseTOMLValue(text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		again, err := codecs[typeOfLatency].parse(parseTOMLValue(codecs[typeOfLatency].format(got)))
		require.NoError(t, err)
		assert.Equal(t, got, again)
	}
	for text, want := range map[string]Size{
		`200`: Bytes(200), `{ exponential = 500 }`: {ExponentialSize{500}}, `{ uniform = [64, 1500] }`: {UniformSize{64, 1500}},
		`{ empirical = "sizes.csv" }`: {EmpiricalSize{"sizes.csv"}}, `{ uniform = { min = 64, max = 1500 } }`: {UniformSize{64, 1500}},
	} {
		got, err := codecs[typeOfSize].parse(parseTOMLValue(text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	assert.Equal(t, `{ uniform = [64, 1500] }`, codecs[typeOfSize].format(Size{UniformSize{64, 1500}}))
	assert.Equal(t, `{ empirical = "sizes.csv" }`, codecs[typeOfSize].format(Size{EmpiricalSize{"sizes.csv"}}))
	assert.Equal(t, `{ normal = { mean = "20ms", stddev = "4ms" } }`, codecs[typeOfLatency].format(Normal(20*ms, 4*ms)))
}

const someKinds = "uniform normal lognormal exponential pareto weibull empirical profile"

// Bad values of every kind: what stands after latency =, and the lines that it gets.
func TestBadLatencies(t *testing.T) {
	for text, want := range map[string]string{
		`{ normal = { mean = 20, stddev = "4ms" } }`:                            `link.latency.normal.mean = 20: has no unit; allowed: a duration such as "20ms"`,
		`{ normal = { mean = "20ms" } }`:                                        `link.latency.normal.stddev: is missing; allowed: a duration such as "20ms"`,
		`{ normal = { mean = "20ms", stddev = "4ms", max = "1s" } }`:            `link.latency.normal.max = "1s": is not a key; allowed: mean stddev min`,
		`{ normal = { mean = "25h", stddev = "4ms" } }`:                         `link.latency.normal.mean = "25h": is out of range; allowed: 0s … 24h`,
		`{ normal = { mean = "1ms", stdev = "4ms" } }`:                          "link.latency.normal.stddev: is missing; allowed: a duration such as \"20ms\"\nx.toml:7: link.latency.normal.stdev = \"4ms\": is not a key; allowed: mean stddev min (did you mean \"stddev\"?)",
		`{ lognormal = { median = "0s", sigma = 0.5 } }`:                        `link.latency.lognormal.median = "0s": is out of range; allowed: 1ns … 24h`,
		`{ lognormal = { median = "1ms", sigma = "0.5" } }`:                     `link.latency.lognormal.sigma = "0.5": is a string; allowed: a number such as 0.5`,
		`{ lognormal = { median = "1ms", sigma = 10.5 } }`:                      `link.latency.lognormal.sigma = 10.5: is out of range; allowed: 0 … 10`,
		`{ lognormal = { median = "1ms", sigma = 0.0000000001 } }`:              `link.latency.lognormal.sigma = 1e-10: is finer than 0.000000001; allowed: a number such as 0.5`,
		`{ lognormal = { median = "1ms", sigma = 1, min = "3s", max = "2s" } }`: `link.latency.lognormal.max = "2s": is below min; allowed: at least 3s`,
		`{ exponential = { } }`:                                                 `link.latency.exponential.mean: is missing; allowed: a duration such as "20ms"`,
		`{ exponential = "0s" }`:                                                `link.latency.exponential.mean = "0s": is out of range; allowed: 1ns … 24h`,
		`{ exponential = { mean = "1s", min = "3s", max = "2s" } }`:             `link.latency.exponential.max = "2s": is below min; allowed: at least 3s`,
		`{ pareto = { scale = "1ms", shape = 0.05 } }`:                          `link.latency.pareto.shape = 0.05: is out of range; allowed: 0.1 … 100`,
		`{ pareto = { scale = "1s", shape = 2, max = "1ms" } }`:                 `link.latency.pareto.max = "1ms": is below scale; allowed: at least 1s`,
		`{ weibull = { scale = "1s", shape = nan } }`:                           `link.latency.weibull.shape = nan: is not a finite number; allowed: a number such as 0.5`,
		`{ weibull = { scale = "1s", shape = 2, min = "2s", max = "1s" } }`:     `link.latency.weibull.max = "1s": is below min; allowed: at least 2s`,
		`{ uniform = { min = "0s", max = "1s" } }`:                              `link.latency = { uniform = { min = "0s", max = "1s" } }: must be above 0; allowed: at least "1ns", or zero_latency = true`,
		`{ uniform = ["1s", "2s", "3s"] }`:                                      `link.latency.uniform = ["1s", "2s", "3s"]: has 3 values; allowed: min max`,
		`{ empirical = { file = 3 } }`:                                          `link.latency.empirical.file = 3: is an integer; allowed: a string`,
		`{ empirical = { } }`:                                                   `link.latency.empirical.file: is missing; allowed: a string`,
		`{ empirical = "no.csv" }`:                                              `link.latency.empirical.file = "no.csv": there is no such file`,
		`{ profile = { file = "no.csv", loop = 1 } }`:                           `link.latency.profile.loop = 1: is an integer; allowed: true or false`,
		`{ profile = { file = "no.csv" } }`:                                     `link.latency.profile.file = "no.csv": there is no such file`,
		`{ pareto = { scale = "1s", shape = 2 }, normal = 3 }`:                  `link.latency = {…}: is of 2 kinds; allowed: one of ` + someKinds,
		`{ }`:  `link.latency = {…}: is of no kind; allowed: ` + someKinds,
		`true`: `link.latency = true: is a boolean; allowed: a duration such as "20ms", or { KIND = … } of kind ` + someKinds,
	} {
		_, err := LoadBytes([]byte(sound+"[link]\nlatency = "+text+"\n"), "x.toml")
		assert.EqualError(t, err, "x.toml:7: "+want, text)
	}
	const kindsOfSize = "uniform exponential empirical"
	for text, want := range map[string]string{
		`-1`:                       `traffic[0].size = -1: is out of range; allowed: 0 … 1073741824`,
		`"200"`:                    `traffic[0].size = "200": is a string; allowed: an integer, or { KIND = … } of kind ` + kindsOfSize,
		`1.5`:                      `traffic[0].size = 1.5: is a float; allowed: an integer, or { KIND = … } of kind ` + kindsOfSize,
		`{ exponential = 0 }`:      `traffic[0].size.exponential.mean = 0: is out of range; allowed: 1 … 1073741824`,
		`{ uniform = [64] }`:       `traffic[0].size.uniform.max: is missing; allowed: an integer`,
		`{ uniform = [64, 63] }`:   `traffic[0].size.uniform.max = 63: is below min; allowed: at least 64`,
		`{ empirical = "no.csv" }`: `traffic[0].size.empirical.file = "no.csv": there is no such file`,
		`{ exponental = 500 }`:     `traffic[0].size = {…}: has the unknown kind "exponental"; allowed: ` + kindsOfSize + ` (did you mean "exponential"?)`,
	} {
		_, err := LoadBytes([]byte(sound+traffic+"rate = \"1/s\"\nsize = "+text+"\n"), "x.toml")
		assert.EqualError(t, err, "x.toml:9: "+want, text)
	}
}

// Subtables have lines of their own.
func TestBadLatencyInASubtable(t *testing.T) {
	_, err := LoadBytes([]byte(sound+"[link.latency.normal]\nmean = \"1ms\"\n\nstddev = 4\n"), "x.toml")
	assert.EqualError(t, err, `x.toml:9: link.latency.normal.stddev = 4: has no unit; allowed: a duration such as "20ms"`)
	_, err = LoadBytes([]byte(sound), "x.toml", WithSet(`link.latency={ pareto = { scale = "1ms" } }`))
	assert.EqualError(t, err, `--set: link.latency.pareto.shape: is missing; allowed: a number such as 0.5`)
}

func TestBadLatencyLiterals(t *testing.T) {
	for want, change := range map[string]func(*Scenario){
		`link.latency.normal.stddev = "-1ns": is out of range; allowed: 0s … 24h`:     func(s *Scenario) { s.Link.Latency = Normal(1, -1) },
		`link.latency.pareto.shape = 0.05: is out of range; allowed: 0.1 … 100`:       func(s *Scenario) { s.Link.Latency = Pareto(1, Num(0.05)) },
		`link.latency.uniform.max = "1ns": is below min; allowed: at least 2ns`:       func(s *Scenario) { s.Link.Latency = Uniform(2, 1) },
		`link.latency.empirical.file: is missing; allowed: a string`:                  func(s *Scenario) { s.Link.Latency = Latency{EmpiricalLatency{}} },
		`links[0].latency: is missing; allowed: a duration such as "20ms", or { KIND`: func(s *Scenario) { s.Links = []Links{{Between: []string{"n0", "n1"}, Latency: &Latency{}}} },
		`traffic[0].size.exponential.mean: is missing; allowed: an integer`:           func(s *Scenario) { s.Traffic = []Traffic{{Rate: PerSecond, Size: Size{ExponentialSize{}}}} },
		`traffic[0].size = -1: is out of range; allowed: 0 … 1073741824`:              func(s *Scenario) { s.Traffic = []Traffic{{Rate: PerSecond, Size: Bytes(-1)}} },
	} {
		s := &Scenario{Duration: time.Second, Topology: Topology{Kind: Ring{3}}}
		change(s)
		_, err := s.Validate()
		assert.ErrorContains(t, err, want)
	}
}

func folder(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

// What is wrong in a file is told with its own line.
func TestBadSampleFiles(t *testing.T) {
	empirical, profile := sound+"[link]\nlatency = { empirical = { file = \"f.csv\" } }\n", sound+"[link]\nlatency = { profile = { file = \"f.csv\" } }\n"
	size := sound + traffic + "rate = \"1/s\"\nsize = { empirical = \"f.csv\" }\n"
	for _, c := range []struct{ text, file, want string }{
		{empirical, "latency\n1ms\n2\n", `f.csv:3: latency = "2": has no unit; allowed: a duration such as "20ms"`},
		{empirical, "latency\n0s\n25h\n", "f.csv:2: latency = \"0s\": must be above 0; allowed: at least 1ns, or zero_latency = true beside the latency\nf.csv:3: latency = \"25h\": is out of range; allowed: at most 24h"},
		{empirical, "latency,weight\n1ms,-1\n,2\n", "f.csv:2: weight = \"-1\": is out of range; allowed: 0 … 4294967296\nf.csv:3: latency: is missing"},
		{empirical, "latncy\n1ms\n", "f.csv:1: latncy: is not a column; allowed: latency,weight (did you mean \"latency\"?)\nf.csv:1: latency: is missing; allowed: latency,weight"},
		{empirical, "latency\n", `x.toml:7: link.latency.empirical.file = "f.csv": has no row; allowed: one or more`},
		{empirical, "", `f.csv:1: is empty; allowed: a header with latency,weight`},
		{empirical, "latency,weight\n1ms,0\n", `x.toml:7: link.latency.empirical.file = "f.csv": empirical latency: the weights are all 0`},
		{profile, "time,latency\n1s,1ms\n", `f.csv:2: time = "1s": is not 0s; allowed: 0s in the first row`},
		{profile, "time,latency\n0s,1ms\n2s,2ms\n2s,3ms\n,4ms\n", "f.csv:4: time = \"2s\": is not after the row before it\nf.csv:5: time: is missing"},
		{profile, "time,latency,loss\n0s,1ms,\n1s,,101%\n", "f.csv:2: loss: is missing; the first row needs it\nf.csv:3: loss = \"101%\": is above 100%; allowed: a percentage such as \"1.5%\""},
		{profile, "time,bandwidth\n0s,1Mbit/s\n1s,unlimited\n", `f.csv:3: bandwidth = "unlimited": can't be unlimited for a time; allowed: a bandwidth such as "10Mbit/s"`},
		{profile, "time,loss\n", `x.toml:7: link.latency.profile.file = "f.csv": has no row; allowed: one or more`},
		{profile, "time,jitter\n0s,1ms\n", "f.csv:1: jitter: is not a column; allowed: time,latency,loss,bandwidth"},
		{profile, "time,loss\n0s,1%\n8761h,2%\n", `f.csv:3: time = "8761h": is out of range; allowed: at most 8760h`},
		{size, "size\n200\n-1\n1e3\n", "f.csv:3: size = \"-1\": is out of range; allowed: 0 … 1073741824\nf.csv:4: size = \"1e3\": is no integer; allowed: 0 … 1073741824"},
		{size, "size,weight\n1,0\n", `x.toml:9: traffic[0].size.empirical.file = "f.csv": the weights are all 0`},
		{size, "size\n", `x.toml:9: traffic[0].size.empirical.file = "f.csv": has no row; allowed: one or more`},
	} {
		_, err := LoadReader(folder("f.csv", c.file), strings.NewReader(c.text), "x.toml")
		assert.EqualError(t, err, c.want, c.file)
	}
	text := strings.Replace(strings.Replace(sound, `"ring"`, `"file"`, 1), "nodes = 5", `path = "l.csv"`, 1)
	_, err := LoadReader(folder("l.csv", "source,target,latency\na,b,{ empirical = 'f.csv' }\n"), strings.NewReader(text), "x.toml")
	assert.EqualError(t, err, `l.csv:2: latency = "{ empirical = 'f.csv' }": names a file; allowed in [link] and [[links]] only`)
}

// Whatever names files takes them along: the scenario runs alone anywhere, to the
// same digest.
func TestSampleFilesAreEmbedded(t *testing.T) {
	text := sound + `[link]
latency = { empirical = { file = "latency.csv" } }
[[links]]
between = ["n0", "n1"]
latency = { profile = { file = "profile.csv", loop = true } }
[[traffic]]
rate = "20/s"
size = { empirical = "sizes.csv" }
`
	s, err := LoadReader(folder("latency.csv", "latency,weight\n1ms,3\n2ms,1\n", "profile.csv", "time,latency,loss,bandwidth\n0s,1ms,0%,1Mbit/s\n1s,5ms,50%,\n", "sizes.csv", "size\n10\n20\n"),
		strings.NewReader(text), "x.toml")
	require.NoError(t, err)
	first, err := s.Run(Options{})
	require.NoError(t, err)
	require.Positive(t, first.Metrics.Drops["loss"])
	whole, err := s.SelfContained()
	require.NoError(t, err)
	assert.Len(t, whole.Files, 3)
	alone, err := LoadReader(fstest.MapFS{}, strings.NewReader(string(whole.TOML())), "y.toml")
	require.NoError(t, err)
	again, err := alone.Run(Options{})
	require.NoError(t, err)
	assert.Equal(t, first.Digest, again.Digest)
	header, err := s.TraceHeader()
	require.NoError(t, err)
	assert.Len(t, header.Files, 3)
}

// A latency of any kind reaches the network as it is, and below 1 ns only with
// zero_latency.
func TestLatencyModels(t *testing.T) {
	model := func(l Latency, zero bool) netmodel.Latency {
		m, err := sampleReader{report: &report{src: &source{}}, s: &Scenario{}, zero: zero}.latency(l)
		require.NoError(t, err)
		return m
	}
	assert.Equal(t, time.Duration(1), model(Normal(10*time.Millisecond, 8*time.Millisecond), false).Sample(0))
	assert.Equal(t, time.Duration(0), model(Normal(10*time.Millisecond, 8*time.Millisecond), true).Sample(0))
	assert.Equal(t, 10_404_695*time.Nanosecond, model(Normal(10*time.Millisecond, 8*time.Millisecond), true).Mean())
	assert.Equal(t, maxLatency, model(Pareto(time.Hour, Num(0.1)), false).Sample(0))
	assert.Equal(t, 3*time.Hour, model(Latency{ParetoLatency{time.Hour, Num(0.1), 3 * time.Hour}}, false).Sample(0))
	assert.Equal(t, 7*time.Millisecond, model(Latency{WeibullLatency{time.Second, Num(3), 7 * time.Millisecond, time.Second}}, false).Sample(1<<64-1))
}

// Expressions see plain values and the keys of kinds.
func TestLatenciesInExpressions(t *testing.T) {
	_, err := LoadBytes([]byte(sound+`[link]
latency = { lognormal = { median = "20ms", sigma = 0.5 } }
[[traffic]]
rate = "1/s"
[[traffic]]
rate = "1/s"
size = { uniform = [64, 1500] }
[[expect]]
at_end = "link.latency.lognormal.median == '20ms' && link.latency.lognormal.sigma == 0.5 && traffic.sent > 0"
`), "x.toml")
	require.NoError(t, err)
	_, err = LoadBytes([]byte(sound+"[[expect]]\nat_end = \"link.latency == '1ms'\"\n"), "x.toml")
	require.NoError(t, err)
}

// sendings is a sink that keeps what is sent: the sizes, and all else of it.
type sendings struct{ sizes, others []int64 }

func (s *sendings) Emit(e *trace.Event) {
	if e.Kind == trace.EnvelopeSent {
		s.sizes = append(s.sizes, e.Size)
	}
	if e.Kind == trace.EnvelopeSent || e.Kind == trace.EnvelopeDropped || e.Kind == trace.EnvelopeDelivered {
		s.others = append(s.others, int64(e.Kind), int64(e.T), int64(e.Node), int64(e.Origin), int64(e.Destination), e.N)
	}
}

// Sizes are drawn for each message and move no other draw: the same messages go to
// the same places at the same times.
func TestSizesAreDrawnForEachMessage(t *testing.T) {
	run := func(size string) *sendings {
		s, err := LoadReader(folder("sizes.csv", "size,weight\n0,1\n1000,1\n"), strings.NewReader(`version = 1
duration = "10000s"
[topology]
kind = "full"
nodes = 5
[link]
loss = "10%"
[[traffic]]
from = "n0"
rate = "20/s"
count = 20000
size = `+size+"\n"), "x.toml")
		require.NoError(t, err)
		sent := &sendings{}
		_, err = s.Run(Options{Sinks: []trace.Sink{sent}})
		require.NoError(t, err)
		require.Len(t, sent.sizes, 20_000)
		return sent
	}
	fixed := run("200")
	for _, c := range []struct {
		size                   string
		mean, variance, fourth float64 // fourth: the central moment over the variance squared
	}{
		{"200", 200, 0, 0},
		{"{ exponential = 500 }", 500, 500 * 500, 9},
		{"{ uniform = [64, 1500] }", 782, (1437*1437 - 1) / 12.0, 1.8},
		{"{ empirical = \"sizes.csv\" }", 500, 500 * 500, 1},
	} {
		sent := run(c.size)
		assert.Equal(t, fixed.others, sent.others, c.size)
		var sum, squares float64
		for _, v := range sent.sizes {
			sum += float64(v)
			squares += (float64(v) - c.mean) * (float64(v) - c.mean)
		}
		const n = 20_000
		assert.InDelta(t, c.mean, sum/n, 4*math.Sqrt(c.variance/n), c.size)
		assert.InDelta(t, c.variance, squares/n, 4*c.variance*math.Sqrt((c.fourth-1)/n)+1, c.size)
	}
}

// Lint of load takes the mean of sizes that are drawn, from a file too.
func TestSizesCountInLoad(t *testing.T) {
	for size, warns := range map[string]bool{"{ exponential = 1000 }": true, "{ empirical = \"s.csv\" }": true, "{ uniform = [1, 3] }": false} {
		s, err := LoadReader(folder("s.csv", "size,weight\n0,1\n2000,1\n"), strings.NewReader(sound+"[link]\nbandwidth = \"100kbit/s\"\n"+traffic+"from = \"n0\"\nto = \"n1\"\nrate = \"20/s\"\nsize = "+size+"\n"), "x.toml")
		require.NoError(t, err)
		assert.Equal(t, warns, len(s.Warnings()) > 0, "%s: %v", size, s.Warnings())
	}
}

// Whatever a file of samples holds, it is refused line by line or it runs.
func FuzzSampleFiles(f *testing.F) {
	f.Add("latency,weight\n1ms,3\n2ms,0\n")
	f.Add("time,latency,loss,bandwidth\n0s,1ms,1%,1Mbit/s\n1s,,,2Mbit/s\n")
	f.Add("size,weight\n200,1\n1073741824,4294967296\n")
	var texts []string
	for _, kind := range []string{"latency = { empirical = \"f.csv\" }", "latency = { profile = { file = \"f.csv\", loop = true } }"} {
		texts = append(texts, sound+"[link]\n"+kind+"\n"+traffic+"rate = \"1/s\"\ncount = 2\n")
	}
	texts = append(texts, sound+traffic+"rate = \"1/s\"\ncount = 2\nsize = { empirical = \"f.csv\" }\n")
	f.Fuzz(func(t *testing.T, csv string) {
		for _, text := range texts {
			s, err := LoadReader(folder("f.csv", csv), strings.NewReader(text), "x.toml")
			if err != nil {
				var errs Errors
				require.ErrorAs(t, err, &errs)
				continue
			}
			result, err := s.Run(Options{})
			require.NoError(t, err)
			require.EqualValues(t, 10, result.Metrics.Traffic.Sent)
		}
	})
}

// What checks, imports and shrinking ask of a latency or size without running it.
func TestLatencyBoundsAndMeans(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		latency           Latency
		least, most, mean Duration
	}{
		{Constant(3 * ms), 3 * ms, 3 * ms, 3 * ms},
		{Uniform(0, 3), 0, 3, 2},
		{Normal(10*ms, 8*ms), 1, maxLatency, 10_404_695},
		{Latency{ExponentialLatency{Mean: ms, Min: ms, Max: ms}}, ms, ms, ms},
		{Pareto(ms, Num(3)), ms, maxLatency, 1_500_000},
		{Weibull(ms, Num(1)), 1, maxLatency, ms},
	} {
		mean, ok := c.latency.mean()
		assert.True(t, ok)
		assert.Equal(t, []Duration{c.least, c.most, c.mean}, []Duration{c.latency.Least(), c.latency.Most(), mean}, "%v", c.latency)
	}
	_, ok := Latency{EmpiricalLatency{"x.csv"}}.mean()
	assert.False(t, ok)
	for size, want := range map[Size]int64{Bytes(7): 7, {UniformSize{64, 1500}}: 782, {ExponentialSize{500}}: 500} {
		mean, ok := size.mean()
		assert.True(t, ok)
		assert.Equal(t, want, mean)
	}
	_, ok = Size{EmpiricalSize{"x.csv"}}.mean()
	assert.False(t, ok)
}
