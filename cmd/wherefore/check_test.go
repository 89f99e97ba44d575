package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

func runCheck(t *testing.T, args ...string) (string, int) {
	t.Helper()
	server := httptest.NewServer(ui.New(storybook.New(storybook.Now, storybook.Stories()...).Options()))
	defer server.Close()
	var out bytes.Buffer
	app := App{Args: append([]string{"check", "--server", server.URL}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
	code := exitCode(app.Run(t.Context()))
	return out.String(), code
}

func TestCheckExitsByItsStatus(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
	}{
		{"right", []string{"--incident", "INC-confirmed", "--expect-entity", "ad-server", "--within", "60s"}, exitOK},
		{"only a lead", []string{"--incident", "INC-lead-only"}, exitOK},
		{"wrong", []string{"--incident", "INC-confirmed", "--expect-entity", "etcd"}, exitFailed},
		{"abstained", []string{"--incident", "INC-inconclusive"}, exitInconclusive},
		{"nothing there", []string{"--service", "nobody", "--from", "2024-08-01T00:00:00Z", "--to", "2024-08-02T00:00:00Z"}, exitInconclusive},
		{"unknown incident", []string{"--incident", "INC-nope"}, exitFailed},
		{"no time range", []string{"--service", "cart"}, exitUsage},
		{"another level", []string{"--level", "2", "--incident", "INC-confirmed"}, exitUsage},
		{"no such format", []string{"--incident", "INC-confirmed", "--format", "xml"}, exitUsage},
		{"no such time", []string{"--service", "cart", "--from", "yesterday"}, exitUsage},
	} {
		if _, got := runCheck(t, c.args...); got != c.code {
			t.Errorf("%s: got exit code %d, want %d", c.name, got, c.code)
		}
	}
}

func TestCheckPrintsWhatCIReads(t *testing.T) {
	server := httptest.NewServer(ui.New(storybook.New(storybook.Now, storybook.Stories()...).Options()))
	defer server.Close()
	print := func(format, incident string) []byte {
		var out bytes.Buffer
		app := App{Args: []string{"check", "--server", server.URL, "--incident", incident, "--expect-trigger", "code", "--format", format}, Stdout: &out, Stderr: &out}
		_ = app.Run(t.Context()) // the exit code is tested above
		return out.Bytes()
	}
	var result casefile.CheckResult
	if err := json.Unmarshal(print("json", "INC-confirmed"), &result); err != nil || result.Status != "PASS" || result.Evidence != server.URL+"/incidents/INC-confirmed" {
		t.Errorf("json: got %+v, %v", result, err)
	}
	for incident, want := range map[string]junit.Testsuites{"INC-confirmed": {Tests: 1}, "INC-no-code": {Tests: 1, Failures: 1}, "INC-inconclusive": {Tests: 1, Skipped: 1}} {
		var got junit.Testsuites
		if err := xml.Unmarshal(print("junit", incident), &got); err != nil {
			t.Fatal(err)
		}
		if got.Tests != want.Tests || got.Failures != want.Failures || got.Skipped != want.Skipped {
			t.Errorf("junit of %s: got %d tests, %d failures, %d skipped", incident, got.Tests, got.Failures, got.Skipped)
		}
	}
	if got := string(print("text", "INC-confirmed")); !strings.HasPrefix(got, "PASS root-cause-located (level 5)\n") {
		t.Errorf("text: got %q", got)
	}
}

// TestJUnitIsXMLWhateverAMessageHolds: tests print what they like, and XML cannot hold
// all of that, not even escaped.
func TestJUnitIsXMLWhateverAMessageHolds(t *testing.T) {
	var out bytes.Buffer
	r := casefile.CheckResult{ID: "tests-pass", Level: 1, Status: "FAIL", Message: "a\x00b\x1b[31mc\ufffed\uffffe]]>f<g&h\xff", Evidence: "x\x01\ufffey"}
	if err := checkJUnit(r).WriteXML(&out); err != nil {
		t.Fatal(err)
	}
	var got junit.Testsuites
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil || got.Failures != 1 {
		t.Errorf("got %+v, %v of\n%s", got, err, out.Bytes())
	}
}

// TestAnIncidentAsATest judges a recorded incident without a server.
func TestAnIncidentAsATest(t *testing.T) {
	bundle := filepath.Join(root, "fixtures", "recorded", "lab", "a-avalanche")
	silent := withoutMember(t, bundle, "logs.jsonl.gz")
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"right", []string{"--expect-entity", "ad-server", "--expect-trigger", "code"}, exitOK, "PASS root-cause-located"},
		{"wrong", []string{"--expect-entity", "etcd"}, exitFailed, "entity is ad-server, expected etcd"},
		{"Loki told nothing", []string{"--bundle", silent, "--expect-entity", "ad-server"}, exitInconclusive, "logs: not recorded"},
		{"wrong, and Loki told nothing", []string{"--bundle", silent, "--expect-entity", "etcd"}, exitFailed, "expected etcd"},
		{"of an incident", []string{"--incident", "INC-1"}, exitUsage, ""},
		{"of level 1", []string{"--level", "1"}, exitUsage, ""},
	} {
		out, code := runCheck(t, append([]string{"--bundle", bundle}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: got %d %.600s, want %d %q", c.name, code, out, c.code, c.says)
		}
	}
	out, _ := runCheck(t, "--bundle", bundle, "--format", "sarif")
	var sarif struct {
		Runs []struct {
			Results []struct {
				RuleID    string `json:"ruleId"`
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &sarif); err != nil || len(sarif.Runs) != 1 || len(sarif.Runs[0].Results) == 0 {
		t.Fatalf("got %v %.600s, want the suspect line", err, out)
	}
	first := sarif.Runs[0].Results[0]
	if first.RuleID != "check/root-cause-located" || first.Locations[0].PhysicalLocation.ArtifactLocation.URI == "" || first.Locations[0].PhysicalLocation.Region.StartLine < 2 {
		t.Errorf("got %+v, want a line of code", first)
	}
}

// withoutMember copies a bundle without one of its files.
func withoutMember(t *testing.T, dir, member string) (copied string) {
	t.Helper()
	copied = filepath.Join(t.TempDir(), "bundle")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(copied, "manifest.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var manifest map[string]any
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	delete(manifest["sha256"].(map[string]any), member)
	if text, err = json.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(copied, member)), os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestLevelsAreJudgedFromFiles needs no server, and each check is a case of its
// own for CI.
func TestLevelsAreJudgedFromFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := file("tests.json", `{"Time":"2024-08-01T02:00:00Z","Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: no\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`)
	lint := file("lint.json", `{"Issues":[],"Report":{}}`)
	for format, want := range map[string]string{"text": "FAIL         tests-pass           1 of 1 tests failed: a_test.go:7: TestA: no", "junit": `failures="1"`, "sarif": `"uri": "a_test.go"`, "json": `"checks": [`} {
		var buf bytes.Buffer
		app := App{Args: []string{"check", "--level", "1", "--service", "shop", "--tests", tests, "--lint", lint, "--format", format}, Stdin: strings.NewReader(""), Stdout: &buf, Stderr: &buf}
		if code := exitCode(app.Run(t.Context())); code != exitFailed || !strings.Contains(buf.String(), want) {
			t.Errorf("%s: got %d %s, want %q", format, code, buf.String(), want)
		}
	}
}

// TestWaitAsksUntilThereIsAnAnswer counts questions, not seconds.
func TestWaitAsksUntilThereIsAnAnswer(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		status := `"INCONCLUSIVE","pending":true`
		if asked == 3 {
			status = `"WARN"`
		}
		_, _ = fmt.Fprintf(w, `{"id":"root-cause-located","level":5,"status":%s,"message":"m"}`, status)
	}))
	defer server.Close()
	for _, c := range []struct {
		failOn string
		code   int
	}{{"fail", exitOK}, {"warn", exitFailed}} {
		asked = 0
		q := checking{server: server.URL, asked: true, every: time.Millisecond, wait: time.Hour, format: "text", failOn: c.failOn}
		q.request.Level, q.request.Incident = 5, "INC-1"
		var out bytes.Buffer
		if code := exitCode(q.run(t.Context(), &out, &out)); code != c.code || asked != 3 {
			t.Errorf("--fail-on %s: got %d after %d questions, want %d after 3", c.failOn, code, asked, c.code)
		}
	}
}

