package campaign

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

// Save makes each failure small and writes it into the folder as NAME-SEED.fail.toml,
// by the seed that showed it first. One that can't be made small, as when it does not
// happen each time, is written as it is.
func (c *Campaign) Save(r *Report, folder string) error {
	var errs []error
	for i := range r.Signatures {
		f := &r.Signatures[i]
		var err error
		if f.File, err = f.save(c, folder); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// defaultAttempts is Campaign.Attempts, if that is 0.
const defaultAttempts = 200

func (f *Failure) save(c *Campaign, folder string) (path string, err error) {
	small, how := f.first, "as it was"
	attempts := c.Attempts
	if attempts == 0 {
		attempts = defaultAttempts
	}
	if shrunk, err := (Shrinker{Attempts: attempts, Stop: c.Stop, Failing: Failing(f.Signature, c.Stop)}).Shrink(f.first); err == nil {
		small, how = shrunk.Scenario, fmt.Sprintf("made small by %d steps in %d attempts", len(shrunk.Kept), shrunk.Attempts)
	}
	whole, err := small.SelfContained()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%d.fail.toml", scenarios.FileName(f.first.Name), f.first.Seed)
	detail, _, _ := strings.Cut(f.Detail, "\n")
	whole.Comment = []string{
		fmt.Sprintf("A run of %q that failed, %s; first seed %d of %d.", f.first.Name, how, f.first.Seed, f.Count),
		fmt.Sprintf("%s: %s", f.Signature, detail),
		fmt.Sprintf("meshsim fuzz %s --seed %d --runs 1", name, whole.Seed),
	}
	whole.Record = &scenarios.Record{Engine: scenarios.Engine, Failure: string(f.Signature)}
	if r, err := small.Run(scenarios.Options{}); err == nil {
		whole.Record.Digest = r.Digest
	}
	path = filepath.Join(folder, name)
	return path, outfile.Write(path, whole.TOML())
}

// Failing is Shrinker.Failing for a failure of this signature: nil if its run alone
// tells, else one that asks its oracle. stop is polled also during runs.
func Failing(signature Signature, stop func() bool) func(*scenarios.Scenario, bool) Signature {
	oracles := Oracles()
	if o, ok := oracleOf(signature); ok {
		oracles = []Oracle{o} // the others would only take time
	} else if !strings.HasPrefix(string(signature), "crash") && signature != "bad variant" {
		return nil
	}
	return func(s *scenarios.Scenario, faultless bool) Signature {
		if faultless {
			s = s.Clone()
			s.Faults = nil
		}
		_, found, finished := examine(s, oracles, stop, true)
		if !finished || found.signature != signature {
			return "" // to fail otherwise is another matter
		}
		return signature
	}
}
