package scenarios

import (
	"fmt"
	"strings"
	"time"
)

// ion reads the contact plan of the DTN implementation ION, as ionrc(5) of its
// manual describes it: contacts of one direction each, with a rate in bytes per
// second, and ranges in light seconds. A range of 0, which is less than a second,
// leaves the latency of [link]. Times count from the start of the run.
type ion struct {
	*planner
	reference Duration              // of relative times
	ranges    map[[2]string]*csvRow // by direction
	implied   map[[2]string]*csvRow // the other direction of a range from the smaller number
	order     [][2]string           // of ranges
	others    passed
}

func (p *planner) readION(text string) {
	r := &ion{planner: p, ranges: map[[2]string]*csvRow{}, implied: map[[2]string]*csvRow{}}
	p.eachLine(text, nil, func(row *csvRow) {
		words := append(append([]string(nil), row.cells...), "", "")
		switch words[0] + " " + words[1] {
		case "a contact":
			r.contactLine(row)
		case "a range":
			r.rangeLine(row)
		case "c contact", "d contact", "d range":
			row.put(Problem{File: row.file, Line: row.line, Message: "changes the plan; allowed: what the plan comes to, as lines \"a contact\" and \"a range\""})
		default:
			if words[0] == "@" {
				row.columns = []string{"@", "time"}
				r.time(row, "time", &r.reference)
				return
			}
			r.others.add(row)
		}
	})
	for _, ends := range r.order {
		r.applyRange(ends)
	}
	r.others.tell(p, "lines that are neither scheduled contacts nor ranges")
}

// time reads +SECONDS after the reference time.
func (r *ion) time(row *csvRow, column string, v *Duration) bool {
	text := row.text(column)
	digits, relative := strings.CutPrefix(text, "+")
	if !relative || strings.Trim(digits, "0123456789") != "" {
		row.problem(column, "is no relative time; allowed: + and seconds, such as +60")
		return false
	}
	n, err := exact(digits, int64(time.Second), 1)
	if err != nil || !row.bound(column, Duration(n)) || !row.bound(column, r.reference+Duration(n)) {
		if !row.bad {
			row.problem(column, "%v", err)
		}
		return false
	}
	*v = r.reference + Duration(n)
	return true
}

func (r *ion) contactLine(row *csvRow) {
	row.columns = []string{"a", "contact", "start", "end", "source", "target", "bandwidth", "confidence"}
	if !row.words(7, 8, "a contact +START +STOP FROM TO RATE") {
		return
	}
	if row.text("start") == "-1" || row.text("end") == "0" { // registration; hypothetical
		r.others.add(row)
		return
	}
	at, ok := r.span(row)
	ids := [2]string{r.nodeID(row, "source"), r.nodeID(row, "target")}
	if rate := r.rate(row); ok && !row.bad {
		// What a contact says of its link is read as a cell of a CSV plan is.
		row.cells[6] = rate
		r.contact(row, ids, false, at)
	}
}

func (r *ion) span(row *csvRow) (at span, ok bool) {
	start, end := r.time(row, "start", &at.start), r.time(row, "end", &at.end)
	if start && end && at.end <= at.start {
		row.problem("end", "is not after start (%s)", row.text("start"))
	}
	return at, start && end
}

// rate turns bytes per second into a bandwidth.
func (r *ion) rate(row *csvRow) string {
	var bytes int64
	row.integer("bandwidth", &bytes, 1, int64(maxBitRate)/8)
	return fmt.Sprintf("%dbit/s", 8*bytes)
}

// rangeLine notes a range. One from the smaller number holds in both directions
// unless the other has its own.
func (r *ion) rangeLine(row *csvRow) {
	row.columns = []string{"a", "range", "start", "end", "source", "target", "latency"}
	if !row.words(7, 7, "a range +START +STOP FROM TO LIGHT_SECONDS") {
		return
	}
	r.span(row)
	ends := [2]string{r.nodeID(row, "source"), r.nodeID(row, "target")}
	var seconds int64
	row.integer("latency", &seconds, 0, int64(maxLatency/time.Second))
	if row.bad {
		return
	}
	kept := *row
	if seconds == 0 {
		kept.cells[6] = ""
	} else {
		kept.cells[6] = fmt.Sprintf("%ds", seconds)
	}
	back := [2]string{ends[1], ends[0]}
	if first := r.ranges[ends]; first != nil && first.cells[6] != kept.cells[6] {
		row.problem("latency", "differs from that of line %d; allowed: one value for each link", first.line)
		return
	} else if first == nil {
		r.ranges[ends] = &kept
		r.order = append(r.order, ends)
	}
	if smaller(row.cells[4], row.cells[5]) && r.implied[back] == nil {
		r.implied[back] = &kept
		r.order = append(r.order, back)
	}
}

// smaller compares node numbers of any length.
func smaller(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) < len(b) || len(a) == len(b) && a < b
}

// applyRange gives a link that the plan has its latency.
func (r *ion) applyRange(ends [2]string) {
	row := r.ranges[ends]
	if row == nil {
		row = r.implied[ends]
	}
	from, known := r.positions[ends[0]]
	to, alsoKnown := r.positions[ends[1]]
	if at := [2]int{from, to}; known && alsoKnown && len(r.spans[at]) > 0 {
		r.value(row, at, "latency")
	}
}
