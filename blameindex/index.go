package blameindex

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// DefaultMaxFile is the size in bytes above which a file is skipped as huge.
const DefaultMaxFile = 8 << 20

// maxDepth is how many bases a revision may stand on before it is stored whole
// again: every base is one more look-up in an answer.
const maxDepth = 32

// IndexOptions say what is indexed.
type IndexOptions struct {
	// Revs are names or SHAs; empty means all tags and HEAD.
	Revs []string
	// Globs limit the files; empty means all. Decision records are always read.
	Globs []string
	// MaxFile is the size in bytes above which a file is skipped; 0 means
	// DefaultMaxFile.
	MaxFile int64
	// Workers bounds how many git processes run at once; 0 means one a core.
	Workers int
	// Detect, when set, is from now on how lines of this index are followed; nil
	// leaves it as it is, which is plain in a new index. Anything but plain asks
	// git blame file by file.
	Detect *git.Detection
	// Progress, when set, is called as files are finished, never concurrently.
	Progress func(stage string, done, total int)

	few int // lineage.Options.Few
}

// IndexStats says what an indexing did.
type IndexStats struct {
	Revisions int            `json:"revisions"` // indexed now
	Known     int            `json:"known"`     // indexed before and left alone
	Files     int            `json:"files"`     // with ownership, over all revisions
	Computed  int            `json:"computed"`  // for which blame had to be worked out
	Skipped   map[string]int `json:"skipped"`   // by reason
	Unknown   int            `json:"unknown"`   // of the files, those with lines nobody can know
	Unread    int            `json:"unread"`    // revisions left out: an object that names their files is missing
	Records   int            `json:"records"`
	Refused   int            `json:"refused"` // records with faults, left out
	Detect    git.Detection  `json:"detect,omitempty"`
	Shallow   bool           `json:"shallow"`
	Partial   bool           `json:"partial"`
}

// revision is one row of the table of that name.
type revision struct {
	id       int64
	sha      string
	base     int64
	depth    int
	globs    []string
	complete bool
	records  int64
	owners   int64
	ignored  string // digest of the list of ignored revisions, and of the view
	unknown  int    // files of which somebody might know more later
}

// Index brings the database up to date with the repository at the revisions
// asked for. It may be interrupted at any moment and called again: files that
// were stored stay stored.
func (db *DB) Index(ctx context.Context, repo *git.Repo, o IndexOptions) (_ IndexStats, err error) {
	defer func() { err = db.damage(err) }()
	st := IndexStats{Skipped: map[string]int{}, Shallow: repo.Shallow, Partial: repo.Partial}
	if o.MaxFile <= 0 {
		o.MaxFile = DefaultMaxFile
	}
	for _, g := range o.Globs {
		if !pathglob.Valid(g) {
			return st, fmt.Errorf("%q is not a pattern of paths; write one as internal or internal/**/*.go: %w", g, evidence.ErrInvalid)
		}
	}
	refs, missing, err := wanted(ctx, repo, o.Revs)
	if err != nil {
		return st, err
	}
	st.Unread = missing
	if err := db.saveSettings(ctx, repo); err != nil {
		return st, err
	}
	if err := db.reseal(ctx); err != nil {
		return st, err
	}
	detect, err := db.detection(ctx, o.Detect)
	if err != nil {
		return st, err
	}
	st.Detect = detect
	view, err := repo.View(ctx)
	if err != nil {
		return st, err
	}
	retries, err := db.retries(ctx, repo)
	if err != nil {
		return st, err
	}
	ix := &indexer{view: view, retries: retries, unknown: map[int64]bool{}, db: db, repo: repo, o: o, stats: &st, blobs: map[string]*blobInfo{}}
	var unread error
	for _, ref := range refs {
		err := ix.plan(ctx, ref)
		if errors.Is(err, git.ErrStopped) {
			st.Unread++
			unread = err
		} else if err != nil {
			return st, err
		}
	}
	if len(ix.plans) == 0 && st.Known == 0 && unread != nil {
		return st, unread
	}
	if err := ix.run(ctx); err != nil {
		return st, err
	}
	return st, db.refreshAuthors(ctx, repo)
}

