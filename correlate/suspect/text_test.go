package suspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestTextFindsTheCommitThatTheFailureSpeaksOf(t *testing.T) {
	commits := []evidence.Commit{
		casetest.GoDiff("store/tariff.go", "-\trow := findTariff(id)", "+\trow := findTariffRegion(id, region)"),
		casetest.GoDiff("http/router.go", "-\tr.Get(\"/tariffs\")", "+\tr.Get(\"/v2/tariffs\")"),
		casetest.GoDiff("ui/colour.go", "-\tc := red", "+\tc := blue"),
	}
	for i := range commits {
		commits[i].SHA = casetest.Sha(i)
	}
	for _, c := range []struct{ name, text, want, word string }{
		{"a name that one brought", "panic: findTariffRegion: region not known\n", casetest.Sha(0), ""},
		{"a stack through its file", "panic: boom\n\ngoroutine 7 [running]:\nexample.org/x/store.load(...)\n\t/src/store/tariff.go:12 +0x1d\n", casetest.Sha(0), ""},
		{"nothing in common", "x509: certificate has expired or is not yet valid\n", report.NoCommit, ""},
	} {
		got := Text(commits, slices.Values([]evidence.LogLine{{Body: c.text, Severity: evidence.SeverityError}}))
		if len(got.Commits) == 0 || got.Commits[0].SHA != c.want {
			t.Errorf("%s: got%s\nwant %s first", c.name, casetest.Show(got.Commits), c.want)
		}
		if got.Suspicion == nil || got.Suspicion.Odds < 1 || !strings.Contains(got.Suspicion.Sentence, "as likely as the next") {
			t.Errorf("%s: got suspicion %+v, want odds and a sentence", c.name, got.Suspicion)
		}
	}
}

func TestSharesOfTheBeliefMakeOneWhole(t *testing.T) {
	list := []report.CommitScore{{Score: 2000}, {Score: 2000 - 1387}, {Score: -9000}}
	by := weights.Default()
	(&Scorer{by: by}).believe(list)
	// Four times as likely by the fit is 1.176 x 1387 points, but for the fifth of the
	// cases in which evidence tells nothing: 0.8 x 0.836 + 0.1 and 0.8 x 0.164 + 0.1, and
	// nothing for what is excluded.
	if list[0].Share != 769 || list[1].Share != 231 || list[2].Share != 0 {
		t.Errorf("got %d, %d, %d; want 769, 231, 0", list[0].Share, list[1].Share, list[2].Share)
	}
	if got := suspicion(list, by); got.Word != report.SuspicionClear || got.Odds != 3.3 || !strings.HasPrefix(got.Sentence, "This commit, three times as likely as the next") {
		t.Errorf("got %+v", got)
	}
}

func TestBeliefStaysShortOfCertainty(t *testing.T) {
	by := weights.Default()
	for _, c := range []struct {
		name   string
		points []int
		want   []int
	}{
		{"the evidence is overwhelming", []int{50_000, 0, 0, 0}, []int{850, 50, 50, 50}},
		{"nothing tells", []int{0, 0}, []int{500, 500}},
		{"all others are excluded", []int{0, -9000}, []int{1000, 0}},
		{"one alone", []int{0}, []int{1000}},
	} {
		got, sum := []int{}, 0.0
		for _, share := range Beliefs(c.points, by) {
			got, sum = append(got, milli(share)), sum+share
		}
		if !slices.Equal(got, c.want) || sum < .999 || sum > 1.001 {
			t.Errorf("%s: got %v, sum %v, want %v", c.name, got, sum, c.want)
		}
	}
}

