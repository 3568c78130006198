package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Problem is one thing that is wrong with a scenario or with a file that it
// names.
type Problem struct {
	File    string `json:"file"`  // as given by the user; --set and the like for an override; empty for a Go literal
	Line    int    `json:"line"`  // from 1; 0 when the place has none
	Key     string `json:"key"`   // full path such as traffic[1].rate, or the column of a table file
	Value   string `json:"value"` // as TOML, shortened; empty when there is none
	Message string `json:"message"`
	Warning bool   `json:"-"` // the scenario runs all the same
}

// String is the problem as one line: FILE:LINE: KEY = VALUE: message.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Key)
	if p.Key != "" && p.Value != "" {
		b.WriteString(" = " + p.Value)
	}
	if p.Key != "" {
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	return oneLine(b.String())
}

// oneLine shows the line ends and other controls that come from quoted input: a
// terminal must not obey them.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if unprintable(c) {
			quoted := strconv.QuoteRuneToASCII(c)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func unprintable(c rune) bool { return !unicode.IsPrint(c) }

// Errors is everything that is wrong with a scenario, sorted by place.
type Errors []Problem

// Error lists one problem a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds how many problems are collected: nobody reads more, and a
// damaged file of a million lines must not take minutes to refuse.
const maxProblems = 1000

// report collects the problems of one scenario.
type report struct {
	src      *source
	problems []Problem
	skipped  int             // problems beyond maxProblems
	wrong    int             // of problems, those that are no warnings
	touched  map[string]bool // keys with such a problem at or below them
}

func (r *report) put(p Problem) {
	if r.putForeign(p); !p.Warning && r.skipped == 0 {
		r.touch(p.Key)
	}
}

// putForeign is put for a problem of a file of another language: its keys, such as
// links[3].b, are not those of the scenario.
func (r *report) putForeign(p Problem) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, p)
		if !p.Warning {
			r.wrong++
		}
	} else {
		r.skipped++
	}
}

// touch makes a key one that a problem was found in: its value is not what the
// user meant.
func (r *report) touch(key string) {
	if r.touched == nil {
		r.touched = map[string]bool{}
	}
	for ; key != "" && !r.touched[key]; key = parentPath(key) {
		r.touched[key] = true
	}
}

// add reports what is wrong with the value of a key.
func (r *report) add(path string, value any, format string, args ...any) {
	file, line := r.src.place(path)
	r.put(Problem{File: file, Line: line, Key: path, Value: renderValue(value), Message: fmt.Sprintf(format, args...)})
}

// warn is add for what does not stop a run.
func (r *report) warn(path string, value any, format string, args ...any) {
	file, line := r.src.place(path)
	r.put(Problem{File: file, Line: line, Key: path, Value: renderValue(value), Message: fmt.Sprintf(format, args...), Warning: true})
}

// errors counts the problems that are no warnings.
func (r *report) errors() int { return r.wrong + r.skipped }

// touches reports whether a problem, not a warning, was found at or below one of
// the paths. Checks that build on such a value would only repeat it.
func (r *report) touches(paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return r.touched[path] })
}

// result separates warnings from errors; err is nil or Errors.
func (r *report) result() (warnings []Problem, err error) {
	slices.SortStableFunc(r.problems, r.compare)
	var errs Errors
	for _, p := range r.problems {
		if p.Warning {
			warnings = append(warnings, p)
		} else {
			errs = append(errs, p)
		}
	}
	if r.skipped > 0 {
		errs = append(errs, Problem{File: r.src.name, Message: "further problems are not shown"})
	}
	if len(errs) == 0 {
		return warnings, nil
	}
	return warnings, errs
}

// compare orders by place: the scenario itself first, then by file and line.
func (r *report) compare(a, b Problem) int {
	other := func(p Problem) int {
		if p.File == r.src.name {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(other(a), other(b)), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// nearest returns the candidate that word most likely stands for, or "".
func nearest(word string, candidates []string) string {
	const longest = 64 // of words that are compared; the cost is quadratic
	w := []rune(word)
	if len(w) > longest {
		return ""
	}
	best, least := "", max(1, len(w)/3)+1
	for _, c := range candidates {
		if r := []rune(c); len(r) <= longest {
			if d := distance(w, r); d < least && d < len(r) {
				best, least = c, d
			}
		}
	}
	return best
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours, whatever the case.
func distance(a, b []rune) int {
	a, b = []rune(strings.ToLower(string(a))), []rune(strings.ToLower(string(b)))
	before, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(prev[j+1]+1, row[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}

// suggest is " (did you mean …?)" for the candidate nearest to word, or "".
func suggest(word string, candidates []string) string {
	if best := nearest(word, candidates); best != "" {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	return ""
}
