package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsTroubledIsShown(t *testing.T) {
	assert.Regexp(t, `n1 +paused +\d+ +0 +31 `, meshsim("inspect", "pause-backlog", "--at", "4s").stdout)
	assert.Regexp(t, `n1: paused, \d+ copies arriving, 0 kept, 31 waiting, 0 at links, 0 timers`, meshsim("inspect", "pause-backlog", "--at", "4s", "--node", "n1").stdout)
	assert.Contains(t, meshsim("inspect", "clock-ahead", "--at", "10s", "--node", "n1", "--json").stdout, `"clock_ns":12001000000`)
	assert.Contains(t, meshsim("explain", "crash-restart", "--route", "a", "b", "--at", "6s").stdout, "b is down")
	told := meshsim("demo", "crash-restart").stdout
	assert.Contains(t, told, "b: node down\n")
	assert.Contains(t, told, "b: node up again, incarnation 5, having lost its identity\n")
}
