package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"syscall"

	"meshsim/scenarios"
)

// Exit statuses. When several apply, the first in the order Interrupted,
// Internal, NotDeterministic, BadInput, Failed, VacuousRun is returned.
const (
	exitPassed           = 0
	exitFailed           = 1
	exitBadInput         = 2
	exitNotDeterministic = 3
	exitVacuous          = 4
	exitInternal         = 5
	exitInterrupted      = 130
)

// status is an error that has been reported already and only sets the exit status.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// internal is a bug of meshsim's own, caught and reported.
type internal struct{ text string }

func (i internal) Error() string { return i.text }

// finish reports what is left to report and returns the exit status.
func (a *app) finish(err error) int {
	var s status
	var bug internal
	var problems scenarios.Errors
	switch {
	case err == nil:
		return exitPassed
	case errors.As(err, &s):
		return int(s)
	case errors.Is(err, syscall.EPIPE): // whoever read us has heard enough
		return exitPassed
	case errors.As(err, &bug):
		fmt.Fprintln(a.err, "meshsim: internal error:", bug.text)
		return exitInternal
	case errors.As(err, &problems):
	default:
		problems = scenarios.Errors{{Message: err.Error()}}
	}
	for _, p := range problems {
		line := p.String()
		if p.File == "" {
			line = "meshsim: " + line
		}
		fmt.Fprintln(a.err, line)
	}
	if a.json {
		_ = a.printJSON(struct {
			OK     bool             `json:"ok"`
			Errors scenarios.Errors `json:"errors"`
		}{false, problems}) // the status says the same
	}
	return exitBadInput
}

// printJSON writes one JSON document.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
