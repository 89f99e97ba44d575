package gather

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// lossy answers as a world does, and says of each kind how many records it left out.
type lossy struct {
	*casetest.World
	lose map[evidence.LossKind]int
}

func (l lossy) FindTraces(ctx context.Context, q evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	for kind, n := range l.lose {
		for i := range n {
			evidence.Lose(ctx, kind, string(rune('a'+i)))
		}
	}
	return l.World.FindTraces(ctx, q)
}

// saidThen is a recording with one row of what its answers left out.
type saidThen evidence.Coverage

func (s saidThen) Recorded(source, query string) (evidence.Coverage, bool) {
	return evidence.Coverage(s), s.Source == source && string(s.Key) == query
}

func (saidThen) Gaps(string) []evidence.Window { return nil }

// TestFlawsOfTheTelemetryAreCounted has spans that cannot be used, IDs that stand for
// two spans and a clock that is off, asked for and recorded: each has a row of the
// coverage, and from a share on it is a flaw that caps the word. A few are none.
func TestFlawsOfTheTelemetryAreCounted(t *testing.T) {
	repeat := func(every int) func(*casetest.World) {
		return func(w *casetest.World) {
			for i := 0; i < len(w.Traces); i += every {
				again := w.Traces[i].Spans[1]
				again.Operation, again.Start = "stock.Ask", again.Start.Add(time.Millisecond)
				w.Traces[i].Spans = append(w.Traces[i].Spans, again)
			}
		}
	}
	for name, c := range map[string]struct {
		lose     map[evidence.LossKind]int
		recorded *saidThen
		change   func(*casetest.World)
		row      evidence.Topic
		flaw     report.Flaw
	}{
		"nothing":                        {},
		"one that ended before it began": {lose: map[evidence.LossKind]int{evidence.LostBackwards: 1}, row: evidence.TopicUnusable},
		"many that did":                  {lose: map[evidence.LossKind]int{evidence.LostBackwards: 500}, row: evidence.TopicUnusable, flaw: report.FlawUnusable},
		"many with another's ID":         {lose: map[evidence.LossKind]int{evidence.LostRepeated: 500}, row: evidence.TopicUnusable, flaw: report.FlawUnusable},
		"one, recorded":                  {recorded: &saidThen{Source: "traces", Key: evidence.TopicUnusable, Lost: 1}, row: evidence.TopicUnusable},
		"many, recorded":                 {recorded: &saidThen{Source: "traces", Key: evidence.TopicUnusable, Lost: 500}, row: evidence.TopicUnusable, flaw: report.FlawUnusable},
		"another clock":                  {lose: map[evidence.LossKind]int{evidence.LostClock(time.Hour): 1}, row: evidence.TopicServerClock, flaw: report.FlawSourceClock},
		"another clock, recorded":        {recorded: &saidThen{Source: "traces", Key: evidence.TopicServerClock, Lost: 3}, row: evidence.TopicServerClock, flaw: report.FlawSourceClock},
		"an ID in each trace":            {change: repeat(1), flaw: report.FlawDuplicates},
		"an ID in every fortieth":        {change: repeat(40)},
	} {
		t.Run(name, func(t *testing.T) {
			w := casetest.NewWorld()
			if c.change != nil {
				c.change(w)
			}
			s := w.Sources()
			s.Traces = lossy{w, c.lose}
			if c.recorded != nil {
				s.Recorded = *c.recorded
			}
			got, err := New(s, Options{}.WithDefaults(), w.Request()).Collect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var rows []evidence.Topic
			for _, r := range got.Coverage {
				if r.Lost > 0 {
					rows = append(rows, r.Key)
				}
			}
			var flaws []report.Flaw
			for _, f := range got.Flaws {
				flaws = append(flaws, f.Flaw)
			}
			if want := slices.DeleteFunc([]evidence.Topic{c.row}, func(t evidence.Topic) bool { return t == "" }); !slices.Equal(rows, want) {
				t.Errorf("rows: got %v, want %v", rows, want)
			}
			if want := slices.DeleteFunc([]report.Flaw{c.flaw}, func(f report.Flaw) bool { return f == "" }); !slices.Equal(flaws, want) {
				t.Errorf("flaws: got %+v, want %v", got.Flaws, want)
			}
		})
	}
}
