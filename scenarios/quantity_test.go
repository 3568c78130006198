package scenarios

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"meshsim/sim"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]Duration{
		"20ms": 20 * time.Millisecond, "1m30s": 90 * time.Second, "1.5h": 90 * time.Minute, "1.000000001s": time.Second + 1,
		"2us": 2000, "2µs": 2000, "2μs": 2000, "0s": 0, ".5s": 500 * time.Millisecond, "2562047h": 2562047 * time.Hour,
	} {
		got, err := parseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "s", "1", "1 s", "1s ", "1.2.3s", ".s", "1e3s", "+1s", "0.0000000001s", "2562048h", "2562047h2562047h", "1s1", "1/2s"} {
		_, err := parseDuration(text)
		assert.Error(t, err, text)
	}
	for d, want := range map[Duration]string{90 * time.Second: "90s", 1500 * time.Millisecond: "1.5s", 20 * time.Millisecond: "20ms", 7200 * time.Second: "2h", 1_000_001: "1.000001ms", 999: "999ns", 1500: "1.5us"} {
		assert.Equal(t, want, formatDuration(d))
	}
}

func TestRatioIsExact(t *testing.T) {
	for text, want := range map[string]Ratio{"1.5%": 15_000_000, "0.0000001%": 1, "100%": sim.One, "0%": 0, "33.3333333 %": 333_333_333} {
		got, err := parseRatio(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestBitRateAndFrequency(t *testing.T) {
	for text, want := range map[string]BitRate{"10Mbit/s": 10 * MbitPerSecond, "64kbit/s": 64_000, "1Gbit/s": GbitPerSecond, "2.5Mbit/s": 2_500_000, "unlimited": 0, "1bit/s": 1} {
		got, err := parseBitRate(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"0.5bit/s", "2000000Gbit/s", "10MBit/s", "10", "Mbit/s", "-1bit/s"} {
		_, err := parseBitRate(text)
		assert.Error(t, err, text)
	}
	for text, want := range map[string]Frequency{"10/s": 10 * PerSecond, "0.5/s": PerSecond / 2, "30/m": PerSecond / 2, "3.6/h": PerSecond / 1000} {
		got, err := parseFrequency(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestQueueSize(t *testing.T) {
	for _, c := range []struct {
		raw  any
		want QueueSize
	}{
		{int64(0), QueueSize{QueueCopies, 0}}, {int64(64), QueueSize{QueueCopies, 64}}, {"64KiB", QueueSize{QueueBytes, 65536}},
		{"64kB", QueueSize{QueueBytes, 64000}}, {"1.5MiB", QueueSize{QueueBytes, 3 << 19}}, {"unlimited", QueueSize{}},
	} {
		got, err := parseQueueSize(c.raw)
		require.NoError(t, err, c.raw)
		assert.Equal(t, c.want, got, c.raw)
	}
}

func TestParseSeed(t *testing.T) {
	for text, want := range map[string]sim.Seed{"0": 0, "42": 42, "0x2a": 42, "9007199254740991": sim.MaxSeed, "0x1fffffffffffff": sim.MaxSeed} {
		got, err := ParseSeed(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "-1", "9007199254740992", "0x20000000000000", "1e3", "0x", "a", "1_000", "99999999999999999999999"} {
		_, err := ParseSeed(text)
		assert.Error(t, err, text)
	}
}

func TestPPMIsExact(t *testing.T) {
	for text, want := range map[string]PPM{
		"0": 0, "50": 50_000, "-50": -50_000, "12.5": 12_500, "0.001": 1, "-0.001": -1, "99999.999": 99_999_999, "1e3": 1_000_000, "-0.0": 0, "0.1": 100,
	} {
		got, err := parsePPM(parseTOMLValue(text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"0.0001", "1.00001", "nan", "inf", "1e300", "1e-300", "9223372036854775807", `"5"`, "true"} {
		_, err := parsePPM(parseTOMLValue(text))
		assert.Error(t, err, text)
	}
}

func TestOffset(t *testing.T) {
	for text, want := range map[string]Offset{"-1.5s": Offset(-1500 * time.Millisecond), "20ms": Offset(20 * time.Millisecond), "0s": 0, "-0s": 0} {
		got, err := parseOffset(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-", "--1s", "+1s", "- 1s", "-1", "1s-2s"} {
		_, err := parseOffset(text)
		assert.Error(t, err, text)
	}
}

// Whatever a quantity is, what is written of it reads as the same.
func TestQuantitiesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nanos := rapid.Int64Range(0, int64(maxLatency))
		ratio := rapid.Custom(func(t *rapid.T) Ratio { return Ratio(rapid.Uint32Range(0, uint32(sim.One)).Draw(t, "ratio")) })
		rate := rapid.Custom(func(t *rapid.T) BitRate { return BitRate(rapid.Int64Range(0, int64(maxBitRate)).Draw(t, "rate")) })
		lows, highs := nanos.Draw(t, "low"), nanos.Draw(t, "high")
		for _, v := range []any{
			Duration(nanos.Draw(t, "duration")),
			ratio.Draw(t, "ratio"),
			Length(rapid.Int64Range(0, int64(2*Side)).Draw(t, "length")),
			Degrees(rapid.Int64Range(int64(-180*Degree), int64(180*Degree)).Draw(t, "degrees")),
			rate.Draw(t, "rate"),
			Frequency(rapid.Int64Range(int64(minFrequency), int64(maxFrequency)).Draw(t, "frequency")),
			QueueSize{QueueCopies, rapid.Int64Range(0, maxQueue).Draw(t, "queue")},
			QueueSize{QueueBytes, rapid.Int64Range(0, maxQueue).Draw(t, "queue")},
			StartAt(Duration(lows)),
			StartTime{Duration(min(lows, highs)), Duration(max(lows, highs)), true},
			Offset(lows - highs),
			PPM(rapid.Int64Range(-100_000_000, 100_000_000).Draw(t, "ppm")),
			NodeList{"a"},
			NodeList{"a", "b"},
			Constant(Duration(lows)),
			Uniform(Duration(min(lows, highs)), Duration(max(lows, highs))),
			BurstLoss{ratio.Draw(t, "p"), ratio.Draw(t, "r"), ratio.Draw(t, "good"), ratio.Draw(t, "bad")},
			Access{Bandwidth: rate.Draw(t, "rate")},
			Access{rate.Draw(t, "rate"), QueueSize{QueueCopies, rapid.Int64Range(0, maxQueue).Draw(t, "queue")}},
			Normal(Duration(lows), Duration(highs)),
			Lognormal(Duration(lows+1)/2+1, Number(rapid.Int64Range(0, 10e9).Draw(t, "sigma"))),
			Latency{WeibullLatency{Scale: Duration(highs/2 + 1), Shape: Num(0.7), Min: Duration(lows / 3)}},
			Latency{ProfileLatency{File: rapid.StringMatching(".+").Draw(t, "file"), Loop: true}},
			Number(rapid.Int64Range(0, int64(maxNumber)).Draw(t, "number")),
			Bytes(rapid.Int64Range(0, maxSize).Draw(t, "bytes")),
			Size{UniformSize{rapid.Int64Range(0, 9).Draw(t, "least"), rapid.Int64Range(9, maxSize).Draw(t, "most")}},
			Size{ExponentialSize{rapid.Int64Range(1, maxSize).Draw(t, "mean")}},
			Size{EmpiricalSize{rapid.StringMatching(".+").Draw(t, "file")}},
			sim.Seed(rapid.Uint64Range(0, uint64(sim.MaxSeed)).Draw(t, "seed")),
			rapid.String().Draw(t, "string"),
		} {
			c := codecs[reflect.TypeOf(v)]
			text := c.format(v)
			got, err := c.parse(parseTOMLValue(text))
			require.NoError(t, err, text)
			assert.Equal(t, v, got, text)
		}
	})
}

func TestNearest(t *testing.T) {
	words := []string{"nodes", "rate", "rates", "random"}
	for word, want := range map[string]string{"node": "nodes", "raet": "rate", "RATE": "rate", "rndm": "", "randon": "random", "zz": "", "": ""} {
		assert.Equal(t, want, nearest(word, words), word)
	}
}
