package onset

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// stepping is a track of a level that changes some time before the end, with a
// sample every five seconds over ten minutes.
func stepping(end time.Time, before time.Duration, from, to float64) []evidence.Sample {
	var list []evidence.Sample
	for at := end.Add(-10 * time.Minute); !at.After(end); at = at.Add(5 * time.Second) {
		value := from + 0.01*float64(at.Second()%3)
		if !at.Before(end.Add(-before)) {
			value = to
		}
		list = append(list, evidence.Sample{Time: at, Value: value})
	}
	return list
}

func TestTheRuleBoundsItsOnset(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name           string
		before         time.Duration // the alert, when the level changes
		hold, looks    time.Duration
		earliest, last time.Duration // before the alert; 0 and 0 for no onset in the series
	}{
		{"a level that changes twenty seconds before", 20 * time.Second, 0, 0, 25 * time.Second, 20 * time.Second},
		{"a rate looks back", 20 * time.Second, 0, time.Minute, 85 * time.Second, 20 * time.Second},
		{"a change after the condition had to hold", 20 * time.Second, time.Minute, 0, 0, 0},
		{"a change as the condition began to hold", 58 * time.Second, time.Minute, 0, 60 * time.Second, 60 * time.Second},
	} {
		v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}, FiredAt: end, Step: 5 * time.Second, Alerting: []string{"shop"}}, Hold: c.hold}
		v.Suspect = v.Evidence.Survey
		v.Exprs = []Expr{{Samples: stepping(end, c.before, 1, 9), Looks: c.looks}}
		v.Evidence.Request.Alert.Instances = []evidence.AlertInstance{{}}
		got, ok := v.strongest(v.exprTracks())
		if ok != (c.earliest != 0) {
			t.Errorf("%s: got %+v, %v", c.name, got, ok)
			continue
		}
		if ok && (!got.Earliest.Equal(end.Add(-c.earliest)) || !got.Latest.Equal(end.Add(-c.last)) || got.At.Before(got.Earliest) || got.At.After(got.Latest)) {
			t.Errorf("%s: got %v to %v, at %v before the alert", c.name, end.Sub(got.Earliest), end.Sub(got.Latest), end.Sub(got.At))
		}
	}
}

func TestFailuresWithoutASampleAreNone(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	all := stepping(end, time.Minute, 0, 0.4)
	failing := all[len(all)-13:] // from the first failure on
	for failures, want := range map[bool]bool{true: true, false: false} {
		v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}, FiredAt: end, Step: 5 * time.Second, Alerting: []string{"shop"}}}
		v.Suspect = v.Evidence.Survey
		v.Evidence.Request.Alert.Instances = []evidence.AlertInstance{{}}
		v.Series = []Series{{Entity: "shop", Samples: stepping(end, 0, 50, 50)}}
		v.Exprs = []Expr{{Samples: failing, Failures: failures}}
		got, ok := v.strongest(v.exprTracks())
		if ok != want || ok && got.Latest.Sub(end.Add(-time.Minute)).Abs() > 5*time.Second {
			t.Errorf("counting failures %v: got %+v, %v", failures, got, ok)
		}
	}
}

func TestRawSamplesNarrowWhatARateTells(t *testing.T) {
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &Finder{Evidence: &gathered.Evidence{Survey: evidence.Window{Start: end.Add(-10 * time.Minute), End: end}, FiredAt: end, Step: 5 * time.Second, Alerting: []string{"shop"}}}
	v.Suspect = v.Evidence.Survey
	v.Evidence.Request.Alert.Instances = []evidence.AlertInstance{{}}
	v.Exprs = []Expr{{Samples: stepping(end, 30*time.Second, 1, 9), Looks: time.Minute}}
	v.Series = []Series{{Entity: "stock", Samples: stepping(end, time.Minute, 2, 60)}, {Entity: "till", Samples: stepping(end, 5*time.Minute, 2, 90)}}
	if got := v.Find(); got.At.Sub(end.Add(-time.Minute)).Abs() > 5*time.Second || got.Latest.Sub(got.Earliest) > 10*time.Second {
		t.Errorf("got %v to %v, at %v before the alert, want what changed a minute before", end.Sub(got.Earliest), end.Sub(got.Latest), end.Sub(got.At))
	}
}
