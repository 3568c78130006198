package netmodel

import (
	"math"
	"time"

	"meshsim/sim"
)

// Means are those of the clamped distributions: where there is no closed form, a
// Gauss–Legendre rule of five points on short panels. All arithmetic is rounded as
// in package sim, so that routes are the same on every architecture. A mean is
// within 1 ns or one part in a million, whichever is more (in tests: 10⁻⁹).

// gauss5 are the nodes ≥ 0 and weights of the five-point rule on −1 … 1
// (Abramowitz, Stegun, "Handbook of Mathematical Functions", table 25.4).
var gauss5 = [3]struct{ node, weight float64 }{
	{0, 0.568888888888888889}, {0.538469310105683091, 0.478628670499366468}, {0.906179845938663993, 0.236926885056189088},
}

// integrate is the integral of f from a to b, for an f that changes little over
// panel. It is 0 when b ≤ a.
func integrate(f func(float64) float64, a, b, panel float64) float64 {
	if b <= a {
		return 0
	}
	n := math.Floor((b-a)/panel) + 1
	half := (b - a) / n / 2
	sum := 0.0
	for i := 0.0; i < n; i++ {
		middle := a + float64(half*(float64(2*i)+1))
		part := float64(gauss5[0].weight * f(middle))
		for _, g := range gauss5[1:] {
			part += float64(g.weight * (f(middle-float64(half*g.node)) + f(middle+float64(half*g.node))))
		}
		sum += part
	}
	return float64(sum * half)
}

// panelWidth serves every integrand here: none changes by more than a factor e^2.5
// within it.
const panelWidth = 0.25

// density is that of the standard normal distribution.
func density(z float64) float64 {
	const root = 0.398942280401432677940 // 1/√(2π)
	return float64(root * sim.Exp(-float64(z*z)/2))
}

// normalMean is the mean of clamped x(Z), Z standard normal, for an x that
// ascends and reaches the bounds at low and high. The three pieces are integrated
// apart, since the clamped function has a bend at both.
func normalMean(x func(z float64) float64, low, high float64, b Bounds) time.Duration {
	const end = 10 // no draw is beyond 9.2, and what lies there weighs 10⁻²³
	low, high = max(-end, min(low, end)), max(-end, min(high, end))
	sum := float64(float64(b.Min) * integrate(density, -end, low, panelWidth))
	sum += integrate(func(z float64) float64 { return float64(x(z) * density(z)) }, low, high, panelWidth)
	sum += float64(float64(b.Max) * integrate(density, high, end, panelWidth))
	return b.round(sum)
}

// logOf is ln d, or −1000 for 0: less than that of anything that is drawn.
func logOf(d time.Duration) float64 {
	if d <= 0 {
		return -1000
	}
	return sim.Log(uint64(d))
}
