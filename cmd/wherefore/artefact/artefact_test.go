package artefact

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const passing = `{"Time":"2024-08-01T02:00:00Z","Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"skip","Package":"p","Test":"TestB"}
`

func TestTestEvents(t *testing.T) {
	const end = `{"Time":"2024-08-01T02:00:09Z","Action":"pass","Package":"p"}` + "\n"
	for _, c := range []struct {
		text, says                     string
		passed, failed, skipped, races int
		place                          string
	}{
		{passing + end, "", 1, 0, 1, 0, ""},
		{passing, "t.json:4: the file ends in the midst of package p, which began at line 1", 0, 0, 0, 0, ""},
		{passing + `{"Action":"pa`, "t.json:5: the file ends in the midst of an event", 0, 0, 0, 0, ""},
		{"PASS\nok p 0.1s\n", "t.json:1: no event of go test -json", 0, 0, 0, 0, ""},
		{"", "the file is empty", 0, 0, 0, 0, ""},
		{passing + `{"Action":"output","Package":"p","Test":"TestC","Output":"    a_test.go:7: no\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n", "", 1, 1, 1, 0, "a_test.go:7"},
		{`{"Action":"start","Package":"p"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n", "", 0, 1, 0, 0, ":0"},
		// Whose build failed after a test of another one did, and where.
		{passing + `{"Action":"fail","Package":"p","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n" + `{"ImportPath":"q [q.test]","Action":"build-output","Output":"q/q_test.go:5:9: undefined: nope\n"}` + "\n" + `{"Action":"fail","Package":"q","FailedBuild":"q [q.test]"}` + "\n", "", 1, 2, 1, 0, "q/q_test.go:5"},
		// A race counts also where its stack is lost, and where nothing fails by it.
		{passing + `{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}` + "\n" + `{"Action":"output","Package":"p","Test":"TestA","Output":"  [failed to restore the stack]\n"}` + "\n" + `{"Action":"output","Package":"p","Test":"TestA","Output":"WARNING: DATA RACE\n"}` + "\n" + end, "", 1, 0, 1, 2, ""},
		{passing + `{"Action":"output","Package":"p","Test":"TestC","Output":"WARNING: DATA RACE\n"}` + "\n" + `{"Action":"output","Package":"p","Test":"TestC","Output":"      /src/a.go:12 +0x3c\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n", "", 1, 1, 1, 1, ":0"},
	} {
		dir := write(t, map[string]string{"t.json": c.text})
		got, err := Tests(filepath.Join(dir, "t.json"))
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s\ngot %v, want %q", c.text, err, c.says)
			}
			continue
		}
		if err != nil || got.Passed != c.passed || got.Failed != c.failed || got.Skipped != c.skipped || len(got.Races) != c.races {
			t.Errorf("%s\ngot %+v, %v", c.text, got, err)
			continue
		}
		if got.At.IsZero() {
			t.Errorf("%s\ngot no time, not even that of the file", c.text)
		}
		last := len(got.Failures) - 1
		if c.place != "" && (last != c.failed-1 || got.Failures[last].Path+":"+strconv.Itoa(got.Failures[last].Line) != c.place) {
			t.Errorf("%s\ngot %+v, want %s", c.text, got.Failures, c.place)
		}
	}
}

func sarifOf(run string) string {
	return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},` + run + `}]}`
}

func TestLintFindings(t *testing.T) {
	for _, c := range []struct {
		text, says, place string
		found             int
	}{
		{`{"Issues":[{"FromLinter":"errcheck","Text":"unchecked","Pos":{"Filename":"a.go","Line":3}}],"Report":{}}`, "", "a.go:3", 1},
		{`{"Issues":[],"Report":{}}`, "", "", 0},
		{`{"Issues":null,"Report":{"Linters":[]}}`, "", "", 0},
		{`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":{"text":"bad"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"b.go"},"region":{"startLine":9}}}]},{"kind":"pass","message":{"text":"fine"}}]}]}`, "", "b.go:9", 1},
		{`{"version":"2.1.0","runs":[]}`, "l.json:1: the SARIF holds no run", "", 0},
		// What did not look found nothing either.
		{`{"Issues":[],"Report":{"Error":"no go files to analyze"}}`, "l.json:1: golangci-lint did not finish: no go files", "", 0},
		{sarifOf(`"invocations":[{"executionSuccessful":false,"exitCodeDescription":"out of memory"}],"results":[]`), "l.json:1: x did not finish (out of memory)", "", 0},
		{sarifOf(`"columnKind":"utf16CodeUnits"`), "x has no results member", "", 0},
		{"\ufeff" + sarifOf(`"results":[]`), "", "", 0},
		// What is no finding, or none any more.
		{sarifOf(`"results":[{"kind":"notApplicable"},{"kind":"informational"},{"level":"none"},{"baselineState":"absent"},{"suppressions":[{"kind":"inSource"}]},{"suppressions":[{"kind":"external","status":"accepted"}]}]`), "", "", 0},
		{sarifOf(`"results":[{"kind":"open"},{"baselineState":"unchanged"},{"suppressions":[]},{"suppressions":[{"kind":"inSource"},{"kind":"external","status":"rejected"}]}]`), "", "", 4},
		{"{\n\n", "l.json:3: neither golangci-lint's JSON nor SARIF", "", 0},
		{`{"other":1}`, "neither Issues nor runs", "", 0},
	} {
		dir := write(t, map[string]string{"l.json": c.text})
		got, err := Lint(filepath.Join(dir, "l.json"))
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want %q", c.text, err, c.says)
			}
			continue
		}
		if err != nil || got.Found != c.found || c.place != "" && got.Places[0].Path+":"+strconv.Itoa(got.Places[0].Line) != c.place {
			t.Errorf("%s: got %+v, %v", c.text, got, err)
		}
	}
}

