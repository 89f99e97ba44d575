package blameindex

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestPrepareReadsWhatADeploymentWillBeAskedAbout(t *testing.T) {
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	ctx := t.Context()
	before := commitsOf(t, newSource(t, r.Dir), shas[1])
	if err := s.Prepare(ctx, "any", shas[1], "1.0.0", time.Now()); err != nil {
		t.Fatal(err)
	}
	p := s.places[""]
	rev, err := p.db.revisionBySHA(ctx, shas[2])
	if err != nil {
		t.Fatal(err)
	}
	if !p.db.knows(ctx, rev, "internal/pool/pool.go") {
		t.Error("the file that the commit touched is not indexed")
	}
	if d := cmp.Diff(before, commitsOf(t, s, shas[1])); d != "" {
		t.Errorf("reading ahead changed the answer (-without +with):\n%s", d)
	}
}

func commitsOf(t *testing.T, s *Source, from string) []evidence.Commit {
	t.Helper()
	list, err := s.Commits(t.Context(), evidence.CommitQuery{Service: "any", From: from, To: "1.0.0", Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPrepareTakesWhatIsNotThereForNoError(t *testing.T) {
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	for _, to := range []string{"v9", "--upload-pack=x", ""} {
		if err := s.Prepare(t.Context(), "any", shas[0], to, time.Now()); err != nil {
			t.Errorf("to %q: %v", to, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Prepare(ended, "any", "", "1.0.0", time.Now()); err == nil {
		t.Error("an ended context: got no error")
	}
}
