package suspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestALineBeginsAFunction(t *testing.T) {
	for _, c := range []struct {
		line   string
		header bool
		want   string
	}{
		{"func (r *Rule) compile(x int) error {", false, "compile"},
		{"func Max[T any](a, b T) T {", false, "Max"},
		{"    async def fetch(self, id):", false, "fetch"},
		{"export default async function load(id) {", false, "load"},
		{"const load = async (id) => {", false, "load"},
		{"proto.send = function (body) {", false, "send"},
		{"  async close(force) {", false, "close"},
		{"    public static <T> List<T> of(Class<T> type) {", false, "of"},
		{"    public Product product(String sku, String", true, "product"}, // git cuts a header off
		{"    public Product product(String sku, String", false, ""},
		{"    if (ready(x)) {", false, ""},
		{"  } else if (ready(x)) {", false, ""},
		{"\tfor i := range keys(m) {", false, ""},
		{"    total = sum(list)", false, ""},
		{"    return compile(x) {", false, ""},
		{"class Store:", true, ""},
		{"", true, ""},
	} {
		if got := functionBegun(c.line, c.header); got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestWhatAFailureMisses(t *testing.T) {
	for said, want := range map[string]string{
		"TypeError: req.login is not a function":                                      "[login]",
		"NameError: name 'settle_all' is not defined":                                 "[settleall]",
		"ReferenceError: fetchRates is not defined":                                   "[fetchrates]",
		"main.go:4:2: undefined: flag.ParseErrorsWhitelist":                           "[parseerrorswhitelist]",
		"c.flags.Allow undefined (type *FlagSet has no field or method Allow)":        "[allow]",
		"AttributeError: 'Cart' object has no attribute 'add_line'":                   "[addline]",
		"ERROR: column orders.paid_at does not exist at character 8":                  "[paidat]",
		`pq: relation "refunds" does not exist`:                                       "[refunds]",
		"Error 1054 (42S22): Unknown column 'paid_at' in 'field list'":                "[paidat]",
		"no such column: paid_at":                                                     "[paidat]",
		"error: unknown flag: --max-age":                                              "[max]",
		"java.lang.NoSuchMethodError: 'void com.shop.Cart.addLine(java.lang.String)'": "[addline]",
		"ImportError: cannot import name 'Rates' from 'shop.money'":                   "[rates]",
		"TypeError: Cannot read properties of undefined (reading 'map')":              "[]",
		"dial tcp 10.0.0.4:5432: connect: connection refused":                         "[]",
	} {
		if got := fmt.Sprint(slices.Sorted(maps.Keys(missedIn(said)))); got != want {
			t.Errorf("%s: got %s, want %s", said, got, want)
		}
	}
}

func TestWhoTakesANameAwayThatIsMissedIsSuspect(t *testing.T) {
	patch := func(file, lines string) string {
		return "diff --git a/" + file + " b/" + file + "\n--- a/" + file + "\n+++ b/" + file + "\n@@ -1,3 +1,3 @@\n" + lines
	}
	commits := []evidence.Commit{
		{SHA: "adds", Message: "Cache the user", Files: []string{"lib/user.js"}, Diff: patch("lib/user.js", " {\n+  req.login(user);\n+  cache(user);\n }\n")},
		{SHA: "renames", Message: "Rename the session", Files: []string{"lib/session.js"}, Diff: patch("lib/session.js", " {\n-  const login = session;\n+  const login = current;\n }\n")},
		{SHA: "takes", Message: "Tidy up", Files: []string{"lib/init.js"}, Diff: patch("lib/init.js", " {\n-  req.login = ext.logIn;\n-  req.go = ext.go;\n }\n")},
	}
	c := Text(commits, slices.Values([]evidence.LogLine{{Severity: evidence.SeverityError, Body: "TypeError: req.login is not a function"}}))
	for _, x := range c.Commits {
		has := slices.ContainsFunc(x.Terms, func(t report.Term) bool { return t.ID == "commit/missing" })
		if has != (x.SHA == "takes") {
			t.Errorf("%s: takes away what is missed: %v", x.SHA, has)
		}
	}
}

func TestSpotsAreRunsOfChangedLines(t *testing.T) {
	diff := "diff --git a/a/b.go b/a/b.go\n--- a/a/b.go\n+++ b/a/b.go\n@@ -10,9 +10,9 @@ func first() {\n \tone()\n-\ttwo()\n+\tzwei()\n \tthree()\n }\n \n func second() {\n \tfour()\n+\tfive()\n }\n"
	p := mechanism.Parse(diff)
	got := fmt.Sprint()
	for _, at := range spotsOf("a/b.go", p.Files[0].Hunks[0], 2) {
		got += fmt.Sprintf("%s %s %d-%d;", at.file, at.function, at.from, at.to)
	}
	if want := "a/b.go first 11-11;a/b.go second 17-17;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	gone := "--- a/a/b.go\n+++ b/a/b.go\n@@ -10,4 +10,2 @@ func first() {\n \tone()\n-\ttwo()\n-\tthree()\n \tfour()\n"
	if got := spotsOf("a/b.go", mechanism.Parse(gone).Files[0].Hunks[0], 2); len(got) != 1 || got[0].from != 11 || got[0].to != 11 {
		t.Errorf("lines that are gone: got %+v, want the place where they were", got)
	}
}

// pieces are two commits that touch the same file, told apart by what one of them
// changes, and one elsewhere.
func pieces(a, b string) []evidence.Commit {
	file := func(hunk string) string {
		return "diff --git a/store/tariff.go b/store/tariff.go\n--- a/store/tariff.go\n+++ b/store/tariff.go\n" + hunk
	}
	out := []evidence.Commit{{Files: []string{"store/tariff.go"}, Diff: file(a)}, {Files: []string{"store/tariff.go"}, Diff: file(b)}, casetest.GoDiff("ui/colour.go", "-\tc := red", "+\tc := blue")}
	for i := range out {
		out[i].SHA, out[i].Message = casetest.Sha(i), "tidy"
	}
	return out
}

const goStack = "panic: %s\n\ngoroutine 7 [running]:\nexample.org/x/store.load(...)\n\t/src/store/tariff.go:42 +0x1d\n"

func TestWhatTellsNeighboursApart(t *testing.T) {
	far := "@@ -90,3 +90,3 @@ func other() {\n \ta()\n-\tb()\n+\tc()\n"
	for _, c := range []struct{ name, first, second, text, id string }{
		{"the failing function itself", "@@ -0,0 +0,0 @@ func load() {\n-\tb()\n+\tc()\n", "@@ -0,0 +0,0 @@ func other() {\n-\tb()\n+\tc()\n", fmt.Sprintf(goStack, "boom"), "commit/inside"},
		{"the failing line", "@@ -41,3 +41,3 @@ func load() {\n \ta()\n-\tb()\n+\tc()\n", far, fmt.Sprintf(goStack, "boom"), "commit/line"},
		{"a text beside it", "@@ -0,0 +0,0 @@ func load() {\n-\tok := a < b\n+\tok := a <= b\n \treturn errors.New(\"tariff has no region\")\n", far, "tariff has no region", "commit/told"},
		{"a name beside it", "@@ -0,0 +0,0 @@ func load() {\n-\tok := a < b\n+\tok := a <= b\n \tregionOf(row)\n", far, "regionOf: bad row", "commit/beside"},
		{"what is called by the line that the runtime prints", "@@ -0,0 +0,0 @@ def find(id):\n-    b()\n+    c()\n", "@@ -0,0 +0,0 @@ def other():\n-    b()\n+    c()\n", "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in run\n    row = tariffs.find(1)\nValueError: odd", "commit/callee"},
		{"what raises it", "@@ -0,0 +0,0 @@ func a() {\n-\tb()\n+\tx = json.Unmarshal(b, &v)\n", "@@ -0,0 +0,0 @@ func a() {\n-\tb()\n+\tx = paint(b, red)\n", "unexpected end of JSON input", "commit/raised"},
	} {
		got := Text(pieces(c.first, c.second), slices.Values([]evidence.LogLine{{Body: c.text, Severity: evidence.SeverityError}}))
		points := map[string]int{}
		for _, k := range got.Commits {
			for _, term := range k.Terms {
				if term.ID == c.id {
					points[k.SHA] = term.Points
					if len(term.Refs) == 0 || term.Why == "" {
						t.Errorf("%s: %s has no reason to look at", c.name, c.id)
					}
				}
			}
		}
		if points[casetest.Sha(0)] <= points[casetest.Sha(1)] || points[casetest.Sha(0)] <= points[casetest.Sha(2)] {
			t.Errorf("%s: got %v of %s, want the first ahead\n%s", c.name, points, c.id, casetest.Show(got.Commits))
		}
	}
}

// TestWhatAFileUsesStandsBesideNothing: a module's own path is in each of its stacks
// and in most of its files.
func TestWhatAFileUsesStandsBesideNothing(t *testing.T) {
	for _, c := range []struct{ file, line, said string }{
		{"store/tariff.go", `"example.org/shop/tariffstore"`, "example.org/shop/tariffstore.load(...)"},
		{"store/tariff.py", "from shop.tariffstore import load_all", "shop.tariffstore.load_all failed"},
		{"store/tariff.js", "const tariffStore = require('shop-tariff-store');", "tariffStore: shop-tariff-store failed"},
		{"store/tariff.ts", "import { loadTariff } from 'shop-tariff-store';", "loadTariff failed"},
		{"store/Tariff.java", "import com.shop.TariffStore;", "TariffStore failed"},
		{"store/tariff.rb", "require 'shop/tariff_store'", "shop/tariff_store failed"},
		{"store/Tariff.php", "use Shop\\Store\\TariffStore;", "TariffStore failed"},
		{"store/Tariff.pm", "use Shop::TariffStore;", "TariffStore failed"},
		{"store/tariff.ex", "alias Shop.TariffStore", "TariffStore failed"},
		{"store/Tariff.cs", "global using Shop.TariffStore;", "TariffStore failed"},
	} {
		diff := func(beside string) string {
			return "diff --git a/" + c.file + " b/" + c.file + "\n--- a/" + c.file + "\n+++ b/" + c.file + "\n@@ -1,3 +1,3 @@\n " + beside + "\n-x = 1\n+x = 2\n"
		}
		for _, use := range []bool{true, false} {
			line := c.line
			if !use {
				line = "call(" + c.said + ")"
			}
			commits := pieces("@@ -0,0 +0,0 @@ func a() {\n-\tb()\n+\tc()\n", "@@ -0,0 +0,0 @@ func d() {\n-\te()\n+\tf()\n")
			commits[0].Files, commits[0].Diff = []string{c.file}, diff(line)
			got, beside := Text(commits, slices.Values([]evidence.LogLine{{Body: c.said, Severity: evidence.SeverityError}})), false
			for _, k := range got.Commits {
				for _, term := range k.Terms {
					beside = beside || term.ID == "commit/beside"
				}
			}
			if beside == use {
				t.Errorf("%s: %q next to a change counts: %v", c.file, line, beside)
			}
		}
	}
}

// TestATermPointsAtTheLinesThatCarryIt: a reader must see which of the changed lines
// speak of what the failure speaks of.
func TestATermPointsAtTheLinesThatCarryIt(t *testing.T) {
	first := "@@ -10,2 +10,3 @@ func load() {\n \ta()\n+\tpaint(red)\n@@ -41,3 +42,3 @@ func save() {\n \ta()\n-\tb()\n+\tregionCode := row.TariffRegion\n"
	got := Text(pieces(first, "@@ -0,0 +0,0 @@ func other() {\n-\tb()\n+\tc()\n"), slices.Values([]evidence.LogLine{{Body: "TariffRegion: bad value", Severity: evidence.SeverityError}}))
	for _, term := range got.Commits[0].Terms {
		if term.ID != "commit/names" {
			continue
		}
		for _, r := range term.Refs {
			if r.Kind == evidence.RefCode && r.ID == "store/tariff.go:43" && strings.Contains(r.Text, "+\tregionCode := row.TariffRegion") {
				return
			}
		}
	}
	t.Errorf("no name points at its line\n%s", casetest.Show(got.Commits))
}

func TestWhatAStackShowsIsNotCalledBesides(t *testing.T) {
	stack := "Traceback (most recent call last):\n  File \"/app/run.py\", line 3, in run\n    row = tariffs.find(1)\n  File \"/app/store/tariff.py\", line 9, in find\n    return self.rows[i]\nKeyError: 1"
	got := Text(pieces("@@ -0,0 +0,0 @@ def find(id):\n-    b()\n+    c()\n", "@@ -0,0 +0,0 @@ def other():\n-    b()\n+    c()\n"), slices.Values([]evidence.LogLine{{Body: stack, Severity: evidence.SeverityError}}))
	for _, k := range got.Commits {
		for _, term := range k.Terms {
			if term.ID == "commit/callee" {
				t.Errorf("find is a frame of the stack, which the line further out calls by nature: %s", term.Why)
			}
		}
	}
}

func TestAnotherLanguageDoesNotFailHere(t *testing.T) {
	commits := []evidence.Commit{
		casetest.GoDiff("store/tariff.go", "-\tb()", "+\tc()"),
		{Files: []string{"web/tariff.js"}, Diff: "--- a/web/tariff.js\n+++ b/web/tariff.js\n@@ -1 +1 @@\n-b()\n+c()\n"},
		{Files: []string{"web/tariff.js", "conf/tariff.yaml"}, Diff: "--- a/web/tariff.js\n+++ b/web/tariff.js\n@@ -1 +1 @@\n-b()\n+c()\n--- a/conf/tariff.yaml\n+++ b/conf/tariff.yaml\n@@ -1 +1 @@\n-b: 1\n+b: 2\n"},
	}
	for i := range commits {
		commits[i].SHA = casetest.Sha(i)
	}
	got := Text(commits, slices.Values([]evidence.LogLine{{Body: fmt.Sprintf(goStack, "boom"), Severity: evidence.SeverityError}}))
	for _, k := range got.Commits {
		against := false
		for _, term := range k.Terms {
			against = against || term.ID == "commit/language" && term.Points < 0
		}
		if want := k.SHA == casetest.Sha(1); against != want {
			t.Errorf("%s: spoken against is %v, want %v", k.SHA, against, want)
		}
	}
}

func TestASimilarityCountsAboveTheOthers(t *testing.T) {
	for _, c := range []struct {
		name   string
		others []int
		value  int
		want   int
	}{
		{"alone", []int{400}, 400, 0},
		{"all alike", []int{400, 400, 400}, 400, 0},
		{"of many that have none", []int{400, 0, 0, 0}, 400, 750},
		{"little, though the most", []int{40, 0, 0, 0}, 40, 100},
		{"below the mean", []int{400, 100, 400, 400}, 100, 0},
		{"of none", nil, 0, 0},
	} {
		var x spread
		for _, o := range c.others {
			x.add(o)
		}
		if got := x.above(c.value, 300); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestWhatBringsAnErrorAbout(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"ValueError: time data '2025' does not match format", "format"},
		{"rpc error: context deadline exceeded", "deadline"},
		{"java.lang.ClassCastException: class A cannot be cast to class B", "cast"},
		{"ERROR: duplicate key value violates unique constraint \"x\"", "unique"},
		{"all is well", ""},
	} {
		got := raisedBy(c.text)
		if c.want == "" && len(got) > 0 || c.want != "" && got[c.want] == 0 {
			t.Errorf("%q: got %v, want %q", c.text, got, c.want)
		}
	}
	for _, r := range raisers {
		if r.said != strings.ToLower(r.said) || r.done != strings.ToLower(r.done) {
			t.Errorf("a table is in lower case: %q", r.said)
		}
	}
}

func TestStemsAreOneForNumberAndTense(t *testing.T) {
	by := letters(weights.Default().Commit.Letters)
	for _, c := range []struct{ a, b string }{
		{"rejected", "rejects"}, {"batches", "batch"}, {"stopped", "stopping"}, {"entries", "entry"}, {"cached", "cache"}, {"labels", "label"},
	} {
		if x, y := by.stemmed(c.a), by.stemmed(c.b); x != y {
			t.Errorf("%s is %s and %s is %s", c.a, x, c.b, y)
		}
	}
	for _, same := range []string{"status", "access", "analysis", "bus"} {
		if got := by.stemmed(same); got != same {
			t.Errorf("%s became %s", same, got)
		}
	}
}
