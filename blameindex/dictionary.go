package blameindex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// dictionary has the commits and paths that runs name by row, as far as an
// indexing has come across them.
type dictionary struct{ commits, paths *rows }

func newDictionary() *dictionary { return &dictionary{newRows(), newRows()} }

// rows are names by row and rows by name.
type rows struct {
	names map[int64]string
	ids   map[string]int64
	asked int // of names in the database; negative when all were read
}

func newRows() *rows { return &rows{names: map[int64]string{}, ids: map[string]int64{}} }

func (r *rows) put(id int64, name string) { r.names[id], r.ids[name] = name, id }

// spans reads a stored ownership back.
func (ix *indexer) spans(ctx context.Context, id int64) ([]git.Span, error) {
	var data []byte
	if err := ix.db.row(ctx, "SELECT runs FROM ownership WHERE id = ?", id).Scan(&data); err != nil {
		return nil, fmt.Errorf("read line ownership: %w", err)
	}
	commits, paths := map[int64]bool{}, map[int64]bool{}
	err := decodeRuns(data, func(_ int, r run) bool {
		commits[r.commit], paths[r.path] = true, true
		return true
	})
	if err != nil {
		return nil, err
	}
	delete(commits, 0)
	if err := ix.db.learn(ctx, ix.dict.commits, commits, "SELECT id, lower(hex(sha)) FROM commit_"); err != nil {
		return nil, err
	}
	if err := ix.db.learn(ctx, ix.dict.paths, paths, "SELECT id, name FROM path"); err != nil {
		return nil, err
	}
	var out []git.Span
	err = decodeRuns(data, func(line int, r run) bool {
		s := git.Span{Line: line, Lines: r.lines, OrigLine: r.orig}
		if r.commit != 0 {
			s.Commit, s.Path = ix.dict.commits.names[r.commit], ix.dict.paths.names[r.path]
		}
		out = append(out, s)
		return true
	})
	return out, err
}

// manyNames is from how many names on it is cheaper to read all at once.
const manyNames = 3000

// learn reads the names of rows that are not known yet.
func (db *DB) learn(ctx context.Context, known *rows, ids map[int64]bool, query string) (err error) {
	maps.DeleteFunc(ids, func(id int64, _ bool) bool { return known.names[id] != "" })
	if len(ids) == 0 || known.asked < 0 {
		return nil
	}
	var args []any
	if known.asked += len(ids); known.asked > manyNames {
		known.asked = -1
	} else {
		list, err := json.Marshal(slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		query += " WHERE id IN (SELECT value FROM json_each(?))"
		args = append(args, string(list))
	}
	st, err := db.prepared(ctx, query)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	found, err := st.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		var id int64
		var name string
		if err := found.Scan(&id, &name); err != nil {
			return err
		}
		known.put(id, name)
	}
	return found.Err()
}
