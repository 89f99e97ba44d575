package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/otlp"
	"github.com/wherefore-dev/wherefore/sources/push"
)

// pushArgs is what bundle push was asked.
type pushArgs struct {
	jaeger, loki, prometheus, org string
}

func bundlePushCmd() *cobra.Command {
	var p pushArgs
	cmd := &cobra.Command{
		Use:   "push BUNDLE [--jaeger-otlp URL] [--loki URL] [--prometheus-dir DIR]",
		Short: "Send a bundle to real servers",
		Long: `Send a bundle to real servers: spans to Jaeger's OTLP receiver, log lines to
Loki's, metrics as blocks into Prometheus's data directory. The same incident
can then be investigated live.

The servers must be willing to hold data as old as the bundle's. Prometheus:
--storage.tsdb.retention.time longer than its age. Loki: reject_old_samples off,
ingester.query_store_max_look_back_period -1, or lines are accepted and never
shown. Blocks carry no exemplars, metadata or rules.`,
		Example: `  wherefore bundle push incident.tgz --jaeger-otlp http://127.0.0.1:4318 --loki http://127.0.0.1:3100 --prometheus-dir /var/lib/prometheus`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usageError("push needs one BUNDLE, a directory or a .tgz")
			case p == pushArgs{org: p.org}:
				return usageError("nowhere to push to; give --jaeger-otlp, --loki or --prometheus-dir")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.run(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&p.jaeger, "jaeger-otlp", "", "OTLP over HTTP receiver of Jaeger, as http://127.0.0.1:4318")
	f.StringVar(&p.loki, "loki", "", "Loki, as http://127.0.0.1:3100")
	f.StringVar(&p.prometheus, "prometheus-dir", "", "data directory of Prometheus")
	f.StringVar(&p.org, "org-id", "", "tenant, sent as X-Scope-OrgID")
	return cmd
}

func (p pushArgs) run(ctx context.Context, path string, out, stderr io.Writer) (err error) {
	b, err := bundle.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	to := push.Targets{PrometheusDir: p.prometheus}
	for _, t := range []struct {
		flag, address, path string
		sender              **otlp.Sender
	}{{"--jaeger-otlp", p.jaeger, otlp.TracesPath, &to.Jaeger}, {"--loki", p.loki, otlp.LogsPath, &to.Loki}} {
		if t.address == "" {
			continue
		}
		s, err := otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: t.address, OrgID: p.org}, Path: t.path})
		if err != nil {
			return usageError("%s: %v", t.flag, err)
		}
		defer func() { _ = s.Close() }() // drops idle connections only
		*t.sender = s
	}
	bar := newStages(stderr)
	n, err := push.Push(ctx, b, to, bar.set)
	bar.finish()
	if err != nil {
		return err
	}
	for _, sent := range []struct {
		n        int
		to, text string
	}{
		{n.Spans, p.jaeger, "spans sent to"},
		{n.Lines, p.loki, "log lines sent to"},
		{n.Samples, p.prometheus, "samples written to"},
	} {
		if sent.to != "" {
			if _, err := fmt.Fprintln(out, sent.n, sent.text, sent.to); err != nil {
				return err
			}
		}
	}
	return nil
}
