package scenarios

import (
	"errors"
	"math/big"
	"strings"

	"meshsim/sim"
)

// scaled reads a decimal number in units of 1/scale, rounded half away from zero,
// and reports whether it was exact.
func scaled(number string, scale int64) (v int64, whole bool, err error) {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, false, errors.New("is not a number")
	}
	r.Mul(r, big.NewRat(scale, 1))
	v, err = 0, errors.New("is out of range")
	rounded, _ := new(big.Int).SetString(r.FloatString(0), 10)
	if rounded.IsInt64() {
		v, err = rounded.Int64(), nil
	}
	return v, r.IsInt(), err
}

func parseProbability(raw any) (Probability, error) {
	if text, ok := raw.(string); ok {
		r, err := parseRatio(text)
		return Probability(r), err
	}
	v, err := fromNumber(func(number string) (int64, error) {
		v, whole, err := scaled(number, int64(sim.One))
		if err == nil && !whole {
			err = errors.New("is finer than 0.000000001")
		}
		return v, err
	})(raw)
	if err == nil && (v < 0 || v > int64(sim.One)) {
		err = errors.New("is out of range; allowed: \"0%\" … \"100%\", or 0 … 1")
	}
	return Probability(v), err
}

func parseLength(number string) (Length, error) {
	v, whole, err := scaled(number, int64(Side))
	if err == nil && !whole {
		err = errors.New("is finer than 0.000000001")
	}
	return Length(v), err
}

func parseDegrees(number string) (Degrees, error) {
	v, _, err := scaled(number, int64(Degree))
	return Degrees(v), err
}

func parseNumber(number string) (Number, error) {
	v, whole, err := scaled(number, int64(sim.One))
	switch {
	case err != nil:
	case v < 0:
		err = errors.New("must not be negative")
	case v > int64(maxNumber):
		err = errors.New("is too large")
	case !whole:
		err = errors.New("is finer than 0.000000001")
	}
	return Number(v), err
}

func formatNumber(n Number) string { return decimal(int64(n), int64(sim.One)) }

func formatLength(l Length) string   { return signed(int64(l), int64(Side)) }
func formatDegrees(d Degrees) string { return signed(int64(d), int64(Degree)) }

// signed is decimal for numbers below zero too, with a point, so that TOML takes it
// for a number of the same kind whatever its value.
func signed(v, scale int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	text := decimal(v, scale)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return sign + text
}
