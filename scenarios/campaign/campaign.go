package campaign

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meshsim/scenarios"
	"meshsim/sim"
)

// EnoughRuns is how many drawn scenarios it takes until something that none of them
// showed is a gap rather than chance.
const EnoughRuns = 200

// Campaign runs many seeds: of one scenario, or each a scenario of its own.
type Campaign struct {
	Scenario *scenarios.Scenario // nil: every seed draws one
	Seed     sim.Seed            // the first
	Runs     int                 // at most; 0: no bound but Time
	Time     time.Duration       // start no run after it; 0: no bound
	Workers  int                 // at once; 0: as many as there are CPUs

	Stop     func() bool    // polled, also during runs; true ends it with what is finished
	Progress func(Progress) // called after every run, one call at a time

	// Elsewhere runs a scenario in a new process and returns its digest. It is asked
	// about every 50th seed; nil: never.
	Elsewhere func(*scenarios.Scenario) (digest string, err error)

	// Attempts bounds what each failure is made small with; 0: 400 runs.
	Attempts int
}

// Progress is how far a campaign is.
type Progress struct{ Finished, Failed int }

// elsewhereEvery is how rarely a run is compared with one in a new process, which
// takes longer than all else.
const elsewhereEvery = 50

// Report is what a campaign came to. For the same seed and number of runs it is the
// same, whatever the number of workers, but for the rate.
type Report struct {
	Runs        int       `json:"runs"`
	Failed      int       `json:"failed"`
	Signatures  []Failure `json:"signatures"` // by the seed that showed each first
	Coverage    Coverage  `json:"coverage"`
	PerSecond   float64   `json:"runs_per_second"`
	Seed        uint64    `json:"seed"`
	Interrupted bool      `json:"interrupted"`
}

// Failure is all failures of one signature.
type Failure struct {
	Signature Signature `json:"signature"`
	Detail    string    `json:"detail"` // of the first
	Count     int       `json:"count"`
	Seeds     []uint64  `json:"seeds"`
	File      string    `json:"file"` // where Save put it

	first *scenarios.Scenario
}

// Gaps reports that the campaign was long enough to show all that there is, and did
// not. Seeds of one scenario are not asked for it.
func (r *Report) Gaps() bool {
	return r.Runs >= EnoughRuns && len(r.Coverage.Never)+len(r.Coverage.Strange) > 0
}

// outcome is one run of the campaign.
type outcome struct {
	seed     sim.Seed
	scenario *scenarios.Scenario
	failed   failed
	shown    []string
}

// Run runs the campaign. The error tells of what is no failure of a run: a scenario
// that can't run at all, or a process that can't be started.
func (c *Campaign) Run() (*Report, error) {
	if c.Workers == 0 {
		c.Workers = runtime.NumCPU()
	}
	started := time.Now()
	outcomes, err := c.all(started)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(outcomes, func(a, b outcome) int { return cmp.Compare(a.seed, b.seed) })
	r := &Report{Runs: len(outcomes), Seed: uint64(c.Seed), Signatures: []Failure{}}
	if took := time.Since(started).Seconds(); took > 0 {
		r.PerSecond = float64(int(100*float64(len(outcomes))/took)) / 100
	}
	for i := range outcomes {
		r.merge(&outcomes[i])
	}
	if r.Interrupted = c.stopped(); c.Scenario == nil {
		r.Coverage.close(claimed())
	} else {
		r.Coverage.close(nil)
	}
	return r, nil
}

func (c *Campaign) stopped() bool { return c.Stop != nil && c.Stop() }

// all runs what there is time for, on several goroutines: runs share nothing.
func (c *Campaign) all(started time.Time) (outcomes []outcome, err error) {
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	enough := func(i int64) bool {
		return c.Runs > 0 && i >= int64(c.Runs) || c.Time > 0 && time.Since(started) >= c.Time || c.stopped() || uint64(c.Seed)+uint64(i) > uint64(sim.MaxSeed)
	}
	var wrong atomic.Bool
	var now Progress
	for range c.Workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; !enough(i) && !wrong.Load(); i = next.Add(1) - 1 {
				o, finished, problem := c.one(c.Seed + sim.Seed(i))
				mu.Lock()
				switch {
				case problem != nil:
					err = cmp.Or(err, problem)
					wrong.Store(true)
				case finished:
					outcomes = append(outcomes, o)
					if now.Finished++; o.failed.signature != "" {
						now.Failed++
					}
					if c.Progress != nil {
						c.Progress(now)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return outcomes, err
}

// one runs one seed.
func (c *Campaign) one(seed sim.Seed) (o outcome, finished bool, err error) {
	s, oracles := c.Scenario, Oracles()
	if s == nil {
		s = Draw(seed)
	} else {
		s, oracles = s.WithSeed(seed), c.oracles()
	}
	ran, found, finished := examine(s, oracles, c.Stop, false)
	if finished && found.signature == "" && c.Elsewhere != nil && uint64(seed)%elsewhereEvery == 0 {
		digest, err := c.Elsewhere(s)
		if c.stopped() {
			return o, false, nil
		}
		if err != nil {
			return o, false, err
		}
		if digest != ran.Result.Digest {
			found = failed{"oracle new_process", fmt.Sprintf("digest %s here, %s in a new process", ran.Result.Digest, digest)}
		}
	}
	return outcome{seed, s, found, ran.shown()}, finished, nil
}

// oracles are those for seeds of one scenario: those that need no run of another
// scenario, and the one that its record names.
func (c *Campaign) oracles() []Oracle {
	recorded := ""
	if c.Scenario.Record != nil {
		recorded = c.Scenario.Record.Failure
	}
	return slices.DeleteFunc(Oracles(), func(o Oracle) bool {
		return o.derives && !strings.HasPrefix(recorded, "oracle "+o.Name)
	})
}

// merge adds one run to the report.
func (r *Report) merge(o *outcome) {
	r.Coverage.add(o.shown)
	if o.failed.signature == "" {
		return
	}
	r.Failed++
	i := slices.IndexFunc(r.Signatures, func(f Failure) bool { return f.Signature == o.failed.signature })
	if i < 0 {
		i = len(r.Signatures)
		r.Signatures = append(r.Signatures, Failure{Signature: o.failed.signature, Detail: o.failed.detail, first: o.scenario})
	}
	f := &r.Signatures[i]
	f.Count++
	f.Seeds = append(f.Seeds, uint64(o.seed))
}
