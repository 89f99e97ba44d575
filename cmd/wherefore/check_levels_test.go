package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// What tools and people leave of a service that is well, as far as files can tell.
const (
	wellTests = `{"Time":"2026-05-01T10:00:00Z","Action":"start","Package":"example.com/shop"}
{"Action":"run","Package":"example.com/shop","Test":"TestPay"}
{"Action":"pass","Package":"example.com/shop","Test":"TestPay"}
{"Action":"pass","Package":"example.com/shop"}
`
	wellMain = `package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	srv := &http.Server{ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: 60 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	_ = srv.ListenAndServe()
}
`
	wellRecord = `decision_id: DEC-2026-0007
title: Wait for the ledger
status: accepted
why: "Giving up on the ledger after 100ms cost 12 payments on a busy day."
what: "set the wait for the ledger to 400ms"
who: { initiator: "iam:u:ines-costa", approver: "iam:r:shop-lead", executor: "ci:settings-bot" }
when: { effective_at: "2026-01-12T09:00:00Z", logged_at: "2026-01-12T08:40:00Z" }
how:
  config_diff: "ledger_timeout_ms: 100 to 400"
  rollout: "with the next deployment"
  verify: ["unpaid_orders < 1%"]
  rollback: { config: "kubectl rollout undo deploy/shop --to-revision=41" }
scope: ["main.go"]
`
	wellManifests = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}, spec: {replicas: 3, template: {metadata: {labels: {app: shop}}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: shop}, spec: {minAvailable: 2, selector: {matchLabels: {app: shop}}}}
`
	wellLint     = `{"Issues":[],"Report":{"Linters":[{"Name":"errcheck","Enabled":true}]}}`
	wellCoverage = "mode: atomic\nexample.com/shop/main.go:11.13,17.2 9 4\nexample.com/shop/main.go:15.1,16.2 1 0\n"
)

// shop is a folder with all of it, and what is asked of it.
type shop struct {
	dir, health string
}

func (s shop) file(name string) string { return filepath.Join(s.dir, name) }

func (s shop) args(level string) []string {
	args := []string{"check", "--service", "shop", "--format", "json", "--level", level}
	switch level {
	case "1":
		return append(args, "--tests", s.file("tests.json"), "--race", "--lint", s.file("lint.json"), "--decisions", s.file("decisions"), "--source", s.dir)
	case "2":
		return append(args, "--coverage", s.file("cover.out"), "--source", s.dir, "--build", s.file("one"), "--build", s.file("two"), "--smoke", s.health)
	}
	return append(args, "--config", s.file("wherefore.yaml"), "--source", s.dir, "--manifests", s.file("kube"))
}

// TestEachCheckOfFilesFailsByARealCause spoils what a tool or a person left of a
// service that is well, and holds the command to the one check that is about it.
func TestEachCheckOfFilesFailsByARealCause(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	const race = `{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"==================\n"}
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"WARNING: DATA RACE\n"}
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"Write at 0x00c000012345 by goroutine 8:\n"}
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"  example.com/shop.pay()\n"}
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"      /src/main.go:12 +0x3c\n"}
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"    testing.go:1490: race detected during execution of test\n"}
{"Action":"fail","Package":"example.com/shop","Test":"TestPay"}
{"Action":"fail","Package":"example.com/shop"}
`
	start, _, _ := strings.Cut(wellTests, "\n")
	for _, c := range []struct {
		level, id, status, says string
		files                   map[string]string // instead of those that are well
		more                    []string          // arguments
		healthy                 int               // status of health, 0 for 200
	}{
		{level: "1", id: "tests-pass", status: "FAIL", says: "1 of 1 tests failed: main_test.go:9: TestPay: paid twice", files: map[string]string{"tests.json": start + `
{"Action":"output","Package":"example.com/shop","Test":"TestPay","Output":"    main_test.go:9: paid twice\n"}
{"Action":"fail","Package":"example.com/shop","Test":"TestPay"}
{"Action":"fail","Package":"example.com/shop"}
`}},
		{level: "1", id: "race-clean", status: "FAIL", says: "1 data races", files: map[string]string{"tests.json": start + "\n" + race}},
		{level: "1", id: "lint-clean", status: "FAIL", says: "found 1 thing", files: map[string]string{"lint.json": `{"Issues":[{"FromLinter":"errcheck","Text":"Error return value of pay is not checked","Severity":"","Pos":{"Filename":"main.go","Offset":90,"Line":12,"Column":5}}],"Report":{}}`}},
		{level: "1", id: "lint-clean", status: "FAIL", says: "found 1 thing", files: map[string]string{"lint.json": `{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":{"driver":{"name":"gosec"}},"results":[{"ruleId":"G114","level":"error","message":{"text":"no timeouts"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"main.go"},"region":{"startLine":14}}}]}]}]}`}},
		{level: "1", id: "decisions-complete", status: "FAIL", says: "decision records", files: map[string]string{"decisions/DEC-2026-0007.yaml": strings.Replace(wellRecord, "initiator", "author", 1)}},
		{level: "1", id: "tests-pass", status: "INCONCLUSIVE", says: "run them again", more: []string{"--revision", "HEAD"}},
		{level: "2", id: "coverage", status: "FAIL", says: "80.0 % of 10 statements", files: map[string]string{"cover.out": "mode: set\nexample.com/shop/main.go:11.13,17.2 8 1\nexample.com/shop/main.go:15.1,16.2 2 0\n"}},
		{level: "2", id: "main-contract", status: "FAIL", says: "1 of 1 main packages", files: map[string]string{"main.go": "package main\n\nfunc main() {\n\tselect {}\n}\n"}},
		{level: "2", id: "no-bare-print", status: "FAIL", says: "1 calls print by hand", files: map[string]string{"pay.go": "package main\n\nimport \"fmt\"\n\nfunc pay() { fmt.Println(\"paid\") }\n"}},
		{level: "2", id: "build-reproducible", status: "FAIL", says: "differ", files: map[string]string{"two": "\x7fELF built at 10:01"}},
		{level: "2", id: "smoke", status: "FAIL", says: "answered 503", healthy: http.StatusServiceUnavailable},
		{level: "4", id: "disruption-budget", status: "FAIL", says: "no PodDisruptionBudget", files: map[string]string{"kube/shop.yaml": strings.Replace(wellManifests, "matchLabels: {app: shop}", "matchLabels: {app: till}", 1)}},
		{level: "4", id: "server-timeouts", status: "FAIL", says: "waits for ever", files: map[string]string{"main.go": strings.Replace(wellMain, "ReadTimeout: 5 * time.Second, ", "", 1)}},
		// What cannot be judged is refused, with its place.
		{level: "1", status: "tests.json:2: the file ends in the midst of package example.com/shop", files: map[string]string{"tests.json": start + "\n" + `{"Action":"run","Package":"example.com/shop","Test":"TestPay"}` + "\n"}},
		{level: "2", status: "cover.out:2: example.com/till/main.go is of another module than example.com/shop", files: map[string]string{"cover.out": "mode: set\nexample.com/till/main.go:1.1,2.2 8 1\n"}},
	} {
		s := newShop(t, c.files, c.healthy)
		out, errOut, code := runApp(t, append(s.args(c.level), c.more...)...)
		if c.id == "" {
			if code != exitUsage || !strings.Contains(errOut, c.status) {
				t.Errorf("level %s: got %d %s, want %q", c.level, code, errOut, c.status)
			}
			continue
		}
		got := checkOf(t, out, c.id)
		if got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %s %q, want %s %q; %s", c.id, got.Status, got.Message, c.status, c.says, errOut)
		}
	}
	for level, ids := range map[string][]string{"1": {"tests-pass", "race-clean", "lint-clean", "decisions-complete"},
		"2": {"coverage", "main-contract", "no-bare-print", "build-reproducible"}, "4": {"disruption-budget"}} {
		out, _, _ := runApp(t, newShop(t, nil, 0).args(level)...)
		for _, id := range ids {
			if got := checkOf(t, out, id); got.Status != "PASS" && got.Status != "WARN" {
				t.Errorf("%s, where all is well: got %s %q", id, got.Status, got.Message)
			}
		}
	}
}

