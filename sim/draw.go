package sim

import (
	"math/bits"

	"github.com/zeebo/xxh3"
)

// Seed is the seed of a run, 0 … 2⁵³−1. All chance of a run comes from it.
type Seed uint64

// MaxSeed is the largest seed: every JSON reader keeps integers to there.
const MaxSeed Seed = 1<<53 - 1

// Key names a message in draws: whose counter it is, and its number there. It
// depends on nothing that other messages do.
type Key struct {
	Source uint64 // Hash of a path such as message/n3/traffic/t1
	N      uint64 // that source's own counter; a message taken out keeps its number
}

// Hash maps a path such as "link/n3->n7/loss" or "message/n3/traffic/t1" to the 64 bits
// by which draws know it: XXH3-64 without a seed over its UTF-8 bytes.
func Hash(path string) uint64 { return xxh3.HashString(path) }

// Stream is one place where chance enters a run, such as link/n3->n7/loss. It
// holds no state: the same question always has the same answer.
type Stream struct{ seed, path uint64 }

// Stream returns the stream of a path under this seed.
func (s Seed) Stream(path string) Stream { return Stream{uint64(s), Hash(path)} }

// Draw returns 64 uniform bits for a message and copy number: the first word of
// Block 0.
func (s Stream) Draw(k Key, copy uint32) uint64 { return s.Block(k, copy, 0)[0] }

// Block returns 256 uniform bits: Philox4x64-10 (Salmon, Moraes, Dror, Shaw:
// "Parallel random numbers: as easy as 1, 2, 3", SC'11) under the key
// (seed, path hash) of the counter (source, n, copy, block). Being a bijection of
// the counter, it cannot make two messages of a stream share a draw by chance.
func (s Stream) Block(k Key, copy, block uint32) [4]uint64 {
	return philox4x64([4]uint64{k.Source, k.N, uint64(copy), uint64(block)}, [2]uint64{s.seed, s.path})
}

// Multipliers and Weyl increments of Philox4x64, from the paper's table 2.
const (
	philoxM0 = 0xD2E7470EE14C6C93
	philoxM1 = 0xCA5A826395121157
	philoxW0 = 0x9E3779B97F4A7C15
	philoxW1 = 0xBB67AE8584CAA73B

	philoxRounds = 10
)

func philox4x64(c [4]uint64, k [2]uint64) [4]uint64 {
	for range philoxRounds {
		hi0, lo0 := bits.Mul64(philoxM0, c[0])
		hi1, lo1 := bits.Mul64(philoxM1, c[2])
		c = [4]uint64{hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0}
		k[0] += philoxW0
		k[1] += philoxW1
	}
	return c
}
