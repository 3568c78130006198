package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios/expect"
	"meshsim/scenarios/world"
	"meshsim/sim"
	"meshsim/trace"
)

// Version is the version of meshsim that results and traces name.
const Version = "0.1.0"

// Engine is the version of everything that decides what happens in a run: draws,
// order, protocol, record. A digest holds for one engine version.
const Engine = 2

// Options are what may differ between runs of one scenario. NewNode, Omit and
// WithoutFaults change what happens; the others only who watches.
type Options struct {
	Trace    func(names []string) (*trace.Writer, error) // opens the trace, told the node ids by number
	Sinks    []trace.Sink                                // further readers of the event stream
	FailFast bool                                        // end the run at the first failed expectation
	Stop     func() bool                                 // polled now and then; true interrupts the run
	Progress func(now time.Duration)                     // called at every virtual second
	OnSent   func(*mesh.Envelope)                        // shown what each envelope_sent is about, before it; may read, not change

	// NewNode makes nodes of one's own: it is asked for every seat, and where it
	// returns neither a node nor an error the built-in one sits down.
	NewNode func(world.Seat) (mesh.Node, error)
	// Omit takes messages out: the twin run in which they were never sent. Their
	// numbers stay taken, so that nothing else changes by itself.
	Omit func(Message) bool
	// WithoutFaults runs the scenario as if no fault ever began.
	WithoutFaults bool
}

// Message names an application message: the name of its traffic entry or the
// number of its flow file's row, its origin, and its number there from 0.
type Message struct {
	Flow   string
	Origin string
	N      uint64
}

// Run runs the scenario to its end and judges it. The error tells of a scenario
// that cannot run, or of a trace that cannot be written; a failed expectation is
// no error but in the Result.
func (s *Scenario) Run(o Options) (*Result, error) {
	r, err := s.prepare(o)
	if err != nil {
		return nil, err
	}
	return r.run()
}

// running is a run under way: the world and those who judge it.
type running struct {
	*builder
	world    *world.World
	expects  *expect.Set
	harms    *trace.Harms // nil: all nodes are honest
	writer   *trace.Writer
	failures []expect.Failure
	stopped  bool
}

func (s *Scenario) prepare(o Options) (*running, error) {
	b, err := newBuilder(s, o)
	if err != nil {
		return nil, err
	}
	if s.Record != nil && s.Record.FailFast {
		b.options.FailFast = true // what the record is of
	}
	r := &running{builder: b}
	config, err := b.config()
	if err != nil {
		return nil, err
	}
	if o.Trace != nil {
		if r.writer, err = o.Trace(b.mesh.IDs()); err != nil {
			return nil, err
		}
		config.Sinks = append(config.Sinks, r.writer)
	}
	if len(b.scenario.Adversaries) > 0 {
		r.harms = b.harms()
		config.Sinks = append(config.Sinks, r.harms)
	}
	config.Sinks = append(config.Sinks, o.Sinks...)
	r.expects, _ = b.scenario.compileExpects(b.mesh) // validated
	if len(b.scenario.Expects) > 0 {
		config.Sinks = append(config.Sinks, r.expects)
		if r.expects.ReadsInstants() {
			config.OnInstant = r.expects.Instant
		}
	}
	config.Stop, config.OnSent = r.interrupted, o.OnSent
	if r.world, err = world.New(config); err != nil {
		return nil, err
	}
	r.expects.OnFailure = r.fail
	r.expects.Watch(newObserver(r.world, b.mesh, r.activeFaults()))
	return r, nil
}

// activeFaults are those that can happen in this run.
func (b *builder) activeFaults() []world.Fault {
	if b.options.WithoutFaults {
		return nil
	}
	return b.faults
}

// interrupted tells the world whether to end early, for whatever reason.
func (r *running) interrupted() bool {
	if r.options.Stop != nil && r.options.Stop() {
		r.stopped = true
	}
	return r.stopped || r.options.FailFast && len(r.failures) > 0
}

func (r *running) fail(f expect.Failure) {
	if r.failures = append(r.failures, f); r.options.FailFast {
		r.world.Halt()
	}
	if r.writer != nil {
		r.writer.Emit(&trace.Event{
			Kind: trace.ExpectationFailed, T: f.At, Node: sim.NoNode, Peer: sim.NoNode,
			Payload: trace.Payload{Name: f.Name, What: f.Form, Detail: f.Value},
		})
	}
}

