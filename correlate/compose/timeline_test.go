package compose

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// TestAFailureThatIsUsualIsNoFirstSymptom has calls of one service fail before
// the incident too, and one a while before the onset.
func TestAFailureThatIsUsualIsNoFirstSymptom(t *testing.T) {
	for _, c := range []struct {
		name  string
		usual bool
		want  string
	}{
		{"a service that never failed", false, "early"},
		{"a service that fails now and then", true, "late"},
	} {
		k := &gathered.Evidence{}
		k.Onset.Earliest = casetest.Onset0.Add(time.Minute)
		casetest.AddTrace(k, "usual", true, casetest.Call{Service: "till", Op: "usual", Failed: c.usual})
		casetest.AddTrace(k, "early", false, casetest.Call{Service: "till", Op: "early", At: -20_000, Failed: true})
		casetest.AddTrace(k, "late", false, casetest.Call{Service: "till", Op: "late", At: 5_000, Failed: true})
		events := traceEvents(k, []string{"till"})
		if len(events) != 1 || events[0].Refs[0].TraceID != c.want {
			t.Errorf("%s: got %+v, want one event of trace %s", c.name, events, c.want)
		}
	}
}
