package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/trace"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions that a result depends on",
		Example: "  meshsim version --json",
		Args:    takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				Meshsim  string `json:"meshsim"`
				Engine   int    `json:"engine"`
				Record   int    `json:"record"`
				Trace    int    `json:"trace"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{scenarios.Version, scenarios.Engine, trace.RecordVersion, trace.FormatVersion, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			if a.json {
				return a.printJSON(v)
			}
			_, err := fmt.Fprintf(a.out, "meshsim %s, engine %d, record %d, trace format %d (%s, %s)\n", v.Meshsim, v.Engine, v.Record, v.Trace, v.Go, v.Platform)
			return err
		},
	}
}
