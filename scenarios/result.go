package scenarios

import (
	"meshsim/scenarios/expect"
	"meshsim/trace"
)

// Verdicts of a run and of its expectations.
const (
	Passed  = expect.Passed
	Failed  = expect.Failed
	Vacuous = expect.Vacuous // never evaluated, or decided by a ratio over zero: shows nothing
)

// Result is what a run came to, in the form that `meshsim run --json` prints.
// Times are ns of virtual time, but for WallNS.
type Result struct {
	Meshsim        string             `json:"meshsim"`
	Scenario       string             `json:"scenario"`
	ScenarioSHA256 string             `json:"scenario_sha256"` // of the resolved scenario and the files that it names
	Seed           uint64             `json:"seed"`
	Digest         string             `json:"digest"`
	Verdict        string             `json:"verdict"`
	OK             bool               `json:"ok"` // Verdict is Passed
	Events         uint64             `json:"events"`
	Steps          uint64             `json:"steps"`
	SimNS          int64              `json:"sim_ns"`
	WallNS         int64              `json:"wall_ns"` // of the run alone: the world was built before
	Checkpoints    []trace.Checkpoint `json:"checkpoints"`
	Metrics        trace.Summary      `json:"metrics"`
	Faults         []FaultResult      `json:"faults"`
	Adversaries    []AdversaryResult  `json:"adversaries"`
	Expectations   []expect.Result    `json:"expectations"`
	Invariants     []trace.Invariant  `json:"invariants"`
	Warnings       []string           `json:"warnings"`
	Interrupted    bool               `json:"interrupted"`
	Reproduce      string             `json:"reproduce"`

	Stuck    string           `json:"stuck,omitempty"` // the cycle of zero delay that ended the run
	Failures []expect.Failure `json:"-"`               // in the order in which they showed

	failFast bool // Options.FailFast
}

// FaultResult says what a fault did.
type FaultResult struct {
	Name    string            `json:"name"`
	Kind    string            `json:"kind"`
	AtNS    int64             `json:"at_ns"`
	UntilNS int64             `json:"until_ns"` // the end of the run when it never ended
	Effect  trace.FaultEffect `json:"effect"`
	Vacuous bool              `json:"vacuous"` // it changed nothing
}

// AdversaryResult says what the nodes of an entry [[adversary]] did.
type AdversaryResult struct {
	Behaviour string     `json:"behaviour"`
	Nodes     []string   `json:"nodes"`
	ExposedBy string     `json:"exposed_by"` // the evidence by which honest nodes block them; "": it leaves none
	Harm      trace.Harm `json:"harm"`
}

// judge derives the verdict: a failure outweighs what is vacuous.
func (r *Result) judge() {
	failed := r.Stuck != ""
	vacuous := r.Interrupted // what must hold at the end was not looked at there
	for _, e := range r.Expectations {
		failed = failed || e.Verdict == Failed
		vacuous = vacuous || e.Verdict == Vacuous
	}
	for _, i := range r.Invariants {
		failed = failed || i.Verdict == Failed
	}
	switch {
	case failed:
		r.Verdict = Failed
	case vacuous:
		r.Verdict = Vacuous
	default:
		r.Verdict = Passed
	}
	r.OK = r.Verdict == Passed
}
