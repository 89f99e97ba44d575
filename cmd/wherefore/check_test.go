package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
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
