package correlate

import (
	"testing"
	"time"
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
		k := &Case{}
		k.Onset.Earliest = onset0.Add(time.Minute)
		addTrace(k, "usual", true, call{service: "till", op: "usual", failed: c.usual})
		addTrace(k, "early", false, call{service: "till", op: "early", at: -20_000, failed: true})
		addTrace(k, "late", false, call{service: "till", op: "late", at: 5_000, failed: true})
		events := traceEvents(k, []string{"till"})
		if len(events) != 1 || events[0].Refs[0].TraceID != c.want {
			t.Errorf("%s: got %+v, want one event of trace %s", c.name, events, c.want)
		}
	}
}
