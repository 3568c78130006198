package main

import (
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
	cmd.Flags().StringVar(&f.path, "trace", "", "write a trace to this file, .zst compresses, - is stdout")
	cmd.Flags().StringVar(&f.level, "trace-level", "all", "all, protocol (without transmitted and forwarded) or summary")
	cmd.Flags().DurationVar(&f.from, "trace-from", 0, "first instant to trace")
	cmd.Flags().DurationVar(&f.to, "trace-to", 0, "last instant to trace (default: the end)")
	cmd.Flags().StringSliceVar(&f.nodes, "trace-nodes", nil, "trace events at or with these nodes only")
	_ = cmd.RegisterFlagCompletionFunc("trace-level", cobra.FixedCompletions([]string{"all", "protocol", "summary"}, cobra.ShellCompDirectiveNoFileComp))
}

// open prepares the options for tracing. Without --trace the file is nil, and
// committing or aborting it does nothing.
func (f *traceFlags) open(s *scenarios.Scenario, o *scenarios.Options) (*outfile.File, error) {
	if f.path == "" {
		return nil, nil
	}
	filter, err := s.TraceFilter(f.level, f.from, f.to, f.nodes)
	if err != nil {
		return nil, err
	}
	header, err := s.TraceHeader()
	if err != nil {
		return nil, err
	}
	file, err := outfile.Create(f.path)
	if err != nil {
		return nil, err
	}
	o.Trace = func(names []string) (*trace.Writer, error) { return trace.NewWriter(file, names, header, filter) }
	return file, nil
}
