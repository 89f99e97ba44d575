package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func run(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = App{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}.Run(context.Background())
	return out.String(), errs.String(), err
}

func TestExportWritesAWholeFileOrNone(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/prefix/api/v1/incidents/INC-1/export" && r.URL.Query().Get("format") == "csv" && r.URL.Query().Get("revision") == "2":
			_, _ = w.Write([]byte("message,datetime\n"))
		case strings.Contains(r.URL.Path, "INC-cut"):
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"title":"Not Found","detail":"there is no incident like that"}`))
		}
	}))
	defer s.Close()
	busy := 2
	waiting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if busy--; busy >= 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"detail":"it is being recorded"}`))
			return
		}
		w.Header().Set("X-Wherefore-Evidence", "asked anew")
		_, _ = w.Write([]byte("bundle"))
	}))
	defer waiting.Close()
	if out, said, err := run(t, "bundle", "export", "INC-1", "--server", waiting.URL); err != nil || out != "bundle" || said != "it is being recorded\nthe sources were asked anew\n" {
		t.Errorf("got %q, %q (%v)", out, said, err)
	}
	busy = 1
	if _, _, err := run(t, "export", "INC-1", "--format", "csv", "--server", waiting.URL); err == nil {
		t.Error("a summary was waited for")
	}
	file := filepath.Join(t.TempDir(), "timeline.csv")
	if _, _, err := run(t, "export", "INC-1", "--format", "csv", "--revision", "2", "--server", s.URL+"/prefix", "-o", file); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "message,datetime\n" {
		t.Errorf("got %q (%v)", got, err)
	}
	if out, _, err := run(t, "export", "INC-1", "--format", "csv", "--revision", "2", "--server", s.URL+"/prefix"); err != nil || out != "message,datetime\n" {
		t.Errorf("got %q (%v) on standard output", out, err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	if _, _, err := run(t, "export", "INC-cut", "--server", s.URL, "-o", cut); err == nil {
		t.Error("an answer that broke off was taken for whole")
	}
	if left, _ := filepath.Glob(cut + "*"); len(left) != 0 {
		t.Errorf("half a file is left: %v", left)
	}
	if _, _, err := run(t, "export", "INC-none", "--server", s.URL); err == nil || !strings.Contains(err.Error(), "there is no incident like that") {
		t.Errorf("got %v, want the server's own words", err)
	}
	if _, _, err := run(t, "export", "INC-1", "--server", "nowhere"); exitCode(err) != exitUsage {
		t.Errorf("got %v, want a usage error", err)
	}
	if _, _, err := run(t, "export", "INC-1", "--server", "http://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "start wherefore there") {
		t.Errorf("got %v", err)
	}
}
