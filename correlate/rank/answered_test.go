package rank

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestWhoAnswersIsNotGone: calls to what has no spans of its own fail. Where they
// bear its answer, never left or are answered all the while, it is not gone, and
// where it refuses a statement for what it says, the caller is first; what the caller
// writes in the same requests says why, with the trace's ID or without.
func TestWhoAnswersIsNotGone(t *testing.T) {
	for name, c := range map[string]struct {
		kind       evidence.EntityKind
		attributes map[string]string
		line       string
		untraced   bool
		every      int // one call in so many fails
		want       report.Mechanism
	}{
		"front: a row is there already": {evidence.KindDatabase, map[string]string{"error.type": "23505"}, "duplicate key value violates unique constraint", false, 1, report.MechanismError},
		"front: a column that is not":   {evidence.KindDatabase, map[string]string{"db.response.status_code": "42703"}, "the query was refused", false, 1, report.MechanismError},
		"front: MySQL's unknown column": {evidence.KindDatabase, map[string]string{"db.response.status_code": "1054"}, "Unknown column 'voucher' in 'field list'", false, 1, report.MechanismError},
		"it has no rights any more":     {evidence.KindDatabase, map[string]string{"db.response.status_code": "42501"}, "permission denied for table orders", false, 1, report.MechanismError},
		"its number of MySQL":           {evidence.KindDatabase, map[string]string{"db.response.status_code": "1040"}, "Error 1040 (08004): Too many connections", false, 1, report.MechanismError},
		"half of them are answered":     {evidence.KindDatabase, map[string]string{"error.type": "ReplyError"}, "OOM command not allowed when used memory > 'maxmemory'", false, 2, report.MechanismError},
		"the line has no trace":         {evidence.KindDatabase, map[string]string{"error.type": "53100"}, "could not extend file: No space left on device", true, 1, report.MechanismError},
		"a provider is too busy":        {evidence.KindExternal, map[string]string{"http.response.status_code": "503"}, "the rates could not be read: 503 Service Unavailable", false, 1, report.MechanismExternal},
		"a provider revoked the key":    {evidence.KindExternal, map[string]string{"http.response.status_code": "401"}, "the rates could not be read: 401 key revoked", false, 1, report.MechanismExternal},
		"nobody listens":                {evidence.KindDatabase, map[string]string{"error.type": "ECONNREFUSED"}, "connect ECONNREFUSED 10.3.0.9:6379", false, 1, report.MechanismAbsence},
		"one of two replicas is gone":   {evidence.KindDatabase, nil, "dial tcp 10.3.0.9:5432: connect: connection refused", false, 2, report.MechanismAbsence},
		"it is shutting down":           {evidence.KindDatabase, map[string]string{"db.response.status_code": "57P01"}, "terminating connection due to administrator command", false, 1, report.MechanismAbsence},
		"the client lost it":            {evidence.KindDatabase, map[string]string{"error.type": "2013"}, "lost it during a query", false, 1, report.MechanismAbsence},
	} {
		ev := &gathered.Evidence{Alerting: []string{"front"}, Edges: []evidence.Edge{{Caller: "front", Callee: "store"}},
			Entities: []evidence.Entity{{Name: "front", Kind: evidence.KindService}, {Name: "store", Kind: c.kind}}}
		for i := range 60 {
			bad := i >= 30 && i%c.every == 0
			call := casetest.Call{Service: "front", Op: "ask", At: 2, Ms: 20, Failed: bad, Kind: evidence.SpanClient, Peer: "store"}
			root := casetest.Call{Service: "front", Op: "POST /", Ms: 30, Failed: bad, Calls: []casetest.Call{call}}
			if bad {
				root.Logs = []string{c.line}
			}
			casetest.AddTrace(ev, casetest.TraceID(i), i < 30, root)
			if bad {
				for k, x := range c.attributes {
					ev.Traces[i].Spans[1].Attributes[k] = x
				}
				line := &ev.Logs[len(ev.Logs)-1]
				line.Severity = evidence.SeverityError
				if c.untraced {
					line.TraceID, line.SpanID, line.Time = "", "", line.Time.Truncate(time.Millisecond)
				}
			}
		}
		who, _, asked := strings.Cut(name, ": ")
		if !asked {
			who = "store"
		}
		got := Causes(view.New(ev))[0]
		if got.Entity.Name != who || got.Mechanism != c.want {
			t.Errorf("%s: got %s %s, want %s %s: %s", name, got.Entity.Name, got.Mechanism, who, c.want, got.Sentence)
		}
		if c.want != report.MechanismAbsence && !strings.Contains(got.Sentence, c.line) {
			t.Errorf("%s: %q does not say what the requests say, %q", name, got.Sentence, c.line)
		}
	}
}
