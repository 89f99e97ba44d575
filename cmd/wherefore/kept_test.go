package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// TestKeptEvidenceOutlivesItsSources pushes recorded incidents into real servers
// and has the real server investigate them. What it then keeps has to rank the
// same on replay, be the same bytes at every download, also when the sources are
// gone, and be what the exports say. All incidents: -live-cases all
func TestKeptEvidenceOutlivesItsSources(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "recorded", "lab")
	for _, name := range liveCasesIn(t, dir, "j-decoy") {
		t.Run(name, func(t *testing.T) { outlives(t, filepath.Join(dir, name)) })
	}
}

func outlives(t *testing.T, path string) {
	sources, _ := pushed(t, path)
	s := serveLive(t, path, sources, func(*config.Config) {})
	live := s.report(1)
	kept, header := s.get("export?format=bundle")
	sum := sha256.Sum256(kept)
	digest := hex.EncodeToString(sum[:])
	if header.Get("X-Wherefore-Evidence") != "" || header.Get("ETag") != `"`+digest+`"` {
		t.Errorf("got headers %v for a bundle with digest %s", header, digest)
	}
	for format, want := range map[string]string{"json": `"bundle":"kept","bundle_sha256":"` + digest + `"`, "csv": digest, "markdown": "SHA-256: " + digest} {
		if body, _ := s.get("export?format=" + format); !strings.Contains(string(body), want) {
			t.Errorf("the %s export lacks %s", format, want)
		}
	}
	if page, _ := s.fetch("/incidents/" + s.incident); !strings.Contains(string(page), digest) {
		t.Error("the page does not show the digest")
	}
	if d := unlike(t, live, s.replay("export?format=bundle")); d != "" {
		t.Errorf("the replay differs (-live +replayed):\n%s", d)
	}
	chosen := s.again(live.Window)
	if replayed := s.replay("export?format=bundle"); replayed.Onset.From != "given" || unlike(t, chosen, replayed) != "" {
		t.Errorf("over a chosen window the replay differs (-live +replayed):\n%s", unlike(t, chosen, replayed))
	}
	kept, _ = s.get("export?format=bundle") // of the newest report from now on

	small := serveLive(t, path, sources, func(c *config.Config) { c.Evidence.Repository = 0 })
	small.report(1)
	replayed := small.replay("export?format=bundle")
	if got, want := firstOf(replayed), firstOf(live); got[1] != want[1] || got[len(got)-1] != want[len(want)-1] || replayed.Causes[0].Decision != live.Causes[0].Decision {
		t.Errorf("without the history the replay has another first cause, commit or decision (-live +replayed):\n%s", cmp.Diff(want, got))
	}

	completed(t, path, sources)

	for _, x := range sources {
		if err := x.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "kept.tgz")
	if _, stderr, code := runApp(t, "bundle", "export", s.incident, "--server", s.url, "-o", file); code != exitOK || stderr != "" {
		t.Fatalf("bundle export: exit code %d, %s", code, stderr)
	}
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, kept) {
		t.Errorf("got other bytes once the sources are gone (%v)", err)
	}
}

// completed has the logs fail while an incident is investigated, and answer when its
// evidence is recorded: the report of the whole is published, and replays to the same.
func completed(t *testing.T, path string, sources []*servers.Server) {
	t.Helper()
	var answers atomic.Bool
	at, err := url.Parse(sources[1].URL("http"))
	if err != nil {
		t.Fatal(err)
	}
	whole := httputil.NewSingleHostReverseProxy(at)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answers.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		whole.ServeHTTP(w, r)
	}))
	defer gate.Close()
	s := serveLive(t, path, sources, func(c *config.Config) {
		c.Sources.Loki.Address = gate.URL
		c.Investigate.FollowUp = time.Hour // nothing is recorded before that unless somebody asks
	})
	logsOf := func(r report.Report) report.SourceState {
		i := slices.IndexFunc(r.Sources, func(x report.Standing) bool { return x.Source == bundle.SourceLogs })
		return r.Sources[i].State
	}
	if first := s.report(1); logsOf(first) != report.SourceFailed {
		t.Errorf("logs failed, and the report says that they %s", logsOf(first))
	}
	answers.Store(true)
	resp, err := http.Get(s.url + "/api/v1/incidents/" + s.incident + "/export?format=bundle") // which has it recorded
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	second := s.report(2)
	if logsOf(second) != report.SourceSpeaks {
		t.Errorf("with complete evidence the logs %s", logsOf(second))
	}
	if d := unlike(t, second, s.replay("export?format=bundle")); d != "" {
		t.Errorf("the replay differs from the report of the whole evidence (-published +replayed):\n%s", d)
	}
}

