package server_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// token makes one of a role in a running server's casebook.
func (w world) token(name string, role access.Role) string {
	w.t.Helper()
	id, hash, text := access.NewToken()
	if err := w.s.Book().AddToken(w.t.Context(), casebook.Token{ID: id, Name: name, Role: string(role), Hash: hash, CreatedBy: "test"}); err != nil {
		w.t.Fatal(err)
	}
	return text
}

// TestWhoIsKnownIsTheAuthor writes in other people's names.
func TestWhoIsKnownIsTheAuthor(t *testing.T) {
	w := start(t, nil, server.Backend{})
	ann, ingest := w.token("ann", access.Responder), w.token("alertmanager", access.Ingest)
	admin := w.token("root", access.Admin)
	_, answer := w.do(http.MethodPost, "/api/v1/alerts", ingest, body("Burn"))
	var got struct{ Incident string }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Incident == "" {
		t.Fatalf("got %s (%v)", answer, err)
	}
	at := "/api/v1/incidents/" + got.Incident
	for path, content := range map[string]string{"/notes": `{"author":"eve","text":"x"}`, "/feedback": `{"author":"eve","judgment":"reject"}`, "/state": `{"by":"eve","action":"acknowledge"}`} {
		if status, _ := w.do(http.MethodPost, at+path, "", content); status != http.StatusUnauthorized {
			t.Errorf("%s without a token: got %d", path, status)
		}
		if status, _ := w.do(http.MethodPost, at+path, ingest, content); status != http.StatusForbidden {
			t.Errorf("%s with a token that sends alerts: got %d", path, status)
		}
		if status, said := w.do(http.MethodPost, at+path, ann, content); status >= 300 || !strings.Contains(said, `"ann"`) || strings.Contains(said, "eve") {
			t.Errorf("%s: got %d %s, want ann as the author", path, status, said)
		}
	}
	if status, _ := w.do(http.MethodGet, at+"/export?format=bundle", ann, ""); status != http.StatusForbidden {
		t.Errorf("source code for ann: got %d, want 403", status)
	}
	for _, want := range []string{`"actor":"ann","action":"refused","incident":"` + got.Incident + `","detail":"export code"`, `"actor":"ann","action":"note"`, `"actor":"test","action":"token created"`} {
		w.eventuallyAs(admin, "/api/v1/audit", want)
	}
}

// TestExpressionsOfAlertsAreAskedForKnownSendersOnly sends alerts whose links
// name an expression, and looks at what reaches the investigation.
func TestExpressionsOfAlertsAreAskedForKnownSendersOnly(t *testing.T) {
	const expr = "?g0.expr=payroll_salary%7Bemployee%3D%22alice%22%7D"
	seen := make(chan evidence.Alert, 10)
	investigate := func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		seen <- j.Alert
		return report.Report{Incident: j.Incident, Revision: j.Revision}, nil
	}
	for name, c := range map[string]struct {
		token bool
		link  string
		want  string
	}{
		"nobody knows the sender":    {false, "http://prometheus.example/graph" + expr, "http://prometheus.example/graph"},
		"known":                      {true, "http://prometheus.example/graph" + expr, "http://prometheus.example/graph" + expr},
		"known, by its other name":   {true, "http://other.example/graph" + expr, "http://other.example/graph" + expr},
		"known, another server":      {true, "http://evil.example/graph" + expr, "http://evil.example/graph"},
		"known, another port":        {true, "http://prometheus.example:81/graph" + expr, "http://prometheus.example:81/graph"},
		"known, a name before the @": {true, "http://prometheus.example@evil.example/graph" + expr, "http://prometheus.example@evil.example/graph"},
		"known, no URL":              {true, "http://%zz" + expr, ""},
	} {
		t.Run(name, func(t *testing.T) {
			change := func(cfg *config.Config) {
				cfg.Webhook.Generators = []string{"https://other.example"}
				cfg.Sources.Prometheus = &prometheus.Config{Config: endpoint.Config{Address: "http://prometheus.example/x"}}
				if c.token {
					cfg.Webhook.BearerToken = "sesame"
				}
			}
			w := start(t, change, server.Backend{Investigate: investigate, Ports: server.Ports{Generators: []string{"prometheus.example", "other.example"}}})
			alert := strings.Replace(body("Burn"), `"generatorURL":""`, `"generatorURL":"`+c.link+`"`, 1)
			for _, path := range []string{"/api/v1/alerts", "/api/v1/investigations"} {
				content := alert
				if path == "/api/v1/investigations" {
					content = `{"alert":` + strings.ReplaceAll(alert, "Burn", "Other") + `}`
				}
				if status, said := w.do(http.MethodPost, path, map[bool]string{true: "sesame"}[c.token], content); status >= 300 {
					t.Fatalf("%s: got %d %s", path, status, said)
				}
				if got := (<-seen).Instances[0].GeneratorURL; got != c.want {
					t.Errorf("%s: got %s, want %s", path, got, c.want)
				}
			}
		})
	}
}

