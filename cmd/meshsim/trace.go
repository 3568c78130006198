package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
	"meshsim/trace"
)

// traceFlags say what a trace holds and where it goes.
type traceFlags struct {
	path     string
	level    string
	from, to time.Duration
	nodes    []string
}

func (f *traceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "trace", "", "write a trace to `FILE`; .zst compresses; - is stdout, the summary then goes to stderr")
	cmd.Flags().StringVar(&f.level, "trace-level", "all", "`LEVEL`: all, protocol (without transmitted and forwarded) or summary")
	cmd.Flags().DurationVar(&f.from, "trace-from", 0, "first instant to trace, a `TIME` such as 1.5s")
	cmd.Flags().DurationVar(&f.to, "trace-to", 0, "last instant to trace, a `TIME` such as 1.5s (default: the end)")
	cmd.Flags().StringSliceVar(&f.nodes, "trace-nodes", nil, "trace events at or with the nodes `A,B` only")
	_ = cmd.RegisterFlagCompletionFunc("trace-level", cobra.FixedCompletions([]string{"all", "protocol", "summary"}, cobra.ShellCompDirectiveNoFileComp))
}

// toStdout reports whether the trace takes stdout for itself.
func (f *traceFlags) toStdout() bool { return f.path == "-" || f.path == "/dev/stdout" }

// open prepares the options for tracing the scenario that the argument named.
// Without --trace the file is nil, and committing or aborting it does nothing.
func (f *traceFlags) open(s *scenarios.Scenario, argument string, o *scenarios.Options) (*outfile.File, error) {
	if err := f.check(argument); err != nil {
		return nil, err
	}
	filter, err := s.TraceFilter(f.level, f.from, f.to, f.nodes)
	if err != nil {
		return nil, err
	}
	if f.path == "" {
		return nil, nil
	}
	header, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	path := f.path
	if f.toStdout() {
		path = "-"
	}
	file, err := outfile.Create(path)
	if err != nil {
		return nil, about(f.path, err)
	}
	o.Trace = func(names []string) (*trace.Writer, error) { return trace.NewWriter(file, names, header, filter) }
	return file, nil
}

// check refuses flags that make no sense together.
func (f *traceFlags) check(argument string) error {
	switch {
	case f.path == "" && (f.level != "all" || f.from != 0 || f.to != 0 || len(f.nodes) > 0):
		return errors.New("--trace-level, --trace-from, --trace-to and --trace-nodes need --trace FILE")
	case f.from < 0 || f.to < 0 || f.to != 0 && f.to < f.from:
		return fmt.Errorf("--trace-from %v, --trace-to %v: is no stretch of time", f.from, f.to)
	}
	scenario, err := os.Stat(argument)
	if err != nil {
		return nil // a built-in, or stdin
	}
	if target, err := os.Stat(f.path); err == nil && target.Mode().IsRegular() && os.SameFile(scenario, target) {
		return fmt.Errorf("--trace %s would overwrite the scenario", f.path)
	}
	return nil
}
