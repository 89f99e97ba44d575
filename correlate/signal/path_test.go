package signal

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

func TestWhatDoesNotLieOnTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		alerting string
		edges    []string
		want     []string
	}{
		"callers and strangers":                {"till", []string{"front>till", "till>ledger"}, []string{"front", "other"}},
		"who alerts calls nobody: its callers": {"ledger", []string{"front>till", "till>ledger"}, []string{"front", "till"}},
		"who alerts is in no graph: nobody":    {"other", []string{"front>till", "till>ledger"}, nil},
		"no graph: nobody":                     {"till", nil, nil},
		"a way of two steps is a way":          {"front", []string{"front>till", "till>ledger"}, []string{"other"}},
		"who calls in a circle is on the way":  {"front", []string{"front>till", "till>front"}, []string{"ledger", "other"}},
	} {
		v := view.New(&gathered.Evidence{Entities: casetest.Entities("front", "ledger", "other", "till"), Alerting: []string{c.alerting}, Edges: casetest.EdgesOf(c.edges...)})
		var got []string
		for _, f := range topologyPath(v) {
			got = append(got, v.Names[f.Entity])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
