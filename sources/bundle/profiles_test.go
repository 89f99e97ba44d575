package bundle_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestProfilesAreReplayed writes profiles of the lab and asks for them.
func TestProfilesAreReplayed(t *testing.T) {
	dir := withProfiles(t)
	b, err := bundle.Open(dir)
	check(t, err)
	defer b.Close()
	names, err := b.Profiled(t.Context())
	check(t, err)
	if len(names) != 1 || names[0] != "shop/bidder" {
		t.Errorf("got %v", names)
	}
	day := evidence.Window{Start: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	ask := func(limit int) ([]evidence.Profile, bool) {
		list, cut, err := b.Profiles(t.Context(), evidence.ProfileQuery{Service: "shop/bidder", Kind: evidence.ProfileCPU, Window: day, Limit: limit})
		check(t, err)
		return list, cut
	}
	if all, cut := ask(5); len(all) != 2 || cut || !all[0].Start.Before(all[1].Start) {
		t.Errorf("got %d, cut %v", len(all), cut)
	}
	all, _ := ask(5)
	if one, cut := ask(1); len(one) != 1 || !cut || !one[0].Start.Equal(all[1].Start) {
		t.Errorf("got %d, cut %v, want the newest", len(one), cut)
	}
	early, err := bundle.Open(dir)
	check(t, err)
	defer early.Close()
	early.Until(all[1].End().Add(-time.Second), nil) // it was not complete then
	if list, _, _ := early.Profiles(t.Context(), evidence.ProfileQuery{Service: "shop/bidder", Kind: evidence.ProfileCPU, Window: day, Limit: 5}); len(list) != 1 {
		t.Errorf("got %d profiles, want those that were complete", len(list))
	}
}

// TestABrokenProfileCostsItself has members that are not what they say, beside one
// that is.
func TestABrokenProfileCostsItself(t *testing.T) {
	for name, want := range map[string]string{
		"broken.cpu.1.pb.gz": "profile was left out: it is no profile in pprof's format",
		"heap.pb.gz":         "profile was left out: it is not named SERVICE.KIND.WHEN.pb.gz",
	} {
		dir := t.TempDir()
		w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
		check(t, err)
		check(t, w.Alert(newSample().alert))
		check(t, w.Close())
		check(t, os.Mkdir(filepath.Join(dir, "profiles"), 0o750))
		check(t, os.WriteFile(filepath.Join(dir, "profiles", name), []byte("nothing"), 0o600))
		good, err := os.ReadFile("../../cmd/wherefore/testdata/profiled/f-smoothing/profiles/bidder.cpu.during.pb.gz")
		check(t, err)
		check(t, os.WriteFile(filepath.Join(dir, "profiles", "bidder.cpu.1.pb.gz"), good, 0o600))
		b, err := bundle.Open(dir)
		check(t, err)
		defer b.Close()
		if err := b.Check(); err == nil || !strings.Contains(err.Error(), "is not listed in the manifest's sha256") {
			t.Errorf("%s: got %v, want a member that nobody lists to be refused", name, err)
		}
		manifest := filepath.Join(dir, "manifest.json")
		raw, err := os.ReadFile(manifest)
		check(t, err)
		check(t, os.WriteFile(manifest, []byte(strings.Replace(string(raw), `"sha256"`, `"was"`, 1)), 0o600))
		plain, err := bundle.Open(dir)
		check(t, err)
		defer plain.Close()
		check(t, plain.Check())
		names, err := plain.Profiled(t.Context())
		lost, of := plain.Lost(bundle.SourceProfiles)
		if says, n := evidence.DescribeLosses(lost); err != nil || len(names) != 1 || n != 1 || of != 2 || !strings.Contains(says, want) {
			t.Errorf("%s: got %v (%v) and %q of %d, want the other one and %q", name, names, err, says, of, want)
		}
	}
}

func withProfiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{Gzip: true})
	check(t, err)
	check(t, w.Alert(newSample().alert))
	for _, when := range []string{"before", "during"} {
		raw, err := os.ReadFile("../../cmd/wherefore/testdata/profiled/f-smoothing/profiles/bidder.cpu." + when + ".pb.gz")
		check(t, err)
		check(t, w.Profile("shop/bidder", evidence.ProfileCPU, when, bytes.NewReader(raw)))
	}
	check(t, w.Close())
	return dir
}
