package main

import (
	"encoding/json"
	"os"

	"github.com/spf13/cobra"
)

func replayCmd() *cobra.Command {
	var out, cfgFile, tenant string
	cmd := &cobra.Command{
		Use:   "replay BUNDLE",
		Short: "Investigate a bundle again and write its report.json",
		Long: `Investigate a bundle again and write its report.json, to standard output or to
a file. The same bundle, engine and weights give the same bytes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadTenant(cfgFile, tenant)
			if err != nil {
				return err
			}
			say, done := progressOn(cmd.ErrOrStderr())
			defer done()
			r, err := replayBundle(cmd.Context(), args[0], cfg, say)
			if err != nil {
				return err
			}
			body, err := json.Marshal(r)
			if err != nil {
				return err
			}
			body = append(body, '\n')
			if out != "" {
				err = os.WriteFile(out, body, 0o644)
			} else {
				_, err = cmd.OutOrStdout().Write(body)
			}
			if err != nil {
				return err
			}
			return verdictCode(r)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write instead of standard output")
	cmd.Flags().StringVar(&cfgFile, "config", "", "configuration file, for its engine section")
	tenantFlag(cmd, &tenant)
	return cmd
}
