package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// scraped are targets, and rules that name services.
type scraped struct {
	series []evidence.Series
	rules  []evidence.Rule
}

func (s scraped) ListSeries(context.Context, []string, evidence.Window) ([]evidence.Series, bool, error) {
	return s.series, false, nil
}

func (s scraped) Rules(context.Context) ([]evidence.Rule, error) { return s.rules, nil }

func (scraped) QueryRange(context.Context, string, evidence.Window, time.Duration) ([]evidence.Series, error) {
	return nil, nil
}

// streams are the names of log streams.
type streams []string

func (streams) Logs(context.Context, evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return nil, false, nil
}

func (s streams) StreamNames(context.Context, evidence.Window) ([]string, error) { return s, nil }

func TestDoctorShowsWhoKnowsWhomByWhichName(t *testing.T) {
	up := func(job string) evidence.Series {
		return evidence.Series{Name: "up", Labels: map[string]string{"job": job}}
	}
	s := scraped{[]evidence.Series{up("shop/cart"), up("checkout-v2"), up("node-exporter")}, []evidence.Rule{{Labels: map[string]string{"service": "cart"}}, {Labels: map[string]string{"service": "{{ $labels.job }}"}}}}
	var out bytes.Buffer
	d := doctor{out: &out, sources: &backend.Sources{}}
	d.sources.Metrics, d.sources.Rules, d.sources.Logs = s, s, streams{"Cart", "checkout"}
	d.names(t.Context(), []string{"cart", "checkout"})
	const want = `     4 names, 1 of them known to every source that has names
     name           traces    metrics        logs      rules
     checkout-v2    -         checkout-v2    -         -
     node-exporter  -         node-exporter  -         -
     checkout       checkout  -              checkout  -
     traces do not know checkout-v2; nearest is checkout; if it is meant, write engine.names.aliases: {"checkout-v2": "checkout"}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
