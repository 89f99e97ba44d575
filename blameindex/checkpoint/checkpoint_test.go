package checkpoint

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const diff = `diff --git a/pkg/auth/jwt.go b/pkg/auth/jwt.go
index 1111111..2222222 100644
--- a/pkg/auth/jwt.go
+++ b/pkg/auth/jwt.go
@@ -1,3 +1,4 @@
 package auth
 
-var old = jwt.Parse(x) // without Verify
+var a = 1
+var t = jwt.Parse(x) // without Verify
diff --git a/src/api/gateway/new.go b/src/api/gateway/new.go
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/src/api/gateway/new.go
@@ -0,0 +1 @@
+package gateway
diff --git a/gone.go b/gone.go
deleted file mode 100644
index 3333333..0000000
--- a/gone.go
+++ /dev/null
@@ -1 +0,0 @@
-package gone
`

func change(t *testing.T, messages ...string) Change {
	t.Helper()
	files, err := ReadDiff(strings.NewReader(diff))
	if err != nil {
		t.Fatal(err)
	}
	return Change{Files: files, Messages: messages}
}

func rule(scope string, c evidence.DecisionCheck) decision.Record {
	r := decision.Record{Kind: decision.KindRule}
	r.ID, r.Title, r.Path, r.Scope, r.Checks = "ADR-047", "JWT is verified", "decisions/047.yaml", []string{scope}, []evidence.DecisionCheck{c}
	return r
}

// TestSeedRule holds the seed's own rule, read from its file, to finding the
// added line and not the removed one.
func TestSeedRule(t *testing.T) {
	data, err := os.ReadFile("../decision/testdata/seed-2.4.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc := decision.Parse("decision-log/2024-0123-api-auth.yaml", data, decision.DefaultVocabulary())
	got := Run(change(t), doc.Records, nil)
	want := []decision.Finding{{Rule: "ADR-047/code-pattern", About: "ADR-047: 强制JWT签名校验接入网关层", Level: "error", Path: "pkg/auth/jwt.go", Line: 4,
		Message: "禁止绕过JWT签名验证,请使用jwt.ParseWithClaims并传入Verifier", Record: "decision-log/2024-0123-api-auth.yaml"}}
	if d := cmp.Diff(want, got.Findings); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
	if got.Covering["ADR-047"] != 2 || got.Level() != "error" {
		t.Errorf("got %v, %q", got.Covering, got.Level())
	}
}

func TestChecks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rec   decision.Record
		msg   string
		tree  []string
		found string
	}{
		{"forbidden path", rule("src/**", evidence.DecisionCheck{Type: "forbid-path", Pattern: "src/**/new.go", Severity: "low", Message: "no"}), "", nil, "src/api/gateway/new.go:1 note"},
		{"deleting a forbidden path is fine", rule("*.go", evidence.DecisionCheck{Type: "forbid-path", Pattern: "gone.go", Message: "no"}), "", nil, ""},
		{"must exist and does", rule("pkg/**", evidence.DecisionCheck{Type: "must-exist", Pattern: "pkg/**/*_test.go", Message: "no test"}), "", []string{"pkg/auth/jwt_test.go"}, ""},
		{"must exist and does not", rule("pkg/**", evidence.DecisionCheck{Type: "must-exist", Pattern: "pkg/**/*_test.go", Message: "no test"}), "", []string{"x"}, "pkg/auth/jwt.go:1 warning"},
		{"a folder must exist and does", rule("pkg", evidence.DecisionCheck{Type: "must-exist", Pattern: "pkg/auth/testdata", Message: "no data"}), "", []string{"pkg/auth/testdata/token.json"}, ""},
		{"a folder must exist and does not", rule("pkg/", evidence.DecisionCheck{Type: "must-exist", Pattern: "pkg/auth/testdata", Message: "no data"}), "", []string{"pkg/auth/testdata.go"}, "pkg/auth/jwt.go:1 warning"},
		{"forbidden folder", rule("src", evidence.DecisionCheck{Type: "forbid-path", Pattern: "**/gateway", Severity: "low", Message: "no"}), "", nil, "src/api/gateway/new.go:1 note"},
		{"decision required", rule("pkg/auth/**", evidence.DecisionCheck{Type: "decision-required", Severity: "high", Message: "say why"}), "Change", nil, "pkg/auth/jwt.go:1 error"},
		{"decision given", rule("pkg/auth/**", evidence.DecisionCheck{Type: "decision-required", Severity: "high", Message: "say why"}), "Change\n\nDecision: DEC-1", nil, ""},
		{"out of scope", rule("other/**", evidence.DecisionCheck{Type: "code-pattern", Pattern: ".", Message: "no"}), "", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, f := range Run(change(t, tt.msg), []decision.Record{tt.rec}, tt.tree).Findings {
				got += fmt.Sprintf("%s:%d %s", f.Path, f.Line, f.Level)
			}
			if got != tt.found {
				t.Errorf("got %q, want %q", got, tt.found)
			}
		})
	}
}

