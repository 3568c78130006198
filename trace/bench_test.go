package trace

import (
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
