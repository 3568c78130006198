package scenarios

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func parseNodeList(raw any) (NodeList, error) {
	switch v := raw.(type) {
	case string:
		return NodeList{v}, nil
	case []any:
		ids, err := strs(v)
		if err == nil && len(ids) > 1 && slices.Contains(ids, everyone) {
			err = errors.New("has \"*\", which is all nodes, beside others")
		}
		return ids, err
	case map[string]any:
		n, err := parseDrawn(v)
		return NodeList{Drawn(n)}, err
	}
	return nil, errors.New("is " + typeName(raw))
}

func formatNodeList(l NodeList) string {
	if n, ok := drawn(l); ok {
		return Drawn(n)
	}
	return formatIDs(l)
}

func parseStartTime(raw any) (StartTime, error) {
	switch v := raw.(type) {
	case string:
		d, err := parseStart(v)
		return StartAt(d), err
	case int64, float64:
		return StartTime{}, errors.New("has no unit")
	case map[string]any:
		return parseUniformStart(v)
	}
	return StartTime{}, errors.New("is " + typeName(raw))
}

func parseStart(text string) (Duration, error) {
	d, err := parseDuration(text)
	if err == nil && d > maxStart {
		err = fmt.Errorf("must be at most %s", formatDuration(maxStart))
	}
	return d, err
}

// parseUniformStart reads { uniform = [min, max] }.
func parseUniformStart(kinds map[string]any) (StartTime, error) {
	for _, kind := range sortedKeys(kinds) {
		if kind != "uniform" {
			return StartTime{}, fmt.Errorf("has the unknown kind %q; allowed: uniform%s", shorten(kind), suggest(kind, []string{"uniform"}))
		}
	}
	list, ok := kinds["uniform"].([]any)
	if !ok {
		return StartTime{}, errors.New("uniform is " + typeName(kinds["uniform"]))
	}
	if len(list) != 2 {
		return StartTime{}, fmt.Errorf("uniform has %d entries", len(list))
	}
	var ends [2]Duration
	for i, raw := range list {
		text, ok := raw.(string)
		if !ok {
			return StartTime{}, fmt.Errorf("uniform[%d] is %s", i, typeName(raw))
		}
		d, err := parseStart(text)
		if err != nil {
			return StartTime{}, fmt.Errorf("uniform[%d] %w", i, err)
		}
		ends[i] = d
	}
	if ends[0] > ends[1] {
		return StartTime{}, errors.New("uniform begins after its end")
	}
	return StartTime{Min: ends[0], Max: ends[1], Uniform: true}, nil
}

func formatStartTime(s StartTime) string {
	if !s.Uniform {
		return quote(formatDuration(s.Min))
	}
	return fmt.Sprintf("{ uniform = [%s, %s] }", quote(formatDuration(s.Min)), quote(formatDuration(s.Max)))
}

func parseOffset(text string) (Offset, error) {
	size, negative := strings.CutPrefix(text, "-")
	d, err := parseDuration(size)
	if negative && err == nil {
		d = -d
	}
	return Offset(d), err
}

func formatOffset(o Offset) string {
	if o < 0 {
		return "-" + formatDuration(Duration(-o))
	}
	return formatDuration(Duration(o))
}

const perPPM = 1000

func parsePPM(raw any) (PPM, error) {
	var text string
	switch v := raw.(type) {
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, errors.New("is no finite number")
		}
		text = strconv.FormatFloat(v, 'f', -1, 64) // the shortest that means v
	default:
		return 0, errors.New("is " + typeName(raw))
	}
	size, negative := strings.CutPrefix(text, "-")
	v, err := exact(size, perPPM, 1)
	switch {
	case errors.Is(err, errTooFine):
		return 0, errors.New("is finer than 0.001")
	case err != nil:
		return 0, errors.New("is out of range")
	case negative:
		v = -v
	}
	return PPM(v), nil
}

func formatPPM(p PPM) string {
	if p < 0 {
		return "-" + decimal(-int64(p), perPPM)
	}
	return decimal(int64(p), perPPM)
}
