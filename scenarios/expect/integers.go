package expect

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// portable writes integer literals from 2³¹ on as doubles, which all numbers
// become anyway: the library reads an integer into an int, and would refuse on a
// 32-bit machine what it takes on another. A text that it can't read is left for
// it to refuse.
func portable(text string) string {
	tokens, err := lexer.Lex(file.NewSource(text))
	if err != nil {
		return text
	}
	var b strings.Builder
	runes, done := []rune(text), 0
	for _, t := range tokens {
		if t.Kind != lexer.Number {
			continue
		}
		if n, err := strconv.ParseInt(strings.ReplaceAll(t.Value, "_", ""), 10, 64); err == nil && n >= 1<<31 {
			b.WriteString(string(runes[done:t.To]) + ".0")
			done = t.To
		}
	}
	b.WriteString(string(runes[done:]))
	return b.String()
}
