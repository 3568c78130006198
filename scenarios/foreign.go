package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const contactPlanHint = "looks like a contact plan, which a [topology] of kind = \"contacts\" reads"

// foreign is a hint on a text that is no TOML, when it looks like a network file or
// a contact plan, or "".
func foreign(text, name string) string {
	format := networkFormat(text)
	switch {
	case isContactPlan(text):
		return "; it " + contactPlanHint
	case format == "":
		return ""
	case name == "<stdin>":
		return fmt.Sprintf("; it looks like a network file: save it, or use scenario import - --format %s", format)
	}
	return fmt.Sprintf("; it looks like a network file: use scenario import %s --format %s", oneLine(shorten(name)), format)
}

var (
	beginsDOT = regexp.MustCompile(`(?i)^(strict\s+)?(di)?graph\b[^\[=]*\{`)
	beginsGML = regexp.MustCompile(`(?i)^(Creator\s+"|graph\s*\[)`)
)

// networkFormat guesses the format of a network file from how it begins, or
// returns "".
func networkFormat(text string) string {
	const enough = 1000
	text = strings.TrimPrefix(text[:min(len(text), enough)], "\uFEFF")
	text = strings.TrimLeft(text, " \t\r\n")
	first := firstLine(text)
	text = text[max(0, strings.Index(text, first)):] // after comments
	cells := splitHeader(first)
	switch {
	case strings.HasPrefix(text, "{"):
		return "json"
	case strings.HasPrefix(text, "<"):
		return "graphml"
	case beginsDOT.MatchString(text):
		return "dot"
	case beginsGML.MatchString(text):
		return "gml"
	case slices.Contains(cells, "source") && slices.Contains(cells, "target"):
		return "csv"
	}
	return ""
}

// isContactPlan reports whether a text begins as one of the formats of contact
// plans does.
func isContactPlan(text string) bool {
	first := firstLine(strings.TrimPrefix(text, "\uFEFF"))
	cells, words := splitHeader(first), strings.Fields(first)
	switch {
	case slices.Contains(cells, "source") && (slices.Contains(cells, "start") || slices.Contains(cells, "end")):
		return true
	case strings.Contains(first, ",") || len(words) < 3:
		return false
	case words[0] == "a" && (words[1] == "contact" || words[1] == "range"):
		return true
	}
	return isNumber(words[0]) && (words[1] == "CONN" || len(words) <= 5 && isNumber(words[1]) && isNumber(words[2]))
}

// splitHeader is the names of columns, whatever separates them.
func splitHeader(line string) []string {
	const longest = 1000
	if len(line) > longest {
		return nil
	}
	cells := strings.FieldsFunc(line, func(c rune) bool { return strings.ContainsRune(",;\t", c) })
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// separatorHint says that cells are not separated by commas, or "".
func separatorHint(cells []string) string {
	const hint = "; cells must be separated by commas, not by "
	switch {
	case len(cells) != 1:
	case strings.Contains(cells[0], ";"):
		return hint + "semicolons"
	case strings.Contains(cells[0], "\t"):
		return hint + "tabs"
	}
	return ""
}
