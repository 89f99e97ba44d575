package blameindex

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestCarriedRepositoriesAnswerAsTheirOriginals carries two repositories, one
// with two services, and a commit to which no name leads any more.
func TestCarriedRepositoriesAnswerAsTheirOriginals(t *testing.T) {
	ctx := context.Background()
	r, shas := shop(t)
	r.Write("cart/main.go", "package main\n\nvar Lost = true\n")
	lost := r.Commit("Lost by a force push")
	r.Git("reset", "--hard", "-q", shas[2])
	other := gittest.New(t)
	other.Write("bank.go", "package bank\n")
	otherSHA := other.Commit("Start a bank")
	dir := t.TempDir()
	s, err := NewSource(ctx, []Place{
		{Service: "pool", Repository: r.Dir, Database: filepath.Join(dir, "a.db"), Prefix: "internal/pool", BuildPrefixes: map[string]string{"/src": ""}},
		{Service: "cart", Repository: r.Dir, Database: filepath.Join(dir, "a.db"), Prefix: "cart"},
		{Service: "bank", Repository: other.Dir, Database: filepath.Join(dir, "b.db")},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Repositories([]string{"bank", "nobody"}); len(got) != 1 || len(got[0].Places) != 1 || got[0].Places[0].Service != "bank" {
		t.Errorf("got %+v for the bank, want its repository alone", got)
	}
	var places []Place
	for i, repository := range s.Repositories([]string{"bank", "cart"}) {
		file := filepath.Join(dir, string(rune('a'+i))+".bundle")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(repository.WriteBundle(ctx, f, 1<<20, []string{lost[:12], "no-such-revision", ""}), f.Close()); err != nil {
			t.Fatal(err)
		}
		for _, p := range repository.Places {
			places = append(places, Place{Service: p.Service, Repository: file, Prefix: p.Prefix, BuildPrefixes: p.BuildPrefixes})
		}
	}
	carried, err := OpenGitBundles(ctx, places, t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer carried.Close()
	for _, q := range []evidence.CommitQuery{{Service: "pool", To: "v1.0.0"}, {Service: "cart", From: "v1.0.0", To: lost}, {Service: "bank", To: otherSHA}} {
		want, err1 := s.Commits(ctx, q)
		got, err2 := carried.Commits(ctx, q)
		if d := cmp.Diff(want, got); d != "" || err1 != nil || err2 != nil || len(want) == 0 {
			t.Errorf("%+v: %v, %v (-original +carried):\n%s", q, err1, err2, d)
		}
	}
	frame := evidence.Frame{File: "/src/internal/pool/pool.go", Line: 4}
	want, err1 := s.Blame(ctx, "pool", frame, "v1.0.0")
	got, err2 := carried.Blame(ctx, "pool", frame, "v1.0.0")
	want.Ref.Repository = got.Ref.Repository
	if d := cmp.Diff(want, got); d != "" || err1 != nil || err2 != nil {
		t.Errorf("%v, %v (-original +carried):\n%s", err1, err2, d)
	}
}

func TestAHistoryThatIsTooLargeIsNotCarried(t *testing.T) {
	ctx := context.Background()
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	repository := s.Repositories([]string{"any"})[0]
	var out bytes.Buffer
	for _, most := range []int64{0, 100, 101} {
		if most == 101 {
			r.Git("repack", "-a", "-d", "-q") // then it is known beforehand
		}
		if err := repository.WriteBundle(ctx, &out, most, nil); !errors.Is(err, git.ErrTooLarge) || int64(out.Len()) > most {
			t.Errorf("at most %d: got %d bytes, %v", most, out.Len(), err)
		}
	}
	files, err := repository.RecordFiles(ctx, []string{"gone", shas[1], shas[0]})
	if err != nil || len(files) != 1 || files[0].Path != "docs/decisions/047.yaml" || string(files[0].Text) != record {
		t.Errorf("got %v, %v", files, err)
	}
	if files, err := repository.RecordFiles(ctx, []string{shas[0]}); err != nil || len(files) != 0 {
		t.Errorf("got %v (%v) of the first revision, want none", files, err)
	}
	shallow := filepath.Join(t.TempDir(), "shallow")
	r.Git("clone", "-q", "--depth", "1", "file://"+r.Dir, shallow)
	if err := newSource(t, shallow).Repositories([]string{"any"})[0].WriteBundle(ctx, &out, 1<<20, nil); !errors.Is(err, evidence.ErrUnsupported) {
		t.Errorf("got %v for a part of a history", err)
	}
}

func TestWrittenDecisionsNeedNoRepository(t *testing.T) {
	ctx := context.Background()
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	repo, err := git.Open(ctx, r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	records, _, err := RecordsAt(ctx, repo, shas[2], Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := Written(records)
	commits, err := s.Commits(ctx, evidence.CommitQuery{To: shas[2]})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commits {
		want, err1 := s.CoveredBy(ctx, "x", shas[2], c)
		got, err2 := w.CoveredBy(ctx, "x", "", c)
		if d := cmp.Diff(want, got); d != "" || err1 != nil || err2 != nil {
			t.Errorf("%s: %v, %v\n%s", c.Message, err1, err2, d)
		}
	}
	if d, err := w.Decision(ctx, "ADR-047", "", ""); err != nil || !strings.Contains(d.Title, "pool") {
		t.Errorf("got %+v, %v", d, err)
	}
	if _, err := w.Decision(ctx, "ADR-1", "", ""); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
}
