package netmodel

import (
	"math"
	"time"
)

const (
	earthRadiusKM  = 6371
	microsPerKM    = 5                     // light in fibre: about two thirds of c
	shortestGeo    = 50 * time.Microsecond // of nodes in one place: equipment has a delay too
	quarterTurn    = 1_800_000_000         // 90° in units of 5·10⁻⁸ degrees
	radiansPerUnit = math.Pi / 2 / quarterTurn
)

// GeoLatency is the latency of a wire between two places on Earth: 5 µs for each km
// of great circle by the haversine formula (R = 6371 km), rounded half up to 1 µs,
// at least 50 µs. It is the same in both directions and on every architecture: all
// it uses is +, −, ×, / and √, each rounded by itself.
func GeoLatency(a, b Place) time.Duration {
	micros := math.Floor(float64(angle(a, b)*(earthRadiusKM*microsPerKM)) + 0.5)
	return max(shortestGeo, time.Duration(micros)*time.Microsecond)
}

// angle is the central angle between two places, in radians.
func angle(a, b Place) float64 {
	// Half a difference of coordinates is as many units as the whole is of 10⁻⁷ degrees.
	dLat, dLon := sine(abs(a.Y-b.Y)), sine(abs(a.X-b.X))
	cosines := float64(sine(quarterTurn-2*abs(a.Y)) * sine(quarterTurn-2*abs(b.Y)))
	h := min(1, float64(dLat*dLat)+float64(cosines*float64(dLon*dLon)))
	near, far := math.Sqrt(h), math.Sqrt(1-h)
	if near <= far {
		return float64(2 * arctan(near/far))
	}
	return math.Pi - float64(2*arctan(far/near))
}

func abs(v int64) int64 { return max(v, -v) }

// sine is the sine of 0 … 180°, in units of 5·10⁻⁸ degrees. Reducing the angle to
// 45° is exact in integers.
func sine(units int64) float64 {
	if units > quarterTurn {
		units = 2*quarterTurn - units
	}
	if units > quarterTurn/2 {
		return taylor(float64(float64(quarterTurn-units)*radiansPerUnit), 1)
	}
	x := float64(float64(units) * radiansPerUnit)
	return float64(x * taylor(x, 2))
}

// taylor sums 1 − x²/f(f+1) + x⁴/f(f+1)(f+2)(f+3) − …, which is cos x for f = 1 and
// sin x / x for f = 2, to the last bit for x ≤ π/4.
func taylor(x, f float64) float64 {
	sum, term, square := 1.0, 1.0, float64(x*x)
	for range 10 {
		term = float64(-term*square) / float64(f*(f+1))
		sum, f = sum+term, f+2
	}
	return sum
}

// arctan is the arc tangent of 0 … 1: the angle is halved twice, by
// tan(a/2) = tan a / (1 + √(1 + tan² a)), and its tangent then small.
func arctan(t float64) float64 {
	for range 2 {
		t /= 1 + math.Sqrt(1+float64(t*t))
	}
	sum, power, square := 0.0, t, float64(t*t)
	for k := 1.0; k < 24; k += 2 {
		sum += power / k
		power = float64(-power * square)
	}
	return float64(4 * sum)
}
