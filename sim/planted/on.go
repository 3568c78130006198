//go:build planted

package planted

import (
	"fmt"
	"os"
	"strings"
)

// Bug is the bug that is in the program: the one that the environment names when it
// starts, or none.
var Bug = chosen(os.Getenv(Variable))

func chosen(name string) Kind {
	k, ok := named(name)
	if !ok {
		fmt.Fprintf(os.Stderr, "%s=%s: no such bug; allowed: %s\n", Variable, name, strings.Join(Names(), " "))
		os.Exit(2)
	}
	return k
}
