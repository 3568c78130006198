package trace

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"meshsim/sim"
)

func BenchmarkDigestEmit(b *testing.B) {
	d := NewDigest(sampleNames)
	e := sampleEvent(EnvelopeTransmitted, 1)
	e.Path = []sim.NodeID{2, 5, 1, 0, 3}
	b.ReportAllocs()
	for b.Loop() {
		d.Emit(&e)
	}
}

func BenchmarkWriterEmit(b *testing.B) {
	w, err := NewWriter(io.Discard, sampleNames, Header{Epoch: sampleEpoch}, Filter{Level: LevelAll})
	require.NoError(b, err)
	e := sampleEvent(EnvelopeTransmitted, 1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		e.T += 12345
		w.Emit(&e)
	}
}

// BenchmarkReader reads a trace of a thousand events, checking its digest.
func BenchmarkReader(b *testing.B) {
	var events []Event
	for seq := range uint64(1000) {
		events = append(events, sampleEvent(EnvelopeTransmitted, seq+1))
	}
	data := traceOf(b, sampleNames, Header{Epoch: sampleEpoch}, Filter{Level: LevelAll}, events)
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(data))
		require.NoError(b, err)
		for range events {
			_, err := r.Next()
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/line")
}
