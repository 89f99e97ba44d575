package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
	tapes "github.com/wherefore-dev/wherefore/sources/sourcestest/recording"
)

// runApp runs the program in process.
func runApp(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	e := App{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}.Run(t.Context())
	if e != nil {
		fmt.Fprintln(&err, "wherefore:", evidence.Sentence(e))
	}
	return out.String(), err.String(), exitCode(e)
}

// TestBundleRecord records from recordings of the real servers, and holds what
// came of it to the contract of the replayer.
func TestBundleRecord(t *testing.T) {
	tape := func(name string) string {
		return filepath.Join("..", "..", "sources", "sourcestest", "testdata", name+".json.gz")
	}
	dir, d := t.TempDir(), sourcestest.NewDataset()
	cfg := filepath.Join(dir, "wherefore.yaml")
	text := fmt.Sprintf("sources:\n  jaeger: {address: %q}\n  loki: {address: %q, page_size: %d}\n  prometheus: {address: %q}\n",
		tapes.ReplayGRPC(t, tape("jaeger")), tapes.ReplayHTTP(t, tape("loki")), sourcestest.PageSize, tapes.ReplayHTTP(t, tape("prometheus")))
	if err := os.WriteFile(cfg, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, file := sourcestest.RecordedWindow(), filepath.Join(dir, "out.tgz")
	stdout, stderr, code := runApp(t, "bundle", "record", "--config", cfg, "-o", file, "--earlier-days", "0", // the tapes hold no other day
		"--from", w.Start.Format(time.RFC3339), "--to", w.End.Format(time.RFC3339))
	if code != exitOK || !strings.Contains(stdout, "31 traces with 122 spans, 108 log lines, 23 series with 943 samples") {
		t.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	b, err := bundle.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if len(b.Coverage()) == 0 || !b.Manifest().Data().Start.Equal(w.Start) {
		t.Errorf("got coverage %v and window %v", b.Coverage(), b.Manifest().Data())
	}
	t.Run("traces", func(t *testing.T) { sourcestest.Traces(t, d, b) })
	t.Run("logs", func(t *testing.T) { sourcestest.Logs(t, d, b) })
	t.Run("metrics", func(t *testing.T) { sourcestest.Metrics(t, d, b) })
	if left, err := filepath.Glob(filepath.Join(dir, ".wherefore-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBundlePush(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	if err := sourcestest.NewDataset().WriteBundle(dir); err != nil {
		t.Fatal(err)
	}
	var traces, logs atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch {
		case r.URL.Path == "/v1/traces":
			traces.Add(1)
		case r.URL.Path == "/otlp/v1/logs" && r.Header.Get("X-Scope-OrgID") == "team":
			logs.Add(1)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	stdout, stderr, code := runApp(t, "bundle", "push", dir, "--jaeger-otlp", s.URL, "--loki", s.URL+"/otlp", "--prometheus-dir", data, "--org-id", "team")
	if code != exitOK || traces.Load() == 0 || logs.Load() == 0 {
		t.Fatalf("exit code %d after %d and %d requests, stderr %q", code, traces.Load(), logs.Load(), stderr)
	}
	for _, want := range []string{"123 spans sent to " + s.URL, "108 log lines sent to", "943 samples written to " + data} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got %q, want it to say %q", stdout, want)
		}
	}
	if blocks, err := filepath.Glob(filepath.Join(data, "*", "meta.json")); err != nil || len(blocks) != 2 {
		t.Errorf("got blocks %v, %v; want two, a day apart", blocks, err)
	}
}
