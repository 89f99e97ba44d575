package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/slo"
)

func sloCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "slo",
		Short: "Use written objectives: rules for Prometheus, and how they stand",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown verb %q; see 'wherefore slo --help'", "slo "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(sloRulesCmd(), sloTestCmd())
	return cmd
}

func sloRulesCmd() *cobra.Command {
	var file, tenant, tests string
	cmd := &cobra.Command{
		Use:   "rules [--config FILE] [OPENSLO-FILE]...",
		Short: "Write recording and alerting rules for objectives",
		Long: "Writes a rule file for Prometheus to standard output: the bad share of each\n" +
			"objective over every window, what is left of its budget, and alerts with the\n" +
			"labels service, slo and slo_target when the budget burns too fast. --tests writes\n" +
			"unit tests of the alerts beside it, for \"promtool test rules\"; they name the\n" +
			"rules rules.yml, in the same folder.",
		Example: "  wherefore slo rules slo/*.yaml > rules.yml\n  wherefore slo rules --config wherefore.yaml --tests rules-test.yml > rules.yml",
		RunE: func(cmd *cobra.Command, args []string) error {
			specs, _, err := objectives(file, tenant, args)
			if err != nil {
				return err
			}
			out, notes, err := slo.Rules(specs)
			if err != nil {
				return err
			}
			if tests != "" {
				t, err := slo.RuleTests("rules.yml", specs)
				if err != nil {
					return err
				}
				if err := os.WriteFile(tests, t, 0o644); err != nil { //nolint:gosec // rules are no secret
					return fmt.Errorf("--tests: %w", err)
				}
			}
			p := &printer{w: cmd.ErrOrStderr()}
			for _, n := range notes {
				p.line("%s", n)
			}
			_, err = cmd.OutOrStdout().Write(out)
			return errors.Join(p.err, err)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file (YAML) whose slo section is read")
	tenantFlag(cmd, &tenant)
	cmd.Flags().StringVar(&tests, "tests", "", "file to write unit tests of the rules to")
	return cmd
}

// objectives are those of a configuration and of OpenSLO files. Everything that
// is wrong with them is in the error.
func objectives(file, tenant string, args []string) ([]slo.Spec, config.Config, error) {
	if file == "" && len(args) == 0 {
		return nil, config.Config{}, usageError("name OpenSLO files, or a configuration with --config")
	}
	cfg, err := loadTenant(file, tenant)
	if err != nil {
		return nil, cfg, err
	}
	named, wrong := config.SLOFiles(args)
	specs, twice := slo.Merge(cfg.SLO.Specs(), named)
	if err := errors.Join(slices.Concat(wrong, twice)...); err != nil {
		return nil, cfg, err
	}
	if len(specs) == 0 {
		return nil, cfg, usageError("there is no objective: write them as OpenSLO files, or under slo in the configuration")
	}
	return specs, cfg, nil
}
