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
	if shrunk, err := (Shrinker{Attempts: attempts, Stop: c.Stop, Failing: f.failing(c)}).Shrink(f.first); err == nil {
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

// failing says how a smaller form fails, as far as this failure is concerned; nil
// if its run alone tells.
func (f *Failure) failing(c *Campaign) func(*scenarios.Scenario, bool) Signature {
	oracles := Oracles()
	for _, o := range oracles {
		if f.Signature == Signature("oracle "+o.Name) {
			oracles = []Oracle{o} // the others would only take time
		}
	}
	if !strings.HasPrefix(string(f.Signature), "oracle ") && !strings.HasPrefix(string(f.Signature), "crash") && f.Signature != "bad variant" {
		return nil
	}
	return func(s *scenarios.Scenario, faultless bool) Signature {
		if faultless {
			s = s.Clone()
			s.Faults = nil
		}
		_, found, finished := examine(s, oracles, c.Stop, true)
		if !finished {
			return ""
		}
		return found.signature
	}
}
