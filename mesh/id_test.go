package mesh

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNewIDTakesTheFirst122Bits(t *testing.T) {
	for _, c := range []struct {
		block [4]uint64
		want  string
	}{
		{[4]uint64{}, "00000000-0000-4000-8000-000000000000"},
		{[4]uint64{^uint64(0), ^uint64(0), 0, 0}, "ffffffff-ffff-4fff-bfff-ffffffffffff"},
		{[4]uint64{0x0011223344556677, 0x8899aabbccddeeff, 1, 2}, "00112233-4455-4677-8899-aabbccddeeff"},
	} {
		assert.Equal(t, c.want, NewID(c.block).String())
	}
}

func TestParseIDReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := NewID([4]uint64{rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")})
		got, err := ParseID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, got)
	})
}

func TestParseIDRefuses(t *testing.T) {
	const good = "00112233-4455-4677-8899-aabbccddeeff"
	_, err := ParseID(good)
	require.NoError(t, err)
	for name, bad := range map[string]string{
		"empty":      "",
		"upper case": strings.ToUpper(good),
		"version 1":  "00112233-4455-1677-8899-aabbccddeeff",
		"variant":    "00112233-4455-4677-c899-aabbccddeeff",
		"no hyphens": strings.ReplaceAll(good, "-", ""),
		"hyphen off": "0011223-34455-4677-8899-aabbccddeeff",
		"not hex":    "g0112233-4455-4677-8899-aabbccddeeff",
		"too long":   good + "0",
		"braces":     "{" + good + "}",
	} {
		_, err := ParseID(bad)
		assert.ErrorContains(t, err, "is not the id of an envelope", name)
	}
}
