package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// inlineKey is a key of a table that is written within a line.
type inlineKey struct {
	name     string
	required bool
	read     func(raw any) error
}

// parseInline reads such a table.
func parseInline(table map[string]any, keys ...inlineKey) error {
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	for _, key := range sortedKeys(table) {
		if !slices.Contains(names, key) {
			return fmt.Errorf("has the unknown key %q; allowed: %s%s", shorten(key), strings.Join(names, ", "), suggest(key, names))
		}
	}
	for _, k := range keys {
		raw, given := table[k.name]
		if !given && !k.required {
			continue
		}
		if err := k.read(raw); err != nil {
			return fmt.Errorf("%s %w", k.name, err)
		}
	}
	return nil
}

// reads makes a parser write what it finds to v.
func reads[T any](parse func(any) (T, error), v *T) func(any) error {
	return func(raw any) (err error) {
		*v, err = parse(raw)
		return err
	}
}

func parseBurstLoss(raw any) (BurstLoss, error) {
	table, ok := raw.(map[string]any)
	if !ok {
		return BurstLoss{}, errors.New("is " + typeName(raw))
	}
	b, ratio := BurstLoss{Bad: 1_000_000_000}, fromText(parseRatio)
	err := parseInline(table,
		inlineKey{"p", true, reads(ratio, &b.P)}, inlineKey{"r", true, reads(ratio, &b.R)},
		inlineKey{"good", false, reads(ratio, &b.Good)}, inlineKey{"bad", false, reads(ratio, &b.Bad)})
	return b, err
}

func formatBurstLoss(b BurstLoss) string {
	return fmt.Sprintf("{ p = %s, r = %s, good = %s, bad = %s }",
		quote(formatRatio(b.P)), quote(formatRatio(b.R)), quote(formatRatio(b.Good)), quote(formatRatio(b.Bad)))
}

func parseAccess(raw any) (Access, error) {
	switch v := raw.(type) {
	case string:
		rate, err := parseBitRate(v)
		return Access{Bandwidth: rate}, err
	case int64, float64:
		return Access{}, errors.New("has no unit")
	case map[string]any:
		var a Access
		err := parseInline(v,
			inlineKey{"bandwidth", true, reads(fromText(parseBitRate), &a.Bandwidth)},
			inlineKey{"queue", false, reads(parseQueueSize, &a.Queue)})
		return a, err
	}
	return Access{}, errors.New("is " + typeName(raw))
}

func formatAccess(a Access) string {
	if a.Queue == (QueueSize{}) {
		return quote(formatBitRate(a.Bandwidth))
	}
	return fmt.Sprintf("{ bandwidth = %s, queue = %s }", quote(formatBitRate(a.Bandwidth)), formatQueueSize(a.Queue))
}
