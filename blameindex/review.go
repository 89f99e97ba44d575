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
// of both: a change cannot get past a decision by deleting it. strict makes the
// weakening of a rule by a change that it governs an error. The diff is returned
// for other rules to read.
func Review(ctx context.Context, repo *git.Repo, base, head string, o Options, strict bool) (checkpoint.Result, []byte, error) {
	from, err := repo.MergeBase(ctx, base, head)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	diff, err := repo.Diff(ctx, from, head)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	commits, err := repo.Log(ctx, head, []string{base}, 0)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	var messages []string
	for _, x := range commits {
		messages = append(messages, x.Message)
	}
	entries, err := treeOf(ctx, repo, head)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	res, err := reviewed(ctx, repo, from, entries, diff, messages, o, strict)
	return res, diff, err
}

// ReviewStaged is Review for what is staged upon HEAD, before it is a commit.
func ReviewStaged(ctx context.Context, repo *git.Repo, o Options, strict bool) (checkpoint.Result, []byte, error) {
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	diff, err := repo.StagedDiff(ctx, head)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	entries, err := repo.Staged(ctx)
	if err != nil {
		return checkpoint.Result{}, nil, err
	}
	res, err := reviewed(ctx, repo, head, entries, diff, nil, o, strict)
	return res, diff, err
}

func reviewed(ctx context.Context, repo *git.Repo, from string, entries []git.Entry, diff []byte, messages []string, o Options, strict bool) (checkpoint.Result, error) {
	files, err := checkpoint.ReadDiff(bytes.NewReader(diff))
	if err != nil {
		return checkpoint.Result{}, err
	}
	c := checkpoint.Change{Files: files, Messages: messages}
	after, tree, err := logOf(ctx, repo, entries, o)
	if err != nil {
		return checkpoint.Result{}, err
	}
	old, err := treeOf(ctx, repo, from)
	if err != nil {
		return checkpoint.Result{}, err
	}
	before, _, err := logOf(ctx, repo, old, o)
	if err != nil {
		return checkpoint.Result{}, err
	}
	records := slices.Clone(after.Records)
	for _, r := range before.Records {
		if !slices.ContainsFunc(records, func(x decision.Record) bool { return x.ID == r.ID }) {
			records = append(records, r)
		}
	}
	return checkpoint.Run(c, records, tree).Merge(checkpoint.Guard(c, before, after, strict)), nil
}

func treeOf(ctx context.Context, repo *git.Repo, commit string) ([]git.Entry, error) {
	entries, err := repo.Tree(ctx, commit)
	if err != nil {
		return nil, fmt.Errorf("read the tree of %s: %w", evidence.ShortRevision(commit), err)
	}
	return entries, nil
}

// RecordsAt reads the records of a commit from the repository, those with
// faults left out, and the paths of its tree.
func RecordsAt(ctx context.Context, repo *git.Repo, commit string, o Options) (records []decision.Record, tree []string, err error) {
	records, _, tree, err = recordsAt(ctx, repo, commit, o)
	return records, tree, err
}

// recordsAt is RecordsAt, and counts the records that were left out.
func recordsAt(ctx context.Context, repo *git.Repo, commit string, o Options) (records []decision.Record, refused int, tree []string, err error) {
	entries, err := treeOf(ctx, repo, commit)
	if err != nil {
		return nil, 0, nil, err
	}
	log, tree, err := logOf(ctx, repo, entries, o)
	return log.Records, len(log.Refused), tree, err
}

// logOf reads the decision log among the files of a tree, and their paths.
func logOf(ctx context.Context, repo *git.Repo, entries []git.Entry, o Options) (log checkpoint.Log, tree []string, err error) {
	o = o.withDefaults()
	globs, err := recordGlobs(ctx, repo, entries, o.DecisionGlobs)
	if err != nil {
		return log, nil, err
	}
	var files []recordFile
	tree = make([]string, 0, len(entries))
	for _, e := range entries {
		tree = append(tree, e.Path)
		if e.Regular() && decision.Matches(globs, e.Path) {
			files = append(files, recordFile{path: e.Path, oid: e.OID})
		}
	}
	docs, err := readRecordFiles(ctx, repo, files, o.Vocabulary)
	if err != nil {
		return log, nil, err
	}
	for _, d := range docs {
		for _, r := range d.Records {
			if r.Refused() {
				log.Refused = append(log.Refused, r)
			} else {
				log.Records = append(log.Records, r)
			}
		}
		for _, f := range d.Faults {
			if !f.Note {
				log.Broken = append(log.Broken, f)
			}
		}
	}
	slices.SortStableFunc(log.Records, func(a, b decision.Record) int { return strings.Compare(a.ID, b.ID) })
	decision.Link(log.Records)
	return log, tree, nil
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
