package draw

import (
	"cmp"
	"strings"
)

// Natural orders names as people do: runs of digits by their number, n2 before n10.
func Natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		p, q := digits(x), digits(y)
		c := cmp.Compare(x[0], y[0])
		if p > 0 && q > 0 {
			m, n := strings.TrimLeft(x[:p], "0"), strings.TrimLeft(y[:q], "0")
			c = cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n))
		} else {
			p, q = 1, 1
		}
		if c != 0 {
			return c
		}
		x, y = x[p:], y[q:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits is how many digits a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
