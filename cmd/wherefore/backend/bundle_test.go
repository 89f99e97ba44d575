package backend_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestABundleCarriesTheCodeOfSeveralRepositories opens one with a repository for
// one service and another for the rest.
func TestABundleCarriesTheCodeOfSeveralRepositories(t *testing.T) {
	at := time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)
	histories, subjects := map[string]string{}, map[string]string{"repo.bundle": "Start a shop", "repo-2.bundle": "Start a bank"}
	for member, subject := range subjects {
		r := gittest.New(t)
		r.Write("src/main.go", "package main\n")
		r.Commit(subject)
		histories[member] = filepath.Join(t.TempDir(), "git.bundle")
		r.Git("bundle", "create", "--quiet", histories[member], "--all")
	}
	write := func(code ...bundle.CodePlace) string {
		dir := filepath.Join(t.TempDir(), "b")
		w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x", Windows: map[string]evidence.Window{"chosen": {Start: at.Add(-time.Hour), End: at}}}, bundle.WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for member, file := range histories {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.File(member, f), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
		w.Code(code)
		if err := errors.Join(w.Alert(evidence.Alert{Instances: []evidence.AlertInstance{{StartsAt: at}}}), w.Close()); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	s, req, done, err := backend.OpenBundle(t.Context(), write(bundle.CodePlace{Member: "repo.bundle"}, bundle.CodePlace{Member: "repo-2.bundle", Service: "bank", Prefix: "src"}))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if !req.Window.End.Equal(at) || req.Window.Duration() != time.Hour {
		t.Errorf("got the window %v, want the one that a person chose", req.Window)
	}
	for service, want := range map[string]string{"shop": "Start a shop", "bank": "Start a bank"} {
		got, err := s.Code.Commits(t.Context(), evidence.CommitQuery{Service: service})
		if err != nil || len(got) != 1 || got[0].Message != want {
			t.Errorf("%s: got %+v (%v), want %q", service, got, err, want)
		}
	}
	_, _, _, err = backend.OpenBundle(t.Context(), write(bundle.CodePlace{Member: "repo-3.bundle"}))
	if err == nil || !strings.Contains(err.Error(), "repo-3.bundle") {
		t.Errorf("got %v for a member that is not there", err)
	}
}
