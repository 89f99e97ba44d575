package gather_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// untranslated is what a Prometheus 3 that translates no names has of a server
// whose requests fail from minute twenty on, as it exposes it.
func untranslated(at time.Time) string {
	var b strings.Builder
	count := map[string]float64{}
	row := func(labels string, value float64, t time.Time) {
		fmt.Fprintf(&b, "{%s} %g %d\n", labels, value, t.Unix())
	}
	var good, bad, conns []string
	for i := range 120 {
		t := at.Add(time.Duration(i) * 15 * time.Second)
		if i > 80 {
			count["500"] += 10
		} else {
			count["200"] += 10
		}
		keep := b.Len()
		row(`"http.server.request.duration_seconds_count","service.name"="pay","job"="shop/pay","http.response.status_code"="200"`, count["200"], t)
		good = append(good, b.String()[keep:])
		keep = b.Len()
		row(`"http.server.request.duration_seconds_count","service.name"="pay","job"="shop/pay","http.response.status_code"="500"`, count["500"], t)
		bad = append(bad, b.String()[keep:])
		keep = b.Len()
		row(`"db.client.connection.count","service.name"="pay","job"="shop/pay","db.client.connection.state"="used"`, count["500"], t)
		conns = append(conns, b.String()[keep:])
	}
	return "# TYPE \"db.client.connection.count\" gauge\n" + strings.Join(conns, "") +
		"# TYPE \"http.server.request.duration_seconds\" histogram\n" + strings.Join(good, "") + strings.Join(bad, "") + "# EOF\n"
}

// TestNamesWithDotsAreReadAsAnyOthers replays a recorded answer of a server that
// keeps OpenTelemetry's names: the series are found, asked for in the server's
// spelling, and known by the engine's.
func TestNamesWithDotsAreReadAsAnyOthers(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fired := at.Add(30 * time.Minute)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"version":1,"id":"dots"}`,
		"alert.json":    `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Errors","service":"pay"},"startsAt":"` + fired.Format(time.RFC3339) + `"}]}`,
		"metrics.om":    untranslated(at),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	alert := evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: fired, Labels: map[string]string{"alertname": "Errors", "service": "pay"}}}}
	c, err := gather.New(port.Sources{Metrics: b}, gather.Options{}.WithDefaults(), gathered.Request{Alert: alert, Now: fired}).Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]gathered.Series{}
	for _, m := range c.Metrics {
		if m.Entity == "pay" {
			got[m.Name+" "+m.Stat] = m
		}
	}
	ratio, ok := got["http_server_request_error_ratio "]
	if !ok || len(ratio.Incident) == 0 || ratio.Incident[len(ratio.Incident)-1].Value < 0.9 {
		t.Errorf("the share of failed requests: got %+v among %d series", ratio, len(got))
	}
	if m := got["db_client_connection_count "]; len(m.Incident) == 0 || m.Labels["db_client_connection_state"] != "used" {
		t.Errorf("a gauge: got %+v", m)
	}
	for _, r := range c.Coverage {
		if r.Status == evidence.CoverageFailed {
			t.Errorf("%s, %s: %s", r.Source, r.Query, r.Detail)
		}
	}
}
