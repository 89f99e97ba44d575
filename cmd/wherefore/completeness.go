package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex/runtimelog"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// runtimeQueries find the lines that carry any of the four fields: in their
// text, and as structured metadata.
func runtimeQueries() []string {
	return []string{
		`{service_name=~".+"} |~ "decision_id|context_hash|confidence_score|decision_executed"`,
		`{service_name=~".+"} | decision_id!="" or context_hash!="" or confidence_score!=""`,
	}
}

func completenessCmd() *cobra.Command {
	var config, tenant, logs, format string
	var queries []string
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "completeness (--config FILE | --logs FILE)",
		Short: "Score how completely services log the decisions they take at run time",
		Long: "Prints per service how many of the due fields are there (99.97 %), how many\n" +
			"decisions have a context_hash (100 %) and the median from decision to execution\n" +
			"(800 ms). Exits with 1 when a threshold is missed, with 3 when no decision was\n" +
			"logged. What cannot be known is \"unknown\".",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (config == "") == (logs == "") {
				return usageError("name either --config, for Loki, or --logs, a file of JSON lines")
			}
			if format != "text" && format != "json" {
				return usageError("--format %q is not one of text, json", format)
			}
			if logs != "" {
				lines, err := readLogFile(logs)
				if err != nil {
					return err
				}
				return reportCompleteness(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, runtimelog.Read(lines, runtimelog.DefaultThresholds()), false)
			}
			now := time.Now().UTC()
			scores, cut, err := scoreServices(cmd.Context(), config, tenant, queries, evidence.Window{Start: now.Add(-since), End: now})
			if err != nil {
				return err
			}
			return reportCompleteness(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, scores, cut)
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "configuration file (YAML) that names Loki")
	tenantFlag(cmd, &tenant)
	cmd.Flags().StringVar(&logs, "logs", "", "file of JSON lines with service, and body or the fields themselves; - for standard input")
	cmd.Flags().StringArrayVar(&queries, "query", runtimeQueries(), "LogQL that finds the decisions; again for more")
	cmd.Flags().DurationVar(&since, "since", time.Hour, "how far back to look")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// scoreServices reads the decisions from Loki and, where no execution was logged,
// the latency from the histogram in Prometheus.
func scoreServices(ctx context.Context, config, tenant string, queries []string, w evidence.Window) (scores []runtimelog.Score, cut bool, err error) {
	cfg, err := loadTenant(config, tenant)
	if err != nil {
		return nil, false, err
	}
	s, err := backend.Dial(ctx, cfg)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.Logs == nil {
		return nil, false, usageError("%s names no Loki", config)
	}
	var lines []evidence.LogLine
	seen := map[string]bool{}
	for _, q := range queries {
		truncated, err := readPages(ctx, s.Logs, evidence.LogQuery{Expr: q, Window: w}, func(l evidence.LogLine) {
			key := strings.Join([]string{l.Time.Format(time.RFC3339Nano), l.Service, l.Body, l.Attributes["decision_id"]}, "\x00")
			if !seen[key] {
				seen[key] = true
				lines = append(lines, l)
			}
		})
		if err != nil {
			return nil, false, err
		}
		cut = cut || truncated
	}
	limits := runtimelog.DefaultThresholds()
	scores = runtimelog.Read(lines, limits)
	if s.Metrics == nil {
		return scores, cut, nil
	}
	measured, err := measuredLatency(ctx, s.Metrics, w)
	if err != nil {
		return nil, false, err
	}
	for i := range scores {
		if took, ok := measured[scores[i].Service]; ok && scores[i].Latency == nil {
			scores[i] = scores[i].WithLatency(took, limits)
		}
	}
	return scores, cut, nil
}

// measuredLatency is the median of the histogram decision_execution_delay_seconds
// by service, under whichever of the usual labels names it.
func measuredLatency(ctx context.Context, metrics correlate.MetricSource, w evidence.Window) (map[string]time.Duration, error) {
	out := map[string]time.Duration{}
	for _, label := range []string{"job", "service", "service_name"} {
		expr := fmt.Sprintf(`histogram_quantile(0.5, sum by (le, %[1]s) (increase(decision_execution_delay_seconds_bucket{%[1]s!=""}[%[2]ds])))`, label, int(w.End.Sub(w.Start).Seconds()))
		series, err := metrics.QueryRange(ctx, expr, evidence.Window{Start: w.End, End: w.End}, time.Minute)
		if err != nil {
			return nil, fmt.Errorf("read decision_execution_delay_seconds: %w", err)
		}
		for _, s := range series {
			if n := len(s.Samples); n > 0 {
				out[s.Labels[label]] = time.Duration(s.Samples[n-1].Value * float64(time.Second))
			}
		}
	}
	return out, nil
}

// readPages reads on from the last line where an answer was cut, so far that a
// busy hour is read whole. cut says that there was still more.
func readPages(ctx context.Context, logs correlate.LogSource, q evidence.LogQuery, each func(evidence.LogLine)) (cut bool, err error) {
	const pages = 60
	q.Limit = 5000
	for range pages {
		found, truncated, err := logs.Logs(ctx, q)
		if err != nil {
			return false, err
		}
		for _, l := range found {
			each(l)
		}
		if !truncated || len(found) == 0 {
			return false, nil
		}
		last := found[len(found)-1].Time
		if !last.After(q.Window.Start) {
			return true, nil // more lines of one instant than an answer holds
		}
		q.Window.Start = last
	}
	return true, nil
}

// readLogFile reads JSON lines; the whole object serves as the body, so that
// fields at its top are found.
func readLogFile(name string) (lines []evidence.LogLine, err error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usageError("read --logs: %v", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		in = f
	}
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		if len(sc.Bytes()) == 0 {
			continue
		}
		var l struct {
			Service, Body string
			Timestamp     time.Time
		}
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: not a JSON object: %w", name, n, err)
		}
		if l.Body == "" {
			l.Body = sc.Text()
		}
		line := evidence.LogLine{Service: l.Service, Time: l.Timestamp, Body: l.Body}
		logline.Default.Read(&line)
		lines = append(lines, line)
	}
	return lines, sc.Err()
}

func reportCompleteness(out, errOut io.Writer, format string, scores []runtimelog.Score, cut bool) error {
	if format == "json" {
		if err := writeJSON(out, scores); err != nil {
			return err
		}
	} else {
		p := &printer{w: out}
		p.line("%-24s %9s %12s %12s %12s  %s", "service", "decisions", "fields", "context_hash", "latency", "verdict")
		for _, s := range scores {
			latency, verdict := "unknown", "ok"
			if s.Latency != nil {
				latency = s.Latency.String()
			}
			if len(s.Missed) > 0 {
				verdict = fmt.Sprint("missed ", s.Missed)
			}
			p.line("%-24s %9d %11.2f%% %11.2f%% %12s  %s", s.Service, s.Decisions, 100*s.Complete, 100*s.Hashed, latency, verdict)
		}
		if p.err != nil {
			return p.err
		}
	}
	if cut {
		if _, err := fmt.Fprintln(errOut, "there were more lines than were read; the figures are of the earliest"); err != nil {
			return err
		}
	}
	if len(scores) == 0 {
		return codeError{exitInconclusive, errors.New("no runtime decision was logged; nothing can be said")}
	}
	for _, s := range scores {
		if len(s.Missed) > 0 {
			return codeError{exitFailed, errSilent}
		}
	}
	return nil
}
