package trace

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// FormatVersion is the version of the trace format, the header's key "trace".
const FormatVersion = 1

// Header is the first line of a trace: all that it takes to run the scenario
// again from the trace alone, and to read the lines that follow.
type Header struct {
	Trace          int               `json:"trace"`   // FormatVersion
	Record         int               `json:"record"`  // RecordVersion of its digests
	Meshsim        string            `json:"meshsim"` // version of the program
	Engine         int64             `json:"engine"`  // version of what a run is a function of
	Scenario       string            `json:"scenario"`
	ScenarioSHA256 string            `json:"scenario_sha256"`
	ScenarioTOML   string            `json:"scenario_toml"` // resolved
	Files          map[string]string `json:"files"`         // those it names, as base64 of zstd
	Seed           sim.Seed          `json:"seed"`
	Epoch          time.Time         `json:"epoch"`
	Level          Level             `json:"level"`
	From           clock.Time        `json:"from_ns,omitempty"`
	To             clock.Time        `json:"to_ns,omitempty"` // 0: the end
	Nodes          []string          `json:"nodes,omitempty"`
	Names          []string          `json:"names"` // node ids by number
}

// Complete reports whether the trace holds every event of its run.
func (h *Header) Complete() bool {
	return h.Level == LevelAll && h.From == 0 && h.To == 0 && len(h.Nodes) == 0
}

// filterOver is the header's filter in the numbers of names, which may be
// another header's: a name that is not among them gets a number that no node has.
func (h *Header) filterOver(names []string) Filter {
	f := Filter{Level: h.Level, From: h.From, To: h.To}
	for _, name := range h.Nodes {
		i := slices.Index(names, name)
		if i < 0 {
			i = len(names)
		}
		f.Nodes = append(f.Nodes, sim.NodeID(i))
	}
	return f
}

// Filter says which events of a run a trace keeps.
type Filter struct {
	Level Level
	From  clock.Time   // first instant
	To    clock.Time   // last instant; 0 for the end of the run
	Nodes []sim.NodeID // events at or with one of these, and of the whole mesh; empty for all
}

func (f *Filter) keep(e *Event) bool {
	if e.Kind.Level() > f.Level || e.T < f.From || f.To != 0 && e.T > f.To {
		return false
	}
	if len(f.Nodes) == 0 || e.Node == sim.NoNode {
		return true
	}
	return slices.Contains(f.Nodes, e.Node) || slices.Contains(f.Nodes, e.Peer)
}

// EndLine is the last line of a trace.
type EndLine struct {
	End         bool   `json:"end"`    // true
	Events      uint64 `json:"events"` // of the run, traced or not
	Digest      string `json:"digest"`
	Verdict     string `json:"verdict"`
	Interrupted bool   `json:"interrupted,omitempty"` // the run ended early
}

var levelNames = [...]string{LevelSummary: "summary", LevelProtocol: "protocol", LevelAll: "all"}

func (l Level) String() string { return levelNames[l] }

// MarshalText gives the level's word: all, protocol or summary.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText takes the level's word. Its error lists those allowed.
func (l *Level) UnmarshalText(text []byte) error {
	i := slices.Index(levelNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("unknown level %q; allowed: %s", text, strings.Join(levelNames[:], " "))
	}
	*l = Level(i)
	return nil
}
