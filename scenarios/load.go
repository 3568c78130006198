package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"meshsim/scenarios/netfile"
	"meshsim/sim"
)

// maxScenarioBytes bounds a scenario file.
const maxScenarioBytes = 16 << 20

// source is where a scenario came from, for messages and for the files it names.
type source struct {
	name    string // as given by the user, <stdin>, or the built-in's name; empty for a Go literal
	fsys    fs.FS  // nil: Disk
	dir     string // in fsys, to which file names are relative
	decoded bool   // every key is set; zero means zero
	lines   lineIndex
	set     map[string]override
	linted  *linted // nil: nothing is remembered
}

// place is the file and line of a key: its own, or that of the innermost table
// around it that has one.
func (s *source) place(key string) (file string, line int) {
	for p := key; p != ""; p = parentPath(p) {
		if o, ok := s.set[p]; ok {
			return o.from, 0
		}
	}
	if _, inText := s.lines[key]; !inText {
		if set := s.setBelow(key); len(set) > 0 {
			return s.set[set[0]].from, 0
		}
	}
	for p := key; p != ""; p = parentPath(p) {
		if line, ok := s.lines[p]; ok {
			return s.name, line
		}
	}
	if s.lines != nil {
		return s.name, 1 // the table that has no header
	}
	return s.name, 0
}

// setBelow lists the overridden keys that lie below a key.
func (s *source) setBelow(key string) (below []string) {
	for _, k := range sortedKeys(s.set) {
		if rest, ok := strings.CutPrefix(k, key); ok && rest != "" && strings.ContainsRune(".[", rune(rest[0])) {
			below = append(below, k)
		}
	}
	return below
}

// Disk is the file system of the operating system: names are those that os.Open
// takes.
var Disk fs.FS = disk{}

type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

// Option changes what Load reads.
type Option func(*overrides)

// WithSeed sets the seed, as --seed does.
func WithSeed(seed sim.Seed) Option {
	return func(o *overrides) { o.seed = &seed }
}

// WithSet applies expressions KEY=VALUE, as --set does, in order. VALUE is TOML,
// or a bare string if it does not parse; array entries are written fault[0].at.
func WithSet(expressions ...string) Option {
	return func(o *overrides) { o.set = append(o.set, expressions...) }
}

// WithFiles puts the files that the scenario names inside it, as base64 of zstd by
// name.
func WithFiles(files map[string]string) Option {
	return func(o *overrides) { o.files = files }
}

// WithEnv applies MESHSIM_SEED if lookup, such as os.LookupEnv, finds it.
func WithEnv(lookup func(string) (string, bool)) Option {
	return func(o *overrides) { o.env = lookup }
}

// Load reads a scenario from fsys, nil meaning Disk, or the built-in one if name
// is no path and no such file exists. Options win over the environment, which
// wins over the file. The error is Errors: everything that is wrong, sorted by
// line; the scenario is then nil.
func Load(fsys fs.FS, name string, options ...Option) (*Scenario, error) {
	if fsys == nil {
		fsys = Disk
	}
	data, err := readFile(fsys, name, maxScenarioBytes)
	if err == nil {
		return decodeText(data, source{name: name, fsys: fsys, dir: path.Dir(filepath.ToSlash(name))}, options)
	}
	if isBareName(name) && missingOrFolder(fsys, name) {
		if text, ok := builtin(name); ok {
			return decodeText(text, source{name: name, fsys: libraryFS, dir: libraryDir}, options)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is no such file and no such built-in scenario%s", suggest(name, libraryNames()))
		}
	}
	return nil, Errors{{File: name, Message: err.Error()}}
}

// LoadReader reads a scenario from r, at most 16 MiB of it. name is for messages;
// files that it names are looked for in fsys, nil meaning Disk, beside name.
func LoadReader(fsys fs.FS, r io.Reader, name string, options ...Option) (*Scenario, error) {
	data, err := readAll(r, maxScenarioBytes)
	if err != nil {
		return nil, Errors{{File: name, Message: err.Error()}}
	}
	return decodeText(data, source{name: name, fsys: fsys, dir: path.Dir(filepath.ToSlash(name))}, options)
}

// LoadBytes is LoadReader on a text, with files on Disk.
func LoadBytes(text []byte, name string, options ...Option) (*Scenario, error) {
	return LoadReader(nil, bytes.NewReader(text), name, options...)
}

// With is a copy of the scenario with options applied. It knows no lines any more.
func (s *Scenario) With(options ...Option) (*Scenario, error) {
	src := s.source
	changed, err := decodeText(s.TOML(), src, options)
	var problems Errors
	if errors.As(err, &problems) {
		for i := range problems {
			if problems[i].File == src.name {
				problems[i].Line = 0
			}
		}
		return nil, problems
	}
	changed.source.lines, changed.source.linted = nil, &linted{}
	return changed, nil
}

func isBareName(name string) bool { return name != "" && !strings.ContainsAny(name, `/\.`) }

func missingOrFolder(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir()
}

// decodeText turns a text into a scenario that Validate accepts.
func decodeText(data []byte, src source, options []Option) (*Scenario, error) {
	if problem := notText(data); problem != "" {
		return nil, Errors{{File: src.name, Message: problem}}
	}
	text := string(data)
	table, lines, line, problem := parseTOML(text)
	if problem != "" {
		return nil, Errors{syntaxProblem(src.name, line, problem+foreign(text, src.name))}
	}
	s := &Scenario{Comment: leadingComment(text), source: src}
	s.source.lines, s.source.decoded = lines, true
	s.source.set = map[string]override{}
	s.source.linted = &linted{}
	r := &report{src: &s.source}
	newOverrides(options).apply(r, table)
	s.decode(r, table)
	s.validate(r)
	if _, err := r.result(); err != nil {
		return nil, err
	}
	return s, nil
}

// leadingComment is the comment lines at the very beginning of a text.
func leadingComment(text string) (comment []string) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\uFEFF")) {
		rest, ok := strings.CutPrefix(strings.TrimRight(line, " \t\r\n"), "#")
		if !ok {
			break
		}
		comment = append(comment, strings.TrimPrefix(rest, " "))
	}
	return comment
}

// notText says why data can't be a text, or "".
func notText(data []byte) string {
	switch {
	case netfile.IsUTF16(data):
		return netfile.UTF16
	case slices.Contains(data, 0):
		return "is a binary file; a text is needed"
	case !utf8.Valid(data):
		return "is not valid UTF-8; a text in UTF-8 is needed"
	}
	return ""
}
