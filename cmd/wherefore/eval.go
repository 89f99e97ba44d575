package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/eval"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func evalCmd() *cobra.Command {
	var o eval.Options
	var asJSON, rules bool
	var onset string
	cmd := &cobra.Command{
		Use:   "eval DIR...",
		Short: "Score the engine against labelled bundles",
		Long: `Score the engine against the bundles below DIR that have a label.json, each data
set by itself, with the trivial probes beside the score. A case that crashes or
takes more than a minute is a miss. Exits 0 when every case was scored, whatever
the score.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("eval needs at least one DIR with bundles; 'wherefore import' makes them")
			}
			if !eval.Onset(onset).Valid() {
				return usageError("--onset %q is none of detected, oracle, oracle+60s, oracle-60s", onset)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if rules {
				return evalRules(cmd, args, asJSON)
			}
			p := newProgress(cmd.ErrOrStderr(), "evaluating")
			o.Onset, o.Open, o.Investigate, o.Progress = eval.Onset(onset), backend.OpenBundle, investigateForEval, p.set
			results, err := eval.Run(cmd.Context(), args, o)
			p.finish()
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetEscapeHTML(false)
				return e.Encode(results)
			}
			if err := eval.WriteText(cmd.OutOrStdout(), results); err != nil {
				return err
			}
			return eval.WriteDetails(cmd.OutOrStdout(), results)
		},
	}
	cmd.Flags().StringVar(&onset, "onset", string(eval.OnsetDetected), "where the onset comes from: detected, oracle, oracle+60s or oracle-60s")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.Flags().BoolVar(&rules, "rules", false, "say instead how often each mechanism rule fires on innocent commits")
	cmd.Flags().Int64Var(&o.RenameSeed, "rename-seed", 0, "rename every service and ID by a bijection drawn with this `seed`; ranks must not change")
	cmd.Flags().IntVar(&o.Parallel, "parallel", 2, "cases at once")
	return cmd
}

// evalRules says how often mechanism rules fire on commits that are not guilty, and
// fails where one that fires on all kinds of them counts.
func evalRules(cmd *cobra.Command, dirs []string, asJSON bool) error {
	by := weights.Default()
	rates, err := eval.Rules(cmd.Context(), dirs, backend.OpenBundle, by)
	if err != nil {
		return err
	}
	if asJSON {
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(rates)
	} else {
		err = eval.WriteRules(cmd.OutOrStdout(), rates)
	}
	if often := eval.TooOften(rates, by); err == nil && len(often) > 0 {
		return fmt.Errorf("%s: fires on a third of the innocent commits and counts all the same; record the rate in correlate/weights", strings.Join(often, ", "))
	}
	return err
}

// investigateForEval runs the engine as a replay does.
func investigateForEval(ctx context.Context, s correlate.Sources, req correlate.Request) (report.Report, error) {
	return correlate.New(s, backend.ReplayOptions(config.Config{}, buildVersion())).Investigate(ctx, req)
}
