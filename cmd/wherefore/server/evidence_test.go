package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
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

// TestTheReportOfTheWholeEvidenceIsPublished has an investigation that was told less
// than the recording holds: the report of the recording is a revision of its own, which
// says why it was made and has the bundle, and nothing is recorded or published again.
// A recording that says the same changes nothing.
func TestTheReportOfTheWholeEvidenceIsPublished(t *testing.T) {
	for name, c := range map[string]struct {
		title string
		word  report.VerdictWord
		want  int // revision
	}{
		"it holds more":    {"shop-db is gone", report.Confirmed, 2},
		"it says the same": {"shop leaks connections", report.Likely, 1},
	} {
		t.Run(name, func(t *testing.T) {
			recorded := 0
			w := start(t, nil, server.Backend{
				Record: func(_ context.Context, _, _ string, _ int, out io.Writer, _ func(context.Context)) error {
					recorded++
					_, err := io.WriteString(out, "all of it")
					return err
				},
				Replay: func(_ context.Context, file string) (report.Report, error) {
					if held, err := os.ReadFile(file); err != nil || string(held) != "all of it" {
						t.Errorf("the file holds %q (%v)", held, err)
					}
					return report.Report{Version: report.ReportVersion, Revision: 1, Service: "shop", Title: c.title, Verdict: report.Verdict{Word: c.word},
						Causes: []report.Cause{{Rank: 1, Entity: evidence.Entity{Name: "shop", Kind: evidence.KindService}, Mechanism: report.MechanismSaturation, Trigger: report.TriggerCode}}}, nil
				},
			})
			id := w.reported()
			w.eventually("/metrics", `wherefore_evidence_bundles_total{outcome="kept"} 1`)
			w.eventually("/api/v1/incidents/"+id, c.title)
			resp, _ := w.export(id, "bundle")
			if want := fmt.Sprintf("%s-r%d.tgz", id, c.want); !strings.Contains(resp.Header.Get("Content-Disposition"), want) {
				t.Errorf("the bundle is %s, want %s", resp.Header.Get("Content-Disposition"), want)
			}
			_, page := w.do(http.MethodGet, "/incidents/"+id, "", "")
			if told := strings.Contains(page, casefile.WhyComplete); told != (c.want == 2) {
				t.Errorf("the page says %q: %v", casefile.WhyComplete, told)
			}
			if recorded != 1 {
				t.Errorf("it was recorded %d times", recorded)
			}
		})
	}
}
