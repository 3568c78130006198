package planted

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	constant = regexp.MustCompile(`(?m)^\t([A-Z]\w*)$`)
	hook     = regexp.MustCompile(`planted\.Bug [=!]= planted\.(\w+)`)
	upper    = regexp.MustCompile(`([a-z])([A-Z])`)
)

// Every constant has a row of its own name, and every row one hook, in its package.
func TestRowsAreTheBugsThatStandInTheCode(t *testing.T) {
	text, err := os.ReadFile("planted.go")
	require.NoError(t, err)
	block, _, _ := strings.Cut(string(text), "\tcount\n")
	var names []string
	for _, m := range constant.FindAllStringSubmatch(block, -1) {
		names = append(names, strings.ToLower(upper.ReplaceAllString(m[1], "${1}_$2")))
	}
	require.Equal(t, names, Names())
	hooks := map[string][]string{} // packages by bug
	for _, dir := range []string{"sim", "trace", "netmodel", "trust", "rtt", "mesh", "scenarios/world"} {
		files, err := filepath.Glob("../../" + dir + "/*.go")
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, m := range hook.FindAllStringSubmatch(string(text), -1) {
				name := strings.ToLower(upper.ReplaceAllString(m[1], "${1}_$2"))
				hooks[name] = append(hooks[name], dir)
			}
		}
	}
	for _, r := range Rows() {
		assert.NotEmpty(t, r.Doc, r.Name)
		assert.Equal(t, []string{r.Package}, hooks[r.Name], r.Name)
		delete(hooks, r.Name)
	}
	assert.Empty(t, hooks, "hooks without a row")
}

func TestNamed(t *testing.T) {
	for i, r := range Rows() {
		k, ok := named(r.Name)
		assert.True(t, ok)
		assert.Equal(t, Kind(i+1), k)
	}
	k, ok := named("")
	assert.True(t, ok)
	assert.Equal(t, None, k)
	_, ok = named("hop_limits")
	assert.False(t, ok)
}

// What must differ from one call to the next does.
func TestPlantedChance(t *testing.T) {
	assert.NotEqual(t, Counted(7), Counted(7))
	orders := map[string]bool{}
	for range 200 {
		order := MapOrder([]int{1, 2, 3, 4})
		assert.ElementsMatch(t, []int{1, 2, 3, 4}, order)
		orders[fmt.Sprint(order)] = true
	}
	assert.Greater(t, len(orders), 1)
}
