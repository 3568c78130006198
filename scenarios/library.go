package scenarios

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

const libraryDir = "library"

//go:embed library
var libraryFS embed.FS

// Entry is one built-in scenario.
type Entry struct {
	Name        string `json:"name"`
	Description string `json:"description"` // its first comment line
}

// Library lists the built-in scenarios by name.
func Library() []Entry {
	var entries []Entry
	for _, name := range libraryNames() {
		text, _ := builtin(name)
		entry := Entry{Name: name}
		if comment := leadingComment(string(text)); len(comment) > 0 {
			entry.Description = comment[0]
		}
		entries = append(entries, entry)
	}
	return entries
}

func libraryNames() []string {
	files, err := libraryFS.ReadDir(libraryDir)
	if err != nil {
		panic(fmt.Sprintf("scenarios: %v", err)) // it is part of the program
	}
	var names []string
	for _, file := range files {
		if name, ok := strings.CutSuffix(file.Name(), ".toml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// builtin is the text of a built-in scenario.
func builtin(name string) ([]byte, bool) {
	text, err := libraryFS.ReadFile(path.Join(libraryDir, name+".toml"))
	return text, err == nil
}
