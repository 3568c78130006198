package campaign

import (
	"fmt"
	"os"
	"path/filepath"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

// Saver writes what a scenario is shrunk to into a folder, as NAME-SEED.min.fail.toml.
type Saver struct {
	Folder string
	From   string // the original, in words

	path string // of what it wrote last
}

// Save writes a shrunk scenario with a record of its run, so that it can be
// replayed, explained and shrunk further. It returns the file's path. The record
// has no digest if stop, which is polled, ends that run.
func (w *Saver) Save(s *Shrunk, stop func() bool) (path string, err error) {
	record := &scenarios.Record{Engine: scenarios.Engine, Failure: string(s.Signature)}
	if r, err := s.Scenario.Run(scenarios.Options{Stop: stop}); err == nil && !r.Interrupted {
		record.Digest = r.Digest
	}
	err = w.write(s, record)
	return w.path, err
}

// Keep writes what there is so far, so that whatever ends the process, it can be
// shrunk further from there.
func (w *Saver) Keep(s *Shrunk) error {
	return w.write(s, &scenarios.Record{Engine: scenarios.Engine, Failure: string(s.Signature)})
}

// write takes away what it wrote before under the name of another seed.
func (w *Saver) write(s *Shrunk, record *scenarios.Record) error {
	small := s.Scenario.Clone()
	name := fmt.Sprintf("%s-%d.min.fail.toml", scenarios.FileName(small.Name), small.Seed)
	small.Comment = []string{
		fmt.Sprintf("The smallest form found of %s that still fails: %s.", w.From, s.Signature),
		fmt.Sprintf("%d attempts, %d of them a step; %s.", s.Attempts, len(s.Kept), map[bool]string{true: "no further one helps", false: "ended early: shrink it again to go on"}[s.Done]),
		"meshsim explain " + name,
	}
	small.Record = record
	before := w.path
	w.path = filepath.Join(w.Folder, name)
	if err := outfile.Write(w.path, small.TOML()); err != nil {
		return err
	}
	if before != "" && before != w.path {
		return os.Remove(before)
	}
	return nil
}
