package blameindex

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const record = `decision_id: ADR-047
title: Bound the pool
why: "the pool held 1200 idle connections when etcd was slower than 2 s"
what: "limit the pool to 100 connections"
who: {initiator: "iam:user:ada", approver: "iam:user:grace", executor: "ci:bot:deploy"}
when: {effective_at: 2024-06-15T14:30:00Z, logged_at: 2024-06-15T14:22:17Z}
how: {rollout: "all at once", verify: ["idle_connections <= 100"]}
scope: ["internal/**"]
`

// shop is a small repository with a decision, a tag, a rename and an owner.
func shop(t testing.TB) (r *gittest.Repo, shas []string) {
	r = gittest.New(t)
	r.Write("main.go", "package main\n\nfunc main() {\n}\n")
	r.Write("pool.go", "package pool\n\n// Size is bounded. decision:ADR-047\nconst Size = 100\n\nconst Wait = 3\n")
	r.Write(".mailmap", "Ada Lovelace <ada@lovelace.example> <ada@example.org>\n")
	shas = append(shas, r.Commit("Start"))
	r.Write("docs/decisions/047.yaml", record)
	r.Write("CODEOWNERS", "* @everyone\ninternal/ @pool-team\n")
	r.Git("mv", "pool.go", "pool2.go")
	if err := os.MkdirAll(filepath.Join(r.Dir, "internal/pool"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.Git("mv", "pool2.go", "internal/pool/pool.go")
	shas = append(shas, r.Commit("Move the pool\n\nIt has to live somewhere.\n\nReviewed-by: Grace <grace@example.org>"))
	r.Write("internal/pool/pool.go", "package pool\n\n// Size is bounded. decision:ADR-047\nconst Size = 100\n\nconst Wait = 7\n")
	shas = append(shas, r.Commit("Wait longer\n\nDecision: DEC-2"))
	r.Git("tag", "v1.0.0")
	return r, shas
}

func newSource(t testing.TB, dir string) *Source {
	t.Helper()
	s, err := NewSource(context.Background(), []Place{{Repository: dir, Database: filepath.Join(t.TempDir(), "w.db")}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestBlameGoesFromAFrameToTheDecision(t *testing.T) {
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	b, err := s.Blame(context.Background(), "any", evidence.Frame{File: "/build/shop/internal/pool/pool.go", Line: 4, Rung: evidence.LocationStack}, "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if b.Ref.Path != "internal/pool/pool.go" || b.Ref.Revision != shas[2] {
		t.Errorf("got %+v", b.Ref)
	}
	var got []string
	for _, l := range b.Lines {
		got = append(got, fmt.Sprintf("%d %s %s %v", l.Line, l.Commit, l.Author, l.Decisions))
	}
	want := []string{
		"1 " + shas[0] + " Ada Lovelace [ADR-047]", "2 " + shas[0] + " Ada Lovelace [ADR-047]", "3 " + shas[0] + " Ada Lovelace [ADR-047]",
		"4 " + shas[0] + " Ada Lovelace [ADR-047]", "5 " + shas[0] + " Ada Lovelace [ADR-047]", "6 " + shas[2] + " Ada Lovelace [DEC-2 ADR-047]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
	if d := cmp.Diff([]evidence.DecisionLink{{DecisionID: "ADR-047", Kind: "tag", Strength: strengthTagBlock}}, b.Decisions); d != "" {
		t.Error(d)
	}
}

func TestBlameSaysWhyNot(t *testing.T) {
	r, _ := shop(t)
	s := newSource(t, r.Dir)
	for _, tt := range []struct {
		file, rev, want string
		line            int
	}{
		{"internal/pool/pool.go", "v9", `revision "v9" is not in`, 1},
		{"internal/pool/pool.go", "v1.0.0", "the file has 6 lines", 99},
		{"internal/pool/pool.go", "v1.0.0", "no line number", 0},
		{"/usr/local/go/src/net/http/server.go", "v1.0.0", "belongs to the runtime", 3},
		{"/x/other/pool.go", "v1.0.0", "only its name in common", 3},
		{"nothing.go", "v1.0.0", "no file of the repository ends like", 3},
		{"pool.go", "--upload-pack=x", "is not a revision", 3},
		{"", "v1.0.0", "names no file", 3},
	} {
		_, err := s.Blame(context.Background(), "any", evidence.Frame{File: tt.file, Line: tt.line}, tt.rev)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s:%d at %s: got %v, want %q", tt.file, tt.line, tt.rev, err, tt.want)
		} else if !errors.Is(err, evidence.ErrNotFound) && !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%s: %v is neither not found nor invalid", tt.file, err)
		}
	}
}

func TestCommitsBetweenRevisions(t *testing.T) {
	r, shas := shop(t)
	s := newSource(t, r.Dir)
	got, err := s.Commits(context.Background(), evidence.CommitQuery{Service: "x", From: shas[0], To: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].SHA != shas[2] || got[1].SHA != shas[1] {
		t.Fatalf("got %d commits", len(got))
	}
	if d := cmp.Diff([]string{"internal/pool/pool.go"}, got[0].Files); d != "" {
		t.Error(d)
	}
	if !strings.Contains(got[0].Diff, "-const Wait = 3\n+const Wait = 7\n") {
		t.Errorf("got diff %q", got[0].Diff)
	}
	at := time.Unix(1_700_000_000, 0)
	in, err := s.Commits(context.Background(), evidence.CommitQuery{Window: evidence.Window{Start: at, End: at.Add(90 * time.Second)}})
	if err != nil || len(in) != 1 || in[0].SHA != shas[0] {
		t.Errorf("got %d commits in the window, %v; want the first", len(in), err)
	}
	late := evidence.Window{Start: at.Add(240 * time.Hour), End: at.Add(480 * time.Hour)}
	last, err := s.Commits(context.Background(), evidence.CommitQuery{Service: "x", To: "v1.0.0", Window: late, Least: 2})
	if err != nil || len(last) != 2 || last[0].SHA != shas[2] || last[1].SHA != shas[1] {
		t.Errorf("got %d commits, %v; want the last two, however old", len(last), err)
	}
	links, err := s.CoveredBy(context.Background(), "x", "", got[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.DecisionLink{{DecisionID: "ADR-047", Kind: "tag", Strength: strengthTagBlock}, {DecisionID: "DEC-2", Kind: "trailer", Strength: strengthTrailer}}
	if d := cmp.Diff(want, links); d != "" {
		t.Error(d)
	}
}

func TestDecisionByID(t *testing.T) {
	r, _ := shop(t)
	s := newSource(t, r.Dir)
	d, err := s.Decision(context.Background(), "ADR-047", "", "")
	if err != nil || d.Title != "Bound the pool" || d.Path != "docs/decisions/047.yaml" {
		t.Errorf("got %+v, %v", d, err)
	}
	if _, err := s.Decision(context.Background(), "ADR-1", "", ""); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestGitBundleIsUnpackedAndAnswers(t *testing.T) {
	r, shas := shop(t)
	file := filepath.Join(t.TempDir(), "repo.bundle")
	r.Git("bundle", "create", "--quiet", file, "--all")
	s, err := OpenGitBundles(context.Background(), []Place{{Repository: file}}, t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, err := s.Blame(context.Background(), "x", evidence.Frame{File: "main.go", Line: 1}, shas[1])
	if err != nil || len(b.Lines) == 0 || b.Lines[0].Commit != shas[0] {
		t.Errorf("got %+v, %v", b, err)
	}
}

// TestAnswersSurviveTheRepository holds the database to being enough.
func TestAnswersSurviveTheRepository(t *testing.T) {
	r, shas := shop(t)
	ctx := context.Background()
	repo, err := git.Open(ctx, r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(filepath.Join(t.TempDir(), "w.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Index(ctx, repo, IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(r.Dir, r.Dir+"-gone"); err != nil {
		t.Fatal(err)
	}
	a, err := db.Why(ctx, "internal/pool/pool.go", 4, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if a.Commit != shas[0] || a.OrigPath != "pool.go" || a.OrigLine != 4 || len(a.Decisions) != 1 || a.Decisions[0].Record == nil {
		t.Errorf("got %+v", a)
	}
	if d := cmp.Diff([]string{"@pool-team"}, a.Owners); d != "" {
		t.Error(d)
	}
	if err := db.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestLinesVoteOverTheirHistory(t *testing.T) {
	r := gittest.New(t)
	r.Write("a.go", "package a\n\nvar X = 1\n")
	first := r.Commit("Start")
	r.Write("a.go", "package a\n\nvar X = 2\n")
	second := r.Commit("Two")
	r.Write("a.go", "package a\n\nvar  X  =  2\n")
	r.Commit("Style")
	s := newSource(t, r.Dir)
	got, err := s.LineVotes(context.Background(), "x", []evidence.Frame{{File: "/b/a.go", Line: 3}, {File: "a.go", Line: 1}, {File: "none.go", Line: 3}, {File: "a.go", Line: 99}}, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	// Line 3: second has rank 1 and first rank 2, the style commit none. Line 1:
	// first alone.
	want := []evidence.LineVote{{Commit: first, Votes: 1500, Lines: []string{"a.go:1", "a.go:3"}}, {Commit: second, Votes: 1000, Lines: []string{"a.go:3"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
}

func TestMirrorFollowsTheRemoteAndSurvivesAForcePush(t *testing.T) {
	r, shas := shop(t)
	dir := t.TempDir()
	s, err := NewSource(context.Background(), []Place{{Repository: r.Dir, Mirror: filepath.Join(dir, "m.git"), Database: filepath.Join(dir, "w.db")}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	blame := func(rev string) error {
		_, err := s.Blame(context.Background(), "x", evidence.Frame{File: "main.go", Line: 1}, rev)
		return err
	}
	if err := blame("v1.0.0"); err != nil {
		t.Fatal(err)
	}
	r.Write("main.go", "package main\n\n// new\n")
	fresh := r.Commit("Come later")
	if err := blame(fresh); err != nil {
		t.Errorf("a revision that came later: %v", err)
	}
	r.Git("reset", "--quiet", "--hard", shas[0])
	r.Write("main.go", "package main\n\n// other\n")
	other := r.Commit("Rewrite history")
	for _, rev := range []string{other, fresh, "v1.0.0"} {
		if err := blame(rev); err != nil {
			t.Errorf("after the force-push, %s: %v", rev, err)
		}
	}
	if err := blame(strings.Repeat("e", 40)); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
	for _, url := range []string{"--upload-pack=touch x", "ext::sh -c x", ""} {
		if _, err := git.Mirror(context.Background(), url, filepath.Join(dir, "n.git")); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q: got %v, want refused", url, err)
		}
	}
}

// TestDecisionsAreThoseOfTheRunningRevision: what a record says now, or said at
// the revision indexed last, is not what governed the running code.
func TestDecisionsAreThoseOfTheRunningRevision(t *testing.T) {
	r, shas := shop(t)
	r.Write("docs/decisions/047.yaml", strings.ReplaceAll(record, "internal/**", "elsewhere/**"))
	now := r.Commit("Move the decision's scope")
	s := newSource(t, r.Dir)
	ctx := context.Background()
	change := evidence.Commit{SHA: shas[2], Files: []string{"internal/pool/pool.go"}}
	for rev, want := range map[string]int{"v1.0.0": 1, now: 0, shas[0]: 0, "": 0, "unheard-of": 0} {
		for range 2 { // whichever was indexed last
			links, err := s.CoveredBy(ctx, "any", rev, change)
			if err != nil || len(links) != want {
				t.Errorf("at %q: got %v, %v; want %d links", rev, links, err, want)
			}
		}
	}
	for rev, want := range map[string]string{"v1.0.0": "internal/**", now: "elsewhere/**", "": "elsewhere/**", shas[0]: "elsewhere/**"} {
		if d, err := s.Decision(ctx, "ADR-047", "any", rev); err != nil || len(d.Scope) == 0 || d.Scope[0] != want {
			t.Errorf("at %q: got scope %v, %v; want %s", rev, d.Scope, err, want)
		}
	}
}

func TestARepositoryIsNamedAsPeopleNameIt(t *testing.T) {
	one, other := gittest.New(t), gittest.New(t)
	for _, r := range []*gittest.Repo{one, other} {
		r.Write("a.go", "package a\n")
		r.Commit("Begin")
	}
	dir := t.TempDir()
	shop := func(service string) Place {
		return Place{Name: "shop", Service: service, Repository: one.Dir, Database: filepath.Join(dir, "shop.db")}
	}
	ads := Place{Name: "ads", Service: "bidder", Repository: other.Dir, Database: filepath.Join(dir, "ads.db")}
	for _, c := range []struct {
		places           []Place
		named, want, err string
		is               error
	}{
		{[]Place{shop("ticket"), shop("hall")}, "", "hall", "", nil},
		{[]Place{shop("ticket"), shop("hall")}, "shop", "hall", "", nil},
		{[]Place{shop("ticket"), shop("hall")}, "ticket", "ticket", "", nil},
		{[]Place{shop("ticket")}, "shap", "", `no repository or service is named "shap"; repositories are shop`, evidence.ErrNotFound},
		{[]Place{shop("ticket"), ads}, "", "", "name one of ads, shop", evidence.ErrInvalid},
		{[]Place{shop("ticket"), ads}, "ads", "bidder", "", nil},
		{nil, "", "", "no repository is configured: not found", evidence.ErrNotFound},
		{nil, "shop", "", "no repository is configured: not found", evidence.ErrNotFound},
		{[]Place{shop("")}, "whatever", "whatever", "", nil},
	} {
		s, err := NewSource(t.Context(), c.places, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.ServiceIn(c.named)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && (!strings.Contains(err.Error(), c.err) || !errors.Is(err, c.is)) {
			t.Errorf("%q: got %q, %v; want %q, %q", c.named, got, err, c.want, c.err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
