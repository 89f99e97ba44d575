package blameindex

import (
	"context"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// ensure indexes one file of a revision when the database does not know it; an
// empty path asks for the revision's decisions only.
func (db *DB) ensure(ctx context.Context, repo *git.Repo, sha, path string) error {
	r, err := db.revisionBySHA(ctx, sha)
	if err == nil && (path == "" && r.complete || path != "" && db.knows(ctx, r, path)) {
		return nil
	}
	if err != nil && !errors.Is(err, evidence.ErrNotFound) {
		return err
	}
	o := IndexOptions{Revs: []string{sha}, Globs: []string{"-"}} // a glob that matches nothing of substance
	if path != "" {
		o.Globs = []string{literal(path)}
		if isSmall(ctx, repo, sha) {
			o.Globs = nil
		}
	}
	if _, err := db.Index(ctx, repo, o); err != nil {
		return fmt.Errorf("index %s at %s: %w", path, evidence.ShortRevision(sha), err)
	}
	return nil
}

// Up to this size a revision is indexed whole when a file of it is asked for:
// going through such a history once costs less than starting git for a second
// file.
const (
	smallFiles   = 300
	smallHistory = 300 // commits
)

func isSmall(ctx context.Context, repo *git.Repo, sha string) bool {
	tree, err := repo.Tree(ctx, sha)
	if err != nil || len(tree) > smallFiles {
		return false // what is damaged is said where it is needed
	}
	n, err := repo.Count(ctx, sha, smallHistory+1)
	return err == nil && n <= smallHistory
}

// knows reports whether an answer about a path, good or bad, is settled.
func (db *DB) knows(ctx context.Context, r revision, path string) bool {
	if _, _, _, err := db.ownershipAt(ctx, r, path); err == nil {
		return true
	}
	return r.complete && matchAny(r.globs, path)
}

// literal is a glob that matches one path only.
func literal(path string) string {
	var b []byte
	for i := range len(path) {
		switch path[i] {
		case '*', '?', '[', ']', '{', '}', '\\', '!', '^':
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}

// WhyIn is Why for somebody who has the repository: what the index does not
// know yet is indexed first.
func (db *DB) WhyIn(ctx context.Context, repo *git.Repo, path string, line int, sha string) (_ Answer, err error) {
	defer func() { err = db.damage(err) }()
	if err := git.CheckPath(path); err != nil {
		return Answer{}, err
	}
	if err := db.ensure(ctx, repo, sha, path); err != nil {
		return Answer{}, err
	}
	if err := db.refreshAuthors(ctx, repo); err != nil {
		return Answer{}, err
	}
	return db.Why(ctx, path, line, sha)
}
