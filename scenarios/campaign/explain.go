package campaign

import (
	"fmt"
	"slices"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

func (o *Oracle) signature() Signature { return Signature("oracle " + o.Name) }

// oracleOf is the oracle that a signature names, if it names one.
func oracleOf(signature Signature) (Oracle, bool) {
	all := Oracles()
	i := slices.IndexFunc(all, func(o Oracle) bool { return o.signature() == signature })
	if i < 0 {
		return Oracle{}, false
	}
	return all[i], true
}

// Recorded is the signature of the failure that a scenario records, "" if none.
func Recorded(s *scenarios.Scenario) Signature {
	if s.Record == nil {
		return ""
	}
	return Signature(s.Record.Failure)
}

// patience is how often a run is made until its oracle objects: what differs from run to
// run need not do so each time.
const patience = 20

// ExplainOracle tells to what in a run the oracle objects that its scenario's record
// names, and how that came about. ok is false if the record names none. The error is
// rerun.ErrNothingFailed when the oracle has no objection.
func ExplainOracle(s *scenarios.Scenario, o scenarios.Options) (x *rerun.Explanation, ok bool, err error) {
	oracle, ok := oracleOf(Recorded(s))
	if !ok {
		return nil, false, nil
	}
	var c *Case
	var found failed
	finished := true
	for range patience {
		if c, found, finished = examine(s, []Oracle{oracle}, o.Stop, true); !finished || found.signature != "" {
			break
		}
	}
	switch {
	case !finished:
		return nil, true, rerun.ErrInterrupted
	case found.signature == "":
		return nil, true, rerun.ErrNothingFailed
	}
	x = &rerun.Explanation{
		Question: fmt.Sprintf("why the oracle %s objects", oracle.Name),
		Answer:   []string{found.detail, "of every run it holds: " + oracle.Doc},
		Accounts: []rerun.Account{}, Notes: []string{},
	}
	if c.evidence.scenario == nil {
		return x, true, nil
	}
	x.Question += fmt.Sprintf(" to event #%d", c.evidence.seq)
	if c.evidence.scenario != s {
		x.Notes = append(x.Notes, "the event is of another run, which the oracle made of this scenario")
	}
	p, err := rerun.OfScenario(c.evidence.scenario, o)
	if err != nil {
		return nil, true, err
	}
	x.Accounts, err = rerun.AccountsOf(p, c.evidence.seq)
	return x, true, err
}