// newShop is a service that is well but for some of its files, and answers with a
// status when it is asked for its health, 0 for 200.
func newShop(t *testing.T, spoiled map[string]string, status int) shop {
	t.Helper()
	s := shop{dir: t.TempDir()}
	files := map[string]string{"go.mod": "module example.com/shop\n", "main.go": wellMain, "tests.json": wellTests, "lint.json": wellLint, "cover.out": wellCoverage,
		"decisions/DEC-2026-0007.yaml": wellRecord, "one": "\x7fELF built", "two": "\x7fELF built", "kube/shop.yaml": wellManifests, "wherefore.yaml": "sources: {prometheus: {address: \"http://127.0.0.1:1\"}}\n"}
	maps.Copy(files, spoiled)
	for name, text := range files {
		path := s.file(name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "go.mod"}, {"-c", "user.name=Ines Costa", "-c", "user.email=ines@shop.example", "commit", "-q", "-m", "Begin the shop"}} {
		runGit(t, append([]string{"-C", s.dir}, args...)...)
	}
	health := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(cmp.Or(status, http.StatusOK))
	}))
	t.Cleanup(health.Close)
	s.health = health.URL
	return s
}

// checkOf is one check of what the command printed.
func checkOf(t *testing.T, out, id string) casefile.CheckResult {
	t.Helper()
	var r casefile.CheckResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Errorf("%s: %v in %s", id, err, out)
		return r
	}
	i := slices.IndexFunc(r.Checks, func(c casefile.CheckResult) bool { return c.ID == id })
	if i < 0 {
		t.Errorf("%s: it is not in %s", id, out)
		return r
	}
	return r.Checks[i]
}
