package scenarios

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"meshsim/scenarios/netfile"
)

// column is one column of a CSV file.
type column struct {
	name     string
	required bool
}

// csvRow is one line of a CSV file, or of one with words for cells; its cells are
// read with cell, integer, duration and id.
type csvRow struct {
	*report
	file    string
	line    int
	columns []string
	cells   []string
	bad     bool // a problem was reported
}

// problem reports what is wrong with the cell of a column.
func (row *csvRow) problem(column, format string, args ...any) {
	row.bad = true
	row.put(Problem{File: row.file, Line: row.line, Key: column, Value: row.show(column), Message: fmt.Sprintf(format, args...)})
}

// warning is problem for what does not stop a run.
func (row *csvRow) warning(column, format string, args ...any) {
	row.put(Problem{File: row.file, Line: row.line, Key: column, Value: row.show(column), Message: fmt.Sprintf(format, args...), Warning: true})
}

func (row *csvRow) text(column string) string {
	if i := slices.Index(row.columns, column); i >= 0 && i < len(row.cells) {
		return row.cells[i]
	}
	return ""
}

func (row *csvRow) show(column string) string {
	if text := row.text(column); text != "" {
		return renderValue(text)
	}
	return ""
}

// cell reads a cell as a scenario's value into *v; an empty one leaves it.
func cell[T any](row *csvRow, column string, v *T) (given bool) {
	value, given := row.parse(column, reflect.TypeFor[T]())
	if given {
		*v = value.(T)
	}
	return given
}

// parse reads a cell as a scenario's value of the type; an empty one is none.
func (row *csvRow) parse(column string, t reflect.Type) (value any, given bool) {
	text := row.text(column)
	if text == "" {
		return nil, false
	}
	c := codecs[t]
	if strings.Trim(text, "0123456789") == "" && len(text) > len("9223372036854775807") {
		row.problem(column, "is too large; allowed: %s", c.want)
		return nil, false
	}
	value, err := c.parse(cellValue(text))
	if err != nil {
		row.problem(column, "%s", c.explain(err))
		return nil, false
	}
	return value, true
}

// cellValue is what a cell means: integers and inline tables need no quotes, and
// neither do strings.
func cellValue(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if strings.HasPrefix(text, "{") {
		return parseTOMLValue(text)
	}
	return text
}

// integer reads a cell from low to high.
func (row *csvRow) integer(column string, v *int64, low, high int64) {
	text := row.text(column)
	if text == "" {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		row.problem(column, "is no integer; allowed: %d … %d", low, high)
	case err != nil || n < low || n > high:
		row.problem(column, "is out of range; allowed: %d … %d", low, high)
	default:
		*v = n
	}
}

// duration reads a cell of at most a year.
func (row *csvRow) duration(column string, v *Duration) {
	if longest := schemas[typeOfTraffic].byKey[column].max; cell(row, column, v) && int64(*v) > *longest {
		row.problem(column, "is out of range; allowed: at most %s", formatDuration(Duration(*longest)))
	}
}

// id reads the id of a node: netfile.NodeID of its name.
func (row *csvRow) id(column string) string {
	id, _ := netfile.NodeID(row.text(column))
	if problem := checkID(id); problem != "" {
		row.problem(column, "%s", problem)
	}
	return id
}

// metName is a name of a node in a CSV file or contact plan.
type metName struct {
	line       int
	bare, told bool // a bare number; that it collides with another
}

// nodeID is id for a node that the file makes: two names may not make one.
func (g *grapher) nodeID(row *csvRow, column string) string {
	id := row.id(column)
	if row.bad {
		return id
	}
	if g.met == nil {
		g.met = map[string]metName{}
	}
	met, known := g.met[id]
	switch bare := id != row.text(column); {
	case !known:
		g.met[strings.Clone(id)] = metName{line: row.line, bare: bare}
	case met.bare != bare && !met.told:
		row.problem(column, "%s", netfile.Collision(id, bare, met.line))
		met.told = true
		g.met[id] = met
	case met.bare != bare:
		row.bad = true
	}
	return id
}

// tableText is the text of a file that the scenario names at key.
func (s *Scenario) tableText(r *report, key, name string) (text, shown string, ok bool) {
	if r.touches("files") {
		return "", "", false // which hold it, or should
	}
	data, shown, err := s.readTable(name)
	if err == nil {
		if problem := notText(data); problem != "" {
			err = errors.New(problem)
		}
	}
	if err != nil {
		r.add(key, name, "%v", err)
		return "", shown, false
	}
	return strings.TrimPrefix(string(data), "\uFEFF"), shown, true
}

// eachRow calls f for every line of a CSV file that the scenario names at key.
func (s *Scenario) eachRow(r *report, key, name string, columns []column, f func(*csvRow)) {
	if text, file, ok := s.tableText(r, key, name); ok {
		eachRowOf(r, text, file, columns, func(row *csvRow) bool { f(row); return true })
	}
}

func newCSVReader(text string) *csv.Reader {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment, reader.TrimLeadingSpace, reader.FieldsPerRecord = '#', true, -1
	return reader
}

// isBlank reports whether a line of a CSV file has nothing in it.
func isBlank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool { return strings.Trim(cell, " \t") != "" })
}

// eachRowOf calls f for every line of a CSV text until it returns false. The first
// line names the columns; lines that begin with # are comments.
func eachRowOf(r *report, text, file string, columns []column, f func(*csvRow) bool) {
	reader := newCSVReader(text)
	row := &csvRow{report: r, file: file}
	for r.skipped == 0 {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if syntax := (*csv.ParseError)(nil); errors.As(err, &syntax) {
			r.put(syntaxProblem(file, syntax.Line, syntax.Err.Error()))
			return
		}
		if isBlank(cells) {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimRight(cells[i], " \t")
		}
		row.line, _ = reader.FieldPos(0)
		row.cells, row.bad = cells, false
		switch {
		case row.columns == nil:
			if row.header(cells, columns); row.bad {
				return
			}
		case len(cells) != len(row.columns):
			r.put(Problem{File: file, Line: row.line, Message: fmt.Sprintf("has %s; allowed: %d, as many as the header%s", count(len(cells), "cell"), len(row.columns), separatorHint(cells))})
		case !f(row):
			return
		}
	}
	if row.columns == nil {
		r.put(Problem{File: file, Line: 1, Message: "is empty; allowed: a header with " + columnNames(columns)})
	}
}

func columnNames(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ",")
}

// header checks the names of the columns.
func (row *csvRow) header(cells []string, columns []column) {
	row.columns = cells
	known := strings.Split(columnNames(columns), ",")
	if hint := separatorHint(cells); hint != "" {
		row.bad = true
		row.put(Problem{File: row.file, Line: row.line, Message: "is no header; allowed: " + strings.Join(known, ",") + hint})
		return
	}
	for i, name := range cells {
		switch {
		case !slices.Contains(known, name):
			row.bad = true
			row.put(Problem{File: row.file, Line: row.line, Key: name, Message: "is not a column; allowed: " + strings.Join(known, ",") + suggest(name, known)})
		case slices.Contains(cells[:i], name):
			row.bad = true
			row.put(Problem{File: row.file, Line: row.line, Key: name, Message: "is a column twice"})
		}
	}
	for _, c := range columns {
		if c.required && !slices.Contains(cells, c.name) {
			row.bad = true
			row.put(Problem{File: row.file, Line: row.line, Key: c.name, Message: "is missing; allowed: " + strings.Join(known, ",")})
		}
	}
}
