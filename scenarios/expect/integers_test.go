package expect

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLargeIntegerLiteralsBecomeDoubles(t *testing.T) {
	for text, want := range map[string]string{
		"a == 2147483647":                "a == 2147483647",
		"a == 2147483648":                "a == 2147483648.0",
		"a == 10459135542805 && b < -5":  "a == 10459135542805.0 && b < -5",
		"a < -9_000_000_000 || a > 1e12": "a < -9_000_000_000.0 || a > 1e12",
		"n99999999999 == '99999999999'":  "n99999999999 == '99999999999'",
		"é == 3000000000 ":               "é == 3000000000.0 ",
		"'unclosed 3000000000":           "'unclosed 3000000000",
	} {
		assert.Equal(t, want, portable(text))
	}
}