// TestASuspicionNamesTheNext: how far ahead says little without of whom, and that being
// recent is not enough is no reason for "none".
func TestASuspicionNamesTheNext(t *testing.T) {
	commit := report.CommitScore{SHA: "0123456789abcdef0123456789abcdef01234567", Score: 1000, Terms: []report.Term{{ID: "commit/words", Points: 1000, Why: "it speaks of it"}}}
	none := report.CommitScore{SHA: report.NoCommit, Score: 1000, Terms: []report.Term{{ID: "commit/none", Points: 1000, Why: "being recent is not enough"}}}
	for _, c := range []struct {
		list []report.CommitScore
		want string
	}{
		{[]report.CommitScore{none, commit}, "None of the commits, about as likely as the next (0123456); nothing that is seen speaks clearly for one of them"},
		{[]report.CommitScore{commit, none}, "This commit, about as likely as the next (none of them); because it speaks of it"},
	} {
		if got := suspicion(c.list, weights.Default()).Sentence; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestARuleThatFiresEverywhereTellsNothing(t *testing.T) {
	s := &Scorer{by: weights.Default()}
	if got := s.by.Telling("pool"); got != 1000 {
		t.Errorf("a rare rule: got %d, want 1000", got)
	}
	if got := s.by.Telling("condition"); got <= 0 || got >= 500 {
		t.Errorf("a rule that fires on one innocent commit in five: got %d", got)
	}
}

func TestIdentityIsWhatRuns(t *testing.T) {
	id := usual.readIdentity(evidence.Commit{Files: []string{"a.go", "a_test.go"}, Diff: "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@ func loadTariff(id string) {\n-\trow := oldCall(\"cannot load the tariff\")\n+\trow := newCall(\"cannot load the tariff\", \"the region is not known\", 250*ms)\ndiff --git a/a_test.go b/a_test.go\n--- a/a_test.go\n+++ b/a_test.go\n@@ -1 +1 @@\n-\tx := testOnlyName()\n+\tx := testOtherName()\n"})
	for _, n := range []string{"loadtariff", "oldcall", "newcall"} {
		if !id.names[n] {
			t.Errorf("%s is not among the names: %v", n, id.names)
		}
	}
	if _, ok := id.names["testothername"]; ok {
		t.Error("a test's name counts")
	}
	if len(id.literals) != 1 || id.literals[0] != "the region is not known" {
		t.Errorf("got literals %q, want the one that it brought", id.literals)
	}
}

// lines reads a text as the command does.
func lines(text string, severity evidence.Severity) []evidence.LogLine {
	var out []evidence.LogLine
	for _, block := range strings.Split(text, "\n--\n") {
		out = append(out, evidence.LogLine{Body: block, Severity: severity})
	}
	return out
}

func TestStacksOfFourLanguagesFindTheirCommit(t *testing.T) {
	commits := []evidence.Commit{
		patch(0, "internal/relay/fan.go", "Fan out in batches", "-\tsend(x)", "+\tsendBatch(x)"),
		patch(1, "shop/pricing/rebate.py", "Stack rebates", "-    return one(price)", "+    return reduce(apply_rebate, rebates, price)"),
		patch(2, "src/main/java/com/acme/cart/CartMerge.java", "Merge on login", "-        return a;", "+        return a.plus(b.lines());"),
		patch(3, "lib/render/page.js", "Render in parts", "-  return tpl(ctx);", "+  return parts.map((p) => p.tpl(ctx));"),
		patch(4, "docs/notes.md", "Notes", "+more"),
	}
	for _, c := range []struct{ name, text, want string }{
		{"Go", "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 7 [running]:\nnet/http.(*conn).serve(0xc0)\n\t/usr/local/go/src/net/http/server.go:12 +0x1d\nexample.org/x/internal/relay.(*Fan).out(0xc0)\n\t/src/internal/relay/fan.go:12 +0x1d\n", casetest.Sha(0)},
		{"Python", "Traceback (most recent call last):\n  File \"/usr/lib/python3/site-packages/flask/app.py\", line 9, in run\n    go()\n  File \"/app/shop/pricing/rebate.py\", line 31, in total\n    x = price.amount\nAttributeError: 'NoneType' object has no attribute 'amount'\n", casetest.Sha(1)},
		{"Java", "java.lang.NullPointerException: null\n\tat java.base/java.util.Objects.requireNonNull(Objects.java:208)\n\tat com.acme.cart.CartMerge.merge(CartMerge.java:40)\n", casetest.Sha(2)},
		{"JavaScript", "TypeError: Cannot read properties of undefined (reading 'tpl')\n    at /app/lib/render/page.js:12:7\n    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)\n", casetest.Sha(3)},
	} {
		got := Text(commits, slices.Values(lines(c.text, evidence.SeverityUnknown)))
		if got.Commits[0].SHA != c.want {
			t.Errorf("%s: got%s\nwant %s first", c.name, casetest.Show(got.Commits), c.want)
		}
	}
}

func TestALogWithNothingUsefulSuspectsNone(t *testing.T) {
	commits := []evidence.Commit{patch(0, "a/orders.go", "Order by time", "-\tx := loadOrders()", "+\tx := loadOrdersByTime()"), patch(1, "b/users.go", "Users", "-\ty := one()", "+\ty := twoOfThem()")}
	calm := lines(strings.Repeat("loadOrdersByTime took 4 ms\n--\n", 300), evidence.SeverityInfo)
	var noise []string
	for i := range 4000 {
		noise = append(noise, fmt.Sprintf("%x orders%x q%x users", i*7919, i*31, i*104729))
	}
	for name, in := range map[string][]evidence.LogLine{
		"nothing but what it always says": calm,
		"noise":                           lines(strings.Join(noise, "\n--\n"), evidence.SeverityUnknown),
		"nothing":                         {},
	} {
		got := Text(commits, slices.Values(in))
		if got.Commits[0].SHA != report.NoCommit {
			t.Errorf("%s: got%s\nwant none first", name, casetest.Show(got.Commits))
		}
		for _, k := range got.Commits {
			for _, term := range k.Terms {
				if term.ID == "commit/aged" || term.ID == "commit/at-once" {
					t.Errorf("%s: %s, which nobody knows", name, term.Why)
				}
			}
		}
	}
	buried := append(slices.Clone(calm), evidence.LogLine{Body: "panic: twoOfThem: no users\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/b/users.go:3 +0x1\n", Severity: evidence.SeverityFatal})
	if got := Text(commits, slices.Values(buried)); got.Commits[0].SHA != casetest.Sha(1) {
		t.Errorf("a panic at the end of a long log: got%s", casetest.Show(got.Commits))
	}
}

func TestWhatACompilerChecksIsNoSharedName(t *testing.T) {
	imports := patch(0, "a/x.go", "Move", "-\t\"github.com/acme/shop/correlate\"", "+\t\"github.com/acme/shop/relate\"", "-\tx := 1", "+\tx := 2")
	id := usual.readIdentity(imports)
	if id.names["correlate"] || id.names["githubcomacmeshopcorrelate"] {
		t.Errorf("an import of Go counts: %v", id.names)
	}
	python := patch(0, "a/x.py", "Move", "-from shop.tariffs import TariffBook", "+from shop.core import TariffBook")
	if id := usual.readIdentity(python); !id.names["tariffbook"] {
		t.Errorf("an import of Python does not count: %v", id.names)
	}
}