func TestTLSIsThatOfTheWebConfiguration(t *testing.T) {
	keys, err := servers.NewKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "tls_server_config: {cert_file: %s, key_file: %s}\nbasic_auth_users: {ann: $2a$04$r9iRcXl6Q.0U6HyNRtTlZ.IZ/M3EQf6Zx18GyyDG4bfgf3yC/D5GS}\n", keys.ServerCert, keys.ServerKey), 0o600); err != nil {
		t.Fatal(err)
	}
	w := start(t, func(c *config.Config) { c.Access.WebConfigFile = file }, server.Backend{})
	if w.s.Scheme() != "https" {
		t.Errorf("got %s", w.s.Scheme())
	}
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // its name is of another test
	defer client.CloseIdleConnections()
	for user, want := range map[string]int{"": 401, "ann": 200} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(w.url, "http:", "https:", 1)+"/api/v1/incidents", nil)
		if err != nil {
			t.Fatal(err)
		}
		if user != "" {
			r.SetBasicAuth(user, "open sesame")
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || resp.ProtoMajor != 2 {
			t.Errorf("%q: got %s over HTTP/%d, want %d over 2", user, resp.Status, resp.ProtoMajor, want)
		}
	}
}

func TestAnOpenServerIsReachedFromThisMachineOnly(t *testing.T) {
	cfg := config.Default()
	cfg.DataDir, cfg.Listen = t.TempDir(), "0.0.0.0:0"
	_, err := server.New(t.Context(), zaptest.NewLogger(t), cfg, "test", func(context.Context, config.Config, casebook.TenantStore) (*server.Backend, error) {
		t.Error("it connected")
		return nil, net.ErrClosed
	})
	if err == nil || !strings.Contains(err.Error(), "--insecure-no-auth") {
		t.Errorf("got %v, want it refused with what to do", err)
	}
}

func TestOtherSitesNamesAreNotAnswered(t *testing.T) {
	w := start(t, func(c *config.Config) {
		c.ExternalURL, c.Access.Hosts = "https://wherefore.example", []string{"inside"}
	}, server.Backend{})
	at, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	known := []string{at.Host, "localhost:" + at.Port(), "wherefore.example", "inside:8080"}
	for _, host := range append(slices.Clone(known), "evil.example", "evil.example:"+at.Port()) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if want := map[bool]int{true: 200, false: 421}[slices.Contains(known, host)]; resp.StatusCode != want {
			t.Errorf("Host %s: got %d, want %d", host, resp.StatusCode, want)
		}
	}
}

// TestWhoAnnouncedAChangeIsKept has two programs announce changes of one ID.
func TestWhoAnnouncedAChangeIsKept(t *testing.T) {
	w := start(t, nil, server.Backend{})
	at := time.Now().UTC().Truncate(time.Second)
	event := func(version string) string {
		return fmt.Sprintf(`{"specversion":"1.0","id":"1","source":"ci","type":"dev.wherefore.deploy.v1","time":%q,"data":{"service":"shop","to":%q}}`, at.Format(time.RFC3339), version)
	}
	for _, x := range []struct{ token, version string }{{w.token("ci", access.Ingest), "v1"}, {w.token("other", access.Ingest), "v0"}} {
		header := http.Header{"Authorization": {"Bearer " + x.token}, "Content-Type": {"application/cloudevents+json"}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/api/v1/changes", strings.NewReader(event(x.version)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			t.Fatalf("got %s", resp.Status)
		}
	}
	changes, err := w.s.Book().Changes(t.Context(), evidence.Window{Start: at.Add(-time.Minute), End: at.Add(time.Minute)})
	if err != nil || len(changes) != 2 || changes[0].ID == changes[1].ID {
		t.Errorf("got %+v (%v), want the change of each", changes, err)
	}
}
