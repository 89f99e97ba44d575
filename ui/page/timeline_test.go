package page

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

func onset() time.Time { return time.Date(2024, 8, 1, 2, 51, 7, 0, time.UTC) }

func leakWindow() evidence.Window {
	return evidence.Window{Start: onset().Add(-20 * time.Minute), End: onset().Add(10 * time.Minute)}
}

func refOf(path string, line int, rev string) evidence.CodeRef {
	return evidence.CodeRef{Repository: "ads", Path: path, Line: line, Revision: rev}
}

// reportOf is a report with just a window and an onset.
func reportOf() report.Report {
	w := leakWindow()
	w.Start = onset().Add(-time.Minute)
	return report.Report{Revision: 1, Service: "cart", FiredAt: onset().Add(time.Minute), Onset: report.Onset{At: onset()}, Window: w,
		Verdict: report.Verdict{Word: report.Likely}}
}

func built(r report.Report) Incident {
	return BuildIncident(IncidentInput{Incident: casefile.Incident{ID: "INC-1", State: casefile.StateReported, StartedAt: onset()}, Report: &r, Now: onset().Add(14 * time.Minute)})
}

func TestTimelineKeepsOrderAndMarksTheFirstSymptom(t *testing.T) {
	r := reportOf()
	for i, after := range []int{300, -60, 0, 60} {
		r.Timeline = append(r.Timeline, report.TimelineEvent{Time: onset().Add(time.Duration(after) * time.Second), Lane: "logs", Text: fmt.Sprint(i), First: after == -60})
	}
	c := built(r).Timeline
	var got []string
	for _, row := range c.Rows {
		got = append(got, row.Text)
	}
	if strings.Join(got, "") != "1230" {
		t.Errorf("got rows %v, want them in order of time", got)
	}
	if !c.Rows[0].First || c.Rows[1].Delta != "onset" || !strings.HasPrefix(c.Rows[3].Delta, "+") {
		t.Errorf("got %+v", c.Rows)
	}
	if !strings.Contains(c.Lag, "60"+nbsp+"s after the onset") {
		t.Errorf("got lag %q", c.Lag)
	}
}

func TestLabelsOfOneRowNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reportOf()
		for i := range rapid.IntRange(1, 30).Draw(t, "events") {
			at := onset().Add(time.Duration(rapid.IntRange(-1200, 600).Draw(t, "second")) * time.Second)
			r.Timeline = append(r.Timeline, report.TimelineEvent{Time: at, Lane: "metrics", Text: strings.Repeat("x", rapid.IntRange(1, 40).Draw(t, "length")) + strconv.Itoa(i)})
		}
		c := built(r).Timeline
		for _, l := range c.Lanes {
			taken := map[string][][2]int{}
			for _, m := range l.Marks {
				at, err := strconv.Atoi(strings.TrimPrefix(m.X, "x"))
				if err != nil || at < 0 || at > 100 {
					t.Fatalf("place %q has no static class", m.X)
				}
				if m.Label == "" {
					continue
				}
				span := [2]int{at, at + len([]rune(m.Label))*95/100}
				if m.End {
					span = [2]int{at - len([]rune(m.Label))*95/100, at}
				}
				for _, other := range taken[m.Row] {
					if span[0] < other[1] && other[0] < span[1] {
						t.Fatalf("%v and %v overlap in row %s", span, other, m.Row)
					}
				}
				taken[m.Row] = append(taken[m.Row], span)
			}
		}
	})
}

func TestAMarkWithoutRoomForItsLabelCoversNoOther(t *testing.T) {
	r := reportOf()
	for _, second := range []int{0, 0, 0, 0, 0, 25, 45} { // the last but one stands in the first row
		r.Timeline = append(r.Timeline, report.TimelineEvent{Time: onset().Add(time.Duration(second) * time.Second), Lane: "logs", Text: strings.Repeat("x", 34)})
	}
	m := built(r).Timeline.Lanes[0].Marks
	if last := m[len(m)-1]; m[5].Row != "r0" || last.Label != "" || last.Row != "r1" {
		t.Errorf("got %+v after %+v, want a mark without a label in the second row", last, m[5])
	}
}

