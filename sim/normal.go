package sim

import "math"

// Normal turns a uniform draw into one of the standard normal distribution: its
// quantile at (draw+½)/2⁶⁴, from −9.16 to 9.16, odd about the middle of the draws.
// It is algorithm AS 241, PPND16 (M. J. Wichura, "The percentage points of the
// normal distribution", Applied Statistics 37(3), 1988, pp. 477–484): a ratio of
// two polynomials of degree 7 in each of three regions, with a relative error of
// about 10⁻¹⁶, here below 10⁻¹⁵ for the rounding of the arithmetic.
func Normal(draw uint64) float64 {
	const centre = 0.425
	half, sign := draw, -1.0 // draws between this one and the nearer end
	if draw>>63 != 0 {
		half, sign = ^draw, 1
	}
	if q := (float64(int64(1<<63-1-half)) + 0.5) / (1 << 64); q <= centre {
		r := centre*centre - float64(q*q)
		return float64(sign * float64(q*ratio(&normalCentre, r)))
	}
	r := math.Sqrt(fraction(negLog(2*half) + lnOnePlus[0])) // √(−ln tail), 1.6 … 6.7; the tail is (2·half+1)/2⁶⁵
	f, from := &normalTail, 1.6
	if r > 5 {
		f, from = &normalFar, 5
	}
	return float64(sign * ratio(f, r-from))
}

// rational is the coefficients of a ratio of two polynomials, highest power first.
type rational struct{ above, below [8]float64 }

func ratio(f *rational, x float64) float64 {
	a, b := f.above[0], f.below[0]
	for i := 1; i < len(f.above); i++ {
		a = float64(a*x) + f.above[i]
		b = float64(b*x) + f.below[i]
	}
	return a / b
}

// The coefficients of AS 241.
var (
	normalCentre = rational{
		above: [8]float64{
			2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
			1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0,
		},
		below: [8]float64{
			5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
			5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1,
		},
	}
	normalTail = rational{
		above: [8]float64{
			7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
			3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0,
		},
		below: [8]float64{
			1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
			6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1,
		},
	}
	normalFar = rational{
		above: [8]float64{
			2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
			2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0,
		},
		below: [8]float64{
			2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
			1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
		},
	}
)
