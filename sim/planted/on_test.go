//go:build planted

package planted

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The environment names the bug when a program starts; what is no bug ends it.
func TestTheEnvironmentNamesTheBug(t *testing.T) {
	const asked = "MESHSIM_PLANTED_TEST"
	if want, ok := os.LookupEnv(asked); ok {
		assert.Equal(t, want, rows[Bug].Name)
		return
	}
	for name, status := range map[string]int{"": 0, "hop_limit": 0, "stale_timer": 0, "hop_limits": 2} {
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), Variable+"="+name, asked+"="+name)
		text, err := cmd.CombinedOutput()
		require.Equal(t, status, cmd.ProcessState.ExitCode(), "%v: %s", err, text)
		if status == 2 {
			assert.Equal(t, "MESHSIM_PLANTED=hop_limits: no such bug; allowed: "+strings.Join(Names(), " ")+"\n", string(text))
		}
	}
}
