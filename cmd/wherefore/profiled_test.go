package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestProfilesNameTheLine replays recordings of the lab that have profiles: the loop
// and the growing slice are named to the line, with who wrote and decided it, and the
// report is the same, byte for byte.
func TestProfilesNameTheLine(t *testing.T) {
	for _, c := range []struct {
		bundle, service string
		kind            evidence.ProfileKind
		function, line  string
		commit          string
		decision        string
	}{
		{"f-smoothing", "bidder", evidence.ProfileCPU, "bidder.(*table).smoothOnce", "bidder/smooth.go:32", "c7c041dc666dc6ad1f040d4dea4b4b7c71715749", "DEC-2026-0314"},
		{"e-memory", "ad-server", evidence.ProfileHeap, "adserver.render", "adserver/shown.go:32", "7b1887e4f0252f2a84848eb8a8a25ba1bd380699", "DEC-2026-0313"},
	} {
		t.Run(c.bundle, func(t *testing.T) {
			dir := filepath.Join("testdata", "profiled", c.bundle)
			r, again := replayed(t, dir), replayed(t, dir)
			one, _ := json.Marshal(r)
			two, _ := json.Marshal(again)
			if !bytes.Equal(one, two) {
				t.Error("two replays differ")
			}
			first := r.Causes[0]
			if first.Entity.Name != c.service || len(r.Profiles) == 0 || r.Profiles[0].Service != c.service || r.Profiles[0].Kind != c.kind || len(r.Profiles[0].Places) == 0 {
				t.Fatalf("got cause %s and profiles %+v", first.Entity.Name, r.Profiles)
			}
			p := r.Profiles[0].Places[0]
			by, _ := p.Commit()
			if p.Short() != c.function || p.Line() != c.line || by.Commit != c.commit || len(by.Decisions) == 0 || by.Decisions[0] != c.decision {
				t.Errorf("got %s at %s by %s %v, want %s at %s by %s %s", p.Short(), p.Line(), by.Commit, by.Decisions, c.function, c.line, c.commit, c.decision)
			}
			if k, ok := first.Commit(); !ok || k.SHA != c.commit || first.Decision != c.decision {
				t.Errorf("got commit %s and decision %s, want %s and %s", k.SHA, first.Decision, c.commit, c.decision)
			}
			if i := termAt(first, "profile/growth"); i < 0 || first.Terms[i].Points != 0 {
				t.Errorf("the cause has no term that explains: %+v", first.Terms)
			}
		})
	}
}

// TestProfilesWeighNothing holds points and word to what they are without profiles:
// being profiled makes no entity a suspect, and no suspect surer.
func TestProfilesWeighNothing(t *testing.T) {
	for _, name := range []string{"f-smoothing", "e-memory"} {
		dir := filepath.Join("testdata", "profiled", name)
		with := replayed(t, dir)
		sources, req, done, err := backend.OpenBundle(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		sources.Profiles = nil
		without, err := correlate.New(sources, backend.ReplayOptions(config.Default(), buildVersion())).Investigate(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if err = done(); err != nil {
			t.Error(err)
		}
		if with.Verdict.Word != without.Verdict.Word {
			t.Errorf("%s: got %s, %s without profiles", name, with.Verdict.Word, without.Verdict.Word)
		}
		for i := range without.Ranked {
			if with.Ranked[i].Entity != without.Ranked[i].Entity || with.Ranked[i].Score > without.Ranked[i].Score {
				t.Errorf("%s: got %v, %v without profiles", name, with.Ranked[i], without.Ranked[i])
			}
		}
	}
}

func replayed(t *testing.T, dir string) report.Report {
	t.Helper()
	r, err := replayBundle(t.Context(), dir, config.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func termAt(c report.Cause, id string) int {
	for i, t := range c.Terms {
		if t.ID == id {
			return i
		}
	}
	return -1
}

// TestAProfileOfAnotherBuildNamesNoLines replays the loop with a profile in which the
// same functions stand on other lines than at the revision that ran.
func TestAProfileOfAnotherBuildNamesNoLines(t *testing.T) {
	for name, moved := range map[string]int64{"a few lines further down": 3, "behind the end of the file": 5000} {
		dir := filepath.Join(t.TempDir(), "f-smoothing")
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "profiled", "f-smoothing"))); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "profiles", "bidder.cpu.*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("got %v, %v", files, err)
		}
		for _, file := range files {
			move(t, dir, file, moved)
		}
		r := replayed(t, dir)
		i := slices.IndexFunc(r.Profiles, func(p report.ProfileView) bool { return p.Service == "bidder" && p.Kind == evidence.ProfileCPU })
		if i < 0 || len(r.Profiles[i].Places) == 0 {
			t.Fatalf("%s: got %+v", name, r.Profiles)
		}
		for _, p := range r.Profiles[i].Places {
			if p.Line() != "" || p.Blame != nil || len(p.Callers) > 0 || p.Short() == "" {
				t.Errorf("%s: got %s at %q by %v, want the function alone", name, p.Short(), p.Line(), p.Blame)
			}
		}
		if said := strings.Join(r.Profiles[i].Notes, "; "); !strings.Contains(said, "another build than what ran") || !strings.Contains(said, "bidder/smooth.go") {
			t.Errorf("%s: got the notes %q", name, said)
		}
		for _, k := range r.Causes[0].Commits {
			if i := slices.IndexFunc(k.Terms, func(t report.Term) bool { return t.ID == "commit/profile" }); i >= 0 && k.Terms[i].Points != 0 {
				t.Errorf("%s: commit %s has %d points by a profile of another build", name, k.SHA, k.Terms[i].Points)
			}
		}
	}
}

// move has every function of a profile stand further down in its file, in a bundle
// that is whole.
func move(t *testing.T, dir, file string, lines int64) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Function {
		f.StartLine += lines
	}
	for _, l := range p.Location {
		for i := range l.Line {
			l.Line[i].Line += lines
		}
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := func(b []byte) []byte { return fmt.Appendf(nil, "%x", sha256.Sum256(b)) }
	manifest = bytes.ReplaceAll(manifest, sum(raw), sum(out.Bytes()))
	if err := errors.Join(os.WriteFile(file, out.Bytes(), 0o600), os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o600)); err != nil {
		t.Fatal(err)
	}
}
