package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"meshsim/scenarios"
	"meshsim/scenarios/outfile"
)

func (a *app) scenarioImport() *cobra.Command {
	var out, format string
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Make a scenario of a network file, and print or write it",
		Long: `import reads a network from GML, GraphML, DOT, CSV or JSON and writes a scenario
that runs alone: its nodes and links, some traffic that can arrive, and an
expectation that holds. Its comment says what was dropped, merged and assumed.

FILE is a file whose extension tells its format, or - for stdin with --format.`,
		Example: "  meshsim scenario import Geant2001.graphml --out geant.toml\n  meshsim run geant.toml",
		Args:    takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := a.importNetwork(args[0], format)
			if err != nil {
				return err
			}
			if out == "" || out == "-" {
				return a.printTOML(s.TOML())
			}
			if err := outfile.WriteNew(out, s.TOML()); err != nil {
				return err
			}
			switch {
			case a.json:
				return a.printJSON(struct {
					File string `json:"file"`
				}{out})
			case a.quiet:
				return nil
			}
			_, err = fmt.Fprintf(a.out, "wrote %s; run it with: meshsim run %s\n", out, quoted(out))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the scenario to `FILE`, which must not exist yet (default: print it)")
	cmd.Flags().StringVar(&format, "format", "", "read `FORMAT`: "+strings.Join(scenarios.ImportFormats, " ")+" (default: what the extension says)")
	return cmd
}

// importNetwork reads the network that an argument names, with the overrides of
// the command line and the environment.
func (a *app) importNetwork(name, format string) (*scenarios.Scenario, error) {
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	switch {
	case format == "" && name == "-":
		return nil, fmt.Errorf("import -: need --format, one of %s", strings.Join(scenarios.ImportFormats, " "))
	case format == "":
		return scenarios.Import(nil, name, options...)
	}
	in, shown, err := a.openFile(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return scenarios.ImportReader(in, shown, format, options...)
}
