package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/observe"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

func rollbackCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Say how far recorded rollbacks can be trusted, and write alert rules about them",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown verb %q; see 'wherefore rollback --help'", "rollback "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(rollbackRulesCmd(), rollbackReadyCmd())
	return cmd
}

func rollbackRulesCmd() *cobra.Command {
	o := rollback.RuleOptions{}
	var loki bool
	var tests string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Write alert rules about rollbacks that are slow, fail or are retried",
		Long: "Writes a rule file for Prometheus to standard output, about rollback_duration,\n" +
			"rollback_total by result and rollback_retried: a rollback that takes longer than\n" +
			"85 s, three that fail without a success, two retries a minute. --loki writes the\n" +
			"last one for Loki's ruler instead, for services that log idempotent=true. --tests\n" +
			"writes unit tests for \"promtool test rules\", of rules.yml in the same folder.",
		Example: "  wherefore rollback rules --tests rollback-test.yml > rules.yml\n  wherefore rollback rules --loki > loki-rules.yml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Window < time.Minute || o.Interval <= 0 {
				return usageError("--window %s and --interval %s: give a window of a minute at least and an interval above 0", o.Window, o.Interval)
			}
			text, err := rollback.Rules(o)
			if loki {
				text, err = rollback.LokiRules()
			}
			if err != nil {
				return err
			}
			if tests != "" {
				t, err := rollback.RuleTests("rules.yml", o)
				if err == nil {
					err = os.WriteFile(tests, t, 0o644) //nolint:gosec // rules are no secret
				}
				if err != nil {
					return fmt.Errorf("--tests: %w", err)
				}
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	f := cmd.Flags()
	f.DurationVar(&o.Window, "window", time.Hour, "how far back three failures without a success count")
	f.DurationVar(&o.Interval, "interval", 15*time.Second, "how often metrics are scraped")
	f.BoolVar(&loki, "loki", false, "write the rule about retries for Loki, from log lines")
	f.StringVar(&tests, "tests", "", "file to write unit tests of the rules to")
	return cmd
}

// readyLine is a record's rollback and how far it can be trusted.
type readyLine struct {
	Decision string `json:"decision"`
	Path     string `json:"path"`
	report.Readiness
}

func rollbackReadyCmd() *cobra.Command {
	var file, tenant, service, format string
	var least int
	cmd := &cobra.Command{
		Use:   "ready [FILE|DIRECTORY]...",
		Short: "Say of each recorded rollback whether it is fast, safe to repeat and seen",
		Long: "Gives the rollback of each decision that stands a point for each of three: the\n" +
			"slowest of its last three drills took 90 s at most; a guard is named, or a drill\n" +
			"repeated it and it was \"already done\"; and rollback_duration, rollback_success\n" +
			"and rollback_retried changed in its last drill, with a span rollback.execute that\n" +
			"has rollback.operation. The last is asked of the sources of --config. What is\n" +
			"unknown is no point and is said to be unknown. Exits with 1 when one has fewer\n" +
			"points than --least.",
		Example: "  wherefore rollback ready docs/decisions\n  wherefore rollback ready --config wherefore.yaml --service ad-server --least 3",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if format != "text" && format != "json" {
				return usageError("--format %q is not one of text, json", format)
			}
			records, _, err := lint(args, decision.DefaultVocabulary())
			if err != nil {
				return err
			}
			now := time.Now().UTC()
			look := func(context.Context, time.Time, time.Duration) rollback.Telemetry { return rollback.Telemetry{} }
			if file != "" {
				cfg, err := loadTenant(file, tenant)
				if err != nil {
					return err
				}
				cfg.Repositories = nil // records are read here
				s, err := backend.Dial(cmd.Context(), cfg)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, s.Close()) }()
				o := observe.Observer{Sources: s.Sources}
				look = func(ctx context.Context, at time.Time, d time.Duration) rollback.Telemetry {
					return o.Rollback(ctx, service, at, d)
				}
			}
			var list []readyLine
			for i := range records {
				if r := &records[i]; standsWithPlan(r) {
					list = append(list, readyOf(cmd.Context(), r, look, now))
				}
			}
			return reportReady(cmd, list, format, least)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration with the sources to ask about the last drill")
	tenantFlag(cmd, &tenant)
	f.StringVar(&service, "service", "", "service whose spans tell of the drills; without it spans are not looked for")
	f.StringVar(&format, "format", "text", "text or json")
	f.IntVar(&least, "least", 0, "points that each rollback must have")
	return cmd
}

// standsWithPlan tells a record that counts today and says how it is taken back:
// of a superseded one the plan is not to be used, however often it was tried.
func standsWithPlan(r *decision.Record) bool {
	return !r.Refused() && !r.Deleted && r.SupersededBy == "" && !slices.Contains([]string{"superseded", "deprecated", "rejected"}, r.Status) && len(r.How.Rollback) > 0
}

func readyOf(ctx context.Context, r *decision.Record, look func(context.Context, time.Time, time.Duration) rollback.Telemetry, now time.Time) readyLine {
	trials := rollback.Trials(r.How.Drills)
	var seen rollback.Telemetry
	if newest, ok := rollback.NewestTrial(trials, now); ok {
		seen = look(ctx, newest.At, time.Duration(newest.Seconds*float64(time.Second)))
	}
	return readyLine{r.ID, r.Path, rollback.Ready(trials, r.How.Rollback["idempotency_guard"], seen, now)}
}

func reportReady(cmd *cobra.Command, list []readyLine, format string, least int) error {
	if format == "json" {
		if err := writeJSON(cmd.OutOrStdout(), append([]readyLine{}, list...)); err != nil {
			return err
		}
	} else {
		p := &printer{w: cmd.OutOrStdout()}
		for _, l := range list {
			p.line("%s  %d of 3  %s", plain(l.Decision), l.Level, plain(l.Path))
			for _, a := range []struct {
				name string
				report.Answer
			}{{"timely", l.Timely}, {"idempotent", l.Idempotent}, {"observable", l.Observable}} {
				p.line("  %-11s %-8s %s", a.name, a.Holds, plain(a.Because))
			}
		}
		if p.err != nil {
			return p.err
		}
	}
	if slices.ContainsFunc(list, func(l readyLine) bool { return l.Level < least }) {
		return codeError{exitFailed, errSilent}
	}
	if len(list) == 0 {
		return codeError{exitInconclusive, errors.New("no decision that stands records a rollback")}
	}
	return nil
}