// wanted resolves the revisions asked for, in order, each commit once with all
// of its names, and counts the tags that nobody can read.
func wanted(ctx context.Context, repo *git.Repo, revs []string) (refs []git.Ref, missing int, err error) {
	if len(revs) == 0 {
		if refs, missing, err = repo.Tags(ctx); err != nil {
			return nil, 0, err
		}
		revs = []string{"HEAD"}
	}
	for _, rev := range revs {
		sha, err := repo.Resolve(ctx, rev)
		if err != nil {
			if rev == "HEAD" && len(refs) > 0 {
				continue // a bare mirror's HEAD may point nowhere
			}
			return nil, 0, err
		}
		refs = append(refs, git.Ref{Name: rev, SHA: sha})
	}
	return refs, missing, nil
}

// retries reports whether what was unknown may be known now. In a partial clone,
// where much is, that is when it has other objects than at the last indexing.
func (db *DB) retries(ctx context.Context, repo *git.Repo) (bool, error) {
	local, err := repo.Local(ctx)
	if local == nil || err != nil {
		return true, err
	}
	var have string
	err = db.write.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = 'objects'").Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("index %s: %w", db.path, err)
	}
	now := fmt.Sprint(len(local))
	if now == have {
		return false, nil
	}
	return true, db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES ('objects', ?) ON CONFLICT DO UPDATE SET value = excluded.value", now)
		return err
	})
}

func (db *DB) saveSettings(ctx context.Context, repo *git.Repo) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		for name, value := range map[string]string{
			"hash_len": fmt.Sprint(repo.HashLen), "shallow": fmt.Sprint(repo.Shallow), "partial": fmt.Sprint(repo.Partial),
		} {
			if _, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value); err != nil {
				return fmt.Errorf("store settings: %w", err)
			}
		}
		return nil
	})
}

// detection is how lines of the index are followed, after it was changed to
// what is asked for.
func (db *DB) detection(ctx context.Context, change *git.Detection) (git.Detection, error) {
	if change != nil {
		return *change, db.inTx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES ('detect', ?) ON CONFLICT DO UPDATE SET value = excluded.value", string(*change))
			return err
		})
	}
	var have git.Detection
	err := db.write.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = 'detect'").Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("index %s: %w", db.path, err)
	}
	return have, nil
}

// viewedBy reads from how a revision was blamed how history was seen.
func viewedBy(ignored string) string {
	rest, _, _ := strings.Cut(ignored, "+")
	_, view, _ := strings.Cut(rest, "@")
	return view
}

// detectedBy reads from how a revision was blamed how its lines were followed.
func detectedBy(ignored string) git.Detection {
	_, detect, _ := strings.Cut(ignored, "+")
	return git.Detection(detect)
}

// covers reports whether what was indexed under have answers what want asks.
func covers(have, want []string) bool {
	if len(have) == 0 {
		return true
	}
	if len(want) == 0 {
		return false
	}
	for _, g := range want {
		if !slices.Contains(have, g) {
			return false
		}
	}
	return true
}

func matchAny(globs []string, name string) bool {
	if len(globs) == 0 {
		return true
	}
	return slices.ContainsFunc(globs, func(g string) bool {
		// As in .gitignore, one that does not begin with a slash matches anywhere.
		return pathglob.Match(g, name) || !strings.HasPrefix(g, "/") && pathglob.Match("**/"+g, name)
	})
}

const revisionColumns = "id, sha, coalesce(base_id, 0), depth, globs, complete, coalesce(record_set_id, 0), coalesce(codeowners_id, 0), ignored, unknown"

func scanRevision(row interface{ Scan(...any) error }) (revision, error) {
	var r revision
	var globs string
	if err := row.Scan(&r.id, &r.sha, &r.base, &r.depth, &globs, &r.complete, &r.records, &r.owners, &r.ignored, &r.unknown); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(globs), &r.globs)
}

// revisionBySHA is the stored revision of a commit; evidence.ErrNotFound when
// there is none.
func (db *DB) revisionBySHA(ctx context.Context, sha string) (revision, error) {
	r, err := scanRevision(db.read.QueryRowContext(ctx, "SELECT "+revisionColumns+" FROM revision WHERE sha = ?", sha))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("revision %s is not in the index; run 'wherefore index --rev %[1]s': %w", sha, evidence.ErrNotFound)
	}
	return r, err
}

// Globs are the paths that the revision indexed last was asked for, empty for
// all; evidence.ErrNotFound when nothing is indexed.
func (db *DB) Globs(ctx context.Context) ([]string, error) {
	r, err := db.findRevision(ctx, "")
	return r.globs, err
}
