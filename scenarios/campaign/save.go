package campaign

import (
	"fmt"
	"path/filepath"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

// Save writes a shrunk scenario with a record of its run, so that it can be
// replayed, explained and shrunk further. It returns the file's path.
func (s *Shrunk) Save(folder, from string) (path string, err error) {
	small := s.Scenario.Clone()
	name := fmt.Sprintf("%s-%d.min.fail.toml", scenarios.FileName(small.Name), small.Seed)
	small.Comment = []string{
		fmt.Sprintf("The smallest form found of %s that still fails: %s.", from, s.Signature),
		fmt.Sprintf("%d attempts, %d of them a step; %s.", s.Attempts, len(s.Kept), map[bool]string{true: "no further one helps", false: "ended early: shrink it again to go on"}[s.Done]),
		"meshsim explain " + name,
	}
	small.Record = &scenarios.Record{Engine: scenarios.Engine, Failure: string(s.Signature)}
	if r, err := small.Run(scenarios.Options{}); err == nil {
		small.Record.Digest = r.Digest
	}
	path = filepath.Join(folder, name)
	return path, outfile.Write(path, small.TOML())
}
