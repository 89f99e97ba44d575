package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate"
)

// TestASupersededPlanIsNeverCalledFresh has the decision behind the guilty commit of a
// recorded incident superseded by a later commit: what ran was governed by it, and its
// plan is not to be used any more.
func TestASupersededPlanIsNeverCalledFresh(t *testing.T) {
	if testing.Short() {
		t.Skip("investigates a recording twice")
	}
	const id, record = "DEC-2026-0310", "docs/decisions/DEC-2026-0310.yaml"
	recorded := filepath.Join(root, "fixtures", "recorded", "lab", "a-avalanche")
	copied := filepath.Join(t.TempDir(), "bundle")
	if err := os.CopyFS(copied, os.DirFS(recorded)); err != nil {
		t.Fatal(err)
	}
	repo, bundled := filepath.Join(t.TempDir(), "repo"), filepath.Join(copied, "repo.bundle")
	git := func(args ...string) {
		t.Helper()
		runGit(t, append([]string{"-c", "user.name=Ines Costa", "-c", "user.email=ines@ads.example"}, args...)...)
	}
	git("clone", "-q", bundled, repo)
	text, err := os.ReadFile(filepath.Join(repo, record))
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(string(text), "status: accepted", "status: superseded\nsuperseded_by: DEC-2026-0399", 1)
	if later == string(text) {
		t.Fatalf("%s does not stand: %s", record, text)
	}
	put(t, filepath.Join(repo, record), later)
	git("-C", repo, "commit", "-q", "-a", "-m", "Give up reading a placement again")
	was, err := os.ReadFile(bundled)
	if err != nil {
		t.Fatal(err)
	}
	git("-C", repo, "bundle", "create", "-q", bundled, "--all")
	now, err1 := os.ReadFile(bundled)
	manifest, err2 := os.ReadFile(filepath.Join(copied, "manifest.json"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	sum := func(b []byte) []byte { return fmt.Appendf(nil, "%x", sha256.Sum256(b)) }
	put(t, filepath.Join(copied, "manifest.json"), string(bytes.ReplaceAll(manifest, sum(was), sum(now))))

	for dir, stands := range map[string]bool{recorded: true, copied: false} {
		r := investigateWithout(t, dir, func(*correlate.Sources) {})
		said := ""
		for _, a := range r.Actions {
			if a.Source == id {
				said += strings.Join(a.Freshness, "; ") + "; "
			}
		}
		if strings.Contains(said, "the record stands") != stands || strings.Contains(said, "superseded by DEC-2026-0399") == stands {
			t.Errorf("stands %v: got %q of the plan of %s", stands, said, id)
		}
		if b := r.Rollback; b == nil || b.Source != id || (b.Readiness != nil) != stands {
			t.Errorf("stands %v: got the rollback %+v", stands, b)
		}
	}
}
