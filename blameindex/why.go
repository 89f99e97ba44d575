package blameindex

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Strengths of the links between code and decisions, of 100: a tag on the line
// itself says most, a glob that covers half of the tree says least.
const (
	strengthTagLine   = 100
	strengthTagBlock  = 90
	strengthTrailer   = 80
	strengthReference = 70
	strengthScopeFile = 60 // the scope names the file itself
	strengthScope     = 40 // and one more for each folder that it names
	strengthTagFile   = 30 // a tag elsewhere in the file
)

// Answer is what the index knows of one line.
type Answer struct {
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Revision string `json:"revision"`
	// Commit introduced the line, as git blame says; empty when an object was
	// missing and nobody can know.
	Commit    string    `json:"commit"`
	Author    string    `json:"author"`
	Email     string    `json:"email"`
	Time      time.Time `json:"time"` // author's
	Committed time.Time `json:"committed"`
	Message   string    `json:"message,omitempty"`
	// OrigPath and OrigLine say where the line stood in that commit.
	OrigPath  string   `json:"orig_path,omitempty"`
	OrigLine  int      `json:"orig_line,omitempty"`
	Decisions []Linked `json:"decisions"`
	Owners    []string `json:"owners,omitempty"` // of the file, by CODEOWNERS
	// Boundary warns that the history was cut off, so the commit may only be
	// where the clone begins.
	Shallow bool `json:"shallow,omitempty"`
}

// Linked is a decision and what ties it to the line.
type Linked struct {
	evidence.DecisionLink
	// Record is nil when nothing is known of the decision but its ID.
	Record *decision.Record `json:"record,omitempty"`
	// Refused is the place and the first fault of a record that was refused, where
	// there is no Record.
	Refused string `json:"refused,omitempty"`
	// Current is the ID of the decision that superseded it, at the end of the
	// chain.
	Current string `json:"current,omitempty"`
}

// FindRevision gives the indexed revision that a name means: a tag as it was
// when it was indexed, a SHA, or the beginning of one. Empty means the
// revision that was indexed last.
func (db *DB) FindRevision(ctx context.Context, name string) (string, error) {
	r, err := db.findRevision(ctx, name)
	return r.sha, err
}

var hexName = regexp.MustCompile(`^[0-9a-f]{4,64}$`)

func (db *DB) findRevision(ctx context.Context, name string) (revision, error) {
	query := func(where string, args ...any) (revision, error) {
		return scanRevision(db.row(ctx, "SELECT "+revisionColumns+" FROM revision "+where, args...))
	}
	if name == "" {
		r, err := query("WHERE complete = 1 ORDER BY id DESC LIMIT 1")
		if errors.Is(err, sql.ErrNoRows) {
			return r, fmt.Errorf("the index %s holds no revision; run 'wherefore index': %w", db.path, evidence.ErrNotFound)
		}
		return r, err
	}
	r, err := query("WHERE sha = ? OR id = (SELECT revision_id FROM revision_name WHERE name = ?)", name, name)
	if errors.Is(err, sql.ErrNoRows) && hexName.MatchString(name) {
		r, err = query("WHERE sha >= ? AND sha < ? AND 1 = (SELECT count(*) FROM revision WHERE sha >= ? AND sha < ?)", name, name+"g", name, name+"g")
	}
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("revision %q is not in the index %s; run 'wherefore index --rev %s': %w", name, db.path, name, evidence.ErrNotFound)
	}
	return r, err
}

// Why says which commit and decisions are behind a line of a file at an
// indexed revision, from the database alone; evidence.ErrNotFound, with the
// reason, when it cannot.
func (db *DB) Why(ctx context.Context, path string, line int, rev string) (_ Answer, err error) {
	defer func() { err = db.damage(err) }()
	if err := git.CheckPath(path); err != nil {
		return Answer{}, err
	}
	r, err := db.findRevision(ctx, rev)
	if err != nil {
		return Answer{}, err
	}
	return db.why(ctx, r, path, line)
}

func (db *DB) why(ctx context.Context, r revision, path string, line int) (Answer, error) {
	own, lines, runs, err := db.ownershipAt(ctx, r, path)
	if err != nil {
		return Answer{}, err
	}
	if line < 1 || line > lines {
		return Answer{}, fmt.Errorf("%s:%d: the file has %d lines at %s; ask for one of them: %w", path, line, lines, evidence.ShortRevision(r.sha), evidence.ErrNotFound)
	}
	a := Answer{Path: path, Line: line, Revision: r.sha, Decisions: []Linked{}}
	var found run
	err = decodeRuns(runs, func(first int, x run) bool {
		if line >= first && line < first+x.lines {
			found, a.OrigLine = x, x.orig+line-first
			return false
		}
		return true
	})
	if err != nil {
		return a, err
	}
	if err := db.fillCommit(ctx, &a, found); err != nil {
		return a, err
	}
	if err := db.link(ctx, &a, r, own); err != nil {
		return a, err
	}
	a.Owners, err = db.ownersOf(ctx, r.owners, path)
	return a, err
}

