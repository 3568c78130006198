package trace

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"

	"meshsim/clock"
	"meshsim/sim"
)

func digestOf(events ...Event) string {
	d := NewDigest(sampleNames)
	for i := range events {
		d.Emit(&events[i])
	}
	return d.Sum()
}

// A changed field is seen if, and only if, the kind's row has it.
func TestDigestSeesEveryField(t *testing.T) {
	for _, k := range Kinds() {
		before := digestOf(sampleEvent(k, 1))
		for f, changes := range mutations {
			for i, change := range changes {
				e := sampleEvent(k, 1)
				setSample(&e, field(f))
				if !rowSets[k].has(field(f)) {
					assert.Equal(t, before, digestOf(e), "%v has no %s", k, fieldNames[f])
					continue
				}
				change(&e)
				assert.NotEqual(t, before, digestOf(e), "%v, change %d of %s", k, i, fieldNames[f])
			}
		}
	}
}

func TestMutationsCoverEveryField(t *testing.T) {
	for f, changes := range mutations {
		assert.Equal(t, field(f) == fieldHops, len(changes) == 0, fieldNames[f])
	}
}

func TestDigestSeesKindTimeAndPlace(t *testing.T) {
	before := digestOf(sampleEvent(LinkUp, 1))
	for name, change := range map[string]func(*Event){
		"kind":      func(e *Event) { e.Kind = LinkDown },
		"t":         func(e *Event) { e.T++ },
		"node":      func(e *Event) { e.Node = 4 },
		"node none": func(e *Event) { e.Node = sim.NoNode },
		"peer":      func(e *Event) { e.Peer = 0 },
		"peer none": func(e *Event) { e.Peer = sim.NoNode },
		"swapped":   func(e *Event) { e.Node, e.Peer = e.Peer, e.Node },
	} {
		e := sampleEvent(LinkUp, 1)
		change(&e)
		assert.NotEqual(t, before, digestOf(e), name)
	}
}

func TestDigestLeavesOutWhatIsNotTheRun(t *testing.T) {
	e := sampleEvent(EnvelopeSent, 7)
	before := digestOf(e)
	e.Seq, e.Cause, e.Because = 8, 3, nil
	assert.Equal(t, before, digestOf(e), "seq, cause and because are not recorded")

	outside := sampleEvent(ExpectationFailed, 0)
	assert.Equal(t, before, digestOf(outside, e, outside), "an event of seq 0 is outside the record")

	unasked := sampleEvent(EnvelopeSent, 7)
	unasked.Flow, unasked.N = Flow{}, 5
	counted := unasked
	counted.N = 6
	assert.Equal(t, digestOf(unasked), digestOf(counted), "without a flow there is no n")
}

func TestDigestSeesOrderAndNames(t *testing.T) {
	a, b := sampleEvent(NodeUp, 1), sampleEvent(LinkUp, 2)
	assert.NotEqual(t, digestOf(a, b), digestOf(b, a))
	assert.NotEqual(t, digestOf(a), digestOf(a, a))

	renamed := NewDigest([]string{"n0", "m1", "n2", "n3", "n4", "n5"})
	renamed.Emit(&a)
	assert.NotEqual(t, digestOf(a), renamed.Sum())
}

// The value may change only together with RecordVersion.
func TestDigestGolden(t *testing.T) {
	assert.Equal(t, 2, RecordVersion)
	assert.Equal(t, "4856a4043c1b2bc6394fe661e7c7c582", digestOf())
	run := sampleRun(ExpectationFailed)
	for i := range run {
		run[i].Lose, run[i].Skew, run[i].Misdeed = NoLose, 0, NoMisdeed
	}
	assert.Equal(t, "1aa5906e2c0c717e729ddd96d7023547", digestOf(run...), "kinds and fields added later must not change it")
}

func TestDigestIsTheSameHoweverTheRunIsCut(t *testing.T) {
	whole, cut := NewDigest(sampleNames), NewDigest(sampleNames)
	for round := range 400 {
		for _, e := range sampleRun(ExpectationFailed) {
			whole.Emit(&e)
			cut.Emit(&e)
			if round%7 == 0 {
				cut.Sum()
			}
		}
	}
	assert.Equal(t, whole.Sum(), cut.Sum())
	assert.Equal(t, whole.Sum(), whole.Sum(), "Sum takes nothing away")
}

