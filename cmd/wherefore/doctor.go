package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func doctorCmd() *cobra.Command {
	var file, dataDir, tenant string
	var data bool
	var lookback time.Duration
	cmd := &cobra.Command{
		Use:   "doctor --config FILE",
		Short: "Say what each source answers, and how well its telemetry can be joined",
		Long: `Say what each source answers, and how well its telemetry can be joined: the
share of log lines with a trace ID and of those IDs that lead to a trace, of spans
with a code location, of services whose running revision is known, and of the
lines that spans name those that lead to a commit and to a recorded decision; and
the table of names: which source knows which service by which name. Each tenant's
sources are asked after the rest, or with --tenant those of one alone. Exits with
1 when a source fails.

With --data it reads all that a server keeps instead, and says what is wrong with
it: the database itself, what rows refer to, the files of the evidence.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data {
				cfg, err := dataConfig(file, dataDir)
				if err != nil {
					return err
				}
				return doctorData(cmd.Context(), cmd.OutOrStdout(), cfg)
			}
			if file == "" {
				return usageError("--config is needed to know where the sources are")
			}
			if lookback <= 0 {
				return usageError("--lookback %s is not above 0", lookback)
			}
			cfg, err := loadTenant(file, tenant)
			if err != nil {
				return err
			}
			err = examine(cmd.Context(), cmd.OutOrStdout(), cfg, lookback)
			for _, t := range cfg.Tenants { // none where --tenant names one
				_, said := fmt.Fprintf(cmd.OutOrStdout(), "\nTenant %s\n", t.Name)
				if fault := examine(cmd.Context(), cmd.OutOrStdout(), cfg.Of(t), lookback); fault != nil {
					err = errors.Join(err, fmt.Errorf("tenant %s: %w", t.Name, fault))
				}
				err = errors.Join(err, said)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file (YAML)")
	tenantFlag(cmd, &tenant)
	cmd.Flags().BoolVar(&data, "data", false, "check what a server keeps instead of its sources")
	cmd.Flags().StringVar(&dataDir, "data-dir", "", "with --data: folder of the casebook, instead of the file's")
	cmd.Flags().DurationVar(&lookback, "lookback", time.Hour, "how far back to sample telemetry")
	return cmd
}

// examine examines the sources of one configuration.
func examine(ctx context.Context, out io.Writer, cfg config.Config, lookback time.Duration) error {
	s, err := backend.Dial(ctx, cfg)
	if err != nil {
		return err
	}
	s.Connect(ctx)
	now := time.Now().UTC()
	d := doctor{out: out, sources: s, aliases: cfg.Engine.Names.Aliases, addresses: addressesOf(cfg), window: evidence.Window{Start: now.Add(-lookback), End: now}, patience: max(leastPatience, cfg.Engine.SourceDeadline)}
	return errors.Join(d.examine(ctx), s.Close())
}

// doctor examines a set of sources and prints what it finds.
type doctor struct {
	out     io.Writer
	sources *backend.Sources
	window  evidence.Window
	aliases map[string]string
	failed  int
	err     error
	// addresses are where the sources are said to be, by probe; silent those that
	// did not answer it.
	addresses map[string]string
	silent    map[string]bool
	have      []piece // what telemetry tells, for the table
	// patience is for how long a source is asked whether it is there.
	patience time.Duration
}

// leastPatience is more than a source takes that investigations get something from,
// which wait for source_deadline; who allows it more waits as long here.
const leastPatience = 5 * time.Second

// sampleLimit bounds what is read to judge a source by.
const sampleLimit = 200

func (d *doctor) examine(ctx context.Context) error {
	for _, p := range d.sources.Probes {
		question := p.Ping
		if p.Question != nil {
			question = p.Question
		}
		d.probe(ctx, p.Name, question)
	}
	for _, t := range d.sources.Targets {
		if p, ok := t.(interface{ Ping(context.Context) error }); ok {
			d.probe(ctx, "profiles of "+t.Name(), p.Ping)
		}
	}
	var services []string
	var places []place
	if d.sources.Traces != nil {
		services, places = d.traces(ctx)
	}
	if d.sources.Logs != nil {
		d.logs(ctx, services)
	}
	if d.sources.Metrics != nil {
		d.metrics(ctx)
	}
	d.names(ctx, services)
	if d.sources.Code != nil {
		d.code(ctx, places)
	}
	for _, s := range []struct {
		name    string
		missing bool
		means   string
	}{
		{"traces", d.sources.Traces == nil, "nothing can be joined by trace ID"},
		{"logs", d.sources.Logs == nil, "no error can be read in its own words"},
		{"metrics", d.sources.Metrics == nil, "resources and saturation cannot be judged"},
		{"code", d.sources.Code == nil, "no line leads to a commit or a decision; name repositories"},
	} {
		if s.missing {
			d.say("-    %-11s not configured: %s", s.name, s.means)
		}
	}
	d.table()
	if d.err != nil {
		return d.err
	}
	if d.failed > 0 {
		return fmt.Errorf("%d questions failed; see above", d.failed)
	}
	return nil
}

func (d *doctor) say(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintln(d.out, plain(fmt.Sprintf(format, args...)))
	}
}

func (d *doctor) fail(what string, err error) {
	d.failed++
	d.say("FAIL %-11s %s", what, evidence.Sentence(err))
}

func (d *doctor) probe(ctx context.Context, name string, ping func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	started := time.Now()
	if err := ping(ctx); err != nil {
		d.fail(name, err)
		if hint := setup.Hint(name, d.addresses[name], err, setup.InContainer()); hint != "" {
			d.say("     %-11s %s", "", hint)
		}
		d.dead(name)
		return
	}
	d.say("ok   %-11s answered in %s", name, time.Since(started).Round(time.Millisecond))
}

// traces samples every service's newest traces.
func (d *doctor) traces(ctx context.Context) (services []string, places []place) {
	if d.silent[setup.Jaeger] {
		return nil, nil // it was said
	}
	services, err := d.sources.Traces.Services(ctx)
	if err != nil {
		d.fail("services", err)
		return nil, nil
	}
	d.say("     %d services have spans: %s", len(services), shorten(services, 8))
	spans, coded, revised := 0, 0, 0
	for _, s := range services {
		traces, _, err := d.sources.Traces.FindTraces(ctx, evidence.TraceQuery{Service: s, Window: d.window, Limit: 20})
		if err != nil {
			d.fail("traces", err)
			return services, places
		}
		known := false
		for _, t := range traces {
			for _, span := range t.Spans {
				if span.Service != s {
					continue
				}
				spans++
				if span.Attribute("code.file.path") != "" || span.Attribute("code.filepath") != "" {
					coded++
				}
				if p, ok := placeOf(span); ok {
					places = append(places, p)
				}
				known = known || span.Attribute("vcs.ref.head.revision") != "" || span.Attribute("service.version") != ""
			}
		}
		if known {
			revised++
		}
	}
	d.tell("spans: code.file.path, code.line.number", coded, spans, "failing spans lead to no line of code; stacks of exceptions still do")
	d.tell("services: service.version or vcs.ref.head.revision", revised, len(services), "what ran is known from announced deployments alone; without those no commit is blamed")
	return services, places
}

func (d *doctor) metrics(ctx context.Context) {
	if d.silent[setup.Prometheus] {
		return
	}
	if d.sources.Rules != nil {
		rules, err := d.sources.Rules.Rules(ctx)
		if err != nil {
			d.fail("rules", err)
		} else {
			d.say("     %s", counted(len(rules), "alerting rule", "alerting rules"))
		}
	}
	if d.sources.Exemplars == nil {
		return
	}
	_, err := d.sources.Exemplars.Exemplars(ctx, `{__name__=~".+_bucket"}`, d.window)
	switch {
	case errors.Is(err, evidence.ErrUnsupported):
		d.say("     exemplars are not stored: metrics cannot lead to traces")
	case err != nil:
		d.fail("exemplars", err)
	}
}

func share(part, whole int) string {
	if whole == 0 {
		return "? (nothing sampled)"
	}
	return fmt.Sprintf("%d %% (%d of %d)", part*100/whole, part, whole)
}

func shorten(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