func TestWithdrawnDecisionsDoNotBind(t *testing.T) {
	r := rule("**", evidence.DecisionCheck{Type: "code-pattern", Pattern: ".", Message: "no"})
	for _, status := range []string{"rejected", "deprecated", "superseded"} {
		r.Status = status
		if got := Run(change(t), []decision.Record{r}, nil); len(got.Findings) != 0 {
			t.Errorf("%s: got %d findings, want none", status, len(got.Findings))
		}
	}
}

// TestAFileThatIsMovedIsMissedWhereItWas by whoever governs that place.
func TestAFileThatIsMovedIsMissedWhereItWas(t *testing.T) {
	files, err := ReadDiff(strings.NewReader("diff --git a/pkg/auth/verify.go b/pkg/web/verify.go\nsimilarity index 100%\nrename from pkg/auth/verify.go\nrename to pkg/web/verify.go\n"))
	if err != nil {
		t.Fatal(err)
	}
	rec := rule("pkg/auth/**", evidence.DecisionCheck{Type: "must-exist", Pattern: "pkg/auth/verify.go", Severity: "high", Message: "it stays"})
	got := Run(Change{Files: files}, []decision.Record{rec}, []string{"pkg/web/verify.go"}).Findings
	if len(got) != 1 || got[0].Path != "pkg/auth/verify.go" || got[0].Level != "error" {
		t.Errorf("got %+v, want that verify.go is missed", got)
	}
}

// TestAFileThatIsMovedCountsOnce for whoever governs both places.
func TestAFileThatIsMovedCountsOnce(t *testing.T) {
	files, err := ReadDiff(strings.NewReader("diff --git a/pkg/auth/verify.go b/pkg/web/verify.go\nsimilarity index 100%\nrename from pkg/auth/verify.go\nrename to pkg/web/verify.go\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scope, pattern string
		covered        int
		found          string // where a decision is required
	}{
		{"pkg/**", "", 1, "pkg/web/verify.go"}, {"pkg/web/**", "", 1, "pkg/web/verify.go"}, {"pkg/auth/**", "", 1, "pkg/auth/verify.go"},
		{"pkg/**", "**/verify.go", 1, "pkg/web/verify.go"}, {"pkg/**", "pkg/auth/**", 1, "pkg/auth/verify.go"}, // it leaves what the check is about
		{"cmd/**", "", 0, ""},
	} {
		rec := rule(c.scope, evidence.DecisionCheck{Type: "decision-required", Pattern: c.pattern, Message: "say why"})
		got := Run(Change{Files: files}, []decision.Record{rec}, nil)
		var found []string
		for _, f := range got.Findings {
			found = append(found, f.Path)
		}
		if strings.Join(found, " ") != c.found || got.Covering[rec.ID] != c.covered {
			t.Errorf("%s, %q: got %q and %d files, want %q and %d", c.scope, c.pattern, found, got.Covering[rec.ID], c.found, c.covered)
		}
	}
}

func TestABrokenDiffIsAnError(t *testing.T) {
	if _, err := ReadDiff(strings.NewReader("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n+a\n")); err == nil {
		t.Error("got no error")
	}
}
