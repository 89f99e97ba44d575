package suspect

import (
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// TestHowAlikeWordsAre compares commits with what a failure says, two at a time.
func TestHowAlikeWordsAre(t *testing.T) {
	changing := func(path string, lines ...string) Candidate {
		return Candidate{Commit: evidence.Commit{SHA: path, Files: []string{path}, Diff: "--- a/" + path + "\n+++ b/" + path + "\n@@ -1,9 +1,9 @@\n" + strings.Join(lines, "\n") + "\n"}}
	}
	const failure = "settlement ledger cannot reconcile the nightly batch"
	long := []string{"+reconcile(settlement, nightly, batch)"}
	for _, w := range []string{"alpha", "bravo", "charlie", "delta", "foxtrot", "hotel", "juliett", "kilo", "lima", "oscar"} {
		long = append(long, "+"+w+w+"()")
	}
	for _, c := range []struct {
		name        string
		more, less  Candidate
		equal, zero bool
	}{
		{"more of its words", changing("a.go", "+reconcile(settlement, nightly, batch)"), changing("b.go", "+reconcile(cart)"), false, false},
		{"a word said once more counts less than another word", changing("a.go", "+reconcile(settlement)"), changing("b.go", "+reconcile(reconcile)"), false, false},
		{"the same words among many others", changing("a.go", "+reconcile(settlement, nightly, batch)"), changing("b.go", long...), false, false},
		{"a comment says nothing", changing("a.go", "+reconcile(settlement)"), changing("b.go", "+// reconcile the settlement, the nightly batch"), false, true},
		{"nor does a test", changing("a.go", "+reconcile(settlement)"), changing("b_test.go", "+reconcile(settlement, nightly, batch)"), false, true},
		{"nor what stands unchanged beside it", changing("a.go", "+reconcile(settlement)"), changing("b.go", " reconcile(settlement, nightly, batch)", "+ok()"), false, true},
		{"nor an entity's name", changing("a.go", "+reconcile()"), changing("b.go", "+ledger()"), false, true},
		{"whatever the case and the separators", changing("a.go", "+NIGHTLY_BATCH()"), changing("b.go", "+nightlyBatch()"), true, false},
	} {
		named := func(w string) string { return map[string]string{"ledger": "ledger"}[w] }
		m := newWordModel([]weightedText{{text: failure, weight: 1}}, []Candidate{c.more, c.less}, named, &weights.Default().Commit)
		more, words := m.similarity(c.more.Commit.SHA)
		less, _ := m.similarity(c.less.Commit.SHA)
		if more <= 0 || more > 1000 || len(words) == 0 || len(words) > 4 {
			t.Errorf("%s: got %d for %v, want 1 to 1000 for one to four words", c.name, more, words)
		}
		if ok := more > less; ok == c.equal || (less == 0) != c.zero {
			t.Errorf("%s: got %d and %d", c.name, more, less)
		}
	}
}

func TestNothingToCompareIsNotAlike(t *testing.T) {
	m := newWordModel(nil, nil, func(string) string { return "" }, &weights.Default().Commit)
	if got, words := m.similarity("a"); got != 0 || words != nil {
		t.Errorf("got %d for %v, want nothing", got, words)
	}
}

func TestWordsThatTellCommitsApart(t *testing.T) {
	for text, want := range map[string][]string{
		"the request handler failed":   nil, // filler, and what runtimes say
		"settlementBatching":           {"settlement", "batch", "settlementbatching"},
		"max_open_conns = 4":           {"max", "open", "conn", "max_open_conns"},
		"io":                           nil,
		strings.Repeat("verylong", 10): {strings.Repeat("verylong", 10)},
	} {
		if got := usual.terms(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
