package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3" // progress bars, small and kept up
	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/ui/export"
)

// loadConfig reads the file, or returns the defaults without one.
func loadConfig(file string) (config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	return config.Load(file)
}

// question is what investigate was asked, exactly one of the ways.
type question struct {
	bundle, alert, service, trace string
	at                            string
	config, tenant, format        string
}

func investigateCmd() *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "investigate (--bundle P | --alert FILE | --service S --at T | --trace ID)",
		Short: "Investigate once and print the ranked causes",
		Long: `Investigate once and print the ranked causes.

Exits with 0 when there is a verdict, "no code cause" included, and with 3 when
the evidence carries none.`,
		Example: `  wherefore investigate --bundle incident.tgz
  wherefore investigate --service ad-server --at 2026-03-01T02:51:00Z --config wherefore.yaml
  wherefore investigate --trace 7c1e0b6f2d3a4c5e8f90a1b2c3d4e5f6 --config wherefore.yaml --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := q.ask(cmd.Context(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := writeReport(cmd.OutOrStdout(), r, q.format); err != nil {
				return err
			}
			return verdictCode(r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.bundle, "bundle", "", "evidence bundle: a directory or a .tgz")
	f.StringVar(&q.alert, "alert", "", "JSON file of a webhook, or of what amtool alert -o json prints; - for standard input")
	f.StringVar(&q.service, "service", "", "service to look at, together with --at")
	f.StringVar(&q.at, "at", "", "when it was noticed: RFC 3339, Unix seconds, UTC where no zone is given")
	f.StringVar(&q.trace, "trace", "", "trace ID, traceparent header or the trace's address in Jaeger")
	f.StringVar(&q.config, "config", "", "configuration file with the sources; needed for all but --bundle")
	tenantFlag(cmd, &q.tenant)
	f.StringVar(&q.format, "format", "text", strings.Join(reportFormats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// ask investigates a bundle, or the configured sources.
func (q question) ask(ctx context.Context, stderr io.Writer) (report.Report, error) {
	if !slices.Contains(reportFormats, q.format) {
		return report.Report{}, usageError("--format %q is not one of %s", q.format, strings.Join(reportFormats, ", "))
	}
	if given := len(slices.DeleteFunc([]string{q.bundle, q.alert, q.service, q.trace}, func(s string) bool { return s == "" })); given != 1 {
		return report.Report{}, usageError("give one of --bundle, --alert, --service with --at, and --trace; %d were given", given)
	}
	cfg, err := loadTenant(q.config, q.tenant)
	if err != nil {
		return report.Report{}, err
	}
	say, done := progressOn(stderr)
	defer done()
	if q.bundle != "" {
		return replayBundle(ctx, q.bundle, cfg, say)
	}
	if q.config == "" {
		return report.Report{}, usageError("--config is needed to know where the traces, logs and metrics are")
	}
	req, err := q.request(time.Now().UTC())
	if err != nil {
		return report.Report{}, err
	}
	req.Progress = say
	s, err := backend.Dial(ctx, cfg)
	if err != nil {
		return report.Report{}, err
	}
	s.Connect(ctx)
	options := backend.EngineOptions(cfg, buildVersion())
	options.Clock = time.Now
	r, err := correlate.New(s.Sources, options).Investigate(ctx, req)
	return r, errors.Join(err, s.Close())
}

// request turns flags into what the engine is asked. A question about the past
// sees what was there a few minutes after it.
func (q question) request(now time.Time) (correlate.Request, error) {
	req := correlate.Request{Now: now, Revision: 1}
	switch {
	case q.alert != "":
		body, err := readAll(q.alert)
		if err != nil {
			return req, err
		}
		if req.Alert, err = alertmanager.Parse(body); err != nil {
			return req, fmt.Errorf("%s: %w", q.alert, err)
		}
		req.Now = backend.AsOf(req.Alert, req.Window, now)
	case q.service != "":
		at, err := evidence.ParseInstant(q.at, now)
		if err != nil {
			return req, usageError("--at: %w", err)
		}
		req.Alert = backend.Question(q.service, "", at)
		if later := at.Add(5 * time.Minute); later.Before(now) {
			req.Now = later
		}
	default:
		id, err := evidence.FindTraceID(q.trace)
		if err != nil {
			return req, usageError("--trace: %w", err)
		}
		req.Alert = backend.Question("", id, now)
	}
	return req, nil
}

func readAll(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, 4<<20))
	}
	return os.ReadFile(file)
}

// replayBundle investigates a bundle's alert with the bundle as all sources.
func replayBundle(ctx context.Context, path string, cfg config.Config, say func(correlate.Progress)) (report.Report, error) {
	return backend.Replay(ctx, path, backend.ReplayOptions(cfg, buildVersion()), say)
}

// progressOn shows a bar on a terminal and nothing elsewhere.
func progressOn(w io.Writer) (say func(correlate.Progress), done func()) {
	if !isTerminal(w) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(50*time.Millisecond))
	return func(p correlate.Progress) {
		bar.ChangeMax(max(1, p.Total))
		bar.Describe(strings.TrimSpace(p.Stage + " " + p.Source))
		_ = bar.Set(min(p.Done, max(1, p.Total)))
	}, func() { _ = bar.Finish() }
}

// reportFormats are how one report can be printed.
var reportFormats = []string{"text", "json", "markdown"}

func writeReport(w io.Writer, r report.Report, format string) error {
	switch format {
	case "json":
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = w.Write(append(body, '\n'))
		return err
	case "markdown":
		return export.Markdown(w, export.Input{
			Envelope: export.Envelope{Incident: r.Incident, ExportedAt: time.Now().UTC(), Exporter: "wherefore " + buildVersion(), Engine: r.Engine, Weights: r.Weights,
				Revision: r.Revision, Window: r.Window},
			Incident: casefile.Incident{ID: r.Incident, Title: r.Title, Verdict: r.Verdict.Word, Service: r.Service, Severity: r.Severity, State: casefile.StateReported, StartedAt: r.Window.Start, Revision: r.Revision},
			Report:   r,
		})
	default:
		return writeText(w, r)
	}
}

// verdictCode is exit code 3 when the report abstains.
func verdictCode(r report.Report) error {
	if r.Verdict.Word == report.Inconclusive {
		return codeError{exitInconclusive, fmt.Errorf("%w: the evidence carries no verdict", errSilent)}
	}
	return nil
}