// ownershipAt finds the ownership of a path at a revision, through its bases.
func (db *DB) ownershipAt(ctx context.Context, r revision, path string) (id int64, lines int, runs []byte, err error) {
	own, reason, err := db.entryAt(ctx, r, path)
	for dirs := above(path); errors.Is(err, sql.ErrNoRows) && len(dirs) > 0; dirs = dirs[1:] {
		// A directory has an entry only when its tree could not be read.
		own, reason, err = db.entryAt(ctx, r, dirs[0])
	}
	switch {
	case errors.Is(err, sql.ErrNoRows) && !r.complete:
		return 0, 0, nil, fmt.Errorf("%s at %s is not in the index yet; run 'wherefore index' again: %w", path, evidence.ShortRevision(r.sha), evidence.ErrNotFound)
	case errors.Is(err, sql.ErrNoRows) && !matchAny(r.globs, path):
		return 0, 0, nil, fmt.Errorf("%s was not indexed at %s, only %s was; run 'wherefore index' with a --path that covers it: %w", path, evidence.ShortRevision(r.sha), strings.Join(r.globs, ", "), evidence.ErrNotFound)
	case errors.Is(err, sql.ErrNoRows):
		return 0, 0, nil, fmt.Errorf("%s did not exist at %s; give its path then, from the top of the repository: %w", path, evidence.ShortRevision(r.sha), evidence.ErrNotFound)
	case err != nil:
		return 0, 0, nil, fmt.Errorf("index %s: %w", db.path, err)
	case own == 0:
		return 0, 0, nil, fmt.Errorf("%s at %s: %s: %w", path, evidence.ShortRevision(r.sha), skipped(reason), evidence.ErrNotFound)
	}
	err = db.row(ctx, "SELECT lines, runs FROM ownership WHERE id = ?", own).Scan(&lines, &runs)
	return own, lines, runs, err
}

// entryAt is what a revision has stored of a path, itself or through its bases;
// sql.ErrNoRows when that is nothing.
func (db *DB) entryAt(ctx context.Context, r revision, path string) (own int64, reason string, err error) {
	for rev := r.id; rev != 0; {
		err = db.row(ctx, "SELECT coalesce(ownership_id, 0), coalesce(reason, '') FROM entry WHERE revision_id = ? AND path_id = (SELECT id FROM path WHERE name = ?)", rev, path).Scan(&own, &reason)
		if !errors.Is(err, sql.ErrNoRows) {
			return own, reason, err
		}
		if err := db.row(ctx, "SELECT coalesce(base_id, 0) FROM revision WHERE id = ?", rev).Scan(&rev); err != nil {
			return 0, "", err
		}
	}
	return 0, "", sql.ErrNoRows
}

// skipped words the reason for which a path has no ownership.
func skipped(reason string) string {
	switch reason {
	case "absent":
		return "the file did not exist then"
	case "binary":
		return "binary files are not indexed; ask git log for it"
	case "huge":
		return "the file is too large to be indexed; ask git blame for it"
	case "missing":
		return "unknown: an object that its history needs is missing from the repository; fetch it and index again"
	case "link":
		return "symbolic links are not indexed; ask for the file that it leads to"
	case "submodule":
		return "it is a submodule: ask in its own repository"
	}
	return "it was not indexed (" + reason + ")"
}

func (db *DB) fillCommit(ctx context.Context, a *Answer, x run) error {
	if x.commit == 0 {
		a.OrigLine = 0
		return nil
	}
	var raw []byte
	var authored, committed int64
	err := db.row(ctx, `SELECT c.sha, coalesce(p.name, ''), coalesce(p.email, ''), c.authored, c.committed, c.message, (SELECT name FROM path WHERE id = ?)
		FROM commit_ c LEFT JOIN person p ON p.id = c.author_id WHERE c.id = ?`, x.path, x.commit).
		Scan(&raw, &a.Author, &a.Email, &authored, &committed, &a.Message, &a.OrigPath)
	if err != nil {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	a.Commit = hex.EncodeToString(raw)
	a.Time, a.Committed = time.Unix(authored, 0).UTC(), time.Unix(committed, 0).UTC()
	var shallow string
	if err := db.row(ctx, "SELECT value FROM setting WHERE name = 'shallow'").Scan(&shallow); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	a.Shallow = shallow == "true"
	return nil
}
