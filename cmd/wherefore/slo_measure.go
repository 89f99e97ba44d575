package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/promql"
	"github.com/wherefore-dev/wherefore/correlate/slo"
	"github.com/wherefore-dev/wherefore/correlate/wording"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
)

func sloTestCmd() *cobra.Command {
	var file, tenant, server, at string
	cmd := &cobra.Command{
		Use:   "test (--config FILE | --prometheus URL) [OPENSLO-FILE]...",
		Short: "Measure objectives: do their queries answer, how fast does each budget burn?",
		Long: "Asks Prometheus for the bad and for all events of each objective over the windows\n" +
			"of its alerts and over its period, and says how fast the budget burns and how long\n" +
			"the rest of it lasts. Exits with 1 when a budget burns fast enough for an alert or\n" +
			"a query cannot be used, with 3 when something was not measured.",
		Example: "  wherefore slo test --config wherefore.yaml\n  wherefore slo test --prometheus http://127.0.0.1:9090 slo/checkout.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			specs, cfg, err := objectives(file, tenant, args)
			if err != nil {
				return err
			}
			c := cfg.Sources.Prometheus
			if server != "" {
				c = &prometheus.Config{}
				c.Address = server
			}
			if c == nil {
				return usageError("say where Prometheus is, with --prometheus or in the configuration")
			}
			now := time.Now().UTC()
			if at != "" {
				if now, err = time.Parse(time.RFC3339, at); err != nil {
					return usageError("--at %q is not a time such as 2024-08-01T02:51:00Z", at)
				}
			}
			client, err := prometheus.New(*c)
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }() // nothing was written
			m := budgetMeter{metrics: client, at: now, out: cmd.OutOrStdout()}
			for i := range specs {
				if err := m.test(cmd.Context(), &specs[i]); err != nil {
					return err
				}
			}
			switch {
			case m.burning:
				return codeError{exitFailed, errSilent}
			case m.unknown:
				return codeError{exitInconclusive, errSilent}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML)")
	tenantFlag(cmd, &tenant)
	f.StringVar(&server, "prometheus", "", "address of the server to ask, instead of the configuration's")
	f.StringVar(&at, "at", "", "instant to measure at, as 2024-08-01T02:51:00Z; now when left out")
	return cmd
}

// budgetMeter measures objectives at an instant.
type budgetMeter struct {
	metrics          port.MetricSource
	at               time.Time
	out              io.Writer
	burning, unknown bool // one of them
}

// test measures one objective and prints what it found.
func (m *budgetMeter) test(ctx context.Context, s *slo.Spec) error {
	period := slo.Percent(s.Target) + " over " + wording.Duration(s.Period)
	if s.Assumed {
		period += ", assumed"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	worst := "ok"
	for _, t := range slo.Tiers(s.Period) {
		short, err := m.burn(ctx, s, t.Short)
		if err != nil {
			return err
		}
		long, err := m.burn(ctx, s, t.Long)
		if err != nil {
			return err
		}
		word := "ok"
		switch {
		case !short.known || !long.known:
			word, m.unknown = "not measured", true
			if worst == "ok" {
				worst = "not measured"
			}
		case short.rate > t.Factor && long.rate > t.Factor:
			word, m.burning, worst = "burns too fast", true, "burns too fast"
		}
		both := short.text() + " and " + long.text()
		if !short.known && short.text() == long.text() {
			both = short.text()
		}
		_, _ = fmt.Fprintf(w, "  %s and %s\t%s\talert above %.4g\t%s\n", wording.Duration(t.Short), wording.Duration(t.Long), both, t.Factor, word) // to memory
	}
	whole, err := m.burn(ctx, s, s.Period)
	if err != nil {
		return err
	}
	_ = w.Flush()
	p := &printer{w: m.out}
	p.line("%s %s (%s): %s", plain(s.Service), plain(s.Name), period, worst)
	for line := range strings.Lines(b.String()) {
		p.line("%s", strings.TrimRight(line, " \n"))
	}
	if whole.known {
		p.line("  %s", left(s, whole.rate))
	}
	if s.Note != "" {
		p.line("  %s", plain(s.Note))
	}
	return p.err
}

// left says what is left of a budget that burned at a rate over its period.
func left(s *slo.Spec, rate float64) string {
	rest := 1 - rate
	if rest <= 0 {
		return "the budget is used up"
	}
	text := fmt.Sprintf("%.0f %% of the budget is left", 100*rest)
	if d, ok := slo.Exhaustion(rest, s.Period, rate); ok && d < s.Period {
		text += "; at the period's own rate it lasts " + wording.Duration(d)
	}
	return text
}

type burnRate struct {
	known bool
	rate  float64
	few   bool
	why   string
}

func (b burnRate) text() string {
	switch {
	case !b.known:
		return b.why
	case b.few:
		return fmt.Sprintf("%.3g (few events)", b.rate)
	}
	return fmt.Sprintf("%.3g", b.rate)
}

// burn asks for the events of one window. What cannot be known is said in the
// answer; a server that fails is the error.
func (m *budgetMeter) burn(ctx context.Context, s *slo.Spec, w time.Duration) (burnRate, error) {
	badQuery, allQuery, err := s.Counts(w)
	if err != nil {
		return burnRate{}, fmt.Errorf("%s: SLO %s: %w", s.Place(), s.Name, err)
	}
	all, known := 1.0, true
	if allQuery != "" {
		if all, known, err = m.value(ctx, allQuery); err != nil {
			return burnRate{}, err
		}
	}
	if !known {
		return burnRate{why: "nothing is counted"}, nil
	}
	bad, known, err := m.value(ctx, badQuery)
	if err != nil {
		return burnRate{}, err
	}
	if !known {
		return burnRate{why: "nothing is counted"}, nil
	}
	const rounding = 1e-9 // of floating point: all less good, where all were good
	if bad < 0 && bad >= -rounding*max(all, 1) {
		bad = 0
	}
	rate, err := slo.Burn(bad, all, s.Target)
	if err != nil {
		return burnRate{why: err.Error()}, nil //nolint:nilerr // what cannot be told is said in the answer
	}
	out := burnRate{known: true, rate: rate}
	if total, perSecond := promql.Denominator(allQuery); total != "" {
		events := all
		if perSecond {
			events *= w.Seconds()
		}
		out.few = slo.Few(events, s.Target, 1)
	}
	return out, nil
}

// value is the one number that a query gives at the instant.
func (m *budgetMeter) value(ctx context.Context, query string) (x float64, known bool, err error) {
	series, err := m.metrics.QueryRange(ctx, query, evidence.Window{Start: m.at, End: m.at}, time.Minute)
	if err != nil || len(series) == 0 || len(series[0].Samples) == 0 {
		return 0, false, err //nolint:wrapcheck // says which server and why
	}
	return series[0].Samples[0].Value, true, nil
}
