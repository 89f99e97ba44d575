package signal

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

func TestWhatDoesNotLieOnTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		alerting string
		edges    []string
		spans    evidence.SpanKind // of whoever alerts, in normal time
		peer     string            // whom those name
		want     []string
	}{
		"callers and strangers":                {"till", []string{"front>till", "till>ledger"}, "", "", []string{"front", "other"}},
		"who alerts calls nobody: its callers": {"ledger", []string{"front>till", "till>ledger"}, "", "", []string{"front", "till"}},
		"who alerts is in no graph: nobody":    {"other", []string{"front>till", "till>ledger"}, "", "", nil},
		"no graph: nobody":                     {"till", nil, "", "", nil},
		"its spans show that it calls nobody":  {"ledger", []string{"front>till", "till>ledger"}, evidence.SpanClient, "bank.example", []string{"front", "other", "till"}},
		"its spans name an address":            {"ledger", []string{"front>till", "till>ledger"}, evidence.SpanClient, "10.0.0.7", []string{"front", "till"}},
		"its spans name nobody":                {"ledger", []string{"front>till", "till>ledger"}, evidence.SpanClient, "", []string{"front", "till"}},
		"its spans show no calls at all":       {"ledger", []string{"front>till", "till>ledger"}, evidence.SpanServer, "", []string{"front", "till"}},
		"a way of two steps is a way":          {"front", []string{"front>till", "till>ledger"}, "", "", []string{"other"}},
		"who calls in a circle is on the way":  {"front", []string{"front>till", "till>front"}, "", "", []string{"ledger", "other"}},
	} {
		e := &gathered.Evidence{Entities: casetest.Entities("front", "ledger", "other", "till"), Alerting: []string{c.alerting}, Edges: casetest.EdgesOf(c.edges...)}
		if c.spans != "" {
			casetest.AddTrace(e, casetest.TraceID(1), true, casetest.Call{Service: c.alerting, Op: "read", Ms: 5, Kind: c.spans, Peer: c.peer})
		}
		v := view.New(e)
		var got []string
		for _, f := range topologyPath(v) {
			got = append(got, v.Names[f.Entity])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
