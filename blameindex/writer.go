package blameindex

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/lineage"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// writer writes rows in a transaction and remembers those that it looked up.
type writer struct {
	tx      *sql.Tx
	paths   map[string]int64
	commits map[string]int64
	stmts   map[string]*sql.Stmt // of tx, which closes them
}

func newWriter(tx *sql.Tx) *writer {
	return &writer{tx: tx, paths: map[string]int64{}, commits: map[string]int64{}, stmts: map[string]*sql.Stmt{}}
}

// in goes on in another transaction.
func (w *writer) in(tx *sql.Tx) {
	if w.tx != tx {
		w.tx = tx
		clear(w.stmts)
	}
}

// prepared keeps a statement from being compiled for every row.
func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := w.stmts[query]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(ctx, query)
	if err == nil {
		w.stmts[query] = st
	}
	return st, err
}

// row asks for one row.
func (w *writer) row(ctx context.Context, query string, args ...any) scanner {
	st, err := w.prepared(ctx, query)
	if err != nil {
		return scanner{err: err}
	}
	return scanner{row: st.QueryRowContext(ctx, args...)}
}

// exec changes rows.
func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	st, err := w.prepared(ctx, query)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

func (w *writer) path(ctx context.Context, name string) (int64, error) {
	if id, ok := w.paths[name]; ok {
		return id, nil
	}
	var id int64
	err := w.row(ctx, "INSERT INTO path (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id", name).Scan(&id)
	if err == nil {
		w.paths[name] = id
	}
	return id, err
}

func (w *writer) commit(ctx context.Context, sha string) (int64, error) {
	if sha == "" {
		return 0, nil
	}
	if id, ok := w.commits[sha]; ok {
		return id, nil
	}
	raw, err := hex.DecodeString(sha)
	if err != nil {
		return 0, fmt.Errorf("%q is not a commit: %w", sha, evidence.ErrInvalid)
	}
	var id int64
	err = w.row(ctx, "INSERT INTO commit_ (sha) VALUES (?) ON CONFLICT (sha) DO UPDATE SET sha = sha RETURNING id", raw).Scan(&id)
	if err == nil {
		w.commits[sha] = id
	}
	return id, err
}

// maxMessage is how much of a commit message is kept: subject, reasons and
// trailers of nearly all commits, and not the logs that some paste in.
const maxMessage = 1500

func (w *writer) details(ctx context.Context, c git.Commit) error {
	raw, err := hex.DecodeString(c.SHA)
	if err != nil {
		return err
	}
	var person int64
	if err := w.row(ctx, "INSERT INTO person (name, email) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING id", c.Author, c.Email).Scan(&person); err != nil {
		return err
	}
	return w.exec(ctx, "UPDATE commit_ SET author_id = ?, authored = ?, committed = ?, message = ? WHERE sha = ?",
		person, c.AuthorTime.Unix(), c.Time.Unix(), shorten(c.Message, maxMessage), raw)
}

// shorten keeps the beginning and, since trailers stand there, the end.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	head, tail := most*3/4, most/4
	return string(bytes.ToValidUTF8([]byte(s[:head]), nil)) + "\n[…]\n" + string(bytes.ToValidUTF8([]byte(s[len(s)-tail:]), nil))
}

// runs are spans with the rows of what they name.
func (w *writer) runs(ctx context.Context, spans []lineage.Span) ([]run, error) {
	runs := make([]run, 0, len(spans))
	for _, s := range spans {
		next := run{lines: s.Lines, commit: s.Commit.Row, path: s.Path.Row, orig: s.OrigLine}
		var err error
		if next.commit == 0 {
			if next.commit, err = w.commit(ctx, s.Commit.Text); err != nil {
				return nil, err
			}
		}
		if next.path == 0 {
			if next.path, err = w.path(ctx, s.Path.Text); err != nil {
				return nil, err
			}
		}
		if n := len(runs); n > 0 && runs[n-1].commit == next.commit && runs[n-1].path == next.path && runs[n-1].orig+runs[n-1].lines == next.orig {
			runs[n-1].lines += s.Lines // found in two steps
			continue
		}
		runs = append(runs, next)
	}
	return runs, nil
}

func (w *writer) ownership(ctx context.Context, oid string, info *blobInfo, spans []lineage.Span) (int64, error) {
	runs, err := w.runs(ctx, spans)
	if err != nil {
		return 0, err
	}
	blob, err := hex.DecodeString(oid)
	if err != nil {
		return 0, err
	}
	data := encodeRuns(runs)
	var id int64
	err = w.row(ctx, "SELECT id FROM ownership WHERE blob = ? AND runs = ?", blob, data).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	if err := w.row(ctx, "INSERT INTO ownership (blob, lines, runs, unknown) VALUES (?, ?, ?, ?) RETURNING id", blob, info.lines, data, slices.ContainsFunc(runs, func(r run) bool { return r.commit == 0 })).Scan(&id); err != nil {
		return 0, err
	}
	if info.known {
		// The content was inspected before, under another history.
		return id, w.exec(ctx, `INSERT OR IGNORE INTO tag (ownership_id, line, until, decision)
			SELECT ?, line, until, decision FROM tag WHERE ownership_id = (SELECT min(id) FROM ownership WHERE blob = ?)`, id, blob)
	}
	for _, t := range info.tags {
		if err := w.exec(ctx, "INSERT OR IGNORE INTO tag (ownership_id, line, until, decision) VALUES (?, ?, ?, ?)", id, t.line, t.until, t.decision); err != nil {
			return 0, err
		}
	}
	return id, nil
}

func (w *writer) entry(ctx context.Context, rev int64, path string, ownership int64, reason string) error {
	p, err := w.path(ctx, path)
	if err != nil {
		return err
	}
	var why any
	if reason != "" {
		why = reason
	}
	return w.exec(ctx, "INSERT INTO entry (revision_id, path_id, ownership_id, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET ownership_id = excluded.ownership_id, reason = excluded.reason",
		rev, p, null(ownership), why)
}
