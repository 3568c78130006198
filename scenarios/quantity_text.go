package scenarios

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"meshsim/sim"
)

// unit is one suffix of a quantity and what it multiplies by.
type unit struct {
	name string
	size int64
}

var (
	durationUnits = []unit{
		{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ms", 1e6},
		{"s", int64(time.Second)}, {"m", int64(time.Minute)}, {"h", int64(time.Hour)},
	}
	ratioUnits = []unit{{"%", int64(sim.One) / 100}}
	rateUnits  = []unit{
		{"bit/s", 1}, {"kbit/s", int64(KbitPerSecond)}, {"Mbit/s", int64(MbitPerSecond)}, {"Gbit/s", int64(GbitPerSecond)},
	}
	byteUnits = []unit{
		{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	}
	perUnits = []unit{{"/s", 1}, {"/m", 60}, {"/h", 3600}} // divide, unlike the others
)

func unitNames(units []unit) []string {
	names := make([]string, 0, len(units))
	for _, u := range units {
		if u.name != "μs" { // the other of the two code points of µ
			names = append(names, u.name)
		}
	}
	return names
}

// splitNumber cuts the decimal number from the front of s.
func splitNumber(s string) (number, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		i = len(s)
	}
	return s[:i], s[i:]
}

// exact returns number · num / den when it is a whole number that fits.
func exact(number string, num, den int64) (int64, error) {
	const longest = 40 // digits; enough for every exact int64 in any unit
	r, ok := new(big.Rat).SetString(number)
	if len(number) > longest || !ok {
		return 0, fmt.Errorf("%q is not a number", shorten(number))
	}
	r.Mul(r, big.NewRat(num, den))
	switch {
	case !r.IsInt():
		return 0, errTooFine
	case !r.Num().IsInt64():
		return 0, errors.New("is too large")
	}
	return r.Num().Int64(), nil
}

var errTooFine = errors.New("is too fine")

// measure reads a number with one of the units.
func measure(s string, units []unit) (int64, error) {
	if strings.HasPrefix(s, "-") {
		return 0, errors.New("must not be negative")
	}
	number, name := splitNumber(s)
	if number == "" {
		return 0, errors.New("does not begin with a number")
	}
	u, err := findUnit(strings.TrimLeft(name, " "), units)
	if err != nil {
		return 0, err
	}
	return exact(number, u.size, 1)
}

func findUnit(name string, units []unit) (unit, error) {
	for _, u := range units {
		if u.name == name {
			return u, nil
		}
	}
	names := unitNames(units)
	what := fmt.Sprintf("has the unknown unit %q", shorten(name))
	if name == "" {
		what = "has no unit"
	}
	return unit{}, fmt.Errorf("%s; units: %s%s", what, strings.Join(names, " "), suggest(name, names))
}

// ParseDuration reads a duration as the scenario language writes it, such as 1.5s
// or 2m30s. The error says what is wrong and what is allowed.
func ParseDuration(s string) (Duration, error) {
	d, err := parseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%w; allowed: a duration such as \"20ms\"", err)
	}
	return d, nil
}

func parseDuration(s string) (Duration, error) {
	if strings.HasPrefix(s, "-") {
		return 0, errors.New("must not be negative")
	}
	var sum Duration
	for rest := s; rest != "" || s == ""; {
		number, tail := splitNumber(rest)
		if number == "" {
			return 0, errors.New("does not begin with a number")
		}
		end := strings.IndexAny(tail, "0123456789.")
		if end < 0 {
			end = len(tail)
		}
		u, err := findUnit(tail[:end], durationUnits)
		if err != nil {
			return 0, err
		}
		v, err := exact(number, u.size, 1)
		if errors.Is(err, errTooFine) {
			err = errors.New("is finer than 1ns")
		}
		if err != nil {
			return 0, err
		}
		if sum += Duration(v); sum < 0 {
			return 0, errors.New("is too large")
		}
		rest = tail[end:]
	}
	return sum, nil
}

