package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var contactColumns = []column{
	{"source", true}, {"target", true}, {"start", true}, {"end", true},
	{"latency", false}, {"loss", false}, {"bandwidth", false}, {"queue", false}, {"direction", false},
}

const planFormats = `CSV with the header source,target,start,end; lines "TIME CONN A B up"; lines "t i j"; lines "a contact +START +STOP FROM TO RATE"`

// read reads the plan in whichever format it is.
func (p *planner) read() {
	text, file, ok := p.s.tableText(p.report, "topology.path", p.name)
	if !ok {
		return
	}
	p.file = file
	if !p.bounded(text) {
		return
	}
	switch first := firstLine(text); {
	case isCSVPlan(first):
		eachRowOf(p.report, text, file, contactColumns, func(row *csvRow) bool { p.row(row); return !p.full })
	case isION(text):
		p.readION(text)
	case isConnectivity(first):
		p.readConnectivity(text)
	case isNumber(first[:strings.IndexAny(first+" ", " \t")]):
		p.readContactList(text)
	default:
		p.report.put(Problem{File: file, Line: 1, Message: "is no contact plan of a known format; allowed: " + planFormats})
	}
}

// isCSVPlan and isConnectivity tell the format of a plan by its first line; a header
// may have other separators, which are then told.
func isCSVPlan(first string) bool {
	return strings.Contains(first, ",") || slices.Contains(splitHeader(first), "source")
}

func isConnectivity(first string) bool {
	words := strings.Fields(first)
	return len(words) > 3 && !isNumber(words[1])
}

// firstLine is the first line that is neither blank nor a comment, or "".
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789.") == "" }

// row reads a line of a CSV plan.
func (p *planner) row(row *csvRow) {
	at := span{end: forever}
	row.planTime("start", &at.start)
	if row.planTime("end", &at.end) && at.end <= at.start && !row.bad {
		row.problem("end", "is not after start (%s)", formatDuration(at.start))
	}
	ids := [2]string{p.nodeID(row, "source"), p.nodeID(row, "target")}
	p.contact(row, ids, row.both(), at)
}

// planTime reads a duration of at most a year.
func (row *csvRow) planTime(column string, v *Duration) bool {
	if !cell(row, column, v) {
		return false
	}
	return row.bound(column, *v)
}

func (row *csvRow) bound(column string, v Duration) bool {
	longest := Duration(*schemas[typeOfTraffic].byKey["start"].max)
	if v > longest {
		row.problem(column, "is out of range; allowed: at most %s", formatDuration(longest))
	}
	return v <= longest
}

// seconds reads a decimal number of seconds.
func (row *csvRow) seconds(column string, v *Duration) bool {
	text := row.text(column)
	if number, rest := splitNumber(text); number == "" || rest != "" {
		row.problem(column, "is no time; allowed: seconds such as 12.5")
		return false
	}
	n, err := exact(text, int64(time.Second), 1)
	if err != nil {
		row.problem(column, "%v; allowed: seconds, exact to 1ns", err)
		return false
	}
	*v = Duration(n)
	return true
}

// eachLine calls f for every line of words. Blank lines and those that begin with
// # are comments.
func (p *planner) eachLine(text string, columns []string, f func(*csvRow)) {
	row, line := &csvRow{report: p.report, file: p.file}, 0
	for raw := range strings.Lines(text) {
		line++
		if raw = strings.TrimSpace(raw); raw == "" || raw[0] == '#' {
			continue
		}
		row.line, row.cells, row.columns, row.bad = line, strings.Fields(raw), columns, false
		if f(row); p.skipped > 0 || p.full {
			return
		}
	}
}

// words refuses a line of another number of words, and says what it should be.
func (row *csvRow) words(least, most int, allowed string) bool {
	if n := len(row.cells); n < least || n > most {
		row.bad = true
		row.put(Problem{File: row.file, Line: row.line, Message: fmt.Sprintf("has %s; allowed: %s", count(n, "word"), allowed)})
	}
	return !row.bad
}

// passed counts the lines of a file that are not for us.
type passed struct{ count, first int }

