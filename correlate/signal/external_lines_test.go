package signal

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestAStatementIsQuotedWithItsCommonestError: one statement bears many errors, and a
// sentence that quotes one counts who says that one.
func TestAStatementIsQuotedWithItsCommonestError(t *testing.T) {
	const refused, ended = "dial tcp 10.0.0.7:5432: connect: connection refused", "EOF"
	for name, c := range map[string]struct {
		errors   []string // of the incident's lines
		baseline []string
		quoted   string
		counted  string
		boundary bool
	}{
		"one refused among many":     {append([]string{refused}, repeated(ended, 29)...), nil, ended, " in 29 ", false},
		"one ended among many":       {append([]string{ended}, repeated(refused, 29)...), nil, refused, " in 29 ", true},
		"as many, the earlier":       {append(repeated(refused, 3), repeated(ended, 3)...), nil, refused, " in 3 ", true},
		"only ports tell them apart": {[]string{refused, strings.Replace(refused, "5432", "5433", 1), ended}, nil, refused, " in 2 ", true},
		"before with another":        {repeated(refused, 9), []string{ended}, refused, "never before", true},
		"all the same":               {repeated(refused, 9), nil, refused, " in 9 ", true},
	} {
		ev := &gathered.Evidence{Entities: casetest.Entities("till"), Alerting: []string{"till"}}
		write := func(at int, why string, baseline bool) {
			ev.Logs = append(ev.Logs, gathered.Line{LogLine: evidence.LogLine{Time: casetest.Onset0.Add(time.Duration(at) * 5 * time.Second), Service: "till", Body: "no ticket", Error: why,
				Severity: evidence.SeverityError, TraceID: casetest.TraceID(at + 100)}, Template: "no ticket", Baseline: baseline})
		}
		casetest.AddLines(ev, "till", true, 9, "INFO well")
		for i, why := range c.baseline {
			write(i-9, why, true)
		}
		for i, why := range c.errors {
			write(i+1, why, false)
		}
		v := view.New(ev)
		found := novelTemplate(v)
		if len(found) != 1 || !strings.Contains(found[0].Why, c.quoted) || !strings.Contains(found[0].Why, c.counted) {
			t.Errorf("%s: got %+v, want it to quote %q and say %q", name, found, c.quoted, c.counted)
		}
		if f := boundaryLines(v, 0); (f.Strength > 0) != c.boundary || c.boundary && (!strings.Contains(f.Why, c.quoted) || !strings.Contains(f.Why, c.counted)) {
			t.Errorf("%s: at the boundary got %g %q, want one: %v", name, f.Strength, f.Why, c.boundary)
		}
	}
}

func repeated(s string, n int) (out []string) {
	for range n {
		out = append(out, s)
	}
	return out
}