// TestAMarkThatIsFoldedTakesNoRoom: the label of what comes next stands where nothing is
// shown.
func TestAMarkThatIsFoldedTakesNoRoom(t *testing.T) {
	ax := axis{onset(), onset().Add(100 * time.Second)} // a second is a percent
	var events []report.TimelineEvent
	// Labels in every row, five without room for theirs at one place, and one behind them.
	for _, second := range []int{0, 0, 0, 0, 0, 70, 70, 70, 70, 70, 80} {
		events = append(events, report.TimelineEvent{Time: onset().Add(time.Duration(second) * time.Second), Lane: "metrics", Text: strings.Repeat("x", 34)})
	}
	l := (&builder{}).lane("metrics", "Metrics", events, ax)
	if n := len(l.Marks); n != 7 || l.Marks[5].under != 4 || l.Marks[6].Label == "" || l.Rows != laneRows {
		t.Errorf("got %d marks, %+v, want the last with its label", n, l.Marks[5:])
	}
}

func TestTimesOfTheOnsetsDayStandWithoutTheDate(t *testing.T) {
	r := reportOf()
	r.Changes = []report.ChangeView{{Change: evidence.Change{Service: "cart", Time: onset().Add(-time.Minute)}, Suspect: true}}
	in := IncidentInput{Report: &r, Now: onset().AddDate(0, 0, 3)}
	if p := BuildIncident(in); p.Changed.When.UTC != "02:50:07 UTC" || !strings.Contains(p.Head.Since.UTC, "1 Aug") {
		t.Errorf("changed %q, since %q", p.Changed.When.UTC, p.Head.Since.UTC)
	}
	r.Changes[0].Time = onset().Add(-4 * time.Hour)
	if p := BuildIncident(in); p.Changed.When.UTC != "31 Jul, 22:51:07 UTC" {
		t.Errorf("of the day before: %q", p.Changed.When.UTC)
	}
}

func TestATimelineTooLongKeepsWhatIsNearTheOnset(t *testing.T) {
	r := reportOf()
	for i := range 5000 {
		r.Timeline = append(r.Timeline, report.TimelineEvent{Time: onset().Add(time.Duration(i-2500) * time.Second), Lane: "logs", Text: fmt.Sprint(i)})
	}
	c := built(r).Timeline
	if n := len(c.Rows) + len(c.More); n != maxRows {
		t.Errorf("got %d rows, want %d", n, maxRows)
	}
	near := false
	for _, row := range append(c.Rows, c.More...) {
		near = near || row.Delta == "onset"
	}
	if !near || !strings.Contains(c.Rest, "4,900") {
		t.Errorf("the onset's own row is kept: %v; rest %q", near, c.Rest)
	}
}

func TestSparkShowsOnsetWindowAndWords(t *testing.T) {
	var samples []evidence.Sample
	for i := range 400 {
		v := 1.0
		if i > 200 {
			v = 9
		}
		if i == 50 {
			v = 100 // one short spike must survive folding
		}
		samples = append(samples, evidence.Sample{Time: onset().Add(time.Duration(i-200) * time.Second), Value: v})
	}
	sp := sparkOf(&report.Chart{Name: "queue", Samples: samples}, chart.Marks{Onset: onset(), Incident: leakWindow()}, clocks{now: onset()})
	if sp == nil || sp.Onset == "" || sp.To == "" || sp.High != "100" || sp.Low != "1" {
		t.Fatalf("got %+v", sp)
	}
	if n := strings.Count(sp.Path, "l"); n > sparkPoints || n < sparkPoints/2 {
		t.Errorf("got %d segments, want half of %d or more and no more than that", n, sparkPoints)
	}
	if want := "queue: median 1 before the onset, 9 after it"; sp.Text != want {
		t.Errorf("got %q, want %q", sp.Text, want)
	}
	if sparkOf(&report.Chart{Samples: samples[:1]}, chart.Marks{}, clocks{}) != nil {
		t.Error("one sample is no chart")
	}
}

func TestSparkNeverWritesWhatSVGCannotRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var samples []evidence.Sample
		at := onset()
		for range rapid.IntRange(2, 300).Draw(t, "n") {
			at = at.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "gap")))
			samples = append(samples, evidence.Sample{Time: at, Value: rapid.Float64().Draw(t, "value")})
		}
		sp := sparkOf(&report.Chart{Samples: samples}, chart.Marks{Onset: onset()}, clocks{})
		if sp != nil && (strings.Contains(sp.Path, "NaN") || strings.Contains(sp.Path, "Inf")) {
			t.Fatalf("got path %q", sp.Path)
		}
	})
}
