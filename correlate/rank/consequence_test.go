package rank

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestANewErrorLineComesBeforeWhatTheCodeDoesThen: what a service does after an
// error, as taking a transaction back, is no finding of its own where the same
// requests say why. A line that was there before, is in few of the requests or is
// no error says nothing.
func TestANewErrorLineComesBeforeWhatTheCodeDoesThen(t *testing.T) {
	const why = "cannot book the order: no column fee"
	build := func(severity evidence.Severity, every int, before bool) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "ledger"), Alerting: []string{"front"}}
		for i := range 40 {
			base := i < 20
			end := "COMMIT"
			if !base {
				end = "ROLLBACK"
			}
			client := func(op string, at float64) casetest.Call {
				return casetest.Call{Service: "ledger", Op: op, At: at, Ms: 2, Kind: evidence.SpanClient}
			}
			pay := casetest.Call{Service: "ledger", Op: "pay", At: 5, Ms: 20, Logs: []string{"pays"}, Calls: []casetest.Call{
				{Service: "ledger", Op: "tx", At: 6, Ms: 12, Calls: []casetest.Call{client("INSERT", 7), client(end, 11)}}}}
			if i%every == 0 && (before || !base) {
				pay.Logs = append(pay.Logs, why)
			}
			casetest.AddTrace(c, casetest.TraceID(i), base, casetest.Call{Service: "front", Op: "GET /", Ms: 30, Calls: []casetest.Call{pay}})
		}
		for i := range c.Logs {
			if c.Logs[i].Severity = evidence.SeverityInfo; c.Logs[i].Body == why {
				c.Logs[i].Severity = severity
			}
		}
		return c
	}
	got := wantFirst(t, build(evidence.SeverityError, 1, false), "ledger", report.MechanismError)
	if !strings.Contains(got.Sentence, why) {
		t.Errorf("got %q, want the title to say %q", got.Sentence, why)
	}
	for name, c := range map[string]*gathered.Evidence{
		"no error":        build(evidence.SeverityInfo, 1, false),
		"in few requests": build(evidence.SeverityError, 8, false),
		"there before":    build(evidence.SeverityError, 1, true),
	} {
		if got := Causes(view.New(c))[0]; got.Entity.Name != "ledger" || got.Mechanism != report.MechanismBehaviour || strings.Contains(got.Sentence, why) {
			t.Errorf("%s: got %s %s: %q", name, got.Entity.Name, got.Mechanism, got.Sentence)
		}
	}
}

// TestAnotherWayThatALineAboutOthersTellsOfIsTheirs: a service writes another line than
// before since whom it asked failed, or since who asked did not wait; it orders the
// causes and makes no bolder word.
func TestAnotherWayThatALineAboutOthersTellsOfIsTheirs(t *testing.T) {
	for line, elsewhere := range map[string]bool{
		"request failed: query the table: context canceled":                true,
		"request failed: call bidder: it answered 503 Service Unavailable": true,
		"request failed: no such campaign in the book":                     false,
		"request failed: context deadline exceeded while it is built":      false,
	} {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "ledger"), Alerting: []string{"front"}}
		for i := range 40 {
			end := "has booked"
			if i >= 20 {
				end = line
			}
			casetest.AddTrace(c, casetest.TraceID(i), i < 20, casetest.Call{Service: "front", Op: "GET /", Ms: 30, Calls: []casetest.Call{{Service: "ledger", Op: "pay", At: 5, Ms: 20, Logs: []string{"pays", end}}}})
		}
		for i := range c.Logs {
			if c.Logs[i].Severity = evidence.SeverityInfo; c.Logs[i].Body == line {
				c.Logs[i].Severity = evidence.SeverityError
			}
		}
		for _, x := range Causes(view.New(c)) {
			for _, term := range x.Terms {
				if term.ID == "behaviour/pattern" && term.Elsewhere != elsewhere {
					t.Errorf("%q: of somebody else: %v, want %v (%s)", line, term.Elsewhere, elsewhere, term.Why)
				}
			}
		}
		if got := Causes(view.New(c))[0]; got.Entity.Name != "ledger" {
			t.Errorf("%q: got %s first", line, got.Entity.Name)
		}
	}
}
