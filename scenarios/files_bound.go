package scenarios

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"meshsim/netmodel"
	"meshsim/sim"
)

// countedRow is a line of a file as it is counted; its cells are those of the next one
// later.
type countedRow struct {
	line  int
	cells []string
}

// csvLines are the rows of a CSV text but the header, up to what is no CSV.
func csvLines(text string) iter.Seq[countedRow] {
	return func(yield func(countedRow) bool) {
		reader := newCSVReader(text)
		reader.ReuseRecord = true
		for header := true; ; {
			cells, err := reader.Read()
			if err != nil {
				return
			}
			if isBlank(cells) {
				continue
			}
			line, _ := reader.FieldPos(0)
			if !header && !yield(countedRow{line, cells}) {
				return
			}
			header = false
		}
	}
}

// wordLines are the lines of a text of words.
func wordLines(text string) iter.Seq[countedRow] {
	return func(yield func(countedRow) bool) {
		line := 0
		for raw := range strings.Lines(text) {
			line++
			if cells := strings.Fields(raw); len(cells) > 0 && cells[0][0] != '#' && !yield(countedRow{line, cells}) {
				return
			}
		}
	}
}

// beyond is the line with which a file has too many rows, or too many links, and
// what to say of it; 0 when it has not. ends are the cells that name the ends of a
// link, −1 when the row is none. Nothing is kept of the rows: a link that was made
// takes many times its length, so that a file is counted before it is read.
func beyond(rows iter.Seq[countedRow], ends func(cells []string) (source, target int), most int, what string) (line int, message string) {
	links, count := map[uint64]bool{}, 0 // by hash: two that are alike make it one less
	for row := range rows {
		count++
		source, target := ends(row.cells)
		if n := len(row.cells); source >= 0 && target >= 0 && source < n && target < n {
			a, b := sim.Hash(row.cells[source]), sim.Hash(row.cells[target])
			links[min(a, b)*31+max(a, b)] = true
		}
		switch {
		case len(links) > netmodel.MaxDrawn:
			return row.line, atMost(netmodel.MaxDrawn, "links")
		case count > most:
			return row.line, atMost(most, what)
		}
	}
	return 0, ""
}

func atMost(most int, what string) string {
	return fmt.Sprintf("has more than %d %s; allowed: at most %d", most, what, most)
}

// bounded reports whether a plan is small enough to be read, and tells if not.
func (p *planner) bounded(text string) bool {
	if strings.Count(text, "\n") < netmodel.MaxDrawn {
		return true
	}
	rows, most := wordLines(text), maxContacts
	ends := func(source, target int) func([]string) (int, int) {
		return func([]string) (int, int) { return source, target }
	}
	of := ends(1, 2)
	switch first := firstLine(text); {
	case isCSVPlan(first):
		header := splitHeader(first)
		rows, of = csvLines(text), ends(slices.Index(header, "source"), slices.Index(header, "target"))
	case isION(text):
		of = func(cells []string) (int, int) {
			if len(cells) < 6 || cells[1] != "contact" {
				return -1, -1
			}
			return 4, 5
		}
	case isConnectivity(first):
		of, most = ends(2, 3), len(text) // a contact takes two lines: counted when they are read
	}
	line, what := beyond(rows, of, most, "contacts")
	if line > 0 {
		p.report.put(Problem{File: p.file, Line: line, Message: what})
	}
	return line == 0
}
