package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
)

// export fetches an export whole.
func (w world) export(id, format string) (*http.Response, string) {
	w.t.Helper()
	resp, err := http.Get(w.url + "/api/v1/incidents/" + id + "/export?format=" + format)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, string(b)
}

func (w world) reported() (id string) {
	w.t.Helper()
	_, answer := w.do(http.MethodPost, "/api/v1/alerts", "", body("Burn"))
	_, id, _ = strings.Cut(answer, `"incident":"`)
	id, _, _ = strings.Cut(id, `"`)
	w.eventually("/api/v1/incidents", `"state":"reported"`)
	return id
}

func TestExportsSayWhatBecameOfTheEvidence(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	w := start(t, nil, server.Backend{Record: func(_ context.Context, _, _ string, _ int, out io.Writer, _ func(context.Context)) error {
		close(begun)
		<-finish
		_, err := io.WriteString(out, "all of it")
		return err
	}})
	id := w.reported()
	<-begun
	if _, got := w.export(id, "json"); !strings.Contains(got, `"bundle":"recording"`) || strings.Contains(got, "sha256") {
		t.Errorf("while it is recorded: got %.600s", got)
	}
	if _, got := w.export(id, "markdown"); !strings.Contains(got, "being recorded") {
		t.Error("the postmortem does not say that the evidence is being recorded")
	}
	w.eventually("/incidents/"+id, "evidence being recorded")
	downloaded := make(chan string)
	go func() {
		_, b := w.export(id, "bundle")
		downloaded <- b
	}()
	close(finish)
	if got := <-downloaded; got != "all of it" {
		t.Errorf("the download that waited got %q", got)
	}
	sum := sha256.Sum256([]byte("all of it"))
	digest := hex.EncodeToString(sum[:])
	resp, _ := w.export(id, "bundle")
	if resp.Header.Get("ETag") != `"`+digest+`"` || !strings.Contains(resp.Header.Get("Content-Disposition"), id+"-r1.tgz") {
		t.Errorf("got headers %v", resp.Header)
	}
	for format, want := range map[string]string{"json": `"bundle":"kept","bundle_sha256":"` + digest + `"`, "csv": digest, "jsonl": digest, "markdown": digest, "html": digest} {
		if _, got := w.export(id, format); !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", format, want)
		}
	}
	w.eventually("/incidents/"+id, digest)
	w.eventually("/metrics", `wherefore_evidence_bundles_total{outcome="kept"} 1`)
	w.eventually("/metrics", "wherefore_evidence_bytes 9")
}

func TestWithoutKeepingTheSourcesAreAskedAnew(t *testing.T) {
	n := 0
	w := start(t, func(c *config.Config) { c.Evidence.Keep = 0 }, server.Backend{Record: func(_ context.Context, _, _ string, _ int, out io.Writer, pause func(context.Context)) error {
		n++
		pause(context.Background()) // nothing is investigated: it returns at once
		_, err := io.WriteString(out, strings.Repeat("x", n))
		return err
	}})
	id := w.reported()
	for _, want := range []string{"x", "xx"} {
		resp, got := w.export(id, "bundle")
		if got != want || resp.Header.Get("X-Wherefore-Evidence") == "" || resp.Header.Get("ETag") != "" {
			t.Errorf("got %q with headers %v", got, resp.Header)
		}
	}
	if _, got := w.export(id, "json"); strings.Contains(got, `"bundle`) {
		t.Errorf("nothing is kept, and the export says %.600s", got)
	}
	if _, got := w.export(id, "markdown"); !strings.Contains(got, "Evidence bundle: none is kept") {
		t.Error("the postmortem does not say that no evidence is kept")
	}
}