func TestDigestCheckpoints(t *testing.T) {
	d := NewDigest(sampleNames)
	e := sampleEvent(NodeUp, 1)
	d.Emit(&e)
	first := d.Checkpoint(clock.Time(clock.Second))
	second := d.Checkpoint(clock.Time(2 * clock.Second))
	assert.Equal(t, Checkpoint{T: 1_000_000_000, Events: 1, Digest: digestOf(e)}, first)
	assert.Equal(t, Checkpoint{T: 2_000_000_000, Events: 1, Digest: digestOf(e)}, second)
	assert.Equal(t, []Checkpoint{first, second}, d.Checkpoints())
}

// A mark that begins a record would make two runs alike.
func TestNoRecordBeginsWithAMark(t *testing.T) {
	assert.Greater(t, int(NodeUp), ofOne)
	assert.Less(t, int(kindCount), ofVoices)
}

// naiveBeginning is what the digest is taken over before any event.
func naiveBeginning(names []string) *bytes.Buffer {
	var w bytes.Buffer
	_ = binary.Write(&w, binary.LittleEndian, []int64{RecordVersion, int64(len(names))})
	for _, name := range names {
		_ = binary.Write(&w, binary.LittleEndian, uint32(len(name)))
		w.WriteString(name)
	}
	return &w
}

// naiveRecord is the documented record, written with no thought of speed.
func naiveRecord(w *bytes.Buffer, e *Event) {
	put := func(v any) { _ = binary.Write(w, binary.LittleEndian, v) }
	text := func(s string) { put(uint32(len(s))); w.WriteString(s) }
	node := func(id sim.NodeID) { put(int32(id)) }
	put(uint8(e.Kind))
	put(int64(e.T))
	node(e.Node)
	node(e.Peer)
	values := map[field]func(){
		fieldID: func() { put(e.ID) }, fieldType: func() { text(e.Type) }, fieldControl: func() { put(e.Control) },
		fieldOrigin: func() { node(e.Origin) }, fieldDestination: func() { node(e.Destination) },
		fieldPath: func() {
			put(uint32(len(e.Path)))
			for _, id := range e.Path {
				node(id)
			}
		},
		fieldHops: func() {}, fieldSize: func() { put(e.Size) },
		fieldFlow: func() {
			if text(e.Flow.Name); e.Flow.Name != "" {
				put(e.Flow.IsRow)
			}
		},
		fieldN: func() {
			if e.Flow.Name != "" {
				put(e.N)
			}
		},
		fieldCopies: func() { put(int64(e.Copies)) }, fieldCopy: func() { put(int64(e.Copy)) }, fieldInjected: func() { put(e.Injected) },
		fieldStart: func() { put(int64(e.Start)) }, fieldArrive: func() { put(int64(e.Arrive)) }, fieldLatency: func() { put(int64(e.Latency)) },
		fieldReason: func() { text(reasonNames[e.Reason]) }, fieldLayer: func() { text(layerNames[e.Layer]) },
		fieldIncarnation: func() { put(e.Incarnation) }, fieldName: func() { text(e.Name) }, fieldWhat: func() { text(e.What) },
		fieldDetail: func() { text(e.Detail) }, fieldNext: func() { node(e.Next) }, fieldMetric: func() { put(e.Metric) }, fieldSeqno: func() { put(e.Seqno) },
		fieldLose: func() {
			if e.Lose != NoLose {
				put(uint8(0))
				text(loseNames[e.Lose])
			}
		},
		fieldBy: func() {
			if e.By != "" {
				put(uint8(0))
				text(e.By)
			}
		},
		fieldVoices: func() {
			if len(e.Voices) > 0 {
				put(uint8(255))
				put(uint32(len(e.Voices)))
				for _, id := range e.Voices {
					node(id)
				}
			}
		},
		fieldSubject: func() { node(e.Subject) }, fieldHopsLeft: func() { put(e.HopsLeft) }, fieldRule: func() { put(e.Rule) },
		fieldClaim: func() { text(e.Claim) }, fieldStatement: func() { text(e.Statement) }, fieldHolds: func() { put(e.Holds) },
		fieldSource: func() { text(e.Source) }, fieldTier: func() { text(e.Tier) }, fieldState: func() { text(e.State) },
		fieldWhy: func() { text(e.Why) }, fieldChannel: func() { text(e.Channel) }, fieldPolicy: func() { text(e.Policy) },
		fieldReconnects: func() { put(e.Reconnects) }, fieldIndex: func() { put(e.Index) }, fieldSegmentHops: func() { put(e.SegmentHops) },
		fieldSession: func() { put(e.Session) }, fieldRecord: func() { text(e.Record) },
		fieldFrom: func() { text(trustNames[e.From]) }, fieldTo: func() { text(trustNames[e.To]) }, fieldEvent: func() { text(evidenceNames[e.Evidence]) },
		fieldMisdeed: func() {
			if e.Misdeed != NoMisdeed {
				put(uint8(0))
				text(misdeedNames[e.Misdeed])
			}
		},
		fieldKept: func() {
			if e.Misdeed == Delayed {
				put(int64(e.Kept))
			}
		},
		fieldSkew: func() {
			if e.Skew != 0 {
				put(uint8(0))
				put(int64(e.Skew))
			}
		},
	}
	for _, f := range kinds[e.Kind].fields {
		values[f]()
	}
}