// formatDuration uses hours where they are whole, else one decimal number of the
// largest of s, ms, us and ns that leaves something before the point.
func formatDuration(d Duration) string {
	switch {
	case d == 0:
		return "0s"
	case d%time.Hour == 0:
		return strconv.FormatInt(int64(d/time.Hour), 10) + "h"
	case d >= time.Second:
		return decimal(int64(d), int64(time.Second)) + "s"
	case d >= time.Millisecond:
		return decimal(int64(d), int64(time.Millisecond)) + "ms"
	case d >= time.Microsecond:
		return decimal(int64(d), int64(time.Microsecond)) + "us"
	default:
		return strconv.FormatInt(int64(d), 10) + "ns"
	}
}

// decimal writes v / size, size being a power of ten, without losing a digit.
func decimal(v, size int64) string {
	whole := strconv.FormatInt(v/size, 10)
	fraction := strings.TrimRight(strconv.FormatInt(size+v%size, 10)[1:], "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

func parseRatio(s string) (Ratio, error) {
	v, err := measure(s, ratioUnits)
	switch {
	case errors.Is(err, errTooFine):
		return 0, errors.New("is finer than 0.0000001%")
	case err != nil:
		return 0, err
	case v > int64(sim.One):
		return 0, errors.New("is above 100%")
	}
	return Ratio(v), nil
}

func formatRatio(r Ratio) string { return decimal(int64(r), int64(sim.One)/100) + "%" }

const unlimited = "unlimited"

func parseBitRate(s string) (BitRate, error) {
	if s == unlimited {
		return 0, nil
	}
	v, err := measure(s, rateUnits)
	switch {
	case errors.Is(err, errTooFine):
		return 0, errors.New("is not a whole number of bit/s")
	case err != nil:
		return 0, err
	case v == 0:
		return 0, errors.New(`must be at least 1bit/s; leave it out for "unlimited", and use a fault for a dead link`)
	case v > int64(maxBitRate):
		return 0, errors.New("must be at most " + formatBitRate(maxBitRate))
	}
	return BitRate(v), nil
}

func formatBitRate(r BitRate) string {
	if r == 0 {
		return unlimited
	}
	return inLargest(int64(r), rateUnits)
}

// inLargest writes v in the largest unit that divides it; the first unit is 1.
func inLargest(v int64, units []unit) string {
	best := units[0]
	for _, u := range units {
		if u.size > best.size && v%u.size == 0 {
			best = u
		}
	}
	return strconv.FormatInt(v/best.size, 10) + best.name
}

func parseFrequency(s string) (Frequency, error) {
	if strings.HasPrefix(s, "-") {
		return 0, errors.New("must not be negative")
	}
	number, name := splitNumber(s)
	if number == "" {
		return 0, errors.New("does not begin with a number")
	}
	u, err := findUnit(strings.TrimLeft(name, " "), perUnits)
	if err != nil {
		return 0, err
	}
	v, err := exact(number, int64(PerSecond), u.size)
	switch {
	case errors.Is(err, errTooFine):
		return 0, errors.New("is not a whole number of 10⁻⁹/s; an interval may say it exactly")
	case err != nil:
		return 0, err
	case v < int64(minFrequency):
		return 0, errors.New("must be at least " + formatFrequency(minFrequency))
	case v > int64(maxFrequency):
		return 0, errors.New("must be at most " + formatFrequency(maxFrequency))
	}
	return Frequency(v), nil
}

func formatFrequency(f Frequency) string { return decimal(int64(f), int64(PerSecond)) + "/s" }

// ParseSeed reads a seed as the command line and the environment give it: decimal
// or 0x and hex digits, 0 … 2⁵³−1.
func ParseSeed(s string) (sim.Seed, error) {
	digits, base := s, 10
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		digits, base = hex, 16
	}
	v, err := strconv.ParseUint(digits, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && v > uint64(sim.MaxSeed):
		return 0, fmt.Errorf("is too large; allowed: 0 … %d (2⁵³−1)", sim.MaxSeed)
	case err != nil:
		return 0, fmt.Errorf("is not a seed; allowed: 0 … %d, or 0x and hex digits", sim.MaxSeed)
	}
	return sim.Seed(v), nil
}

// shorten keeps a message to one readable line.
func shorten(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 4*most)]); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
