package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/record"
)

// recordArgs is what bundle record was asked.
type recordArgs struct {
	config, tenant, from, to, output, alert, id string
	plain                                       bool
	options                                     record.Options
}

func bundleRecordCmd() *cobra.Command {
	var r recordArgs
	cmd := &cobra.Command{
		Use:   "record --config FILE --from TIME --to TIME -o DIR|FILE.tgz",
		Short: "Record everything in a window from the configured sources",
		Long: `Record everything in a window from the configured sources into a bundle: the
traces of all services, all log lines, the raw samples of all metrics,
exemplars, the service graph and the alerting rules. Metrics of the same hour one
and seven days before are recorded too, where they are kept: what happens daily
is no anomaly.

Secrets in text are masked and counted. What was cut at a limit, and which
source did not answer, stands in the bundle's coverage.json. Without --alert the
bundle asks about the first --service at the end of the window.`,
		Example: `  wherefore bundle record --config wherefore.yaml --from 2026-03-01T02:00:00Z --to 2026-03-01T03:00:00Z -o incident.tgz`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.config, "config", "", "configuration file with the sources")
	f.StringVar(&r.from, "from", "", "start of the window, RFC 3339 or Unix seconds")
	f.StringVar(&r.to, "to", "", "end of the window, RFC 3339 or Unix seconds")
	f.StringVarP(&r.output, "output", "o", "", "directory to make, or a .tgz file")
	f.IntSliceVar(&r.options.EarlierDays, "earlier-days", []int{1, 7}, "record the metrics of the same hour so many days before too, as far as they are kept; 0 for none")
	f.StringVar(&r.alert, "alert", "", "Alertmanager webhook as a JSON file, - for standard input")
	f.StringVar(&r.id, "id", "", "name of the bundle (default: the incident's)")
	f.StringSliceVar(&r.options.Services, "service", nil, "record traces and lines of this service alone; may be repeated")
	f.IntVar(&r.options.MaxSpans, "max-spans", record.DefaultMaxSpans, "stop at this many spans")
	f.IntVar(&r.options.MaxLines, "max-lines", record.DefaultMaxLines, "stop at this many log lines")
	f.IntVar(&r.options.MaxSamples, "max-samples", record.DefaultMaxSamples, "stop at this many samples")
	tenantFlag(cmd, &r.tenant)
	f.BoolVar(&r.plain, "no-redact", false, "keep secrets in text as they are")
	return cmd
}

func (r recordArgs) run(ctx context.Context, out, stderr io.Writer) error {
	alert, err := r.question()
	if err != nil {
		return err
	}
	cfg, err := loadTenant(r.config, r.tenant)
	if err != nil {
		return err
	}
	cfg.Repositories = nil // a recording reads telemetry only
	sources, err := backend.Dial(ctx, cfg)
	if err != nil {
		return err
	}
	bar := newStages(stderr)
	r.options.Progress = bar.set
	err = writeBundle(r.output, func(dir string) error {
		w, redact, err := r.start(dir, alert)
		if err != nil {
			return err
		}
		n, coverage, err := record.Record(ctx, sources.Record, r.options, w)
		if err = errors.Join(err, w.Alert(alert), w.Close()); err != nil {
			return err
		}
		bar.finish()
		return r.report(out, stderr, n, coverage, redact)
	})
	bar.finish()
	return errors.Join(err, sources.Close())
}

// question checks the flags and gives the alert that the bundle is about.
func (r *recordArgs) question() (a evidence.Alert, err error) {
	switch {
	case r.config == "":
		return a, usageError("--config is needed to know where the traces, logs and metrics are")
	case r.output == "":
		return a, usageError("-o is needed: a directory to make, or a .tgz file")
	}
	w := &r.options.Window
	if w.Start, err = parseInstant("--from", r.from); err != nil {
		return a, err
	}
	if w.End, err = parseInstant("--to", r.to); err != nil {
		return a, err
	}
	if w.Duration() <= 0 {
		return a, usageError("--to %s is not after --from %s", r.to, r.from)
	}
	r.options.EarlierDays = slices.DeleteFunc(r.options.EarlierDays, func(n int) bool { return n == 0 })
	if i := slices.IndexFunc(r.options.EarlierDays, func(n int) bool { return n < 0 }); i >= 0 {
		return a, usageError("--earlier-days %d is not a number of days before the window", r.options.EarlierDays[i])
	}
	if min(r.options.MaxSpans, r.options.MaxLines, r.options.MaxSamples) <= 0 {
		return a, usageError("--max-spans, --max-lines and --max-samples must be positive")
	}
	if r.alert == "" {
		service := ""
		if len(r.options.Services) > 0 {
			service = r.options.Services[0]
		}
		return backend.Question(service, "", w.End), nil
	}
	body, err := readAll(r.alert)
	if err != nil {
		return a, err
	}
	if a, err = alertmanager.Parse(body); err != nil {
		return a, fmt.Errorf("%s: %w", r.alert, err)
	}
	return a, nil
}