func TestCoverageOfAModule(t *testing.T) {
	files := map[string]string{
		"go.mod": "module example.com/shop\n", "a.go": "package shop\n", "b_gen.go": "// Code generated by x. DO NOT EDIT.\n\npackage shop\n",
	}
	for _, c := range []struct {
		profile, says               string
		covered, statements, hidden int
	}{
		{"mode: atomic\nexample.com/shop/a.go:1.1,2.2 3 7\nexample.com/shop/a.go:3.1,4.2 1 0\nexample.com/shop/b_gen.go:1.1,2.2 5 0\n", "", 3, 4, 5},
		{"mode: atomic\nexample.com/other/a.go:1.1,2.2 3 7\n", "cover.out:2: example.com/other/a.go is of another module than example.com/shop", 0, 0, 0},
		{"mode: atomic\nexample.com/shop/gone.go:1.1,2.2 3 7\n", "cover.out:2: gone.go does not exist", 0, 0, 0},
		{"nothing\n", "cover.out:1: no coverage profile", 0, 0, 0},
		{"mode: set\nexample.com/shop/a.go:1.1,2.2 3 1\nmode: set\n", "cover.out:3: no coverage profile", 0, 0, 0},
		{"mode: set\nexample.com/shop/a.go:1.1,2.2 3 1\nexample.com/shop/a.go:3.1,4", "cover.out:3: no coverage profile", 0, 0, 0},
		{"mode: set\nexample.com/shop/a.go:1.1,2.2 3 1\nexample.com/shop/a.go:1.1,2.2 3 0\n", "", 3, 3, 0},
	} {
		files["cover.out"] = c.profile
		dir := write(t, files)
		got, err := Coverage(filepath.Join(dir, "cover.out"), dir)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want %q", c.profile, err, c.says)
			}
			continue
		}
		if err != nil || got.Covered != c.covered || got.Statements != c.statements || got.Generated != c.hidden {
			t.Errorf("%s: got %+v, %v", c.profile, got, err)
		}
	}
}

func TestSourceShowsMainsPrintsAndServers(t *testing.T) {
	dir := write(t, map[string]string{
		"good/main.go": "package main\n\nimport (\n\t\"context\"\n\t\"os/signal\"\n)\n\nfunc main() {\n\tctx, stop := signal.NotifyContext(context.Background())\n\tdefer stop()\n\t_ = ctx\n}\n",
		"bad/main.go":  "package main\n\nimport (\n\t\"fmt\"\n\tl \"log\"\n)\n\nfunc main() {\n\tfmt.Println(1)\n\tl.Printf(\"x\")\n\tfmt.Fprintln(nil)\n}\n",
		"srv/s.go":     "package srv\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nvar a = &http.Server{ReadTimeout: 5 * time.Second, WriteTimeout: d}\nvar b = http.Server{}\nvar d time.Duration\n",
		// What no build takes in, and what only seems to be no print.
		"gen/gen.go": "//go:build ignore\n\npackage main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println() }\n", "_old.go": "no go", "tools/go.mod": "module tools\n", "tools/main.go": "package main\n\nfunc main() { println() }\n",
		"dot/d.go":  "//go:build !plan9\n\npackage dot\n\nimport . \"fmt\"\n\nfunc f() { Println() }\n",
		"x_test.go": "package x\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n", "testdata/t.go": "no go",
	})
	got, err := Source(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.MainCount != 2 || len(got.Mains) != 1 || got.Mains[0].Path != "bad/main.go" || got.Mains[0].Line != 8 {
		t.Errorf("got the mains %+v of %d", got.Mains, got.MainCount)
	}
	if want := []int{9, 10, 7}; !slices.Equal(linesOf(got.Prints), want) {
		t.Errorf("got prints at %v, want %v", linesOf(got.Prints), want)
	}
	want := []maturity.HTTPServer{{Path: "srv/s.go", Line: 8, Read: 5 * time.Second, Write: variable}, {Path: "srv/s.go", Line: 9}}
	if !slices.Equal(got.Servers, want) {
		t.Errorf("got the servers %+v, want %+v", got.Servers, want)
	}
	if _, err := Source(write(t, map[string]string{"a.go": "package"})); err == nil || !strings.Contains(err.Error(), "a.go:1:8") {
		t.Errorf("got %v, want where it is no Go", err)
	}
}

func TestBuildsAreTwo(t *testing.T) {
	dir := write(t, map[string]string{"a": "x", "b": "x", "empty": ""})
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Link(path("a"), path("hard")), os.Symlink(path("a"), path("soft"))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		files []string
		says  string
	}{
		{[]string{"a", "b"}, ""}, {[]string{"a", "a"}, "same file"}, {[]string{"b", "a", "hard"}, "same file"}, {[]string{"soft", "a"}, "same file"}, {[]string{"a", "empty"}, "is empty"}, {[]string{"a", "gone"}, "gone"},
	} {
		var files []string
		for _, f := range c.files {
			files = append(files, path(f))
		}
		got, err := Builds(files)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || err == nil && len(got.SHA256) != len(files) {
			t.Errorf("%v: got %+v, %v, want %q", c.files, got, err, c.says)
		}
	}
}

