package scenarios

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"meshsim/sim"
)

// codec reads and writes one type of value. What parse says of a bad value reads
// on from the value itself: "is an integer".
type codec struct {
	typ    reflect.Type
	parse  func(raw any) (any, error)
	format func(v any) string // as TOML
	want   string             // what a value looks like, for messages and the reference
}

// codecs are all types of values but lists, maps and tables. Every key of a
// scenario, every cell of a table file and every tag goes through them.
var codecs = codecTable(
	codecOf("a duration such as \"20ms\"", fromText(parseDuration), quoted(formatDuration)),
	codecOf("a percentage such as \"1.5%\"", fromText(parseRatio), quoted(formatRatio)),
	codecOf("a percentage such as \"10%\", or a number such as 0.1", parseProbability, quoted(func(p Probability) string { return formatRatio(Ratio(p)) })),
	codecOf("a number such as 0.28", fromNumber(parseLength), formatLength),
	codecOf("a number of degrees such as 52.52", fromNumber(parseDegrees), formatDegrees),
	codecOf("a bandwidth such as \"10Mbit/s\"", fromText(parseBitRate), quoted(formatBitRate)),
	codecOf("a frequency such as \"10/s\"", fromText(parseFrequency), quoted(formatFrequency)),
	codecOf("a number of copies, or bytes such as \"64KiB\"", parseQueueSize, formatQueueSize),
	codecOf("a table { p = \"0.5%\", r = \"20%\", good = \"0%\", bad = \"100%\" }", parseBurstLoss, formatBurstLoss),
	codecOf("a bandwidth such as \"10Mbit/s\", or { bandwidth = \"10Mbit/s\", queue = 64 }", parseAccess, formatAccess),
	codecOf("a number such as 0.5", fromNumber(parseNumber), formatNumber),
	codecOf("an id, a list of ids, \"*\" or { random = N }", parseNodeSet, formatNodeSet),
	codecOf("an id, a list of ids, \"*\" or { random = N }", parseNodeList, formatNodeList),
	codecOf("lists of ids, or { random = N }", parseGroups, formatGroups),
	codecOf("a table { node = \"n3\", at = \"1s\", until = \"2s\" }", parseNodeOutage, formatNodeOutage),
	codecOf("a table { link = \"n3-n7\", at = \"1s\", until = \"2s\" }", parseLinkOutage, formatLinkOutage),
	codecOf("a duration such as \"200ms\", or { uniform = [\"0s\", \"200ms\"] }", parseStartTime, formatStartTime),
	codecOf("a duration such as \"-20ms\"", fromText(parseOffset), quoted(formatOffset)),
	codecOf("a number such as 12.5", parsePPM, formatPPM),
	codecOf("an id, a list of ids, \"random\", \"each\" or \"*\"", parseTarget, formatTarget),
	codecOf("a list of \"a->b\" (one way), \"a-b\" or [\"a\", \"b\"] (both ways), or { random = N }", parseLinkSet, formatLinkSet),
	codecOf("an integer 0 … 2⁵³−1, or \"0x…\"", parseSeed, func(s sim.Seed) string { return strconv.FormatUint(uint64(s), 10) }),
	codecOf("a date with time and offset such as 2025-01-01T00:00:00Z", parseEpoch, formatEpoch),
	codecOf("a string", plain[string], quote),
	codecOf("an integer", plain[int64], func(v int64) string { return strconv.FormatInt(v, 10) }),
	codecOf("true or false", plain[bool], strconv.FormatBool),
)

// explain completes what parse said by what is allowed, unless it says so itself.
func (c codec) explain(err error) string {
	if strings.Contains(err.Error(), "; ") {
		return err.Error()
	}
	return err.Error() + "; allowed: " + c.want
}

func codecTable(rows ...codec) map[reflect.Type]codec {
	table := map[reflect.Type]codec{}
	for _, row := range rows {
		table[row.typ] = row
	}
	return table
}

func codecOf[T any](want string, parse func(any) (T, error), format func(T) string) codec {
	return codec{
		typ:    reflect.TypeFor[T](),
		parse:  func(raw any) (any, error) { return parse(raw) },
		format: func(v any) string { return format(v.(T)) },
		want:   want,
	}
}

// fromText is for quantities that are strings with a unit.
func fromText[T any](parse func(string) (T, error)) func(any) (T, error) {
	return func(raw any) (v T, err error) {
		switch text := raw.(type) {
		case string:
			return parse(text)
		case int64, float64:
			return v, errors.New("has no unit")
		}
		return v, errors.New("is " + typeName(raw))
	}
}

// fromNumber is for quantities that are plain numbers; parse gets the shortest
// decimal that stands for the number, so what a scenario writes is what counts.
func fromNumber[T any](parse func(string) (T, error)) func(any) (T, error) {
	return func(raw any) (v T, err error) {
		switch number := raw.(type) {
		case int64:
			return parse(strconv.FormatInt(number, 10))
		case float64:
			if math.IsNaN(number) || math.IsInf(number, 0) {
				return v, errors.New("is not a finite number")
			}
			return parse(strconv.FormatFloat(number, 'f', -1, 64))
		}
		return v, errors.New("is " + typeName(raw))
	}
}

func quoted[T any](format func(T) string) func(T) string {
	return func(v T) string { return quote(format(v)) }
}

// plain is for the types that TOML itself has.
func plain[T any](raw any) (v T, err error) {
	v, ok := raw.(T)
	if !ok {
		return v, errors.New("is " + typeName(raw))
	}
	return v, nil
}

func parseSeed(raw any) (sim.Seed, error) {
	switch v := raw.(type) {
	case int64:
		if v < 0 || v > int64(sim.MaxSeed) {
			return 0, fmt.Errorf("is out of range; allowed: 0 … %d (2⁵³−1)", sim.MaxSeed)
		}
		return sim.Seed(v), nil
	case string:
		return ParseSeed(v)
	}
	return 0, errors.New("is " + typeName(raw))
}

// The years of an epoch: every instant of a run must have four digits.
const minYear, maxYear = 1, 9990

func parseEpoch(raw any) (time.Time, error) {
	t, ok := raw.(time.Time)
	if !ok {
		return t, errors.New("is " + typeName(raw))
	}
	if isLocal(t) {
		return t, errors.New("has no offset")
	}
	if t = t.UTC(); t.Year() < minYear || t.Year() > maxYear {
		return t, fmt.Errorf("is out of range; allowed: the years %d … %d", minYear, maxYear)
	}
	return t, nil
}

// isLocal reports whether a date was read without an offset: the TOML reader
// marks it by the name of its zone.
func isLocal(t time.Time) bool {
	switch t.Location().String() {
	case "datetime-local", "date-local", "time-local":
		return true
	}
	return false
}

func formatEpoch(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// typeName says in words what a decoded TOML value is.
func typeName(raw any) string {
	switch raw.(type) {
	case nil:
		return "missing"
	case string:
		return "a string"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case bool:
		return "a boolean"
	case time.Time:
		return "a date"
	case []any:
		return "a list"
	case []map[string]any:
		return "a list of tables"
	default:
		return "a table"
	}
}
