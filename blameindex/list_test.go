package blameindex

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestDecisionsAreListedWithTheLinesTheyCover(t *testing.T) {
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	all, err := s.Decisions(t.Context())
	if err != nil || len(all) != 1 || all[0].ID != "ADR-047" {
		t.Fatalf("got %+v (%v), want ADR-047 alone", all, err)
	}
	none, err := s.Covers(t.Context(), "ADR-047", 10)
	if err != nil || len(none) != 0 {
		t.Errorf("got %+v (%v) before anything was indexed", none, err)
	}
	if _, err := s.Blame(t.Context(), "any", evidence.Frame{File: "internal/pool/pool.go", Line: 4}, "v1.0.0"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Covers(t.Context(), "ADR-047", 10)
	want := []Coverage{{Ref: evidence.CodeRef{Path: "internal/pool/pool.go", Line: 3, Revision: shas[2]}, To: 4}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if cut, err := s.Covers(t.Context(), "ADR-047", 0); err != nil || cut != nil {
		t.Errorf("got %v (%v) for a limit of 0", cut, err)
	}
}