func linesOf(places []casefile.CheckPlace) (lines []int) {
	for _, p := range places {
		lines = append(lines, p.Line)
	}
	return lines
}

func TestManifestsSayHowMuchMayGo(t *testing.T) {
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  replicas: 4\n  template: {metadata: {labels: {app: shop, tier: web}}}\n---\n"
	budget := func(selector, keeps string) string {
		return "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: shop}\nspec:\n  selector: " + selector + "\n  " + keeps + "\n"
	}
	for _, c := range []struct {
		text, says string
		want       maturity.Disruption
	}{
		{deployment, "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 1}},
		{deployment + budget("{matchLabels: {app: shop}}", "minAvailable: 3"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 8}},
		{deployment + budget("{matchLabels: {app: shop}}", "minAvailable: 60%"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 8}},
		{deployment + budget("{matchExpressions: [{key: tier, operator: In, values: [web]}]}", "maxUnavailable: 1"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 8}},
		{deployment + budget("{matchLabels: {app: other}}", "minAvailable: 3"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 1}},
		{deployment + budget("{matchLabels: {app: shop}}", "minAvailable: lots"), `m.yaml:8: PodDisruptionBudget shop: "lots" is neither`, maturity.Disruption{}},
		{"kind: HorizontalPodAutoscaler\nspec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: shop}}\n---\n" + deployment, "", maturity.Disruption{Workload: "shop", Replicas: 2, Line: 4}},
		{"kind: Service\nmetadata: {name: shop}\n", "", maturity.Disruption{}},
		{"a: [", "m.yaml:1: ", maturity.Disruption{}},
		{deployment + "spec:\n  {{- if .Values.x }}\n", "m.yaml:8: ", maturity.Disruption{}},
		// Which pods a budget is about.
		{deployment + budget("{}", "minAvailable: 3"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 8}},
		{deployment + strings.Replace(budget("{}", "minAvailable: 3"), "v1", "v1beta1", 1), "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 1}},
		{deployment + "apiVersion: policy/v1\nkind: PodDisruptionBudget\nspec: {minAvailable: 3}\n", "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 1}},
		{deployment + budget("{matchLabels: {app: shop}}", "minAvailable: 3") + "---\n" + budget("{}", "minAvailable: 2"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Beside: 1, Line: 15}},
		{deployment + budget("{}", "maxUnavailable: 25%"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 8}},
		{deployment + budget("{}", "maxUnavailable: 9"), "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Line: 8}},
		// Which workload is the service.
		{strings.Replace(deployment, "name: shop", "name: a-worker", 1) + deployment, "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 8}},
		{strings.Replace(deployment, "kind: Deployment", "kind: Rollout", 1), "", maturity.Disruption{Workload: "shop", Replicas: 4, Line: 1}},
		{strings.Replace(deployment, "replicas: 4", "replicas: ${N}", 1), "m.yaml:5: cannot unmarshal", maturity.Disruption{}},
		{"kind: List\nitems:\n- kind: Deployment\n  metadata: {name: shop}\n  spec: {replicas: 4, template: {metadata: {labels: {app: shop}}}}\n- kind: PodDisruptionBudget\n  spec: {selector: {matchLabels: {app: shop}}, minAvailable: 3}\n", "", maturity.Disruption{Workload: "shop", Replicas: 4, Budget: true, Available: 3, Line: 6}},
	} {
		dir := write(t, map[string]string{"m.yaml": c.text})
		got, err := Manifests(dir, "shop")
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want %q", c.text, err, c.says)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got.Path = ""
		if *got != c.want {
			t.Errorf("%s\ngot %+v, want %+v", c.text, *got, c.want)
		}
	}
}
