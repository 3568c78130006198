package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"meshsim/scenarios"
	"meshsim/scenarios/rerun"
)

// Exit statuses.
const (
	exitPassed           = 0
	exitFailed           = 1
	exitBadInput         = 2
	exitNotDeterministic = 3
	exitVacuous          = 4
	exitInternal         = 5
	exitInterrupted      = 130
)

// gravest first: when several statuses apply, the first of them is returned.
var gravest = []int{exitInterrupted, exitInternal, exitNotDeterministic, exitBadInput, exitFailed, exitVacuous, exitPassed}

// settle notes that an exit status applies. It does not end anything.
func (a *app) settle(status int) {
	if slices.Index(gravest, status) < slices.Index(gravest, a.status) {
		a.status = status
	}
}

// finish reports what went wrong, if anything did, and returns the exit status.
func (a *app) finish(err error) int {
	problems := problemsOf(err)
	var bug *scenarios.Crash
	switch {
	case errors.As(err, &bug):
		a.settle(exitInternal)
		problems = scenarios.Errors{{Message: a.crashText(bug)}}
	case errors.Is(err, rerun.ErrInterrupted):
		a.settle(exitInterrupted)
	case len(problems) > 0:
		a.settle(exitBadInput)
	default:
		return a.status
	}
	for _, p := range slices.Compact(problems) { // a full disk is met twice: by the writer and at the end
		line := p.String()
		if p.File == "" {
			line = "meshsim: " + line
		}
		fmt.Fprintln(a.err, line)
	}
	if a.json {
		_ = a.printJSON(refused{Errors: problems}) // the status says the same
	}
	return a.status
}

// refused is the document of a verb that could not do its work.
type refused struct {
	OK     bool             `json:"ok"`
	Errors scenarios.Errors `json:"errors"`
}

// problemsOf lists what an error tells, one problem a line.
func problemsOf(err error) scenarios.Errors {
	var several interface{ Unwrap() []error }
	var problems scenarios.Errors
	var at *fileError
	var path *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &several):
		for _, e := range several.Unwrap() {
			problems = append(problems, problemsOf(e)...)
		}
		return problems
	case isClosedPipe(err):
		return nil
	case errors.As(err, &problems):
		return problems
	case errors.As(err, &at):
		return scenarios.Errors{{File: at.path, Message: at.err.Error()}}
	case errors.As(err, &path):
		name := strings.TrimSuffix(path.Path, ".partial") // the name that the user gave
		return scenarios.Errors{{File: name, Message: fmt.Sprintf("can't %s: %v", path.Op, path.Err)}}
	}
	return scenarios.Errors{{Message: err.Error()}}
}

// fileError is an error with the file that it is about.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// about says which file an error is about, unless it says so itself.
func about(path string, err error) error {
	var named *fs.PathError
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &fileError{path, err}
}

// isClosedPipe reports that whoever read us has heard enough.
func isClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

func isCrash(err error) bool {
	var bug *scenarios.Crash
	return errors.As(err, &bug)
}

// guarded turns a panic of our own code into an error. Those within a run are
// caught there, where time and event are known.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &scenarios.Crash{Cause: fmt.Sprint(p), Stack: debug.Stack()}
		}
	}()
	return f()
}

// crashText is a report of a crash that is fit to be sent to us.
func (a *app) crashText(c *scenarios.Crash) string {
	text := "internal error: " + c.Error() + "\nThis is a bug of meshsim, not of the scenario."
	if a.verbose {
		return text + "\n" + strings.TrimSpace(string(c.Stack))
	}
	return text + " Please report it with the scenario and the output of the same command with -v."
}

// printJSON writes one JSON document.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
