package sim

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The known answers that Random123 publishes for Philox4x64-10.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = math.MaxUint64
	tests := []struct {
		counter [4]uint64
		key     [2]uint64
		want    [4]uint64
	}{
		{
			[4]uint64{}, [2]uint64{},
			[4]uint64{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b},
		},
		{
			[4]uint64{ones, ones, ones, ones}, [2]uint64{ones, ones},
			[4]uint64{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0},
		},
		{
			[4]uint64{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
			[2]uint64{0x452821e638d01377, 0xbe5466cf34e90c6c},
			[4]uint64{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6},
		},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, philox4x64(tt.counter, tt.key))
	}
}

// The first is the empty string's vector of the XXH3 specification.
func TestHashGolden(t *testing.T) {
	tests := []struct {
		path string
		want uint64
	}{
		{"", 0x2d06800538d394c2},
		{"link/n3->n7/loss", 0x30ffaec2d4fbe076},
		{"message/n3/t1", 0x1935b5c57c8008f5},
		{"knoten/ä", 0x7dec60396a8c4571},
	}
	for _, tt := range tests {
		require.Equal(t, fmt.Sprintf("%#x", tt.want), fmt.Sprintf("%#x", Hash(tt.path)), tt.path)
	}
}

// Where in the cipher seed, path, key, copy and block stand. Every recorded seed
// depends on these never changing.
func TestDrawGolden(t *testing.T) {
	message := Key{Source: Hash("message/n3/t1"), N: 12}
	tests := []struct {
		seed  Seed
		path  string
		key   Key
		copy  uint32
		block uint32
		want  uint64
	}{
		{0, "", Key{}, 0, 0, 0xd6d55801160389f8},
		{1, "link/n3->n7/loss", message, 0, 0, 0x112893cece091aec},
		{2, "link/n3->n7/loss", message, 0, 0, 0xd47e11c74ca34f89},
		{1, "link/n3->n7/latency", message, 0, 0, 0x601652977d3b7ff7},
		{1, "link/n3->n7/loss", Key{Source: Hash("message/n3/t2"), N: 12}, 0, 0, 0x8938ca37269af771},
		{1, "link/n3->n7/loss", Key{Source: message.Source, N: 13}, 0, 0, 0x17ee408b2d5897d0},
		{1, "link/n3->n7/loss", message, 1, 0, 0x4094fc951b0ce743},
		{1, "link/n3->n7/loss", message, 0, 1, 0xb3b811456d43a062},
		{MaxSeed, "topology/n3-n7", Key{math.MaxUint64, math.MaxUint64}, math.MaxUint32, math.MaxUint32, 0xd554d5dce61376c2},
	}
	for _, tt := range tests {
		s := tt.seed.Stream(tt.path)
		words := s.Block(tt.key, tt.copy, tt.block)
		require.Equal(t, fmt.Sprintf("%#x", tt.want), fmt.Sprintf("%#x", words[0]), "%+v", tt)
		if tt.block == 0 {
			require.Equal(t, words[0], s.Draw(tt.key, tt.copy), "%+v", tt)
		}
	}
}

// Draws along each coordinate, alone and beside their neighbour, must look like
// independent uniform numbers: chi-square over 16 × 16 cells, within 4 standard
// deviations of its mean.
func TestDrawsAreIndependent(t *testing.T) {
	base := Key{Source: Hash("message/n0/t1")}
	stream := Seed(1).Stream("link/n0->n1/loss")
	tests := map[string]func(i uint64) uint64{
		"seed":   func(i uint64) uint64 { return Seed(i).Stream("link/n0->n1/loss").Draw(base, 0) },
		"path":   func(i uint64) uint64 { return Seed(1).Stream(fmt.Sprintf("link/n0->n%d/loss", i)).Draw(base, 0) },
		"source": func(i uint64) uint64 { return stream.Draw(Key{Source: Hash(fmt.Sprintf("message/n%d/t1", i))}, 0) },
		"number": func(i uint64) uint64 { return stream.Draw(Key{base.Source, i}, 0) },
		"copy":   func(i uint64) uint64 { return stream.Draw(base, uint32(i)) },
		"block":  func(i uint64) uint64 { return stream.Block(base, 0, uint32(i))[0] },
		"word":   func(i uint64) uint64 { return stream.Block(base, 0, uint32(i/4))[i%4] },
	}
	const n, cells = 100_000, 256
	for name, draw := range tests {
		for _, shift := range []int{60, 30, 0} { // high, middle and low bits
			var count [cells]float64
			for i := range uint64(n) {
				a, b := draw(i)>>shift&15, draw(i+1)>>shift&15
				count[a<<4|b]++
			}
			var chi float64
			for _, c := range count {
				chi += (c - n/cells) * (c - n/cells) / (n / cells)
			}
			const freedom = cells - 1
			require.InDelta(t, freedom, chi, 4*math.Sqrt(2*freedom), "%s, bits from %d", name, shift)
		}
	}
}

// Loss, latency and duplication of one message are separate streams.
func TestStreamsOfOneMessageAreIndependent(t *testing.T) {
	a, b := Seed(1).Stream("link/n0->n1/loss"), Seed(1).Stream("link/n0->n1/latency")
	const n = 100_000
	both := 0
	for i := range uint64(n) {
		k := Key{N: i}
		if (One / 2).Hit(a.Draw(k, 0)) && (One / 2).Hit(b.Draw(k, 0)) {
			both++
		}
	}
	require.InDelta(t, 0.25, float64(both)/n, 4*math.Sqrt(0.25*0.75/n))
}
