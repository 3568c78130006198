package rerun_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// Lines that are JSON but no event of this format are lost, like those that are not.
func TestImpossibleLinesAreForgiven(t *testing.T) {
	lines := record(t, load(t, cut), scenarios.Options{}, everything)
	last := len(lines) - 2
	for lines[last][:5] != `{"t":` {
		last--
	}
	for name, with := range map[string][2]string{
		"no JSON":         {`^`, `?`},
		"unknown type":    {`"event_type":"\w+"`, `"event_type":"route_painted"`},
		"negative t":      {`"t":`, `"t":-`},
		"overflowing seq": {`"seq":`, `"seq":99999999999999999999`},
		"another hops":    {`"hops":`, `"hops":9`},
		"neither":         {`^.*`, `{}`},
	} {
		for _, at := range [][]int{{lineOf(t, lines, "200")}, {lineOf(t, lines, "200"), lineOf(t, lines, "201")}, {last}} {
			damaged := slices.Clone(lines)
			for _, i := range at {
				damaged[i] = regexp.MustCompile(with[0]).ReplaceAllString(lines[i], with[1])
				require.NotEqual(t, lines[i], damaged[i], name)
			}
			for how, out := range map[string]*rerun.Replayed{
				"replay": replay(t, damaged), "diff": compare(t, lines, damaged), "the other way": compare(t, damaged, lines),
			} {
				assert.Equal(t, &rerun.Replayed{Same: true}, out, "%s at %d, %s", name, at, how)
			}
		}
	}
}

func TestATraceOfNothingButAHeader(t *testing.T) {
	lines := record(t, load(t, cut), scenarios.Options{}, everything)
	for _, nothing := range [][]string{lines[:1], {lines[0], "?\n", "{}\n"}} {
		_, err := rerun.Trace(reader(t, nothing), scenarios.Options{})
		assert.EqualError(t, err, "holds no event")
		_, err = rerun.Traces(reader(t, nothing), reader(t, lines))
		assert.EqualError(t, err, "the first trace holds no event")
		_, err = rerun.Traces(reader(t, lines), reader(t, nothing))
		assert.EqualError(t, err, "the second trace holds no event")
	}
	assert.True(t, replay(t, lines[:2]).Same, "one event is something")
	none := jitterTrace(t, "7", thin["no time"])
	end := lineWith(t, none, `{"end"`)
	assert.True(t, replay(t, none[:end]).Same, "so are checkpoints alone")
	assert.True(t, replay(t, []string{none[0], none[end]}).Same, "and the end alone")
}
