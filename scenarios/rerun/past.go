package rerun

import (
	"errors"
	"fmt"
	"io"

	"meshsim/clock"
	"meshsim/mesh"
	"meshsim/scenarios"
	"meshsim/trace"
)

// Past is a run that was, to be looked at again as often as needed. A run being a
// function of its scenario, that means to run it once more; only the trace of
// another engine has to be taken at its word.
type Past struct {
	Scenario *scenarios.Scenario // nil: nothing but the trace is known
	Names    []string            // node ids by number
	Notes    []string            // what is to be known of what is told

	options  scenarios.Options // of each run
	open     func() (io.ReadCloser, error)
	recorded []trace.Checkpoint
	compared bool
}

// OfScenario is the run of a scenario. Of the options, Stop and Progress count.
func OfScenario(s *scenarios.Scenario, o scenarios.Options) (*Past, error) {
	m, err := s.Mesh()
	if err != nil {
		return nil, err
	}
	if s.Record != nil {
		o.FailFast = s.Record.FailFast
	}
	return &Past{Scenario: s, Names: m.IDs(), options: o}, nil
}

// OfTrace is the run that a trace records. open is called again for every look at
// a trace of another engine.
func OfTrace(open func() (io.ReadCloser, error), o scenarios.Options) (*Past, error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		return nil, err
	}
	header := r.Header()
	if header.Engine != scenarios.Engine {
		note := fmt.Sprintf("recorded by engine %d; this is engine %d, so that it can't be run again: what follows is what the trace itself says", header.Engine, scenarios.Engine)
		return &Past{Names: header.Names, Notes: []string{note}, open: open}, nil
	}
	s, err := scenarios.FromTrace(header)
	if err != nil {
		return nil, err
	}
	p, err := OfScenario(s, o)
	if err != nil {
		return nil, err
	}
	for _, err = r.Next(); err == nil; {
		_, err = r.Next()
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	p.recorded = r.Checkpoints()
	if end, whole := r.End(); whole && end.Interrupted {
		p.Notes = append(p.Notes, "the recorded run was interrupted; what follows is about all of it")
	}
	return p, nil
}

// play lets the run happen once more before a sink. The result is nil when there
// is nothing but a trace.
func (p *Past) play(sink trace.Sink) (*scenarios.Result, error) { return p.playAloud(sink, nil) }

// playAloud also shows what is sent, which a trace alone does not tell.
func (p *Past) playAloud(sink trace.Sink, onSent func(*mesh.Envelope)) (*scenarios.Result, error) {
	if p.Scenario == nil {
		return nil, p.read(sink)
	}
	o := p.options
	o.Sinks, o.OnSent = []trace.Sink{sink}, onSent
	r, err := whole(p.Scenario, o)
	if err != nil {
		return nil, err
	}
	p.compare(r)
	return r, nil
}

func (p *Past) read(sink trace.Sink) error {
	f, err := p.open()
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		return err
	}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		sink.Emit(e)
	}
}

// compare proves by the checkpoints that the run is the recorded one, or notes
// that it is not.
func (p *Past) compare(r *scenarios.Result) {
	if p.compared {
		return
	}
	p.compared = true
	digests := map[trace.Checkpoint]bool{}
	last := clock.Time(-1)
	for _, c := range r.Checkpoints {
		digests[c] = true
		last = max(last, c.T)
	}
	for _, c := range p.recorded {
		if c.T <= last && !digests[c] {
			p.Notes = append(p.Notes, fmt.Sprintf("this run is not the recorded one: they differ by the checkpoint at %v; what follows is about the run of now", c.T))
			return
		}
	}
	if p.Scenario.Record != nil && p.Scenario.Record.Engine != scenarios.Engine {
		p.Notes = append(p.Notes, fmt.Sprintf("recorded by engine %d; this is engine %d, whose digests differ: what follows is about the run of now", p.Scenario.Record.Engine, scenarios.Engine))
	} else if p.Scenario.Record != nil && p.Scenario.Record.Digest != r.Digest {
		p.Notes = append(p.Notes, "this run is not the recorded one: its digest is "+r.Digest)
	}
}