func TestDigestAgreesWithItsDocumentation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := drawNames(t)
		events := rapid.SliceOfN(genEvent(len(names)), 0, 200).Draw(t, "events")
		d := NewDigest(names)
		record := naiveBeginning(names)
		for i := range events {
			d.Emit(&events[i])
			if events[i].Seq != 0 {
				naiveRecord(record, &events[i])
			}
		}
		want := xxh3.Hash128(record.Bytes()).Bytes()
		require.Equal(t, hex.EncodeToString(want[:]), d.Sum())
	})
}

func TestDigestEmitDoesNotAllocate(t *testing.T) {
	d := NewDigest(sampleNames)
	for _, k := range Kinds() {
		e := sampleEvent(k, 1)
		allocs := testing.AllocsPerRun(2000, func() { d.Emit(&e) })
		assert.Zero(t, allocs, fmt.Sprint(k))
	}
}

// What is written in place is, wherever it starts, the record that the table of
// kinds makes.
func TestDigestWritesEnvelopesAsTheTableHasThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := drawNames(t)
		d := NewDigest(names)
		e := genEvent(len(names)).Filter(func(e Event) bool { return e.Kind.OfEnvelope() }).Draw(t, "event")
		if rapid.Bool().Draw(t, "much") {
			e.Type += strings.Repeat("y", rapid.IntRange(0, digestBatch).Draw(t, "more"))
			e.Path = append(e.Path, slices.Repeat([]sim.NodeID{0}, rapid.IntRange(0, 255).Draw(t, "hops"))...)
		}
		want := appendRecord(nil, &e)
		if !fits(&e) {
			return
		}
		buf, start := d.buf[:2*digestBatch], rapid.IntRange(0, digestBatch-1).Draw(t, "start")
		for i := range buf {
			buf[i] = 0xa5
		}
		d.n = uint16(start)
		d.inPlace(&e)
		end := start + len(want)
		require.Equal(t, want, buf[start:end])
		require.Equal(t, bytes.Repeat([]byte{0xa5}, start), buf[:start])
		if end >= digestBatch {
			end = 0 // hashed
		}
		require.Equal(t, end, int(d.n))
	})
}

// A short string is written by parts, which meet or overlap.
func TestDigestWritesStringsOfAnyLength(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	for n := range len(letters) + 1 {
		buf := new(recordBuf)
		end := putString(buf, 7, letters[:n])
		assert.Equal(t, appendRecordString(nil, letters[:n]), buf[7:end], "%d bytes", n)
		assert.Equal(t, make([]byte, 7), buf[:7], "%d bytes", n)
	}
}

// Events of the usual size are written in place.
func TestDigestWritesMostEnvelopesInPlace(t *testing.T) {
	for k := EnvelopeSent; k <= EnvelopeDropped; k++ {
		e := sampleEvent(k, 1)
		e.Path = make([]sim.NodeID, 100)
		assert.True(t, fits(&e), fmt.Sprint(k))
	}
}

// A name or a type may be longer than anything that is gathered.
func TestDigestOfLongRecords(t *testing.T) {
	for _, size := range []int{digestBatch - 300, digestBatch - 100, digestBatch, 2 * digestBatch, 3*digestBatch + 1, 1<<16 - 300, 1 << 16, 1 << 17} {
		names := []string{"n0", strings.Repeat("n", size)}
		d := NewDigest(names)
		record := naiveBeginning(names)
		for i := range 20 {
			e := sampleEvent(EnvelopeSent, uint64(i+1))
			e.Node, e.Peer, e.Origin, e.Path = 0, 0, 0, []sim.NodeID{0}
			switch i % 5 {
			case 1:
				e.Type = strings.Repeat("t", size)
			case 2:
				e.Origin = 1
			case 3:
				e = sampleEvent(FaultBegin, uint64(i+1))
				e.Node, e.Peer, e.Name = 0, sim.NoNode, strings.Repeat("f", size)
			}
			d.Emit(&e)
			naiveRecord(record, &e)
		}
		want := xxh3.Hash128(record.Bytes()).Bytes()
		assert.Equal(t, hex.EncodeToString(want[:]), d.Sum(), "%d bytes", size)
	}
}
