package server_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/health"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

const hook = `{"version":"4","receiver":"wh","groupKey":"{}:{alertname=%s}","status":"firing","groupLabels":{},"commonLabels":{"alertname":%q,"service":"shop"},
	"commonAnnotations":{},"externalURL":"http://am","truncatedAlerts":0,"alerts":[{"status":"firing","labels":{"alertname":%q,"service":"shop"},"annotations":{},
	"startsAt":"2026-03-01T02:51:07Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"f1"}]}`

func body(name string) string { return fmt.Sprintf(hook, name, name, name) }

// world is a server over investigations that the test decides.
type world struct {
	t    *testing.T
	url  string
	s    *server.Server
	stop func()
	kind string // of what is sent; JSON when empty
}

func start(t *testing.T, change func(*config.Config), b server.Backend) world {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir = t.TempDir()
	cfg.Investigate.FollowUp, cfg.Investigate.Fold = 0, 0
	cfg.Investigate.Timeout = 10 * time.Minute // what a test keeps waiting is not given up by a busy machine
	if change != nil {
		change(&cfg)
	}
	if b.Investigate == nil {
		b.Investigate = func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
			return report.Report{Version: report.ReportVersion, Incident: j.Incident, Revision: j.Revision, Alert: j.Alert, Service: "shop",
				Title: "shop leaks connections", Verdict: report.Verdict{Word: report.Likely},
				Causes: []report.Cause{{Rank: 1, Entity: evidence.Entity{Name: "shop", Kind: evidence.KindService}, Mechanism: report.MechanismSaturation, Trigger: report.TriggerCode}}}, nil
		}
	}
	connect := func(_ context.Context, c config.Config, _ casebook.TenantStore) (*server.Backend, error) {
		if c.ExternalURL == "http://broken" {
			return nil, errors.New("broken on purpose")
		}
		x := b
		x.Ports.Senders = server.SendersOf(c.Webhook)
		x.Close = func() error { return nil }
		return &x, nil
	}
	s, err := server.New(t.Context(), zaptest.NewLogger(t), cfg, "test", connect)
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Run(ctx, l); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	stop := sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return world{t: t, url: "http://" + l.Addr().String(), s: s, stop: stop}
}

func (w world) do(method, path, token, content string) (int, string) {
	w.t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return w.send(method, path, header, content)
}

