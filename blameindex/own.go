package blameindex

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/blameindex/lineage"
)

// target is one file of one plan whose ownership is to be worked out.
type target struct {
	plan *plan
	file file
}

// fewFiles is up to how many files git blame itself is asked instead of going
// through history for all of them at once.
const fewFiles = 2

// own works out the ownership of every planned file and stores it, the plans
// that are blamed under the same list of ignored revisions together.
func (ix *indexer) own(ctx context.Context) error {
	s := newStorer(ix)
	var digests []string
	for _, p := range ix.plans {
		if !slices.Contains(digests, p.rev.ignored) {
			digests = append(digests, p.rev.ignored)
		}
	}
	for _, d := range digests {
		var targets []target
		for _, p := range ix.plans {
			for _, f := range p.files {
				switch {
				case p.rev.ignored != d:
				case f.done:
					ix.stats.Files++
				default:
					targets = append(targets, target{p, f})
				}
			}
		}
		if err := ix.ownTogether(ctx, d, targets, s); err != nil {
			return errors.Join(err, s.abandon())
		}
	}
	return s.flush()
}

func (ix *indexer) ownTogether(ctx context.Context, digest string, targets []target, s *storer) error {
	if detectedBy(digest) != "" {
		stumbled, err := ix.blameEach(ctx, targets, s)
		for _, t := range stumbled {
			err = errors.Join(err, s.skip(ctx, t, "missing"))
		}
		return err
	}
	seeds, err := ix.seeds(ctx, digest)
	if err != nil {
		return err
	}
	if len(targets) <= fewFiles && len(seeds) == 0 {
		// Where git blame stumbles, the other way tells which lines it is about.
		if targets, err = ix.blameEach(ctx, targets, s); err != nil || len(targets) == 0 {
			return err
		}
	}
	again, plain, err := ix.computeOwners(ctx, targets, seeds, s)
	if err != nil {
		return err
	}
	stumbled, err := ix.blameEach(ctx, again, s)
	for _, t := range stumbled {
		// How git would guess is unknown; of the other lines it is not.
		spans := plain[t]
		for i := range spans {
			if t.plan.ignores(spans[i]) {
				spans[i] = lineage.Span{Line: spans[i].Line, Lines: spans[i].Lines}
			}
		}
		if err := s.put(ctx, t, spans); err != nil {
			return err
		}
	}
	return err
}

// computeOwners goes through history for all targets at once. It returns those
// of which an ignored revision owns lines, with what plain blame says.
func (ix *indexer) computeOwners(ctx context.Context, targets []target, seeds []lineage.Seed, s *storer) (again []target, plain map[target][]lineage.Span, err error) {
	ask := make([]lineage.Target, len(targets))
	for i, t := range targets {
		ask[i] = lineage.Target{Commit: t.plan.rev.sha, Path: t.file.path, Lines: ix.info(t).lines}
	}
	plain = map[target][]lineage.Span{}
	o := lineage.Options{Workers: ix.o.Workers, Few: ix.o.few, Progress: ix.o.Progress, Load: func(known int64) ([]lineage.Span, error) { return ix.spans(ctx, known) }}
	err = lineage.Compute(ctx, ix.repo, ask, seeds, o, func(i int, r lineage.Result) error {
		t := targets[i]
		switch {
		case r.Seed != 0:
			return s.keep(ctx, t, r.Seed)
		case slices.ContainsFunc(r.Spans, t.plan.ignores):
			again = append(again, t)
			plain[t] = r.Spans
			return nil
		case len(r.Spans) > 0 && !slices.ContainsFunc(r.Spans, func(x lineage.Span) bool { return !x.Unknown() }):
			return s.skip(ctx, t, "missing")
		}
		return s.put(ctx, t, r.Spans)
	})
	return again, plain, err
}

// spans reads a stored ownership back.
func (ix *indexer) spans(ctx context.Context, id int64) ([]lineage.Span, error) {
	var data []byte
	if err := ix.db.row(ctx, "SELECT runs FROM ownership WHERE id = ?", id).Scan(&data); err != nil {
		return nil, fmt.Errorf("read line ownership: %w", err)
	}
	var out []lineage.Span
	err := decodeRuns(data, func(line int, r run) bool {
		s := lineage.Span{Line: line, Lines: r.lines, OrigLine: r.orig}
		if r.commit != 0 {
			s.Commit, s.Path = lineage.Name{Row: r.commit}, lineage.Name{Row: r.path}
		}
		out = append(out, s)
		return true
	})
	return out, err
}