func (r recordArgs) start(dir string, a evidence.Alert) (*bundle.Writer, *bundle.Redactor, error) {
	id := r.id
	if id == "" {
		id = a.IncidentID()
	}
	var redact *bundle.Redactor
	if !r.plain {
		redact = bundle.NewRedactor()
	}
	m := bundle.Manifest{ID: id, Tool: "wherefore " + buildVersion(), Windows: map[string]evidence.Window{"data": r.options.Window}}
	w, err := bundle.NewWriter(dir, m, bundle.WriterOptions{Gzip: true, Redact: redact})
	return w, redact, err
}

// report says what was recorded, and fails when no source answered.
func (r recordArgs) report(out, stderr io.Writer, n record.Counts, coverage []evidence.Coverage, redact *bundle.Redactor) error {
	answered := false
	said := map[string]bool{}
	for _, c := range coverage {
		switch c.Status {
		case evidence.CoverageAnswered, evidence.CoverageTruncated, evidence.CoverageEmpty:
			answered = true
		case evidence.CoverageFailed:
			if text := c.Source + ": " + c.Detail; !said[text] {
				said[text] = true
				_, _ = fmt.Fprintln(stderr, "failed   ", text)
			}
		}
		if c.Status == evidence.CoverageTruncated {
			_, _ = fmt.Fprintln(stderr, "truncated", c.Source+":", c.Query, c.Detail)
		}
	}
	masked := 0
	for _, k := range redact.Counts() {
		masked += k
	}
	_, err := fmt.Fprintf(out, "%s: %d traces with %d spans, %d log lines, %d series with %d samples, %d exemplars, %d edges, %d rules; %d secrets masked\n",
		r.output, n.Traces, n.Spans, n.Lines, n.Series, n.Samples, n.Exemplars, n.Edges, n.Rules, masked)
	if !answered {
		err = errors.Join(err, errors.New("no source answered; the bundle holds nothing but that"))
	}
	return err
}

// writeBundle writes a bundle into a directory, or into a temporary one that
// is then packed as the .tgz that was asked for.
func writeBundle(output string, write func(dir string) error) error {
	if !strings.HasSuffix(output, ".tgz") && !strings.HasSuffix(output, ".tar.gz") {
		return write(output)
	}
	dir, err := os.MkdirTemp("", "wherefore-bundle-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left lies in the temporary folder
	if err := write(dir); err != nil {
		return err
	}
	// Complete or not there at all: the name is given last.
	f, err := os.CreateTemp(filepath.Dir(output), ".wherefore-*.part")
	if err != nil {
		return err
	}
	if err := errors.Join(bundle.Pack(dir, f), f.Chmod(0o644), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), output)
}

// parseInstant reads a time as people and scripts write it.
func parseInstant(flag, text string) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < 1<<33 {
		return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, usageError("%s %q is neither an RFC 3339 time such as 2026-03-01T02:51:00Z nor Unix seconds", flag, text)
	}
	return t.UTC(), nil
}

// stages shows one bar after the other on a terminal, a stage each.
type stages struct {
	out   io.Writer
	stage string
	bar   *progress
}

func newStages(out io.Writer) *stages { return &stages{out: out} }

func (s *stages) set(stage string, done, total int) {
	if s.bar == nil || stage != s.stage {
		s.finish()
		s.stage, s.bar = stage, newProgress(s.out, stage)
	}
	s.bar.set(done, max(1, total))
}

func (s *stages) finish() {
	if s.bar != nil {
		s.bar.finish()
		s.bar = nil
	}
}
