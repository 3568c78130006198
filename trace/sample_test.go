package trace

import (
	"time"

	"meshsim/clock"
	"meshsim/sim"
)

// sampleNames are the nodes of sampleEvent and of the streams built from it.
var sampleNames = []string{"n0", "n1", "n2", "n3", "a node with a long name", "n5"}

// sampleEvent is an event of a kind with something in every field of its row and
// nothing in the others.
func sampleEvent(k Kind, seq uint64) Event {
	e := Event{Kind: k, T: 1234567891, Node: 3, Peer: 1, Seq: seq, Cause: seq - 1, Because: []uint64{1, 2}}
	for _, f := range kinds[k].fields {
		setSample(&e, f)
	}
	return e
}

func setSample(e *Event, f field) {
	switch f {
	case fieldID:
		e.ID = EnvelopeID{0x0f, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 0xff}
	case fieldType:
		e.Type = "MESH_HELLO"
	case fieldControl:
		e.Control = true
	case fieldOrigin:
		e.Origin = 2
	case fieldDestination:
		e.Destination = sim.Everyone
	case fieldPath:
		e.Path = []sim.NodeID{2, 4, 1, 0, 3}
	case fieldHops:
	case fieldFlow:
		e.Flow = Flow{Name: "t1"}
	case fieldInjected:
		e.Injected = true
	case fieldReason:
		e.Reason = QueueFull
	case fieldLayer:
		e.Layer = Wire
	case fieldName:
		e.Name = "split"
	case fieldWhat:
		e.What = "partition"
	case fieldDetail:
		e.Detail = "in words"
	case fieldLose:
		e.Lose = LoseState
	case fieldMisdeed:
		e.Misdeed = Delayed
	case fieldNext:
		e.Next = 5
	case fieldFrom:
		e.From = 1
	case fieldTo:
		e.To = 2
	case fieldEvent:
		e.Evidence = 3
	case fieldRecord:
		e.Record = "r1"
	case fieldBy:
		e.By = "quorum"
	case fieldVoices:
		e.Voices = []sim.NodeID{0, 2}
	case fieldSubject:
		e.Subject = 4
	case fieldClaim:
		e.Claim = "c1"
	case fieldStatement:
		e.Statement = "f1"
	case fieldHolds:
		e.Holds = true
	case fieldSource:
		e.Source = "https://x"
	case fieldTier:
		e.Tier = "medium"
	case fieldState:
		e.State = "accepted"
	case fieldWhy:
		e.Why = "heartbeat_timeout"
	case fieldChannel:
		e.Channel = "knowledge"
	case fieldPolicy:
		e.Policy = "drop_oldest"
	default:
		v := int64(0)
		for _, c := range []byte(fieldNames[f]) {
			v = v*31%1_000_003 + int64(c)
		}
		e.setInteger(f, v)
	}
}

