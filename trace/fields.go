package trace

import (
	"time"

	"meshsim/clock"
)

// fieldSet is a set of payload fields.
type fieldSet uint64

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }

func (s *fieldSet) add(f field) { *s |= 1 << f }

// text is where a field that is a string is kept.
func (p *Payload) text(f field) *string {
	switch f {
	case fieldType:
		return &p.Type
	case fieldName:
		return &p.Name
	case fieldWhat:
		return &p.What
	case fieldDetail:
		return &p.Detail
	case fieldRecord:
		return &p.Record
	case fieldBy:
		return &p.By
	case fieldClaim:
		return &p.Claim
	case fieldStatement:
		return &p.Statement
	case fieldSource:
		return &p.Source
	case fieldTier:
		return &p.Tier
	case fieldState:
		return &p.State
	case fieldWhy:
		return &p.Why
	case fieldChannel:
		return &p.Channel
	case fieldPolicy:
		return &p.Policy
	}
	panic("trace: field " + fieldNames[f] + " is not a string")
}

// integer is the value of a field that is a number.
func (p *Payload) integer(f field) int64 {
	switch f {
	case fieldSize:
		return p.Size
	case fieldN:
		return p.N
	case fieldCopies:
		return int64(p.Copies)
	case fieldCopy:
		return int64(p.Copy)
	case fieldStart:
		return int64(p.Start)
	case fieldArrive:
		return int64(p.Arrive)
	case fieldLatency:
		return int64(p.Latency)
	case fieldSkew:
		return int64(p.Skew)
	case fieldKept:
		return int64(p.Kept)
	case fieldIncarnation:
		return p.Incarnation
	case fieldMetric:
		return p.Metric
	case fieldSeqno:
		return p.Seqno
	case fieldSession:
		return int64(p.Session)
	case fieldHopsLeft:
		return p.HopsLeft
	case fieldRule:
		return p.Rule
	case fieldReconnects:
		return p.Reconnects
	case fieldIndex:
		return p.Index
	case fieldSegmentHops:
		return p.SegmentHops
	}
	panic("trace: field " + fieldNames[f] + " is not a number")
}

// setInteger sets a field that is a number.
func (p *Payload) setInteger(f field, v int64) {
	switch f {
	case fieldSize:
		p.Size = v
	case fieldN:
		p.N = v
	case fieldCopies:
		p.Copies = int32(v)
	case fieldCopy:
		p.Copy = int32(v)
	case fieldStart:
		p.Start = clock.Time(v)
	case fieldArrive:
		p.Arrive = clock.Time(v)
	case fieldLatency:
		p.Latency = time.Duration(v)
	case fieldSkew:
		p.Skew = time.Duration(v)
	case fieldKept:
		p.Kept = time.Duration(v)
	case fieldIncarnation:
		p.Incarnation = v
	case fieldMetric:
		p.Metric = v
	case fieldSeqno:
		p.Seqno = v
	case fieldSession:
		p.Session = uint64(v)
	case fieldHopsLeft:
		p.HopsLeft = v
	case fieldRule:
		p.Rule = v
	case fieldReconnects:
		p.Reconnects = v
	case fieldIndex:
		p.Index = v
	case fieldSegmentHops:
		p.SegmentHops = v
	default:
		panic("trace: field " + fieldNames[f] + " is not a number")
	}
}

// bits is the size of the integer that a field is kept in.
func (f field) bits() int {
	if f == fieldCopies || f == fieldCopy {
		return 32
	}
	return 64
}