// ignoredRevs reads the names in a list of ignored revisions; false when git
// would refuse the list.
func ignoredRevs(list []byte, hashLen int) (map[string]bool, bool) {
	out := map[string]bool{}
	for line := range bytes.Lines(list) {
		text, _, _ := strings.Cut(string(line), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if len(text) != hashLen || !hexName.MatchString(text) {
			return nil, false
		}
		out[text] = true
	}
	return out, true
}

// ignores reports whether plain blame gives lines to an ignored revision. Only
// then does git blame answer differently under the list, and how it guesses is
// left to git itself.
func (p *plan) ignores(s lineage.Span) bool {
	return len(p.ignored) > 0 && (p.ignored[s.Commit.Text] || p.ignoredRows[s.Commit.Row])
}

// seeds are the revisions in the database from which ownership may be carried
// over: the newest complete ones, and what an interrupted indexing left of the
// planned ones.
func (ix *indexer) seeds(ctx context.Context, digest string) ([]lineage.Seed, error) {
	const most = 4
	revs, err := ix.db.newestRevisions(ctx, digest, most)
	if err != nil {
		return nil, err
	}
	again := false
	for _, p := range ix.plans {
		if again = again || p.again; p.rev.ignored == digest && !p.reread {
			revs = append(revs, p.rev)
		}
	}
	there, err := ix.has(ctx, revs)
	if err != nil {
		return nil, err
	}
	var seeds []lineage.Seed
	for i, r := range revs {
		if !there[i] {
			continue // a force-push took it away
		}
		entries, err := ix.db.entries(ctx, r.id)
		if err != nil {
			return nil, err
		}
		seed := lineage.Seed{Commit: r.sha, Known: map[string]int64{}}
		for path, e := range entries {
			// What a base says does not hold for a revision that is incomplete.
			if e.ownership == 0 || e.unknown && again || !r.complete && !e.here {
				continue
			}
			seed.Known[path] = e.ownership
			ix.unknown[e.ownership] = e.unknown
		}
		if len(seed.Known) > 0 {
			seeds = append(seeds, seed)
		}
	}
	return seeds, nil
}

// has tells which revisions' commits the repository still has.
func (ix *indexer) has(ctx context.Context, revs []revision) ([]bool, error) {
	var names []string
	for _, r := range revs {
		names = append(names, r.sha)
	}
	sizes, err := ix.repo.Sizes(ctx, names)
	out := make([]bool, len(revs))
	for i := range sizes {
		out[i] = sizes[i] >= 0
	}
	return out, err
}

func (db *DB) newestRevisions(ctx context.Context, digest string, most int) (out []revision, err error) {
	rows, err := db.write.QueryContext(ctx, "SELECT "+revisionColumns+" FROM revision WHERE complete = 1 AND ignored = ? ORDER BY id DESC LIMIT ?", digest, most)
	if err != nil {
		return nil, fmt.Errorf("read revisions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanRevision(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// blameEach asks git blame for each target, several at a time, and returns those
// at which it stumbled over an object that is missing or corrupt. It is right by
// definition and the way for a few files.
func (ix *indexer) blameEach(ctx context.Context, targets []target, s *storer) (stumbled []target, err error) {
	workers := ix.o.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	var mu sync.Mutex
	done := 0
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for _, t := range targets {
		g.Go(guard.Func(func() error {
			spans, err := ix.repo.Blame(ctx, t.plan.rev.sha, t.file.path, git.BlameOptions{IgnoreRevs: t.plan.ignore, Detect: ix.stats.Detect})
			if err != nil && !errors.Is(err, git.ErrStopped) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if ix.o.Progress != nil {
				ix.o.Progress("blame", done, len(targets))
			}
			if err != nil {
				stumbled = append(stumbled, t)
				return nil
			}
			return s.put(ctx, t, lineage.Spans(spans))
		}))
	}
	return stumbled, g.Wait()
}
