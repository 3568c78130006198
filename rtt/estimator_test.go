package rtt

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/clock"
)

func newEstimator(cfg *Config) *estimator {
	e := new(estimator)
	e.start(cfg)
	return e
}

func TestEstimator(t *testing.T) {
	cfg := plain()
	e := newEstimator(&cfg)
	require.Equal(t, time.Second, e.rto, "before any sample")
	for _, w := range []struct{ sample, srtt, rttvar, rto time.Duration }{
		{1000 * ms, 1000 * ms, 500 * ms, 3000 * ms},
		{1200 * ms, 1025 * ms, 425 * ms, 2725 * ms},
		{900 * ms, 1009375 * time.Microsecond, 350 * ms, 2409375 * time.Microsecond},
	} {
		e.sample(&cfg, w.sample)
		assert.Equal(t, []time.Duration{w.srtt, w.rttvar, w.rto}, []time.Duration{e.srtt, e.rttvar, e.rto}, "after %v", w.sample)
	}
}

// 24 equal samples against rational numbers, to the microsecond, and against a
// published trace, whose source rounded up in each step.
func TestEstimatorAgainstExactArithmetic(t *testing.T) {
	published := []time.Duration{6000, 5000, 4252, 3692, 3272, 2956, 2720, 2540}
	for _, samples := range [][]time.Duration{{2000 * ms}, {200 * ms, 333333333, 17 * ms, 1}} {
		cfg := plain()
		cfg.RTOMin = 1
		e := newEstimator(&cfg)
		srtt, rttvar := new(big.Rat), new(big.Rat)
		for k := range 24 {
			r := samples[k%len(samples)]
			exact := big.NewRat(int64(r), 1)
			if k == 0 {
				srtt.Set(exact)
				rttvar.Mul(exact, big.NewRat(1, 2))
			} else {
				gap := new(big.Rat).Sub(srtt, exact)
				rttvar.Add(rttvar.Mul(rttvar, big.NewRat(3, 4)), gap.Mul(gap.Abs(gap), big.NewRat(1, 4)))
				srtt.Add(srtt.Mul(srtt, big.NewRat(7, 8)), new(big.Rat).Mul(exact, big.NewRat(1, 8)))
			}
			e.sample(&cfg, r)
			spread := new(big.Rat).Mul(rttvar, big.NewRat(4, 1))
			if g := big.NewRat(int64(cfg.Granularity), 1); spread.Cmp(g) < 0 {
				spread = g
			}
			rto, _ := new(big.Rat).Add(srtt, spread).Float64()
			require.InDelta(t, rto, float64(e.rto), float64(time.Microsecond), "step %d", k)
			if len(samples) == 1 && k < len(published) {
				require.InDelta(t, float64(published[k]*ms), float64(e.rto), float64(12*ms), "step %d", k)
			}
		}
	}
}

func TestEstimatorBounds(t *testing.T) {
	cfg := plain()
	cfg.RTOMin, cfg.RTOMax = 300*ms, 5*time.Second
	e := newEstimator(&cfg)
	for _, want := range []time.Duration{2, 4, 5, 5} {
		e.timeout(&cfg)
		assert.Equal(t, want*time.Second, e.rto)
	}
	e.sample(&cfg, 10*ms)
	assert.Equal(t, 300*ms, e.rto, "the floor")
	cfg.RTOMin = 1
	for range 60 {
		e.sample(&cfg, 10*ms)
	}
	assert.Equal(t, 11*ms, e.rto, "the granularity")
	e.sample(&cfg, time.Minute)
	assert.Equal(t, 5*time.Second, e.rto, "the ceiling")
}

// Round trips of 200 and 210 ms, a message whose first two copies are lost, and one of
// 205 ms: the third copy's acknowledgement says nothing of round trips, so the time-out
// stays until the next message.
func TestKarn(t *testing.T) {
	cfg := plain()
	cfg.Heartbeat, cfg.HeartbeatTimeout = time.Hour, 2*time.Hour
	p := openedPair(t, cfg, 0)
	trip := time.Duration(-1)
	p.carry = func(_ int, g *testSegment) []clock.Time {
		switch {
		case g.Kind != Data:
			return []clock.Time{p.now}
		case trip < 0:
			return nil
		}
		return []clock.Time{p.now.Add(trip)}
	}
	var rtos []time.Duration
	after := func(d time.Duration) {
		p.run(p.now.Add(d))
		rtos = append(rtos, p.sides[0].session.Stats().RTO/time.Second)
	}
	for i, d := range []time.Duration{200 * ms, 210 * ms} {
		trip = d
		p.offer(0, State, 100, i)
		after(d)
	}
	trip = -1
	p.offer(0, State, 100, 2)
	after(time.Second)
	trip = 204 * ms
	after(2 * time.Second)
	after(trip)
	trip = 205 * ms
	p.offer(0, State, 100, 3)
	after(trip)
	assert.Equal(t, []time.Duration{1, 1, 2, 4, 4, 1}, rtos)
	assert.Equal(t, []int{0, 1, 2, 3}, p.sides[1].read)
}
