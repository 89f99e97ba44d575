package main

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestAFailureIsReadInTheEncodingThatItsMarkNames(t *testing.T) {
	const want = "panic: naïve\n"
	bytes := func(order func(uint16) (byte, byte)) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune("\ufeff" + want)) {
			x, y := order(u)
			b.WriteByte(x)
			b.WriteByte(y)
		}
		return b.String()
	}
	read := func(text string) (got string, err error) {
		log, _ := openLog(strings.NewReader(text), "-")
		log.lines(func(l evidence.LogLine) bool { got += l.Body; return true })
		return got, log.failed()
	}
	for name, text := range map[string]string{
		"UTF-8": want, "UTF-8 with a mark": "\ufeff" + want,
		"UTF-16, little end first": bytes(func(u uint16) (byte, byte) { return byte(u), byte(u >> 8) }),
		"UTF-16, big end first":    bytes(func(u uint16) (byte, byte) { return byte(u >> 8), byte(u) }),
	} {
		if got, err := read(text); err != nil || got+"\n" != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := read("\ufeff \n"); err == nil {
		t.Error("nothing but a mark is no failure")
	}
}

// TestSuspectsAreSaidShortly: what is printed of a ranking names the commit before it
// says why, strongest reasons first, a hunk once and of it the first lines.
func TestSuspectsAreSaidShortly(t *testing.T) {
	hunk := evidence.Ref{Kind: evidence.RefCode, ID: "cart.go:3", Text: "+a\n+b\n+c\n+d\n+e\n"}
	terms := []report.Term{{Points: 100, Why: "weakest"}, {Points: -900, Why: "against"}, {Points: 300, Why: "third"}, {Points: 200, Why: "fourth", Refs: []evidence.Ref{hunk}}, {Points: 1500, Why: "strongest", Refs: []evidence.Ref{hunk}}}
	c := report.Cause{Suspicion: &report.Suspicion{Sentence: "This commit, twice as likely as the next"}, Commits: []report.CommitScore{
		{SHA: "0123456789abcdef", Subject: "Add a discount", Share: 700, Terms: terms},
		{SHA: report.NoCommit, Subject: "none of the commits produces this", Share: 300},
	}}
	var b strings.Builder
	if err := writeSuspects(&b, c, 2); err != nil {
		t.Fatal(err)
	}
	want := "0123456789ab  Add a discount\nThis commit, twice as likely as the next.\n\n 70 %  0123456789ab  Add a discount\n" +
		"    +1500  strongest\n             cart.go:3\n             +a\n             +b\n             +c\n             +d\n             …\n" +
		"     -900  against\n     +300  third\n     +200  fourth\n           and 1 that count less\n\n 30 %  none of the commits produces this\n\n"
	if got := b.String(); !strings.HasPrefix(got, want) || !strings.Contains(got, "twice as likely, one of 2300 ten times") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
