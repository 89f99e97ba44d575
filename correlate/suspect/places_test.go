package suspect

import (
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestAFolderThatHoldsEverythingIsNoPackage(t *testing.T) {
	for _, c := range []struct {
		touched, failing string
		want             bool
	}{
		{"src/shift.rs", "/build/src/tide.rs", false},
		{"src/main/java/Shift.java", "/w/src/main/java/Tide.java", false},
		{"src/tides/shift.rs", "/build/src/tides/tide.rs", true},
		{"lib/shift.rb", "/app/lib/tide.rb", false},
		{"internal/tides/shift.go", "/go/src/x/internal/tides/tide.go", true},
	} {
		if got := touchesPackage(evidence.Commit{Files: []string{c.touched}}, c.failing); got != c.want {
			t.Errorf("%s for %s: got %v, want %v", c.touched, c.failing, got, c.want)
		}
	}
}

func TestTouchesPackageComparesFolders(t *testing.T) {
	cm := evidence.Commit{Files: []string{"src/main/java/com/acme/routing/RouteTable.java", "server/hub/room.go", "worker/tasks.py", "README.md"}}
	for file, want := range map[string]bool{
		"com/acme/routing/Dispatcher.java": true, "/build/server/hub/client.go": true, "/app/worker/run.py": true,
		"com/other/routing/Dispatcher.java": false, "/app/main.py": false, "server/web/page.go": false, "/x/hub/client.go": false, "client.go": false, "/build/server/hub/style.css": false,
	} {
		if got := touchesPackage(cm, file); got != want {
			t.Errorf("touchesPackage(%q): got %v, want %v", file, got, want)
		}
	}
}

func TestADependencyIsNamedWhole(t *testing.T) {
	java := "java.lang.NoSuchMethodError: boom\n\tat a.b.C.d(C.java:1)\n\tat io.netty.X.y(X.java:2) ~[netty-codec-4.1.101.jar:4.1.101]\n"
	by := weights.Default().Commit.Places
	for _, c := range []struct {
		text, name string
		want       int
	}{
		{"TypeError: x\n    at f (/app/node_modules/nanoid/index.js:1:1)\n", "nanoid", 1000},
		{"TypeError: x\n    at f (/app/node_modules/nanoid-dictionary/index.js:1:1)\n", "nanoid", 0},
		{java, "netty-codec", 1000},
		{"a\nb\nc\nd\ne\n    at f (/app/node_modules/express/lib/layer.js:95:5)\n", "express", 400},
		{"Traceback (most recent call last):\n  File \"a.py\", line 1, in a\n  File \"b.py\", line 1, in b\n  File \"c.py\", line 1, in c\n  File \"/site-packages/urllib3/util.py\", line 3, in d\nTypeError: x\n", "urllib3", 1000},
		{"import error in google_auth", "google-auth", 1000},
		{"suburllib3s", "urllib3", 0},
	} {
		if got := namedAt(c.text, c.name, &by); got != c.want {
			t.Errorf("%q in %q: got %d, want %d", c.name, c.text, got, c.want)
		}
	}
}

// patch is a commit of one file with some changed lines.
func patch(n int, file, message string, lines ...string) evidence.Commit {
	cm := casetest.GoDiff(file, lines...)
	cm.SHA, cm.Message = casetest.Sha(n), message
	return cm
}

func firstOf(text string, commits ...evidence.Commit) (string, []report.CommitScore) {
	got := Text(commits, slices.Values([]evidence.LogLine{{Body: text, Severity: evidence.SeverityError}})).Commits
	return got[0].SHA, got
}

func TestWhatStillUsesTheOldNameTells(t *testing.T) {
	renamed := patch(1, "tracker/models.py", "Call it owner", "-    assignee_user = ForeignKey(User)", "+    owner_user = ForeignKey(User)", "-    def by(self): return self.assignee_user", "+    def by(self): return self.owner_user")
	moved := evidence.Commit{SHA: casetest.Sha(2), Message: "Split the module", Files: []string{"plan/state.py", "plan/state/snap.py"}, Diff: "diff --git a/plan/state.py b/plan/state.py\n--- a/plan/state.py\n+++ b/plan/state.py\n@@ -1,2 +1,0 @@\n-class PlanSnapshot:\n-    cursor = 0\ndiff --git a/plan/state/snap.py b/plan/state/snap.py\n--- /dev/null\n+++ b/plan/state/snap.py\n@@ -0,0 +1,2 @@\n+class PlanSnapshot:\n+    cursor = 0\n"}
	other := patch(3, "tracker/views.py", "Sort comments", "-    return comments", "+    return sorted(comments)")
	lock := patch(4, "package-lock.json", "Update locked packages", "     \"node_modules/nanoid\": {", "-      \"version\": \"3.3.4\"", "+      \"version\": \"4.0.0\"")
	for _, c := range []struct{ text, want string }{
		{"FieldError: Cannot resolve keyword 'assignee_user' into field", renamed.SHA},
		{"AttributeError: Can't get attribute 'PlanSnapshot' on <module 'plan.state'>", moved.SHA},
		{"Error [ERR_REQUIRE_ESM]: require() of ES Module /app/node_modules/nanoid/index.js not supported", lock.SHA},
	} {
		_, all := firstOf(c.text, renamed, moved, other, lock)
		best := slices.IndexFunc(all, report.CommitScore.IsCommit)
		if all[best].SHA != c.want || all[best].Score < 1000 {
			t.Errorf("%s: got%s\nwant %s as the first of the commits", c.text, casetest.Show(all), c.want)
		}
	}
	_, all := firstOf("x509: certificate has expired", renamed, moved, other, lock)
	for _, k := range all {
		if k.SHA != other.SHA && k.SHA != report.NoCommit && k.Score > -8000 {
			t.Errorf("%s does nothing, and the failure names nothing of it: got%s", k.SHA, casetest.Show(all))
		}
	}
}

func TestAHugeCommitSharesNamesByChance(t *testing.T) {
	var lines []string
	for i := range 400 {
		lines = append(lines, "+\tcall"+strings.Repeat("X", i%7)+"Handler"+string(rune('A'+i%26))+string(rune('a'+i/26))+"Value()")
	}
	huge := patch(1, "all/of/it.go", "Import the old tree", append(lines, "+\tx := tariffRegion(id)")...)
	small := patch(2, "tariff/region.go", "Look regions up", "+\tx := tariffRegion(id)")
	all := []evidence.Commit{huge, small}
	for n := range 20 {
		all = append(all, patch(3+n, "other/file.go", "Tidy", "+\tx := otherThing"+string(rune('A'+n))+"()"))
	}
	if got, all := firstOf("panic: tariffRegion: not known to callXHandlerBaValue, callXXHandlerCaValue", all...); got != small.SHA {
		t.Errorf("got%s\nwant the small commit first", casetest.Show(all))
	}
}

func TestALongStatementKeepsItsEndAndItsCauses(t *testing.T) {
	long := "outer.Exception: first\n" + strings.Repeat("\tat a.b.C.d(C.java:1)\n", 90) + "Caused by: inner.MissingTariff: region EU\n" + strings.Repeat("\tat a.b.C.d(C.java:1)\n", 90) + "last words"
	got := shortText(long)
	for _, want := range []string{"outer.Exception: first", "Caused by: inner.MissingTariff: region EU", "last words"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is gone", want)
		}
	}
	if len(got) > 2500 {
		t.Errorf("got %d bytes", len(got))
	}
}

