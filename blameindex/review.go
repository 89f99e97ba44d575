package blameindex

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/checkpoint"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Review holds the commits that are in head and not in base to the decisions
// of both: a change cannot get past a decision by deleting it.
func Review(ctx context.Context, repo *git.Repo, base, head string, o Options) (checkpoint.Result, error) {
	o = o.withDefaults()
	from, err := repo.MergeBase(ctx, base, head)
	if err != nil {
		return checkpoint.Result{}, err
	}
	diff, err := repo.Diff(ctx, from, head)
	if err != nil {
		return checkpoint.Result{}, err
	}
	files, err := checkpoint.ReadDiff(bytes.NewReader(diff))
	if err != nil {
		return checkpoint.Result{}, err
	}
	commits, err := repo.Log(ctx, head, []string{base}, 0)
	if err != nil {
		return checkpoint.Result{}, err
	}
	c := checkpoint.Change{Files: files}
	for _, x := range commits {
		c.Messages = append(c.Messages, x.Message)
	}
	records, tree, err := RecordsAt(ctx, repo, head, o)
	if err != nil {
		return checkpoint.Result{}, err
	}
	before, _, err := RecordsAt(ctx, repo, from, o)
	if err != nil {
		return checkpoint.Result{}, err
	}
	for _, r := range before {
		if !slices.ContainsFunc(records, func(x decision.Record) bool { return x.ID == r.ID }) {
			records = append(records, r)
		}
	}
	return checkpoint.Run(c, records, tree), nil
}

// RecordsAt reads the records of a commit from the repository, those with
// faults left out, and the paths of its tree.
func RecordsAt(ctx context.Context, repo *git.Repo, commit string, o Options) (records []decision.Record, tree []string, err error) {
	records, _, tree, err = recordsAt(ctx, repo, commit, o)
	return records, tree, err
}

// recordsAt is RecordsAt, and counts the records that were left out.
func recordsAt(ctx context.Context, repo *git.Repo, commit string, o Options) (records []decision.Record, refused int, tree []string, err error) {
	o = o.withDefaults()
	entries, err := repo.Tree(ctx, commit)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("read the tree of %s: %w", short(commit), err)
	}
	var files []recordFile
	tree = make([]string, 0, len(entries))
	for _, e := range entries {
		tree = append(tree, e.Path)
		if e.Regular() && decision.Matches(o.DecisionGlobs, e.Path) {
			files = append(files, recordFile{path: e.Path, oid: e.OID})
		}
	}
	docs, err := readRecordFiles(ctx, repo, files, o.Vocabulary)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, d := range docs {
		for _, r := range d {
			if r.Refused() {
				refused++
			} else {
				records = append(records, r)
			}
		}
	}
	slices.SortStableFunc(records, func(a, b decision.Record) int { return strings.Compare(a.ID, b.ID) })
	decision.Link(records)
	return records, refused, tree, nil
}

// BrokenChecks implements correlate.CheckSource: a suspect commit goes through
// the same checkpoint as a change under review.
func (s *Source) BrokenChecks(ctx context.Context, service, revision string, c evidence.Commit) ([]evidence.BrokenCheck, error) {
	p, err := s.place(service)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records, err := p.records(ctx, revision)
	if err != nil {
		return nil, err
	}
	return brokenChecks(records, c)
}

func brokenChecks(records []decision.Record, c evidence.Commit) ([]evidence.BrokenCheck, error) {
	if c.Diff == "" {
		return nil, nil
	}
	files, err := checkpoint.ReadDiff(strings.NewReader(c.Diff))
	if err != nil {
		return nil, err
	}
	res := checkpoint.Run(checkpoint.Change{Files: files, Messages: []string{c.Message}}, records, nil)
	var out []evidence.BrokenCheck
	for _, f := range res.Findings {
		id, _, _ := strings.Cut(f.Rule, "/")
		out = append(out, evidence.BrokenCheck{DecisionID: id, Level: f.Level, Message: f.Message, Path: f.Path, Line: f.Line})
	}
	return out, nil
}
