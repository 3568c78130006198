package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLineIndex(t *testing.T) {
	text := "\uFEFF# comment with = and [table]\n" + // 1
		"a = 1\n" + // 2
		"b.c = 'x # y' # z\n" + // 3
		"\"q u\".'v.w' = 1\n" + // 4
		"[t]\n" + // 5
		"long = \"\"\"\n" + // 6
		"[no]\n" + // 7
		"k = 1 \\\"\"\"\"\"\" # still = outside\n" + // 8
		"lit = '''\n" + // 9
		"k = 2'''\n" + // 10
		"list = [ # three = 3\n" + // 11
		"  1, \"]\",\n" + // 12
		"  { x = 1, y = [2,\n" + // 13
		"    3] },\n" + // 14
		"]\n" + // 15
		"after = { p.q = 1, r = { s = '}' } }\n" + // 16
		"[[e]]\n" + // 17
		"n = 1\r\n" + // 18
		"[e.sub]\n" + // 19
		"m = 1\n" + // 20
		"[[e]] # second\n" + // 21
		"[[e.f]]\n" + // 22
		"g = 1\n" + // 23
		"[ x . \"y\" ]\n" + // 24
		"z = 2025-01-01\n" // 25
	lines, _, problem := indexLines(text)
	require.Empty(t, problem)
	assert.Equal(t, lineIndex{
		"a": 2, "b": 3, "b.c": 3, `"q u"`: 4, `"q u"."v.w"`: 4,
		"t": 5, "t.long": 6, "t.lit": 9, "t.list": 11, "t.list[0]": 12, "t.list[1]": 12, "t.list[2]": 13,
		"t.list[2].x": 13, "t.list[2].y": 13, "t.list[2].y[1]": 14,
		"t.after": 16, "t.after.p": 16, "t.after.p.q": 16, "t.after.r": 16, "t.after.r.s": 16,
		"e": 17, "e[0]": 17, "e[0].n": 18, "e[0].sub": 19, "e[0].sub.m": 20,
		"e[1]": 21, "e[1].f": 22, "e[1].f[0]": 22, "e[1].f[0].g": 23,
		"x": 24, "x.y": 24, "x.y.z": 25,
	}, lines)
}

func TestLineIndexRefusesWhatIsTooDeep(t *testing.T) {
	for _, text := range []string{
		"a = 1\nb = " + strings.Repeat("[", 1<<20),
		"a = 1\nb = " + strings.Repeat("{ c = ", 1<<20),
		"a = 1\nb" + strings.Repeat(".c", 1<<20) + " = 1",
		"a = 1\n[b" + strings.Repeat(".c", 1<<20) + "]",
		"a = 1\n" + strings.Repeat("k", 1<<20) + " = 1",
	} {
		_, line, problem := indexLines(text)
		assert.NotEmpty(t, problem)
		assert.Equal(t, 2, line)
	}
}

// Every key that the TOML reader finds has a line, and the text of that line
// holds the key's last part.
func TestLineIndexFindsEveryKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		want := map[string]int{}
		line := 1
		put := func(text string) {
			b.WriteString(text + "\n")
			line += 1 + strings.Count(text, "\n")
		}
		junk := rapid.SampledFrom([]string{"", "# [x] = 1", "   ", "# \"\"\""})
		value := rapid.SampledFrom([]string{"1", `"a # b"`, "'c'", "[1,\n2]", "\"\"\"\nx = 1\n\"\"\"", "'''\n[y]'''", "{ i = 1, j = ['}', \"]\"] }", "2025-01-01T00:00:00Z"})
		for table := range rapid.IntRange(1, 5).Draw(t, "tables") {
			put(junk.Draw(t, "junk"))
			prefix := fmt.Sprintf("t%d", table)
			want[prefix] = line
			put("[" + prefix + "]")
			for key := range rapid.IntRange(0, 4).Draw(t, "keys") {
				put(junk.Draw(t, "junk"))
				name := fmt.Sprintf("k%d", key)
				want[prefix+"."+name] = line
				put(name + " = " + value.Draw(t, "value"))
			}
		}
		table, lines, _, problem := parseTOML(b.String())
		require.Empty(t, problem, b.String())
		for path, at := range want {
			assert.Equal(t, at, lines[path], "%s in\n%s", path, b.String())
		}
		assert.Len(t, table, strings.Count(b.String(), "\n[t"))
	})
}

func TestPaths(t *testing.T) {
	assert.Equal(t, "a.b", joinKey("a", "b"))
	assert.Equal(t, `a."b c"`, joinKey("a", "b c"))
	assert.Equal(t, `""`, joinKey("", ""))
	assert.Equal(t, "fault[0].groups", parentPath("fault[0].groups[1]"))
	assert.Equal(t, "fault[0]", parentPath("fault[0].groups"))
	assert.Equal(t, "fault", parentPath("fault[0]"))
	assert.Equal(t, "", parentPath("fault"))
}