// TestAPlaceThatAllTouchTellsThemNotApart: of a module with one folder every commit
// touches the folder that fails.
func TestAPlaceThatAllTouchTellsThemNotApart(t *testing.T) {
	touching := func(files ...string) *Scorer {
		s := &Scorer{names: identities{of: make([]identity, len(files))}}
		for _, f := range files {
			s.candidates = append(s.candidates, Candidate{Commit: evidence.Commit{Files: []string{f}}})
		}
		return s
	}
	frames := []*gathered.Frame{{Frame: evidence.Frame{File: "/src/shop/cart.go", Line: 3}}}
	near := func(s *Scorer) float64 { return s.nearPlace(&s.candidates[0], frames) }
	alone := near(touching("shop/cart.go", "mail/a.go", "mail/b.go", "mail/c.go"))
	file := near(touching("shop/cart.go", "shop/a.go", "shop/b.go", "shop/c.go"))
	folder := near(touching("shop/a.go", "shop/b.go", "shop/c.go", "shop/d.go"))
	if alone != 1 || file != 1 || folder >= 0.2 {
		t.Errorf("got %.2f for the only one there, %.2f for the only one in the file, %.2f for one of all in the folder", alone, file, folder)
	}
	if got := near(touching("mail/a.go", "shop/cart.go")); got != 0 {
		t.Errorf("elsewhere: got %.2f", got)
	}
}
