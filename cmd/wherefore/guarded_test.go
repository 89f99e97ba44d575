package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/otlp"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/push"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// guarded is what the real servers are shut with: certificates on both sides for
// all, a password and a path prefix for Prometheus, a tenant for Loki.
type guarded struct {
	keys                     *servers.Keys
	jaeger, loki, prometheus string // addresses as a configuration has them
}

const (
	guardTenant   = "team-ads"
	guardPassword = "open sesame"
	guardHash     = "$2a$04$r9iRcXl6Q.0U6HyNRtTlZ.IZ/M3EQf6Zx18GyyDG4bfgf3yC/D5GS" // bcrypt of it
)

// startGuarded starts the servers with a recorded incident in them.
func startGuarded(t *testing.T, recording string) guarded {
	t.Helper()
	keys, err := servers.NewKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tenant := servers.Guard{Keys: keys, Tenant: guardTenant}
	user := servers.Guard{Keys: keys, User: "ada", Password: guardPassword, Hash: guardHash, Prefix: "/metrics-store"}
	j, l := servers.Start(t, servers.Guard{Keys: keys}.Jaeger), servers.Start(t, tenant.Loki)
	g := guarded{keys: keys, jaeger: "grpcs://" + j.Addresses["query"], loki: tenant.URL(l.Addresses["http"])}
	to := push.Targets{PrometheusDir: t.TempDir()}
	var err1, err2 error
	to.Jaeger, err1 = otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: j.URL("otlp")}, Path: otlp.TracesPath})
	to.Loki, err2 = otlp.NewSender(otlp.Config{Config: endpoint.Config{Address: g.loki, TLS: g.tls(), OrgID: guardTenant}, Path: otlp.LogsPath})
	b, err3 := bundle.Open(recording)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := push.Push(t.Context(), b, to, nil); err != nil {
		t.Fatal(err)
	}
	p := servers.Start(t, servers.PrometheusOptions{DataDir: to.PrometheusDir, Guard: user}.Start)
	g.prometheus = user.URL(p.Addresses["http"])
	return g
}

func (g guarded) tls() endpoint.TLS {
	return endpoint.TLS{CAFile: g.keys.CA, CertFile: g.keys.ClientCert, KeyFile: g.keys.ClientKey}
}

// dial opens the three sources as somebody who is let in.
func (g guarded) dial(t *testing.T) correlate.Sources {
	t.Helper()
	j, err1 := jaeger.New(jaeger.Config{Config: endpoint.Config{Address: g.jaeger, TLS: g.tls()}})
	l, err2 := loki.New(loki.Config{Config: endpoint.Config{Address: g.loki, TLS: g.tls(), OrgID: guardTenant}})
	p, err3 := prometheus.New(prometheus.Config{Config: endpoint.Config{Address: g.prometheus, TLS: g.tls(), Username: "ada", Password: guardPassword}})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(j.Close(), l.Close(), p.Close()) })
	return correlate.Sources{Traces: j, Logs: l, Metrics: p}
}

// config is a configuration of the three, as somebody would write it.
func (g guarded) config() string {
	tls := "{ca_file: " + g.keys.CA + ", cert_file: " + g.keys.ClientCert + ", key_file: " + g.keys.ClientKey + "}"
	return "sources:\n" +
		"  jaeger: {address: '" + g.jaeger + "', tls: " + tls + "}\n" +
		"  loki: {address: '" + g.loki + "', org_id: " + guardTenant + ", tls: " + tls + "}\n" +
		"  prometheus: {address: '" + g.prometheus + "', username: ada, password: '${PROMETHEUS_PASSWORD}', tls: " + tls + "}\n"
}

// TestGuardedServersAreRead ranks a recorded incident on real servers that want
// certificates, a password, a tenant and a path prefix: as it replays. And who is
// not let in learns from the doctor of which source, and what to put right.
func TestGuardedServersAreRead(t *testing.T) {
	recording := filepath.Join("..", "..", "fixtures", "recorded", "lab", "a-avalanche")
	g := startGuarded(t, recording)
	t.Setenv("PROMETHEUS_PASSWORD", guardPassword)
	live := g.dial(t)
	settled(t, recording, live.Traces)
	replayed := ranking(t, recording, func(*correlate.Sources) {})
	got := ranking(t, recording, func(s *correlate.Sources) { s.Logs, s.Metrics, s.Traces = live.Logs, live.Metrics, live.Traces })
	if d := unlike(t, replayed, got); d != "" {
		t.Errorf("guarded (-replayed +live):\n%s", d)
	}
	stranger, err := servers.NewKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		old, now, env string
		want          []string // all in one line that begins with FAIL
	}{
		"let in":                {},
		"another authority":     {old: g.keys.CA, now: stranger.CA, want: []string{"tls.ca_file"}},
		"no authority":          {old: "ca_file: " + g.keys.CA + ", ", want: []string{"tls.ca_file"}},
		"no client certificate": {old: ", cert_file: " + g.keys.ClientCert + ", key_file: " + g.keys.ClientKey, want: []string{"tls.cert_file"}},
		"a stranger's certificate": {old: "cert_file: " + g.keys.ClientCert + ", key_file: " + g.keys.ClientKey,
			now: "cert_file: " + stranger.ClientCert + ", key_file: " + stranger.ClientKey, want: []string{"tls.cert_file"}},
		"a wrong password": {env: "guessed", want: []string{"prometheus", "401", "username"}},
		"no tenant":        {old: "org_id: " + guardTenant + ", ", want: []string{"loki", "401", "org_id"}},
		"no TLS":           {old: "https://", now: "http://", want: []string{"https://"}},
		"a wrong prefix":   {old: "/metrics-store", now: "/elsewhere", want: []string{"prometheus", "404", "path in the address"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.env != "" {
				t.Setenv("PROMETHEUS_PASSWORD", c.env)
			}
			text := g.config()
			if c.old != "" {
				text = strings.ReplaceAll(text, c.old, c.now)
			}
			stdout, stderr, code := runApp(t, "doctor", "--config", written(t, text))
			t.Log(stdout, stderr)
			if (code == exitOK) != (c.want == nil) {
				t.Errorf("exit code %d", code)
			}
			if c.want != nil && !failsWith(stdout, c.want...) {
				t.Errorf("no line says FAIL and %q", c.want)
			}
			if strings.Contains(stdout+stderr, guardPassword) {
				t.Error("the password was printed")
			}
		})
	}
}

// failsWith reports whether a line of the doctor's is a failure and has all of
// these words.
func failsWith(stdout string, words ...string) bool {
	for line := range strings.Lines(stdout) {
		if strings.HasPrefix(line, "FAIL") && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}
