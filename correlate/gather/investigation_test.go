package gather

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestCapsBoundWhatIsKept(t *testing.T) {
	w := casetest.NewWorld()
	inv := New(w.Sources(), Options{Caps: Caps{Spans: 100, LogLines: 50, TracesPerService: 10}}.WithDefaults(), w.Request())
	if _, err := inv.Collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := 0
	for _, tr := range inv.answers.traces {
		spans += len(tr.Spans)
	}
	if spans == 0 || spans > 100 {
		t.Errorf("got %d spans, want some and at most 100", spans)
	}
	if n := len(inv.answers.logs); n == 0 || n > 50 {
		t.Errorf("got %d lines, want some and at most 50", n)
	}
}

func TestTheWorkloadAmongGivenCandidatesNeedsNoCaller(t *testing.T) {
	v := &Investigation{req: gathered.Request{Candidates: []string{"site", evidence.Workload}}}
	c := &gathered.Evidence{}
	v.joinEntities(c, nil)
	for _, e := range c.Entities {
		if e.Name == evidence.Workload && e.Kind != evidence.KindWorkload {
			t.Errorf("got kind %s, want %s", e.Kind, evidence.KindWorkload)
		}
	}
}