// TestADrillPollsHealth breaks a service by a command and watches it heal.
func TestADrillPollsHealth(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken")
	looks := 0
	health := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := os.Stat(broken); err == nil {
			if looks++; looks == 3 {
				_ = os.Remove(broken) // it heals by itself
			}
			_, _ = fmt.Fprint(w, `{"status":"degraded","reasons":["db_down"]}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"status":"ok"}`)
	}))
	defer health.Close()
	run := func(fault, heal string, watch time.Duration) maturity.Drill {
		t.Helper()
		d := drilling{url: health.URL, fault: fault, heal: heal, watch: watch}
		var f maturity.Facts
		if err := d.run(t.Context(), io.Discard, &f); err != nil {
			t.Fatal(err)
		}
		return *f.Drill
	}
	if d := run("touch "+broken, "", time.Hour); d.Before != "ok" || d.Degraded < 0 || d.Healed < d.Degraded || d.ByHand || !slices.Equal(d.Reasons, []string{"db_down"}) {
		t.Errorf("got %+v, want it degraded and healed by itself", d)
	}
	looks = 100 // from now on it does not
	if d := run("touch "+broken, "rm "+broken, time.Nanosecond); !d.ByHand {
		t.Errorf("got %+v, want it healed by hand", d)
	}
	d := drilling{url: health.URL, fault: "exit 3"}
	if err := d.run(t.Context(), io.Discard, &maturity.Facts{}); err == nil || !strings.Contains(err.Error(), `--fault "exit 3" failed`) {
		t.Errorf("got %v, want that the fault was not made", err)
	}
}
