package gather

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestTheWorkIsBoundedWhateverTimesAreNamed asks with an alert, a window and an
// onset of long ago.
func TestTheWorkIsBoundedWhateverTimesAreNamed(t *testing.T) {
	long := time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)
	for name, change := range map[string]func(*Investigation){
		"alert":  func(v *Investigation) { v.symptom.fired = long },
		"window": func(v *Investigation) { v.req.Window = evidence.Window{Start: long, End: v.req.Now} },
		"onset":  func(v *Investigation) { v.req.Onset = long },
	} {
		w := casetest.NewWorld()
		v := New(w.Sources(), Options{}.WithDefaults(), w.Request())
		v.symptom.fired = v.req.Now
		change(v)
		span := v.surveyWindow()
		if span.Duration() > mostSurvey || !span.End.Equal(v.req.Now) {
			t.Errorf("%s: got %v, want at most the last %v", name, span, mostSurvey)
		}
		if n := len(split(span, time.Second)); n != mostPieces {
			t.Errorf("%s: got %d pieces, want %d", name, n, mostPieces)
		}
	}
}
