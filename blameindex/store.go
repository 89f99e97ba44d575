package blameindex

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/lineage"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// begin makes the revision's row, with the base that it will be stored
// against, and learns what is stored of it already.
func (ix *indexer) begin(ctx context.Context, p *plan) error {
	var err error
	if p.has(".git-blame-ignore-revs") {
		if p.ignore, err = ix.repo.File(ctx, p.rev.sha, ".git-blame-ignore-revs"); err != nil && !errors.Is(err, evidence.ErrNotFound) {
			return err
		}
	}
	valid := false
	if p.ignored, valid = ignoredRevs(p.ignore, ix.repo.HashLen); !valid {
		p.ignore = nil // git blame would refuse to answer under such a list; plain blame is better than nothing
	}
	if p.ignoredRows, err = ix.db.commitRows(ctx, p.ignored); err != nil {
		return err
	}
	digest := ""
	if len(p.ignore) > 0 {
		digest = fmt.Sprintf("%x", sha256.Sum256(p.ignore))
	}
	if ix.view != "" {
		digest += "@" + ix.view
	}
	if ix.stats.Detect != "" {
		digest += "+" + string(ix.stats.Detect)
	}
	p.reread = p.rev.id != 0 && p.rev.ignored != digest
	p.rev.ignored = digest
	if p.rev.id == 0 {
		base, err := ix.db.newestRevision(ctx, p.rev.globs)
		if err != nil {
			return err
		}
		if base.id != 0 && base.depth < maxDepth {
			p.rev.base, p.rev.depth = base.id, base.depth+1
		}
	}
	globs, err := json.Marshal(append([]string{}, p.rev.globs...))
	if err != nil {
		return err
	}
	err = ix.db.inTx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO revision (sha, base_id, depth, globs, ignored) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (sha) DO UPDATE SET globs = excluded.globs, ignored = excluded.ignored, complete = 0 RETURNING id`,
			p.rev.sha, null(p.rev.base), p.rev.depth, string(globs), p.rev.ignored).Scan(&p.rev.id)
	})
	if err != nil {
		return fmt.Errorf("store revision %s: %w", p.rev.sha, err)
	}
	p.base, err = ix.db.entries(ctx, p.rev.id)
	return err
}

// commitRows are the rows of commits, of those that have one.
func (db *DB) commitRows(ctx context.Context, shas map[string]bool) (map[int64]bool, error) {
	rows := map[int64]bool{}
	for sha := range shas {
		raw, err := hex.DecodeString(sha)
		if err != nil {
			return nil, err
		}
		var id int64
		err = db.row(ctx, "SELECT id FROM commit_ WHERE sha = ?", raw).Scan(&id)
		if err == nil {
			rows[id] = true
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("index %s: %w", db.path, err)
		}
	}
	return rows, nil
}

func null(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// newestRevision is the complete revision that was stored last under the same
// globs; the zero revision when there is none.
func (db *DB) newestRevision(ctx context.Context, globs []string) (revision, error) {
	text, err := json.Marshal(append([]string{}, globs...))
	if err != nil {
		return revision{}, err
	}
	r, err := scanRevision(db.write.QueryRowContext(ctx, "SELECT "+revisionColumns+" FROM revision WHERE complete = 1 AND globs = ? ORDER BY id DESC LIMIT 1", string(text)))
	if errors.Is(err, sql.ErrNoRows) {
		return revision{}, nil
	}
	return r, err
}

// entries lists what a revision has stored, its bases' entries included.
func (db *DB) entries(ctx context.Context, id int64) (map[string]stored, error) {
	out := map[string]stored{}
	var chain []int64
	for id != 0 {
		chain = append(chain, id)
		if err := db.write.QueryRowContext(ctx, "SELECT coalesce(base_id, 0) FROM revision WHERE id = ?", id).Scan(&id); err != nil {
			return nil, fmt.Errorf("read revision: %w", err)
		}
	}
	for _, rev := range slices.Backward(chain) {
		if err := db.readEntries(ctx, rev, rev == chain[0], out); err != nil {
			return nil, fmt.Errorf("read entries: %w", err)
		}
	}
	return out, nil
}

func (db *DB) readEntries(ctx context.Context, rev int64, here bool, into map[string]stored) (err error) {
	rows, err := db.write.QueryContext(ctx, `SELECT p.name, coalesce(e.ownership_id, 0), coalesce(e.reason, ''), coalesce(lower(hex(o.blob)), ''), coalesce(o.lines, 0), coalesce(o.unknown, 0)
		FROM entry e JOIN path p ON p.id = e.path_id LEFT JOIN ownership o ON o.id = e.ownership_id WHERE e.revision_id = ?`, rev)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		s := stored{here: here}
		if err := rows.Scan(&name, &s.ownership, &s.reason, &s.blob, &s.lines, &s.unknown); err != nil {
			return err
		}
		into[name] = s
	}
	return rows.Err()
}

func (db *DB) saveNames(ctx context.Context, id int64, names []string) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		for _, n := range names {
			if _, err := tx.ExecContext(ctx, "INSERT INTO revision_name (name, revision_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET revision_id = excluded.revision_id", n, id); err != nil {
				return fmt.Errorf("store the name %s: %w", n, err)
			}
		}
		return nil
	})
}

// finish stores what concerns the revision as a whole and marks it complete.
func (ix *indexer) finish(ctx context.Context, p *plan) error {
	if err := ix.storeSkipped(ctx, p); err != nil {
		return err
	}
	if err := ix.readCommits(ctx); err != nil {
		return err
	}
	records, err := ix.storeRecords(ctx, p)
	if err != nil {
		return err
	}
	owners, err := ix.storeOwners(ctx, p)
	if err != nil {
		return err
	}
	err = ix.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE revision SET complete = 1, record_set_id = ?, codeowners_id = ?, unknown = ? WHERE id = ?", null(records), null(owners), p.unknown, p.rev.id)
		return err
	})
	if err != nil {
		return fmt.Errorf("store revision %s: %w", p.rev.sha, err)
	}
	ix.stats.Revisions++
	return ix.db.saveNames(ctx, p.rev.id, p.names)
}

// storeSkipped writes the entries without ownership, and hides what the base
// has and the revision has not.
func (ix *indexer) storeSkipped(ctx context.Context, p *plan) error {
	there := map[string]bool{}
	for _, f := range p.files {
		there[f.path] = true
	}
	for path := range p.base {
		if !there[path] && p.skip[path] == "" {
			p.skip[path] = "absent"
			if slices.ContainsFunc(above(path), func(dir string) bool { return p.skip[dir] == "missing" }) {
				p.skip[path] = "missing"
			}
		}
	}
	return ix.db.inTx(ctx, func(tx *sql.Tx) error {
		w := newWriter(tx)
		for _, path := range slices.Sorted(maps.Keys(p.skip)) {
			reason := p.skip[path]
			if reason == "missing" {
				p.unknown++
			}
			if old, ok := p.base[path]; ok && old.reason == reason && old.ownership == 0 {
				continue
			}
			if err := w.entry(ctx, p.rev.id, path, 0, reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// above lists the directories that a path lies in, each with a slash at its
// end, as an entry for a directory that cannot be read has it.
func above(path string) (dirs []string) {
	for i := range len(path) {
		if path[i] == '/' {
			dirs = append(dirs, path[:i+1])
		}
	}
	return dirs
}

// readCommits fills in the details of the commits that are new.
func (ix *indexer) readCommits(ctx context.Context) error {
	shas, err := ix.db.bareCommits(ctx)
	if err != nil {
		return err
	}
	return ix.db.readCommits(ctx, ix.repo, shas)
}

// storer writes ownerships in transactions of a second or so, so that a killed
// indexing loses little. It is not safe for concurrent use.
type storer struct {
	ix    *indexer
	tx    *sql.Tx
	w     *writer
	since time.Time
}

func newStorer(ix *indexer) *storer { return &storer{ix: ix} }

func (s *storer) begin(ctx context.Context) error {
	if s.tx != nil && time.Since(s.since) < time.Second {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	tx, err := s.ix.db.write.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("index %s: %w", s.ix.db.path, err)
	}
	if s.w == nil {
		s.w = newWriter(tx)
	}
	s.tx, s.since = tx, time.Now()
	s.w.in(tx)
	return nil
}

// abandon rolls back what was put since the last commit.
func (s *storer) abandon() error {
	if s.tx == nil {
		return nil
	}
	tx := s.tx
	s.tx = nil
	return tx.Rollback()
}

// flush commits what was put.
func (s *storer) flush() error {
	if s.tx == nil {
		return nil
	}
	tx := s.tx
	s.tx = nil
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("index %s: %w", s.ix.db.path, err)
	}
	return nil
}

func (s *storer) skip(_ context.Context, t target, reason string) error {
	t.plan.skip[t.file.path] = reason
	t.plan.files = slices.DeleteFunc(t.plan.files, func(f file) bool { return f.path == t.file.path })
	s.ix.stats.Skipped[reason]++
	return nil
}

// put stores the ownership of one file at one revision.
func (s *storer) put(ctx context.Context, t target, spans []lineage.Span) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.ix.stats.Files++
	s.ix.stats.Computed++
	if slices.ContainsFunc(spans, lineage.Span.Unknown) {
		s.ix.stats.Unknown++
		t.plan.unknown++
	}
	id, err := s.w.ownership(ctx, t.file.oid, s.ix.info(t), spans)
	if err != nil {
		return fmt.Errorf("store %s: %w", t.file.path, err)
	}
	return s.link(ctx, t, id)
}

// keep stores that a file has an ownership that is in the database already.
func (s *storer) keep(ctx context.Context, t target, id int64) error {
	s.ix.stats.Files++
	if s.ix.unknown[id] {
		s.ix.stats.Unknown++
		t.plan.unknown++
	}
	if t.plan.base[t.file.path].ownership == id {
		return nil
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	return s.link(ctx, t, id)
}

// link writes the entry, unless the revision's base says the same.
func (s *storer) link(ctx context.Context, t target, id int64) error {
	if t.plan.base[t.file.path].ownership == id {
		return nil
	}
	return s.w.entry(ctx, t.plan.rev.id, t.file.path, id, "")
}
