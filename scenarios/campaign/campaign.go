package campaign

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
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
	FailFast bool                // start no run after one that failed; the first signature is the same for any workers

	Stop     func() bool    // polled, also during runs; true ends it with what is finished
	Progress func(Progress) // called after every run, one call at a time

	// Elsewhere runs a scenario in a new process and returns its digest. It is asked
	// about every 50th seed; nil: never.
	Elsewhere func(*scenarios.Scenario) (digest string, err error)

	// Attempts bounds what each failure is made small with; 0: 200 runs.
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
	r := &Report{Seed: uint64(c.Seed), Signatures: []Failure{}}
	if err := c.all(r, started); err != nil {
		return nil, err
	}
	for i := range r.Signatures {
		slices.Sort(r.Signatures[i].Seeds)
	}
	slices.SortFunc(r.Signatures, func(a, b Failure) int { return cmp.Compare(a.Seeds[0], b.Seeds[0]) })
	if took := time.Since(started).Seconds(); took > 0 {
		r.PerSecond = float64(int(100*float64(r.Runs)/took)) / 100
	}
	if r.Interrupted = c.stopped(); c.Scenario == nil {
		r.Coverage.close(claimed())
	} else {
		r.Coverage.close(nil)
	}
	return r, nil
}

func (c *Campaign) stopped() bool { return c.Stop != nil && c.Stop() }

// all runs what there is time for, on several goroutines: runs share nothing. What
// they come to is merged at once, in an order that does not matter.
func (c *Campaign) all(r *Report, started time.Time) (err error) {
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	var wrong, broken atomic.Bool // a problem; a failed run
	enough := func(i int64) bool {
		return c.Runs > 0 && i >= int64(c.Runs) || c.Time > 0 && time.Since(started) >= c.Time || c.stopped() ||
			wrong.Load() || c.FailFast && broken.Load() || uint64(c.Seed)+uint64(i) > uint64(sim.MaxSeed)
	}
	for range c.Workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; !enough(i); i = next.Add(1) - 1 {
				o, finished, problem := c.one(c.Seed + sim.Seed(i))
				mu.Lock()
				if problem != nil {
					err = cmp.Or(err, problem)
					wrong.Store(true)
				} else if finished {
					r.merge(&o)
					broken.Store(r.Failed > 0)
					if c.Progress != nil {
						c.Progress(Progress{r.Runs, r.Failed})
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return err
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
	recorded := Recorded(c.Scenario)
	return slices.DeleteFunc(Oracles(), func(o Oracle) bool { return o.derives && o.signature() != recorded })
}

// merge adds one run to the report, which keeps of all scenarios only the first of
// each signature.
func (r *Report) merge(o *outcome) {
	r.Runs++
	r.Coverage.add(o.shown)
	if o.failed.signature == "" {
		return
	}
	r.Failed++
	i := slices.IndexFunc(r.Signatures, func(f Failure) bool { return f.Signature == o.failed.signature })
	if i < 0 {
		i = len(r.Signatures)
		r.Signatures = append(r.Signatures, Failure{Signature: o.failed.signature})
	}
	f := &r.Signatures[i]
	f.Count++
	f.Seeds = append(f.Seeds, uint64(o.seed))
	if f.first == nil || o.seed < f.first.Seed {
		f.Detail, f.first = o.failed.detail, o.scenario
	}
}
