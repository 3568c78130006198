package rerun

import (
	"encoding/json"
	"fmt"

	"meshsim/clock"
	"meshsim/scenarios"
	"meshsim/trace"
)

// digests are what a run left of its digest. They are of all its events, so they
// tell apart runs whose traces hold too little to differ.
type digests struct {
	record      int // version of what they are of
	checkpoints []trace.Checkpoint
	end         *trace.EndLine // nil: not reached
	damaged     bool           // some may have been lost
	complete    bool           // every event was there to compare
}

// digestsOf are those of a trace, as far as it was read.
func digestsOf(r *trace.Reader) digests {
	h := r.Header()
	d := digests{
		record: h.Record, checkpoints: r.Checkpoints(),
		damaged: r.Damaged() > 0, complete: h.Complete() && r.Damaged() == 0,
	}
	if end, ok := r.End(); ok {
		d.end = &end
	}
	return d
}

// digestsOfRun are those of a run.
func digestsOfRun(r *scenarios.Result) digests {
	d := digests{record: trace.RecordVersion, checkpoints: r.Checkpoints, complete: true}
	if !r.Interrupted {
		d.end = &trace.EndLine{End: true, Events: r.Events, Digest: r.Digest, Verdict: r.Verdict}
	}
	return d
}

// discord is the first line with a digest in which two runs differ.
type discord struct {
	since  trace.Checkpoint // the last that is the same in both
	until  clock.Time       // 0: the end
	what   string
	a, b   any  // the lines
	unheld bool // the events between are not there to compare
}

// discordOf compares the digests of two runs; nil if they agree. A checkpoint of
// only one of them is a difference in the midst of the other's, unless lines were
// lost; beyond the other's last it tells nothing.
func discordOf(a, b digests) *discord {
	if a.record != b.record {
		return nil
	}
	d := &discord{unheld: !a.complete || !b.complete}
	for i, j := 0, 0; i < len(a.checkpoints) && j < len(b.checkpoints); {
		x, y := a.checkpoints[i], b.checkpoints[j]
		switch {
		case x == y:
			d.since = x
			i++
			j++
		case sameMoment(x, y) || !a.damaged && !b.damaged:
			d.unheld = d.unheld && !agree(a, b, i+1, j+1)
			return d.at(x, y)
		case x.T < y.T || x.T == y.T && x.Events < y.Events:
			i++
		default:
			j++
		}
	}
	if a.end == nil || b.end == nil || a.sameEnd(b) {
		return nil
	}
	if a.end.Events != b.end.Events && (a.end.Interrupted || b.end.Interrupted) {
		return nil // they are of different moments
	}
	d.what, d.a, d.b = "end line", *a.end, *b.end
	d.unheld = d.unheld && max(a.end.Events, b.end.Events) > d.since.Events
	return d
}

// agree reports whether two runs have a later digest in common. A digest is of all
// events so far, so what differs before is a line, not the runs.
func agree(a, b digests, i, j int) bool {
	for ; i < len(a.checkpoints) && j < len(b.checkpoints); i, j = i+1, j+1 {
		if a.checkpoints[i] == b.checkpoints[j] {
			return true
		}
	}
	return a.end != nil && b.end != nil && a.sameEnd(b)
}

func (d *digests) sameEnd(other digests) bool {
	return d.end.Events == other.end.Events && d.end.Digest == other.end.Digest
}

// sameMoment reports whether two checkpoints are of the same moment: at one time,
// or after one number of events.
func sameMoment(x, y trace.Checkpoint) bool { return x.T == y.T || x.Events == y.Events }

func (d *discord) at(x, y trace.Checkpoint) *discord {
	type line struct {
		Checkpoint trace.Checkpoint `json:"checkpoint"`
	}
	d.until = max(x.T, y.T)
	d.what, d.a, d.b = fmt.Sprintf("checkpoint at %v", min(x.T, y.T)), line{x}, line{y}
	d.unheld = d.unheld && max(x.Events, y.Events) > d.since.Events
	return d
}

// between says in words where the difference lies.
func (d *discord) between() string {
	until := "the end"
	if d.until > 0 {
		until = d.until.String()
	}
	return fmt.Sprintf("in events that a trace does not hold, between %v and %s", d.since.T, until)
}

// replayed is the outcome for runs that differ in nothing else.
func (d *discord) replayed() (*Replayed, error) {
	a, err := json.Marshal(d.a)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(d.b)
	if err != nil {
		return nil, err
	}
	note := "every event is the same; the " + d.what + " is not"
	if d.unheld {
		note = "the difference lies " + d.between()
	}
	return &Replayed{Note: note, FirstDifference: &trace.Difference{
		Seq: d.since.Events + 1, T: d.since.T, A: string(a), B: string(b), Causes: []string{}, Unseen: true,
	}}, nil
}