// mutations are, per field, the smallest changes that a digest and a trace must show.
var mutations = [fieldCount][]func(*Event){
	fieldID: {
		func(e *Event) { e.ID[0] ^= 1 },
		func(e *Event) { e.ID[15] ^= 0x80 },
	},
	fieldType:        {func(e *Event) { e.Type += "2" }, func(e *Event) { e.Type = "" }},
	fieldControl:     {func(e *Event) { e.Control = !e.Control }},
	fieldOrigin:      {func(e *Event) { e.Origin = 0 }, func(e *Event) { e.Origin = sim.NoNode }},
	fieldDestination: {func(e *Event) { e.Destination = 4 }},
	fieldPath: {
		func(e *Event) { e.Path = append([]sim.NodeID{5}, e.Path[1:]...) },
		func(e *Event) { e.Path = e.Path[:4] },
		func(e *Event) { e.Path = []sim.NodeID{2, 4, 0, 1, 3} },
	},
	fieldHops: nil, // follows from path
	fieldSize: {addTo(fieldSize)},
	fieldFlow: {
		func(e *Event) { e.Flow.Name = "t2" },
		func(e *Event) { e.Flow = Flow{} },
		func(e *Event) { e.Flow = Flow{Name: "1", IsRow: true} },
	},
	fieldN:           {addTo(fieldN)},
	fieldCopies:      {addTo(fieldCopies)},
	fieldCopy:        {addTo(fieldCopy)},
	fieldInjected:    {func(e *Event) { e.Injected = !e.Injected }},
	fieldStart:       {addTo(fieldStart)},
	fieldArrive:      {addTo(fieldArrive)},
	fieldLatency:     {addTo(fieldLatency)},
	fieldReason:      {func(e *Event) { e.Reason = Loss }},
	fieldLayer:       {func(e *Event) { e.Layer = Node }},
	fieldIncarnation: {addTo(fieldIncarnation)},
	fieldName:        {func(e *Event) { e.Name = "spli" }},
	fieldWhat:        {func(e *Event) { e.What = "link_down" }},
	fieldDetail:      {func(e *Event) { e.Detail = "in other words" }},
	fieldNext:        {func(e *Event) { e.Next = sim.NoNode }},
	fieldMetric:      {addTo(fieldMetric)},
	fieldSeqno:       {addTo(fieldSeqno)},
	fieldLose:        {func(e *Event) { e.Lose = LoseIdentity }, func(e *Event) { e.Lose = NoLose }},
	fieldSession:     {addTo(fieldSession)},
	fieldFrom:        {func(e *Event) { e.From = 0 }},
	fieldTo:          {func(e *Event) { e.To = 3 }},
	fieldEvent:       {func(e *Event) { e.Evidence = 0 }},
	fieldRecord:      {func(e *Event) { e.Record = "r2" }},
	fieldMisdeed:     {func(e *Event) { e.Misdeed = Altered }, func(e *Event) { e.Misdeed = NoMisdeed }},
	fieldKept:        {addTo(fieldKept)},
	fieldSkew:        {addTo(fieldSkew), func(e *Event) { e.Skew = 0 }, func(e *Event) { e.Skew = -e.Skew }},
	fieldBy:          {func(e *Event) { e.By = "local" }, func(e *Event) { e.By = "" }},
	fieldVoices: {
		func(e *Event) { e.Voices = nil },
		func(e *Event) { e.Voices = e.Voices[:1] },
		func(e *Event) { e.Voices = []sim.NodeID{2, 0} },
	},
	fieldSubject:   {func(e *Event) { e.Subject = 0 }, func(e *Event) { e.Subject = sim.NoNode }},
	fieldHopsLeft:  {addTo(fieldHopsLeft)},
	fieldClaim:     {func(e *Event) { e.Claim = "c2" }, func(e *Event) { e.Claim = "" }},
	fieldStatement: {func(e *Event) { e.Statement = "f2" }},
	fieldHolds:     {func(e *Event) { e.Holds = !e.Holds }},
	fieldSource:    {func(e *Event) { e.Source = "" }},
	fieldTier:      {func(e *Event) { e.Tier = "high" }},
	fieldState:     {func(e *Event) { e.State = "rejected" }},
	fieldRule:      {addTo(fieldRule)},

	fieldReconnects:  {addTo(fieldReconnects)},
	fieldWhy:         {func(e *Event) { e.Why = "peer" }, func(e *Event) { e.Why = "" }},
	fieldChannel:     {func(e *Event) { e.Channel = "state" }},
	fieldPolicy:      {func(e *Event) { e.Policy = "block" }},
	fieldIndex:       {addTo(fieldIndex)},
	fieldSegmentHops: {addTo(fieldSegmentHops)},
}

func addTo(f field) func(*Event) {
	return func(e *Event) { e.setInteger(f, e.integer(f)+1) }
}

// sampleRun has a few events of every kind up to last, numbered from 1.
func sampleRun(last Kind) []Event {
	var run []Event
	for round := range 3 {
		for k := NodeUp; k <= last; k++ {
			e := sampleEvent(k, uint64(len(run)+1))
			e.T = clock.Time(round) * 700_000_000
			run = append(run, e)
		}
	}
	return run
}

var sampleEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
