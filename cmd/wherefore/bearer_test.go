package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

const bearerToken = "let me in"

// gated puts a proxy before a server, as an ingress stands there, that hands on
// only requests with the token. It speaks HTTP/1, or HTTP/2 without TLS as gRPC
// does.
func gated(t *testing.T, to string, grpc bool) *httptest.Server {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var spoken http.Protocols
	spoken.SetHTTP1(!grpc)
	spoken.SetUnencryptedHTTP2(grpc)
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{Protocols: &spoken},
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+bearerToken {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	s.Config.Protocols = &spoken
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// gatedServers starts the servers behind such proxies with a recorded incident
// in them, and returns a configuration of the three.
func gatedServers(t *testing.T, recording string) string {
	t.Helper()
	j, l, blocks := servers.Start(t, servers.Jaeger), servers.Start(t, servers.Loki), t.TempDir()
	if stdout, stderr, code := runApp(t, "bundle", "push", recording, "--jaeger-otlp", j.URL("otlp"), "--loki", l.URL("http"), "--prometheus-dir", blocks); code != exitOK {
		t.Fatalf("push: exit code %d, %s%s", code, stdout, stderr)
	}
	p := servers.Start(t, servers.PrometheusOptions{DataDir: blocks}.Start)
	query := gated(t, "http://"+j.Addresses["query"], true)
	return "sources:\n" +
		"  jaeger: {address: '" + query.Listener.Addr().String() + "', bearer_token: '${JAEGER_TOKEN}'}\n" +
		"  loki: {address: '" + gated(t, l.URL("http"), false).URL + "', bearer_token: '${LOKI_TOKEN}'}\n" +
		"  prometheus: {address: '" + gated(t, p.URL("http"), false).URL + "', bearer_token: '${PROMETHEUS_TOKEN}'}\n" +
		"investigate: {timeout: 2m}\nengine: {deadline: 1m, source_deadline: 1m}\n"
}

// TestServersBehindBearerTokensAreRead ranks a recorded incident on real servers
// behind proxies that want a token: as it replays. And whose token is wrong or
// missing learns of it from the doctor, from /health and from the report.
func TestServersBehindBearerTokensAreRead(t *testing.T) {
	recording := filepath.Join("..", "..", "fixtures", "recorded", "lab", "a-avalanche")
	text := gatedServers(t, recording)
	for _, source := range []string{"JAEGER", "LOKI", "PROMETHEUS"} {
		t.Setenv(source+"_TOKEN", bearerToken)
	}
	t.Run("let in", func(t *testing.T) { ranksBehindTokens(t, recording, text) })
	for _, source := range []string{"jaeger", "loki", "prometheus"} {
		variable := strings.ToUpper(source) + "_TOKEN"
		t.Run("a wrong token for "+source, func(t *testing.T) {
			t.Setenv(variable, "guessed")
			refusedBy(t, source, recording, text)
		})
		t.Run("no token for "+source, func(t *testing.T) {
			refusedBy(t, source, recording, strings.Replace(text, ", bearer_token: '${"+variable+"}'", "", 1))
		})
	}
}

func ranksBehindTokens(t *testing.T, recording, text string) {
	file := written(t, text)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	live, err := backend.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	settled(t, recording, live.Traces)
	replayed := ranking(t, recording, func(*correlate.Sources) {})
	got := ranking(t, recording, func(s *correlate.Sources) { s.Logs, s.Metrics, s.Traces = live.Logs, live.Metrics, live.Traces })
	if d := unlike(t, replayed, got); d != "" {
		t.Errorf("behind tokens (-replayed +live):\n%s", d)
	}
	if stdout, stderr, code := runApp(t, "doctor", "--config", file); code != exitOK {
		t.Errorf("doctor: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// refusedBy holds all that speak of sources to saying that this one, and it
// alone, refuses the credentials.
func refusedBy(t *testing.T, source, recording, text string) {
	file := written(t, text)
	stdout, stderr, code := runApp(t, "doctor", "--config", file)
	if code != exitFailed || !failsWith(stdout, source, "401", "bearer_token") {
		t.Errorf("doctor: exit code %d\n%s%s", code, stdout, stderr)
	}
	healthIs(t, file, `{"status":"degraded","reasons":["`+source+`_credentials_refused"]}`)
	kind := map[string]string{"jaeger": "traces", "loki": "logs", "prometheus": "metrics"}[source]
	said := false
	for _, c := range reported(t, "--alert", filepath.Join(recording, "alert.json"), "--config", file).Coverage {
		if c.Status != evidence.CoverageFailed {
			continue
		}
		said = said || c.Source == kind
		if !strings.Contains(c.Detail, "401") || !strings.HasSuffix(c.Detail, endpoint.ErrCredentials.Error()) {
			t.Errorf("the report says of %s: %s", c.Source, c.Detail)
		}
	}
	if !said {
		t.Errorf("the report does not say that %s failed", kind)
	}
	if strings.Contains(stdout+stderr, bearerToken) || strings.Contains(stdout+stderr, "guessed") {
		t.Error("a token was printed")
	}
}

// healthIs waits until /health of a server with this configuration says so.
func healthIs(t *testing.T, file, want string) {
	t.Helper()
	url := serving(t, "serve", "--config", file, "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()).says(t, urlOf)
	var got json.RawMessage
	for range 1200 {
		resp, err := http.Get(url + "/health")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(json.NewDecoder(resp.Body).Decode(&got), resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if string(got) == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("/health: got %s, want %s", got, want)
}
