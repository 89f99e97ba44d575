package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestEvidenceStandsStrongestFirstAndCounterEvidenceApart(t *testing.T) {
	r := reportOf()
	c := report.Cause{Rank: 1, Entity: evidence.Entity{Name: "cart"}, Score: 100}
	for i, p := range []int{100, 900, -400, 300, 200, 800, 700, 600, 500} {
		c.Terms = append(c.Terms, report.Term{ID: fmt.Sprintf("r/%d", i), Points: p, Why: "why"})
	}
	r.Causes = []report.Cause{c}
	got := built(r).Why
	var order []string
	for _, c := range append(got.Cards, got.More...) {
		order = append(order, c.Points)
	}
	if d := cmp.Diff([]string{"+900", "+800", "+700", "+600", "+500", "+300", "+200", "+100"}, order); d != "" {
		t.Errorf("order differs (-want +got):\n%s", d)
	}
	if len(got.Cards) != shownCards || len(got.Against) != 1 || got.Against[0].Points != "−400" {
		t.Errorf("got %d cards, against %+v", len(got.Cards), got.Against)
	}
}

func TestScoreIsTheSumThatIsPrinted(t *testing.T) {
	r := reportOf()
	r.Causes = []report.Cause{{Rank: 1, Score: 3000, Terms: []report.Term{{ID: "a", Points: 5000}, {ID: "b", Points: -2000}}}, {Rank: 2, Score: 1500, Lost: "later"}}
	rows := built(r).Causes.Rows
	if rows[0].Score != "3,000" || rows[0].Sum[0].Points != "+5,000" || rows[0].Sum[1].Points != "−2,000" || rows[0].Width != "100" || rows[1].Width != "50" {
		t.Errorf("got %+v", rows)
	}
}

func TestCardsSayWhyTheyAreNotFull(t *testing.T) {
	failed := evidence.Coverage{Source: "traces", Status: evidence.CoverageFailed, Detail: "refused"}
	answered := evidence.Coverage{Source: "traces", Status: evidence.CoverageAnswered}
	trace := &report.TraceView{Trace: evidence.Trace{ID: "t", Spans: []evidence.Span{{SpanID: "a", Start: onset(), Duration: time.Second}}}}
	for _, c := range []struct {
		name     string
		coverage []evidence.Coverage
		trace    *report.TraceView
		want     string
	}{
		{"full", []evidence.Coverage{answered}, trace, ""},
		{"empty", []evidence.Coverage{answered}, nil, StateEmpty},
		{"failed", []evidence.Coverage{failed}, nil, StateFailed},
		{"partial", []evidence.Coverage{failed, answered}, trace, StatePartial},
		{"one of two failed and nothing there", []evidence.Coverage{failed, answered}, nil, StateEmpty},
		{"cut", []evidence.Coverage{{Source: "traces", Status: evidence.CoverageTruncated, Count: 5}}, trace, ""}, // a sample is how traces are read
		{"not configured", []evidence.Coverage{{Source: "traces", Status: evidence.CoverageNotConfigured}}, nil, StateEmpty},
	} {
		r := reportOf()
		r.Coverage, r.Trace = c.coverage, c.trace
		if got := built(r).Trace.State; got.Kind != c.want {
			t.Errorf("%s: got %+v, want %q", c.name, got, c.want)
		}
	}
	loading := BuildIncident(IncidentInput{Incident: casefile.Incident{State: casefile.StateInvestigating}, Now: onset()})
	if loading.Trace.State.Kind != StateLoading || !loading.Loading || !loading.Progress.Running {
		t.Errorf("before the report: got %+v", loading.Trace.State)
	}
}

func spans(pairs ...string) []evidence.Span {
	var out []evidence.Span
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, evidence.Span{SpanID: pairs[i], ParentID: pairs[i+1], Service: "s", Operation: pairs[i], Start: onset().Add(time.Duration(i) * time.Millisecond), Duration: time.Second})
	}
	return out
}

func TestWaterfallDrawsEverySpanOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		spans []evidence.Span
		want  string
	}{
		{"a tree", spans("a", "", "b", "a", "c", "b", "d", "a"), "a0 b1 c2 d1"},
		{"an orphan is a root", spans("a", "", "b", "gone"), "a0 b0"},
		{"a cycle ends", spans("a", "b", "b", "a"), "a0 b1"},
		{"its own parent", spans("a", "a"), "a0"},
	} {
		r := reportOf()
		r.Trace = &report.TraceView{Trace: evidence.Trace{ID: "t", Spans: c.spans}}
		var got []string
		for _, row := range built(r).Trace.Rows {
			got = append(got, row.Operation+strings.TrimPrefix(row.Indent, "i"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

func TestLongTraceKeepsWhatTellsTheStory(t *testing.T) {
	all := spans("root", "")
	for i := range 500 {
		all = append(all, spans(fmt.Sprintf("s%d", i), "root")...)
	}
	all[400].Failed = true
	r := reportOf()
	r.Trace = &report.TraceView{Trace: evidence.Trace{ID: "t", Spans: all}, CriticalPath: []string{"root", "s490"}, Logs: []evidence.LogLine{{SpanID: "s450", Body: "line"}}}
	c := built(r).Trace
	kept := map[string]bool{}
	for _, row := range c.Rows {
		kept[row.Operation] = true
	}
	if !kept["root"] || !kept["s490"] || !kept["s399"] || !kept["s450"] || len(c.Rows) != shownSpans {
		t.Errorf("got %d rows; critical %v, failed %v, with a line %v", len(c.Rows), kept["s490"], kept["s399"], kept["s450"])
	}
	if n := len(c.Rows) + len(c.Folded); n != maxSpans || !strings.Contains(c.Rest, "341") {
		t.Errorf("got %d spans in the card, rest %q", n, c.Rest)
	}
}

func TestSkewIsShownAndNotCorrected(t *testing.T) {
	all := spans("a", "", "b", "a")
	all[1].Start = onset().Add(-300 * time.Millisecond)
	r := reportOf()
	r.Trace = &report.TraceView{Trace: evidence.Trace{ID: "t", Spans: all}}
	rows := built(r).Trace.Rows
	if rows[1].Skewed == "" || rows[1].X != "0" || rows[0].X == "0" {
		t.Errorf("got %+v", rows)
	}
}

func TestNoCommitIsAnAnswer(t *testing.T) {
	r := reportOf()
	r.Causes = []report.Cause{{Rank: 1, Commits: []report.CommitScore{{SHA: report.NoCommit, Subject: "none of the commits produces this"}}}}
	p := built(r)
	if p.Changed.Commit.Text != "" || !strings.Contains(p.Changed.State.Text, "The most likely cause is no recent deploy") || p.Causes.Rows[0].Commits[0].SHA != "" {
		t.Errorf("got %+v", p.Changed)
	}
}

func TestNamesOfPeopleAreLeftOutUnlessWanted(t *testing.T) {
	r := reportOf()
	r.Causes = []report.Cause{{Rank: 1, Commits: []report.CommitScore{{SHA: "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", Author: "Jane Roe"}}}}
	if got := built(r).Changed.By; strings.Contains(got, "Jane") {
		t.Errorf("got %q", got)
	}
	named := BuildIncident(IncidentInput{Report: &r, Now: onset(), ShowAuthors: true})
	if !strings.Contains(named.Changed.By, "Jane Roe") {
		t.Errorf("got %q with names wanted", named.Changed.By)
	}
}

func TestListLinksKeepTheFilter(t *testing.T) {
	q := map[string][]string{"service": {"a&b"}, "cursor": {"50"}, "sort": {"burn"}}
	if got, want := with(q, "state", "resolved"), "/?service=a%26b&sort=burn&state=resolved"; got != want {
		t.Errorf("got %q, want %q: a changed filter starts at the first page", got, want)
	}
	if got := with(q, "service", ""); got != "/?sort=burn" {
		t.Errorf("got %q", got)
	}
	l := BuildList(ListInput{Query: q, Next: "100", Now: onset(), Facets: []casefile.Facet{{Field: "service", Value: "a&b", Count: 3}},
		Incidents: []casefile.Incident{{ID: "INC-1", State: casefile.StateReported, StartedAt: onset()}}})
	if l.Next != "/?cursor=100&service=a%26b&sort=burn" || l.First == "" || !l.Facets[0].Choices[0].On || len(l.Chosen) != 1 {
		t.Errorf("got %+v", l)
	}
}

func TestDecisionCoverageIsCounted(t *testing.T) {
	p := BuildDecisions(DecisionsInput{Now: onset(), Hot: []HotLine{{Ref: refOf("a.go", 1, "r"), Incidents: 2, Decisions: []string{"D"}}, {Ref: refOf("b.go", 2, "r"), Incidents: 1}}})
	if !strings.HasPrefix(p.Coverage, "1 of 2") || p.Percent != "50" || p.State.Kind != StateEmpty {
		t.Errorf("got %+v", p)
	}
	v := BuildDecision(DecisionInput{Decision: evidence.Decision{ID: "D"}, At: onset(), Now: []report.ConditionResult{{Result: "broken"}, {Result: "kept"}}})
	if !strings.HasPrefix(v.Broken, "1 of 2") || len(v.Card.Verify) != 2 || v.Card.Verify[0].Now.Word != "broken" {
		t.Errorf("got %+v", v.Card.Verify)
	}
}

func TestIncidentsAlikeSayWhatBecameOfThem(t *testing.T) {
	began := onset().Add(-48 * time.Hour)
	old := func(id, note string, took time.Duration) Similar {
		s := Similar{Incident: casefile.Incident{ID: id, StartedAt: began}, Because: "same decision", EndedBy: note}
		if took > 0 {
			s.ResolvedAt = began.Add(took)
		}
		return s
	}
	got := BuildIncident(IncidentInput{Now: onset(), Similar: []Similar{
		old("i1", "rolled back", 20*time.Minute), old("i2", "", 20*time.Minute), old("i3", "rolled back", 0), old("i4", "", 0)}}).Similar
	var said []string
	for _, r := range got.Rows {
		said = append(said, r.Ended)
	}
	want := []string{"ended after 20\u00a0min; last note: rolled back", "ended after 20\u00a0min", "last note: rolled back", ""}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if got.State.Kind != "" {
		t.Errorf("got state %q over the rows, want none", got.State.Kind)
	}
}

// TestWhatBeganBesideLeavesRoomForWhatIsAlike has a service that alerts all the time.
func TestWhatBeganBesideLeavesRoomForWhatIsAlike(t *testing.T) {
	like := func(id string, by ...casefile.Alike) Similar {
		return Similar{Incident: casefile.Incident{ID: id, StartedAt: onset()}, Alike: by}
	}
	b1, b2, b3 := like("b1", casefile.AlikeService, casefile.AlikeCommit), like("b2", casefile.AlikeService), like("b3", casefile.AlikeService)
	for name, c := range map[string]struct {
		in   []Similar
		want string
	}{
		"beside alone":         {[]Similar{b1, b2, b3}, "b1 b2"},
		"beside and alike":     {[]Similar{b1, b2, like("c", casefile.AlikeCommit), like("d", casefile.AlikeDecision), b3}, "b1 b2 c d"},
		"investigated with it": {[]Similar{like("t1", casefile.AlikeTogether), like("t2", casefile.AlikeTogether), like("t3", casefile.AlikeTogether), b1}, "t1 t2 t3 b1"},
	} {
		var got []string
		for _, r := range BuildIncident(IncidentInput{Now: onset(), Similar: c.in}).Similar.Rows {
			got = append(got, r.Link.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: got %s, want %s", name, s, c.want)
		}
	}
}

func TestAMisspeltServiceIsToldToWhoAskedForIt(t *testing.T) {
	r := reportOf()
	r.Alert = evidence.Alert{Receiver: evidence.ReceiverByHand, Labels: map[string]string{"service": "crat"}}
	r.Coverage = []evidence.Coverage{{Source: "traces", Query: "traces of crat", Subject: "crat", Status: evidence.CoverageNotResolved}}
	in := IncidentInput{Incident: casefile.Incident{ID: "INC-1"}, Report: &r, Now: onset(), Revisions: []Revision{{Number: 1, At: onset()}}}
	if got := BuildIncident(in).Notice; got.Kind != StatePartial || !strings.Contains(got.Text, "named crat") {
		t.Errorf("got notice %+v", got)
	}
	r.Alert.Receiver = "wherefore" // an alert's name is no slip of the hand: not everything has traces
	if got := BuildIncident(in).Notice; got.Kind != "" {
		t.Errorf("an alert's service: got notice %+v", got)
	}
}
