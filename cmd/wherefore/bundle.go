package main

import (
	"github.com/spf13/cobra"
)

// bundleCmd groups what is done with bundles.
func bundleCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bundle",
		Short: "Record, export and send evidence bundles",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown verb %q; see 'wherefore bundle --help'", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(bundleRecordCmd(), bundleExportCmd(), bundlePushCmd())
	return cmd
}
