package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A scenario's hash knows its files by what is in them, wherever they lie, and
// does not know its comment.
func TestSHA256IdentifiesWhatRuns(t *testing.T) {
	s, err := Load(nil, "flood-abilene")
	require.NoError(t, err)
	want, err := s.sha256()
	require.NoError(t, err)
	whole, err := s.SelfContained()
	require.NoError(t, err)
	whole.Comment = nil
	whole.Record = &Record{Engine: Engine}
	got, err := whole.sha256()
	require.NoError(t, err)
	require.Equal(t, want, got)

	whole.Files["abilene.csv"] = pack([]byte("source,target,latency\nAtlanta,Houston,1ms\n"))
	got, err = whole.sha256()
	require.NoError(t, err)
	require.NotEqual(t, want, got, "another file")
	s.Seed++
	got, err = s.sha256()
	require.NoError(t, err)
	require.NotEqual(t, want, got, "another seed")
}
