package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A loss that a profile replaces is told, one that it does not is not.
func TestLintOfProfiles(t *testing.T) {
	files := fstest.MapFS{
		"both.csv": {Data: []byte("time,latency,loss,bandwidth\n0s,5ms,0%,1Mbit/s\n")},
		"bare.csv": {Data: []byte("time,latency\n0s,5ms\n")},
		"s.toml":   {},
	}
	for link, want := range map[string][]string{
		"latency = { profile = { file = \"both.csv\" } }\nloss = \"50%\"\nbandwidth = \"2Mbit/s\"": {
			`s.toml:8: warning: link.loss = "50%": is not used: the profile of its latency has a column loss`,
			`s.toml:9: warning: link.bandwidth = "2Mbit/s": is not used: the profile of its latency has a column bandwidth`,
		},
		"latency = { profile = { file = \"bare.csv\" } }\nloss = \"50%\"": nil,
		"[[links]]\nbetween = [\"n0\", \"n1\"]\nlatency = { profile = { file = \"both.csv\" } }\nloss = \"3%\"": {
			`s.toml:10: warning: links[0].loss = "3%": is not used: the profile of its latency has a column loss`,
		},
	} {
		files["s.toml"].Data = []byte("version = 1\nduration = \"1s\"\n[topology]\nkind = \"line\"\nnodes = 2\n[link]\n" + link + "\n[[traffic]]\nrate = \"10/s\"\n")
		s, err := Load(files, "s.toml")
		require.NoError(t, err)
		var got []string
		for _, w := range s.Warnings() {
			got = append(got, w.String())
		}
		assert.Equal(t, want, got, link)
	}
}