func (w world) send(method, path string, header http.Header, content string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(content))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header = header
	if content != "" {
		req.Header.Set("Content-Type", cmp.Or(w.kind, "application/json"))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// eventually waits until a GET answers with a text.
func (w world) eventually(path, want string) string {
	w.t.Helper()
	return w.eventuallyAs("", path, want)
}

// eventuallyAs asks with a token.
func (w world) eventuallyAs(token, path, want string) string {
	w.t.Helper()
	var got string
	for range 6000 {
		if _, got = w.do(http.MethodGet, path, token, ""); strings.Contains(got, want) {
			return got
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Fatalf("%s never had %q; it has %.400s", path, want, got)
	return ""
}

func TestAnAlertBecomesAPage(t *testing.T) {
	w := start(t, nil, server.Backend{})
	if status, b := w.do(http.MethodPost, "/api/v1/alerts", "", body("Burn")); status != http.StatusOK {
		t.Fatalf("got %d %s, want 200", status, b)
	}
	list := w.eventually("/api/v1/incidents", `"state":"reported"`)
	var page struct{ Incidents []casefile.Incident }
	if err := json.Unmarshal([]byte(list), &page); err != nil || len(page.Incidents) != 1 {
		t.Fatalf("got %s (%v)", list, err)
	}
	id := page.Incidents[0].ID
	w.eventually("/", id)
	w.eventually("/incidents/"+id, "shop leaks connections")
	if status, b := w.do(http.MethodGet, "/api/v1/incidents/"+id, "", ""); status != http.StatusOK || !strings.Contains(b, `"revision":1`) {
		t.Errorf("got %d %.200s", status, b)
	}
	if status, _ := w.do(http.MethodGet, "/-/ready", "", ""); status != http.StatusOK {
		t.Errorf("not ready: %d", status)
	}
	w.eventually("/metrics", `wherefore_investigations_total{verdict="Likely"} 1`)
	w.eventually("/metrics", `wherefore_alerts_total{outcome="accepted"} 1`)
}

// TestGroupsOfOneServiceAreInvestigatedTogether looks at the pages of both.
func TestGroupsOfOneServiceAreInvestigatedTogether(t *testing.T) {
	gate := make(chan struct{})
	w := start(t, func(c *config.Config) { c.Investigate.Fold = 2 * time.Minute }, server.Backend{
		Investigate: func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
			<-gate
			return report.Report{Revision: j.Revision, Title: "shop leaks", Service: "shop", Alert: j.Alert, Verdict: report.Verdict{Word: report.Likely}}, nil
		},
	})
	ids := make([]string, 2)
	for i, name := range []string{"Burn", "Slow"} {
		var got struct{ Incident string }
		status, b := w.do(http.MethodPost, "/api/v1/alerts", "", body(name))
		if err := json.Unmarshal([]byte(b), &got); err != nil || status != http.StatusOK {
			t.Fatalf("got %d %s", status, b)
		}
		ids[i] = got.Incident
	}
	close(gate)
	w.eventually("/api/v1/incidents?state=reported", `"folded_into":"`+ids[0]+`"`)
	w.eventually("/api/v1/incidents?state=reported", `"members":1`)
	w.eventually("/incidents/"+ids[1], "Investigated together with "+ids[0])
	w.eventually("/incidents/"+ids[0], "2 alert groups")
	w.eventually("/api/v1/incidents/"+ids[1], "shop leaks")
}

func TestAFullQueueIs503AndAMalformedAlert400(t *testing.T) {
	block := make(chan struct{})
	defer close(block)
	w := start(t, func(c *config.Config) { c.Webhook.QueueLimit = 1 }, server.Backend{
		Investigate: func(ctx context.Context, _ casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
			select {
			case <-block:
			case <-ctx.Done():
			}
			return report.Report{}, ctx.Err()
		}})
	if status, b := w.do(http.MethodPost, "/api/v1/alerts", "", body("A")); status != http.StatusOK {
		t.Fatalf("got %d %s", status, b)
	}
	if status, b := w.do(http.MethodPost, "/api/v1/alerts", "", body("B")); status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s, want 503 so that Alertmanager tries again", status, b)
	} else if !strings.Contains(b, `"detail":"accept alert \"B\": too many investigations are waiting (1); try again later"`) {
		t.Errorf("got %s, want one sentence", b)
	}
	w.eventually("/health", `{"status":"down","reasons":["queue_full"]}`)
	if status, b := w.do(http.MethodPost, "/api/v1/alerts", "", "{"); status != http.StatusBadRequest || !strings.Contains(b, "problem") && !strings.Contains(b, "detail") {
		t.Errorf("got %d %s, want 400 as a problem", status, b)
	}
	if status, _ := w.do(http.MethodPost, "/api/v1/alerts", "", `{"a":"`+string(bytes.Repeat([]byte("x"), 5<<20))+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413", status)
	}
}

func TestTheTokenGuardsWhatComesInAndFollowsAReload(t *testing.T) {
	w := start(t, func(c *config.Config) { c.Webhook.BearerToken = "one" }, server.Backend{})
	for token, want := range map[string]int{"": 401, "wrong": 401, "one": 200} {
		if status, _ := w.do(http.MethodPost, "/api/v1/alerts", token, body("Burn")); status != want {
			t.Errorf("token %q: got %d, want %d", token, status, want)
		}
	}
	for path, want := range map[string]int{"/": 401, "/api/v1/incidents": 401, "/metrics": 401, "/nowhere": 401, "/health": 200, "/healthz": 200, "/-/ready": 200, "/login": 200} {
		if status, _ := w.do(http.MethodGet, path, "", ""); status != want {
			t.Errorf("%s without a credential: got %d, want %d", path, status, want)
		}
		if status, _ := w.do(http.MethodGet, path, "one", ""); want == 401 && status != http.StatusForbidden {
			t.Errorf("%s with the webhook's token: got %d, want 403", path, status)
		}
	}
	cfg := config.Default()
	cfg.Webhook.BearerToken = "two"
	if err := w.s.Reload(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"one": 401, "two": 200} {
		if status, _ := w.do(http.MethodPost, "/api/v1/alerts", token, body("Burn")); status != want {
			t.Errorf("after the reload, token %q: got %d, want %d", token, status, want)
		}
	}
	cfg.ExternalURL = "http://broken"
	if err := w.s.Reload(t.Context(), cfg); err == nil {
		t.Error("a configuration that cannot be connected was taken")
	}
	if status, _ := w.do(http.MethodPost, "/api/v1/alerts", "two", body("Burn")); status != http.StatusOK {
		t.Errorf("the refused reload broke the old configuration: %d", status)
	}
}

func TestAReloadTakesUpWhatATenantHas(t *testing.T) {
	tenants := func(token endpoint.Secret) []config.Tenant {
		return []config.Tenant{{Name: "acme", Webhook: config.Webhook{BearerToken: token}}, {Name: "bolt"}}
	}
	w := start(t, func(c *config.Config) { c.Tenants = tenants("one") }, server.Backend{})
	for _, now := range []string{"two", "three"} {
		cfg := config.Default()
		cfg.Tenants = tenants(endpoint.Secret(now))
		if err := w.s.Reload(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]int{"one": 401, now: 200} {
			if status, _ := w.do(http.MethodPost, "/api/v1/alerts", token, body("Burn")); status != want {
				t.Errorf("after the reload, token %q of a tenant: got %d, want %d", token, status, want)
			}
		}
	}
	if err := w.s.Reload(t.Context(), config.Default()); err != nil { // they go with the next start
		t.Fatal(err)
	}
	if status, _ := w.do(http.MethodPost, "/api/v1/alerts", "three", body("Burn")); status != http.StatusOK {
		t.Errorf("got %d, want a tenant that was taken out to stay until the next start", status)
	}
}

func TestASignedBodyIsTakenWhileItsSecretHolds(t *testing.T) {
	w := start(t, func(c *config.Config) {
		c.Webhook.Signature = config.Signature{Secrets: []endpoint.Secret{"old", "new"}, TimestampHeader: "X-At"}
	}, server.Backend{})
	content := body("Burn")
	sign := func(secret, content string, at time.Time) http.Header {
		stamp := strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + ":" + content))
		return http.Header{"X-At": {stamp}, "X-Grafana-Alerting-Signature": {hex.EncodeToString(mac.Sum(nil))}}
	}
	now := time.Now()
	for name, c := range map[string]struct {
		header http.Header
		want   int
	}{
		"the old secret":    {sign("old", content, now), 200},
		"the new secret":    {sign("new", content, now), 200},
		"another secret":    {sign("x", content, now), 401},
		"another body":      {sign("old", content+" ", now), 401},
		"an hour ago":       {sign("old", content, now.Add(-time.Hour)), 401},
		"no signature":      {http.Header{}, 401},
		"a token, not used": {http.Header{"Authorization": {"Bearer "}}, 401},
	} {
		if status, got := w.send(http.MethodPost, "/api/v1/alerts", c.header, content); status != c.want {
			t.Errorf("%s: got %d %s, want %d", name, status, got, c.want)
		}
	}
	large := `{"a":"` + strings.Repeat("x", 5<<20) + `"}`
	if status, _ := w.send(http.MethodPost, "/api/v1/alerts", sign("old", large, now), large); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a signed body that is too large: got %d, want 413", status)
	}
}

func TestHealthSaysWhichSourceIsBad(t *testing.T) {
	w := start(t, nil, server.Backend{Probes: []health.Probe{
		{Name: "jaeger", Ping: func(context.Context) error { return nil }},
		{Name: "loki", Ping: func(context.Context) error { return errors.New("connection refused") }},
	}})
	got := w.eventually("/health", "loki_unavailable")
	if !strings.Contains(got, `"status":"degraded"`) || strings.Contains(got, "jaeger") {
		t.Errorf("got %s", got)
	}
	w.eventually("/metrics", `wherefore_source_up{source="loki"} 0`)
}

func TestWhatIsDueSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, func(c *config.Config) { c.DataDir = dir }, server.Backend{
		Investigate: func(ctx context.Context, _ casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
			<-ctx.Done()
			return report.Report{}, ctx.Err()
		}})
	if status, _ := first.do(http.MethodPost, "/api/v1/alerts", "", body("Burn")); status != http.StatusOK {
		t.Fatal(status)
	}
	first.stop()
	second := start(t, func(c *config.Config) { c.DataDir = dir }, server.Backend{})
	second.eventually("/api/v1/incidents", `"state":"reported"`)
}
