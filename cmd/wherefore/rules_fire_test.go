package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// firingTarget is a service of which every second request fails, and whose
// rollback fails with every scrape.
func firingTarget(t *testing.T) string {
	var scrapes atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := scrapes.Add(1)
		_, _ = fmt.Fprintf(w, "http_requests_total{service=\"shop\",code=\"200\"} %d\nhttp_requests_total{service=\"shop\",code=\"500\"} %[1]d\nrollback_total{service=\"shop\",result=\"failure\"} %[2]d\n", 10*n, n)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// TestGeneratedRulesOpenIncidents has the rules that `slo rules` and `rollback rules`
// write evaluated by a real Prometheus, routed by a real Alertmanager, and taken in by
// a server: the incidents know the objective and how fast it burns.
func TestGeneratedRulesOpenIncidents(t *testing.T) {
	testenv.NeedsServers(t)
	var served atomic.Pointer[url.URL]
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := served.Load()
		if to == nil {
			http.Error(w, "not yet", http.StatusServiceUnavailable) // Alertmanager comes again
			return
		}
		httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	config := func(prometheus string) string {
		return written(t, fmt.Sprintf(`listen: 127.0.0.1:0
data_dir: %q
sources: {prometheus: {address: %q}}
investigate: {timeout: 4m, fold: 0s, follow_up: 0s}
slo:
  objectives:
    - {name: availability, service: shop, target: 99.9, bad: 'sum(rate(http_requests_total{code="500"}[5m]))', all: 'sum(rate(http_requests_total[5m]))'}
`, t.TempDir(), prometheus))
	}
	rules, stderr, code := runApp(t, "slo", "rules", "--config", config("http://127.0.0.1:1"))
	if code != exitOK {
		t.Fatalf("slo rules: %d %s", code, stderr)
	}
	more, stderr, code := runApp(t, "rollback", "rules", "--interval", "1s")
	_, groups, ok := strings.Cut(more, "groups:\n")
	if code != exitOK || !ok {
		t.Fatalf("rollback rules: %d %s%s", code, more, stderr)
	}
	am := servers.Start(t, servers.AlertmanagerFor(front.URL+"/api/v1/alerts", ""))
	p := servers.Start(t, servers.PrometheusOptions{Rules: rules + groups, Targets: []string{firingTarget(t)}, Alertmanager: am.Addresses["http"]}.Start)
	base := serving(t, "serve", "--config", config(p.URL("http"))).says(t, urlOf)
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	served.Store(to)

	id, burning := reportOf(t, base, "ErrorBudgetBurn")
	budget := burning.Impact.Budgets
	if len(budget) == 0 {
		t.Fatal("the incident has no error budget")
	}
	if b := budget[0]; b.SLO != "availability" || b.Service != "shop" || b.Target != .999 || b.BurnLong < 450 || b.BurnLong > 550 || b.BurnShort < 450 || b.BurnShort > 550 || b.Factor < 1 {
		t.Errorf("got %+v, want availability of shop burning 500 times too fast", b)
	}
	// Whoever looks at a page waits a moment only, in which a busy machine may not
	// answer: it is asked until it does.
	var now report.Present
	holds := func() bool {
		return ask(t, base+"/api/v1/incidents/"+id+"/now", &now) && now.Fires == report.Yes && len(now.Conditions) > 0 && strings.HasPrefix(now.Says, "Still so: ")
	}
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("got %+v, want that the budget still burns", now)
		}
	}
	if _, r := reportOf(t, base, "RollbackFailing"); r.Service != "shop" {
		t.Errorf("got an incident of %q, want shop", r.Service)
	}
}

// reportOf waits for the report of an incident with an alert of a name.
func reportOf(t *testing.T, base, alert string) (id string, r report.Report) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var list struct {
			Incidents []struct {
				ID, Alert string
				Revision  int
			}
		}
		if !ask(t, base+"/api/v1/incidents", &list) {
			continue
		}
		for _, i := range list.Incidents {
			if i.Alert == alert && i.Revision > 0 && ask(t, base+"/api/v1/incidents/"+i.ID, &r) {
				return i.ID, r
			}
		}
	}
	t.Fatalf("no incident of %s was reported in time", alert)
	return id, r
}

// ask reads an answer; false where there is none yet.
func ask(t *testing.T, url string, into any) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode == http.StatusOK && json.NewDecoder(resp.Body).Decode(into) == nil
}
