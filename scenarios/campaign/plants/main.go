// Command plants makes the table of planted bugs: for each of package planted, after
// how many drawn scenarios `meshsim fuzz` finds it, how small `meshsim shrink` makes
// the first failure, and what `meshsim explain` says of that.
//
//	go run ./scenarios/campaign/plants                                  # writes scenarios/campaign/PLANTED.md
//	go run ./scenarios/campaign/plants --only hop_limit,mtu --runs 50   # prints lines alone
//
// Exit status: 0 all that some run can show were found, 1 one was not.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meshsim/scenarios"
	"meshsim/scenarios/campaign"
	"meshsim/scenarios/outfile"
	"meshsim/scenarios/rerun"
	"meshsim/sim/planted"
)

const (
	file    = "scenarios/campaign/PLANTED.md"
	command = "go run ./scenarios/campaign/plants"
	patient = 10 * time.Minute // with one command
)

func main() {
	only := flag.String("only", "", "`NAMES` of the bugs to look for, with commas between; the table is not written")
	runs := flag.Int("runs", 2000, "most `N` scenarios to draw for a bug")
	attempts := flag.Int("attempts", 2000, "most `N` forms to try in making a failure small")
	flag.Parse()
	if err := plants(*only, *runs, *attempts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func plants(only string, runs, attempts int) error {
	rows, err := chosen(only)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "meshsim-plants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h := &hunt{program: filepath.Join(dir, "meshsim"), dir: dir, runs: runs, attempts: attempts}
	build := exec.Command("go", "build", "-tags", "planted", "-o", h.program, "./cmd/meshsim")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%w", text, err)
	}
	table := head(runs, attempts)
	var missed []string
	for _, row := range rows {
		began := time.Now()
		line, found, err := h.line(row)
		if err != nil { // told in its line, and all others are still to be looked for
			line, found = fmt.Sprintf("| %s | %s | – | – | – | – | – | %s |", row.Name, row.Doc, oneLine(err.Error())), false
		}
		if !found && row.Hidden == "" {
			missed = append(missed, row.Name)
		}
		table += line + "\n"
		fmt.Printf("%s  (%.0f s)\n", line, time.Since(began).Seconds())
	}
	if only == "" {
		err = outfile.Write(file, []byte(table))
	}
	if len(missed) > 0 {
		err = errors.Join(err, fmt.Errorf("not found in %d runs: %s", runs, strings.Join(missed, " ")))
	}
	return err
}

// chosen are the bugs with the given names, or all.
func chosen(only string) ([]planted.Row, error) {
	if only == "" {
		return planted.Rows(), nil
	}
	names := strings.Split(only, ",")
	for _, name := range names {
		if !slices.Contains(planted.Names(), name) {
			return nil, fmt.Errorf("--only %s: no such bug; allowed: %s", name, strings.Join(planted.Names(), " "))
		}
	}
	return slices.DeleteFunc(slices.Clone(planted.Rows()), func(r planted.Row) bool { return !slices.Contains(names, r.Name) }), nil
}

func head(runs, attempts int) string {
	return fmt.Sprintf(`# Planted bugs

Made by `+"`%s`"+`; do not edit. Each bug of [sim/planted](../../sim/planted/planted.go) is
looked for by `+"`meshsim fuzz --seed 1 --runs %d --fail-fast`"+`. Of the first failure `+"`meshsim shrink --attempts %d`"+` makes a small one,
and `+"`meshsim explain`"+` says why that fails. Runs to shrink are the forms tried. A bug that differs from run to run takes other numbers each time.

| bug | what is wrong | found by | runs to find | runs to shrink | nodes | faults | `+"`explain`"+` says first |
|---|---|---|---|---|---|---|---|
`, command, runs, attempts)
}

// hunt looks for bugs with a program that has them.
type hunt struct {
	program, dir   string
	runs, attempts int
}

// line is the table's line for a bug.
func (h *hunt) line(row planted.Row) (text string, found bool, err error) {
	begins := fmt.Sprintf("| %s | %s |", row.Name, row.Doc)
	if row.Hidden != "" {
		return fmt.Sprintf("%s – | – | – | – | – | %s |", begins, row.Hidden), false, nil
	}
	out := filepath.Join(h.dir, row.Name)
	var report campaign.Report
	if err := h.ask(row, &report, "fuzz", "--seed", "1", "--runs", fmt.Sprint(h.runs), "--fail-fast", "--attempts", "1", "--out", out); err != nil {
		return "", false, err
	}
	if len(report.Signatures) == 0 {
		return fmt.Sprintf("%s – | – | – | – | – | %d runs show nothing |", begins, report.Runs), false, nil
	}
	first := report.Signatures[0]
	begins += fmt.Sprintf(" %s | %d |", first.Signature, first.Seeds[0])
	var shrunk struct {
		File, TOML string
		Attempts   int
	}
	if err := h.ask(row, &shrunk, "shrink", first.File, "--attempts", fmt.Sprint(h.attempts), "--out", out); err != nil {
		return "", false, err
	}
	small, err := scenarios.LoadBytes([]byte(shrunk.TOML), shrunk.File)
	if err != nil {
		return "", false, err
	}
	mesh, err := small.Mesh()
	if err != nil {
		return "", false, err
	}
	var why struct {
		rerun.Explanation
		Errors []struct{ Message string } // of a crash, which is all there is to say
	}
	if err := h.ask(row, &why, "explain", shrunk.File); err != nil {
		return "", false, err
	}
	if len(why.Errors) > 0 {
		why.Question, why.Answer = "it crashes", []string{strings.SplitN(why.Errors[0].Message, "\n", 2)[0]}
	}
	says := why.Question + ": " + why.Answer[0]
	if len(why.Answer) > 1 && !strings.HasPrefix(string(first.Signature), "oracle ") {
		says += "; " + why.Answer[1] // of an oracle it is what holds of every run
	}
	return fmt.Sprintf("%s %d | %d | %d | %s |", begins, shrunk.Attempts, len(mesh.Nodes), len(small.Faults), oneLine(says)), true, nil
}

// oneLine is text for a cell of the table.
func oneLine(text string) string { return strings.NewReplacer("|", "¦", "\n", " ").Replace(text) }

// ask runs a command of the program with a bug, and reads the document that it prints.
func (h *hunt) ask(row planted.Row, document any, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.program, append(args, "--json")...)
	cmd.Env = append(os.Environ(), planted.Variable+"="+row.Name)
	stdout, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if cmd.ProcessState.ExitCode() == 2 {
		return fmt.Errorf("meshsim %s: %s", strings.Join(args, " "), stdout)
	}
	return json.Unmarshal(stdout, document)
}
