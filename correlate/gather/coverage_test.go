package gather

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// rows are the coverage rows of logs by question.
func rows(t *testing.T, w *casetest.World) map[string]evidence.Coverage {
	t.Helper()
	c, err := New(w.Sources(), Options{}.WithDefaults(), w.Request()).Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]evidence.Coverage{}
	for _, v := range c.Coverage {
		if v.Source == "logs" {
			list[v.Query] = v
		}
	}
	return list
}

func TestTheCoverageSaysOfWhomWhenAndHowMuchOfALineIsMissing(t *testing.T) {
	whole := rows(t, casetest.NewWorld())
	if c := whole[evidence.TopicLines.Sentence()]; c.Count == 0 || len(c.Missing) > 0 || c.Cut != 0 || len(whole) == 0 || whole["lines of stock"].Query != "" {
		t.Errorf("nothing is missing: got %+v", whole)
	}
	w := casetest.NewWorld()
	w.Unread = casetest.WorldNow.Add(-time.Minute)
	w.Strange = []string{"stock"}
	for i := range 3 {
		w.Lines[i].Cut = 10 + i
	}
	got := rows(t, w)
	lines := got[evidence.TopicLines.Sentence()]
	if len(lines.Missing) != 1 || !lines.Missing[0].Contains(w.Unread) || lines.Missing[0].Duration() >= lines.Window.Duration() {
		t.Errorf("missing: got %v, want the one part that holds %v", lines.Missing, w.Unread)
	}
	if lines.Cut != 3 {
		t.Errorf("cut: got %d lines, want 3", lines.Cut)
	}
	if c := got["lines of stock"]; c.Status != evidence.CoverageNotResolved || c.Subject != "stock" || c.Detail != "nothing goes by stock" {
		t.Errorf("unnamed: got %+v", c)
	}
	if c := got["lines of shop"]; c.Query != "" {
		t.Errorf("of shop there are lines: got %+v", c)
	}
}

// recording says of which times it holds no lines, since nobody answered then.
type recording []evidence.Window

func (recording) Recorded(string, string) (evidence.Coverage, bool) {
	return evidence.Coverage{}, false
}

func (r recording) Gaps(string) []evidence.Window { return r }

func TestWhatARecordingLacksIsMissingAgain(t *testing.T) {
	w := casetest.NewWorld()
	gap := evidence.Window{Start: casetest.WorldNow.Add(-3 * time.Minute), End: casetest.WorldNow.Add(-2 * time.Minute)}
	s := w.Sources()
	s.Recorded = recording{gap, {Start: casetest.WorldNow.Add(time.Hour), End: casetest.WorldNow.Add(2 * time.Hour)}}
	c, err := New(s, Options{}.WithDefaults(), w.Request()).Collect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Unread) != 1 || c.Unread[0] != gap {
		t.Errorf("unread: got %v, want %v alone", c.Unread, gap)
	}
	at := slices.IndexFunc(c.Coverage, func(r evidence.Coverage) bool { return r.Key == evidence.TopicLines })
	if at < 0 || !slices.Equal(c.Coverage[at].Missing, []evidence.Window{gap}) {
		t.Errorf("coverage: got %+v, want the part that is missing", c.Coverage)
	}
}

// TestAnEntityIsUnnamedWhenNoneOfItsNamesHasLines, and what is listed is bounded,
// what the alert is about first.
func TestAnEntityIsUnnamedWhenNoneOfItsNamesHasLines(t *testing.T) {
	v := &Investigation{names: topology.NewNamer(map[string]string{"AdServer": "ad-server", "PAY": "pay"}, []string{"ad-server", "pay", "zoo"})}
	v.symptom.services = []string{"zoo"}
	entities, said := v.unnamedEntities([]string{"AdServer", "PAY", "ad-server", "pay", "zoo"}, map[string]string{"AdServer": "none", "PAY": "none", "pay": "no pay", "zoo": "no zoo"})
	if !slices.Equal(entities, []string{"zoo", "pay"}) || said["pay"] != "no pay" {
		t.Errorf("got %v, %v", entities, said)
	}
	w := casetest.NewWorld()
	var services []string
	for i := range mostUnnamed + 7 {
		services = append(services, fmt.Sprintf("s%03d", i))
	}
	w.Strange = services
	v = New(w.Sources(), Options{}.WithDefaults(), w.Request())
	v.sayUnnamed(t.Context(), services)
	got := v.Ledger.Coverage(nil)
	if len(got) != mostUnnamed+2 || !slices.ContainsFunc(got, func(c evidence.Coverage) bool { return strings.Contains(c.Detail, " 7 more") }) {
		t.Errorf("got %d rows: %+v", len(got), got)
	}
}

func TestMissingPartsThatTouchAreOne(t *testing.T) {
	at := func(minute int) time.Time { return casetest.WorldNow.Add(time.Duration(minute) * time.Minute) }
	l := ask.NewLedger()
	for _, from := range []int{10, 0, 5, 20} {
		l.Missing("logs", "q", evidence.Window{Start: at(from), End: at(from + 5)})
	}
	got := l.Coverage(nil)[0].Missing
	if len(got) != 2 || got[0] != (evidence.Window{Start: at(0), End: at(15)}) || got[1] != (evidence.Window{Start: at(20), End: at(25)}) {
		t.Errorf("got %v", got)
	}
}