func (r *running) run() (result *Result, err error) {
	defer r.catch(&result, &err)
	started := time.Now()
	end := clock.Time(r.scenario.Duration)
	reached := r.advance(end)
	result = r.result()
	if reached == world.Stuck {
		result.Stuck = r.world.Cycle()
	}
	r.world.Finish()
	r.expects.End(r.world.Now())
	r.fill(result)
	result.WallNS = int64(time.Since(started))
	if r.writer != nil {
		early := reached != world.Stuck && r.world.Now() < end
		return result, r.writer.End(result.Events, result.Digest, result.Verdict, early)
	}
	return result, nil
}

// advance runs to a time, second by second, so that whoever watches is told and
// may stop it.
func (r *running) advance(end clock.Time) world.Stop {
	for until := clock.Time(0); ; {
		until = min(until.Add(clock.Second), end)
		reached := r.world.Run(until)
		if r.options.Progress != nil {
			r.options.Progress(time.Duration(until))
		}
		switch {
		case reached != world.Reached:
			return reached
		case r.interrupted():
			return world.Interrupted
		case until == end:
			return world.Reached
		}
	}
}

// result names the run.
func (r *running) result() *Result {
	return &Result{
		Meshsim: Version, Scenario: r.scenario.Name, ScenarioSHA256: r.sum, Seed: uint64(r.scenario.Seed),
		Reproduce: fmt.Sprintf("meshsim run %s --seed %d", r.scenario.source.reference(), r.scenario.Seed),
	}
}

// sha256 identifies what runs: the hash of the resolved scenario without its
// comment and record, and of the files that it names, unpacked.
func (s *Scenario) sha256() (string, error) {
	plain := *s.withDefaults()
	plain.Comment, plain.Record, plain.Files = nil, nil, nil
	h := sha256.New()
	h.Write(plain.TOML())
	for _, ref := range plain.fileReferences() {
		data, shown, err := s.readTable(ref.name)
		if err != nil {
			return "", Errors{{File: shown, Message: err.Error()}}
		}
		fmt.Fprintf(h, "%s %d\n", ref.name, len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reference is how the command line calls the scenario.
func (s *source) reference() string {
	if s.name == "" {
		return "SCENARIO"
	}
	return s.name
}

// fill adds what the run came to.
func (r *running) fill(res *Result) {
	w := r.world
	res.Digest, res.Events, res.Steps, res.Checkpoints = w.Digest(), w.Events(), w.Steps(), w.Checkpoints()
	res.SimNS = int64(w.Now())
	res.Metrics = w.Metrics().Summary()
	res.Metrics.Links.By = r.linkDetails()
	res.Faults, res.Adversaries = r.faultResults(), r.adversaryResults()
	res.Expectations = r.expects.Results()
	res.Invariants = w.Invariants()
	res.Warnings = []string{}
	for _, warning := range r.warnings {
		res.Warnings = append(res.Warnings, warning.String())
	}
	res.Interrupted = r.stopped
	res.Failures, res.failFast = r.failures, r.options.FailFast
	res.judge()
}

func (r *running) linkDetails() map[string]trace.LinkDetail {
	by := make(map[string]trace.LinkDetail, len(r.mesh.Links))
	for _, l := range r.mesh.Links {
		by[r.mesh.Nodes[l.From].ID+"->"+r.mesh.Nodes[l.To].ID] = trace.LinkDetail(r.world.LinkStats(l.From, l.To))
	}
	return by
}

func (r *running) faultResults() []FaultResult {
	results := []FaultResult{}
	for _, f := range r.faults {
		effect, until := r.world.Effect(f.Name), f.Until
		if until == clock.Never {
			until = max(f.At, clock.Time(r.scenario.Duration))
		}
		results = append(results, FaultResult{
			Name: f.Name, Kind: f.Kind, AtNS: int64(f.At), UntilNS: int64(until),
			Effect: effect, Vacuous: effect.Vacuous(),
		})
	}
	return results
}

func (r *running) adversaryResults() []AdversaryResult {
	results := []AdversaryResult{}
	for i, a := range r.scenario.Adversaries {
		result := AdversaryResult{Behaviour: KindName(a.Behaviour), ExposedBy: a.Behaviour.exposedBy(), Harm: r.harms.Of(i)}
		for _, id := range r.adversaries(i) {
			result.Nodes = append(result.Nodes, r.mesh.Nodes[id].ID)
		}
		results = append(results, result)
	}
	return results
}