func (l *passed) add(row *csvRow) {
	if l.count++; l.count == 1 {
		l.first = row.line
	}
}

func (l *passed) tell(p *planner, what string) {
	if l.count > 0 {
		p.report.put(Problem{File: p.file, Line: l.first, Warning: true, Message: fmt.Sprintf("%d %s, here and below, are passed over", l.count, what)})
	}
}

// readConnectivity reads the events CONN of the ONE simulator (input.StandardEventsReader
// of version 1.6): TIME CONN A B up|down, time in seconds, a connection being of
// both directions. Other events are passed over.
func (p *planner) readConnectivity(text string) {
	columns := []string{"time", "action", "source", "target", "state", "interface"}
	type up struct {
		row   csvRow
		since Duration
	}
	open := map[[2]string]up{}
	var order [][2]string
	var others passed
	last, lastLine := Duration(0), 0
	p.eachLine(text, columns, func(row *csvRow) {
		if len(row.cells) > 1 && row.cells[1] != "CONN" {
			others.add(row)
			return
		}
		var now Duration
		if !row.words(5, 6, "TIME CONN A B up|down") || !row.seconds("time", &now) || !row.bound("time", now) {
			return
		}
		if now < last {
			row.problem("time", "is before that of line %d", lastLine)
			return
		}
		last, lastLine = now, row.line
		ids := [2]string{p.nodeID(row, "source"), p.nodeID(row, "target")}
		pair := [2]string{min(ids[0], ids[1]), max(ids[0], ids[1])}
		since, isOpen := open[pair]
		switch state := strings.ToLower(row.text("state")); {
		case row.bad:
		case state != "up" && state != "down":
			row.problem("state", "is not known; allowed: up down%s", suggest(state, []string{"up", "down"}))
		case state == "up" && isOpen:
			row.warning("state", "%s and %s are connected since line %d; it is passed over", ids[0], ids[1], since.row.line)
		case state == "up":
			open[pair] = up{*row, now}
			order = append(order, pair)
		case !isOpen:
			row.warning("state", "%s and %s are not connected; it is passed over", ids[0], ids[1])
		case now == since.since:
			row.problem("time", "is not after line %d, where they connect", since.row.line)
		default:
			delete(open, pair)
			p.contact(&since.row, ids, true, span{start: since.since, end: now})
		}
	})
	for _, pair := range order { // those that are never closed
		if since, isOpen := open[pair]; isOpen {
			delete(open, pair)
			p.contact(&since.row, pair, true, span{start: since.since, end: forever})
		}
	}
	others.tell(p, "lines that are no CONN events")
}

// contactInterval is what a line of a contact list stands for.
const contactInterval = 20 * time.Second

// readContactList reads a list of contacts as SocioPatterns (www.sociopatterns.org)
// gives them: t i j and sometimes more, i and j having been in contact in the 20
// seconds up to t. t is in seconds since a moment that each data set has chosen, so
// the first interval of the file begins the run.
func (p *planner) readContactList(text string) {
	const allowed = "t i j, or t i j and two groups"
	type meeting struct {
		row csvRow
		ids [2]string
		end Duration
	}
	var all []meeting
	first := forever
	p.eachLine(text, []string{"t", "source", "target"}, func(row *csvRow) {
		var end Duration
		if !row.words(3, 5, allowed) || !row.seconds("t", &end) {
			return
		}
		ids := [2]string{p.nodeID(row, "source"), p.nodeID(row, "target")}
		if row.bad {
			return
		}
		all = append(all, meeting{*row, ids, end})
		p.full = len(all) > maxContacts
		first = min(first, end)
	})
	for i := 0; i < len(all) && !p.full; i++ {
		m := &all[i]
		at := span{start: m.end - first, end: m.end - first + contactInterval}
		if m.row.bound("t", at.end) {
			p.contact(&m.row, m.ids, true, at)
		}
	}
}

// isION reports whether a line begins as those of an ION contact plan do.
func isION(text string) bool {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 2 && words[0] == "a" && slices.Contains([]string{"contact", "range"}, words[1]) {
			return true
		}
	}
	return false
}
