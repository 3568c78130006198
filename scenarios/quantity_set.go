package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func parseQueueSize(raw any) (QueueSize, error) {
	switch v := raw.(type) {
	case int64:
		if v < 0 || v > maxQueue {
			return QueueSize{}, fmt.Errorf("is out of range; allowed: 0 … %d copies", int64(maxQueue))
		}
		return QueueSize{QueueCopies, v}, nil
	case string:
		if v == unlimited {
			return QueueSize{}, nil
		}
		n, err := measure(v, byteUnits)
		switch {
		case errors.Is(err, errTooFine):
			return QueueSize{}, errors.New("is not a whole number of bytes")
		case err != nil:
			return QueueSize{}, err
		case n > maxQueue:
			return QueueSize{}, fmt.Errorf("must be at most %s", inLargest(maxQueue, byteUnits))
		}
		return QueueSize{QueueBytes, n}, nil
	}
	return QueueSize{}, errors.New("is " + typeName(raw))
}

func formatQueueSize(q QueueSize) string {
	switch q.Unit {
	case QueueCopies:
		return strconv.FormatInt(q.Max, 10)
	case QueueBytes:
		return quote(inLargest(q.Max, byteUnits))
	default:
		return quote(unlimited)
	}
}

// strs reads a list of strings.
func strs(list []any) ([]string, error) {
	if len(list) == 0 {
		return nil, errors.New("is empty")
	}
	out := make([]string, len(list))
	for i, raw := range list {
		s, ok := raw.(string)
		if !ok {
			return nil, fmt.Errorf("entry %d is %s", i, typeName(raw))
		}
		out[i] = s
	}
	return out, nil
}

func parseNodeSet(raw any) (NodeSet, error) {
	switch v := raw.(type) {
	case string:
		if v == everyone {
			return NodeSet{}, nil
		}
		return NodeSet{IDs: []string{v}}, nil
	case []any:
		ids, err := strs(v)
		return NodeSet{IDs: ids}, err
	case map[string]any:
		n, err := parseDrawn(v)
		if err != nil {
			return NodeSet{}, err
		}
		return NodeSet{Random: n}, nil
	}
	return NodeSet{}, errors.New("is " + typeName(raw))
}

func formatNodeSet(s NodeSet) string {
	switch {
	case s.Random > 0:
		return fmt.Sprintf("{ random = %d }", s.Random)
	case s.All():
		return quote(everyone)
	}
	return formatIDs(s.IDs)
}

func formatIDs(ids []string) string {
	if len(ids) == 1 {
		return quote(ids[0])
	}
	return quoteList(ids)
}

const everyone = "*"

var targetWords = []string{ToRandom: "random", ToEach: "each", ToAll: everyone}

func parseTarget(raw any) (Target, error) {
	switch v := raw.(type) {
	case string:
		if i := slices.Index(targetWords, v); i >= 0 {
			return Target{How: TargetKind(i)}, nil
		}
		return Target{ToNodes, []string{v}}, nil
	case []any:
		ids, err := strs(v)
		return Target{ToNodes, ids}, err
	}
	return Target{}, errors.New("is " + typeName(raw))
}

func formatTarget(t Target) string {
	if t.How == ToNodes {
		return formatIDs(t.IDs)
	}
	return quote(targetWords[t.How])
}

// parseDrawn reads { random = N }.
func parseDrawn(table map[string]any) (int64, error) {
	n, ok := table["random"].(int64)
	if len(table) != 1 || !ok {
		return 0, errors.New("is a table of other keys than random = N")
	}
	if n < 1 {
		return 0, errors.New("random must be at least 1")
	}
	return n, nil
}

func formatLinkSet(s LinkSet) string {
	if n, ok := drawn(s); ok {
		return Drawn(n)
	}
	return quoteList(s)
}

func parseLinkSet(raw any) (LinkSet, error) {
	if table, ok := raw.(map[string]any); ok {
		n, err := parseDrawn(table)
		return LinkSet{Drawn(n)}, err
	}
	list, ok := raw.([]any)
	if text, isText := raw.(string); isText {
		list, ok = []any{text}, true
	}
	if !ok {
		return nil, errors.New("is " + typeName(raw))
	}
	if len(list) == 0 {
		return nil, errors.New("is empty")
	}
	set := make(LinkSet, len(list))
	for i, entry := range list {
		switch v := entry.(type) {
		case string:
			if !strings.Contains(v, "-") {
				return nil, fmt.Errorf("entry %d names no link", i)
			}
			set[i] = v
		case []any:
			ends, err := strs(v)
			if err != nil || len(ends) != 2 {
				return nil, fmt.Errorf("entry %d is not a pair of ids", i)
			}
			set[i] = ends[0] + "<->" + ends[1]
		default:
			return nil, fmt.Errorf("entry %d is %s", i, typeName(entry))
		}
	}
	return set, nil
}