// keeping is a running server with one incident.
type keeping struct {
	t             *testing.T
	url, incident string
}

// serveLive runs the server over the sources and tells it of a bundle's changes
// and alert, at the time of the bundle.
func serveLive(t *testing.T, path string, sources []*servers.Server, change func(*config.Config)) keeping {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	j, l, p := sources[0], sources[1], sources[2]
	text := fmt.Sprintf("data_dir: %q\nsources:\n  jaeger: {address: %q}\n  loki: {address: %q}\n  prometheus: {address: %q}\nrepositories: [{name: lab, url: %q}]\n"+
		"investigate: {timeout: 4m, follow_up: 0s}\n",
		t.TempDir(), j.Addresses["query"], l.URL("http"), p.URL("http"), cloneOf(t, path))
	cfg, err := config.Parse([]byte(patiently(t, text)), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	change(&cfg)
	now := backend.Arrival(b)
	srv, err := server.New(t.Context(), zaptest.NewLogger(t), cfg, "test", server.Live("test", func() time.Time { return now }, zaptest.NewLogger(t)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Run(ctx, listener); err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	s := keeping{t: t, url: "http://" + listener.Addr().String(), incident: b.Alert().IncidentID()}
	for line := range bytes.Lines(member(t, b, bundle.ChangesFile)) {
		s.post("/api/v1/changes", "application/cloudevents+json", line)
	}
	s.post("/api/v1/alerts", "application/json", member(t, b, bundle.AlertFile))
	return s
}

func member(t *testing.T, b *bundle.Bundle, name string) []byte {
	t.Helper()
	r, err := b.Member(name)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// cloneOf is a repository made of a bundle's history.
func cloneOf(t *testing.T, path string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lab")
	runGit(t, "clone", "-q", "-b", "main", filepath.Join(path, bundle.RepoFile), dir)
	return dir
}

func (s keeping) post(path, kind string, body []byte) {
	s.t.Helper()
	resp, err := http.Post(s.url+path, kind, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode > 299 {
		s.t.Fatalf("%s: %s %s", path, resp.Status, said)
	}
}

func (s keeping) fetch(path string) ([]byte, http.Header) {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s %v %.500s", path, resp.Status, err, body)
	}
	return body, resp.Header
}

func (s keeping) get(path string) ([]byte, http.Header) {
	s.t.Helper()
	return s.fetch("/api/v1/incidents/" + s.incident + "/" + path)
}

// again has the incident investigated once more, over a window.
func (s keeping) again(w evidence.Window) report.Report {
	s.t.Helper()
	const precise = time.RFC3339Nano
	s.post("/api/v1/investigations", "application/json", fmt.Appendf(nil, `{"incident":%q,"from":%q,"to":%q}`, s.incident, w.Start.Format(precise), w.End.Format(precise)))
	return s.report(2)
}

// report waits for a revision.
func (s keeping) report(revision int) (r report.Report) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(fmt.Sprintf("%s/api/v1/incidents/%s?revision=%d", s.url, s.incident, revision))
		if err != nil {
			s.t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusOK {
			if err := json.Unmarshal(body, &r); err != nil {
				s.t.Fatal(err)
			}
			return r
		}
	}
	s.t.Fatalf("no revision %d within two minutes", revision)
	return r
}

// replay replays a bundle as a user does.
func (s keeping) replay(path string) (r report.Report) {
	s.t.Helper()
	body, _ := s.get(path)
	file := filepath.Join(s.t.TempDir(), "evidence.tgz")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		s.t.Fatal(err)
	}
	stdout, stderr, code := runApp(s.t, "replay", file)
	if !slices.Contains([]int{exitOK, exitInconclusive}, code) {
		s.t.Fatalf("replay: exit code %d, %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		s.t.Fatal(err)
	}
	return r
}
