package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex/runtimelog"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
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
	var config, logs, format string
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
			var lines []evidence.LogLine
			var cut bool
			var err error
			if logs != "" {
				lines, err = readLogFile(logs)
			} else {
				now := time.Now().UTC()
				lines, cut, err = readRuntimeLogs(cmd.Context(), config, queries, evidence.Window{Start: now.Add(-since), End: now})
			}
			if err != nil {
				return err
			}
			return reportCompleteness(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, runtimelog.Read(lines, runtimelog.DefaultThresholds()), cut)
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "configuration file (YAML) that names Loki")
	cmd.Flags().StringVar(&logs, "logs", "", "file of JSON lines with service, and body or the fields themselves; - for standard input")
	cmd.Flags().StringArrayVar(&queries, "query", runtimeQueries(), "LogQL that finds the decisions; again for more")
	cmd.Flags().DurationVar(&since, "since", time.Hour, "how far back to look")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func readRuntimeLogs(ctx context.Context, config string, queries []string, w evidence.Window) (lines []evidence.LogLine, cut bool, err error) {
	cfg, err := loadConfig(config)
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
	const most = 5000
	seen := map[string]bool{}
	for _, q := range queries {
		found, truncated, err := s.Logs.Logs(ctx, evidence.LogQuery{Expr: q, Window: w, Limit: most})
		if err != nil {
			return nil, false, err
		}
		cut = cut || truncated
		for _, l := range found {
			key := l.Time.Format(time.RFC3339Nano) + "\x00" + l.Service + "\x00" + l.Body
			if !seen[key] {
				seen[key] = true
				lines = append(lines, l)
			}
		}
	}
	return lines, cut, nil
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
		lines = append(lines, evidence.LogLine{Service: l.Service, Time: l.Timestamp, Body: l.Body})
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
