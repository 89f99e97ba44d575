package blameindex

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// recordFile is one file that may hold records, of the tree or of history.
type recordFile struct {
	path, oid string
	deleted   bool
}

// storeRecords stores the decisions of a revision, those deleted before it
// included, and returns their set.
func (ix *indexer) storeRecords(ctx context.Context, p *plan) (int64, error) {
	files, err := ix.recordFiles(ctx, p)
	if err != nil {
		return 0, err
	}
	docs, err := readRecordFiles(ctx, ix.repo, files, ix.db.options.Vocabulary)
	if err != nil {
		return 0, err
	}
	var id int64
	ix.stats.Records = 0
	err = ix.db.inTx(ctx, func(tx *sql.Tx) error {
		var members []int64
		for i, f := range files {
			for _, r := range docs[i].Records {
				if r.Refused() {
					ix.stats.Refused++
					if r.ID == "" {
						continue // nobody can ask for it
					}
				} else {
					ix.stats.Records++
				}
				m, err := ix.db.putRecord(ctx, tx, f, r)
				if err != nil {
					return err
				}
				members = append(members, m)
			}
		}
		var err error
		id, err = putRecordSet(ctx, tx, members)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store decisions: %w", err)
	}
	return id, nil
}

// recordFiles lists the files where records are looked for: those of the tree,
// then those that history deleted, newest deletion first, unless the path is
// there again.
func (ix *indexer) recordFiles(ctx context.Context, p *plan) ([]recordFile, error) {
	globs, err := recordGlobs(ctx, ix.repo, p.tree, ix.db.options.DecisionGlobs)
	if err != nil {
		return nil, err
	}
	var files []recordFile
	there := map[string]bool{}
	for _, e := range p.tree {
		if e.Regular() && decision.Matches(globs, e.Path) {
			files = append(files, recordFile{path: e.Path, oid: e.OID})
			there[e.Path] = true
		}
	}
	since, earlier, err := ix.deletedBefore(ctx, p)
	if err != nil {
		return nil, err
	}
	deleted, err := ix.repo.Deleted(ctx, p.rev.sha, since, globs)
	if err != nil {
		return nil, err
	}
	deleted = append(deleted, earlier...)
	for _, d := range deleted {
		if !there[d.Path] && decision.Matches(globs, d.Path) {
			there[d.Path] = true
			files = append(files, recordFile{path: d.Path, oid: d.OID, deleted: true})
		}
	}
	return files, nil
}

// adrDir is the file by which adr-tools knows where its records are.
const adrDir = ".adr-dir"

// recordGlobs are where records are looked for in a tree: what was configured,
// and the folders of the tree that hold records by their name or by adr-tools'
// file.
func recordGlobs(ctx context.Context, repo *git.Repo, tree []git.Entry, configured []string) ([]string, error) {
	var paths, files, oids []string
	for _, e := range tree {
		if !e.Regular() {
			continue
		}
		paths = append(paths, e.Path)
		if path.Base(e.Path) == adrDir && len(files) < mostAdrDirs {
			files, oids = append(files, e.Path), append(oids, e.OID)
		}
	}
	named := map[string]string{}
	err := repo.Blobs(ctx, oids, func(i int, data []byte) error {
		if len(data) <= maxAdrDir {
			named[files[i]] = string(data)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read where the decisions are: %w", err)
	}
	return append(slices.Clone(configured), decision.FolderGlobs(paths, named)...), nil
}

// A tree may hold any number of such files, of any size.
const (
	mostAdrDirs = 16
	maxAdrDir   = 4 << 10
)

// deletedBefore finds the newest indexed ancestor and what it knew to be
// deleted, so that history need not be read again from its beginning.
func (ix *indexer) deletedBefore(ctx context.Context, p *plan) (since string, files []git.Entry, err error) {
	const tried = 2
	revs, err := ix.db.newestRevisions(ctx, p.rev.ignored, tried)
	if err != nil {
		return "", nil, err
	}
	for _, r := range revs {
		if ok, err := ix.repo.IsAncestor(ctx, r.sha, p.rev.sha); err != nil || !ok {
			continue
		}
		if files, err = ix.db.deletedFiles(ctx, r.records); err != nil {
			return "", nil, err
		}
		return r.sha, files, nil
	}
	return "", nil, nil
}

// deletedFiles are the files of a set's deleted records, newest first.
func (db *DB) deletedFiles(ctx context.Context, set int64) (files []git.Entry, err error) {
	rows, err := db.write.QueryContext(ctx, `SELECT lower(hex(r.blob)), r.path FROM record_member m JOIN record r ON r.id = m.record_id
		WHERE m.set_id = ? AND r.deleted = 1 ORDER BY r.id DESC`, set)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e git.Entry
		if err := rows.Scan(&e.OID, &e.Path); err != nil {
			return nil, err
		}
		e.Mode = "100644"
		e.Path = e.Path[:strings.LastIndexByte(e.Path, '#')]
		files = append(files, e)
	}
	return files, rows.Err()
}

// readRecordFiles parses the files; a missing object gives no record.
func readRecordFiles(ctx context.Context, repo *git.Repo, files []recordFile, v decision.Vocabulary) ([]decision.Document, error) {
	var oids []string
	for _, f := range files {
		oids = append(oids, f.oid)
	}
	docs := make([]decision.Document, len(files))
	err := repo.Blobs(ctx, oids, func(i int, data []byte) error {
		docs[i] = decision.Parse(files[i].path, data, v)
		for j := range docs[i].Records {
			docs[i].Records[j].Deleted = files[i].deleted
		}
		return nil
	})
	// A decision that was moved is deleted at its old path; the one that stands
	// in the tree counts.
	live := map[string]bool{}
	for i, f := range files {
		docs[i].Records = slices.DeleteFunc(docs[i].Records, func(r decision.Record) bool { return f.deleted && live[r.ID] })
		for _, r := range docs[i].Records {
			live[r.ID] = true
		}
	}
	return docs, err
}

func (db *DB) putRecord(ctx context.Context, tx *sql.Tx, f recordFile, r decision.Record) (int64, error) {
	blob, err := hex.DecodeString(f.oid)
	if err != nil {
		return 0, err
	}
	// A file may hold several records; the path tells them apart with the ID.
	key := f.path + "#" + r.ID
	var id int64
	var have []byte
	err = tx.QueryRowContext(ctx, "SELECT id, document FROM record WHERE path = ? AND blob = ? AND deleted = ?", key, blob, f.deleted).Scan(&id, &have)
	if err == nil && (db.seal == nil || db.seal.current(have)) {
		return id, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	r = kept(r)
	plain, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	document, err := db.seal.close(plain)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO record (blob, path, deleted, document) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET document = excluded.document RETURNING id`, blob, key, f.deleted, document).Scan(&id)
	return id, err
}

// kept is a record as the index keeps it: of a refused one only where it
// stands and why it was refused.
func kept(r decision.Record) decision.Record {
	if r.Refused() {
		refusal := r.Refusal
		for _, f := range r.Faults {
			if !f.Note && refusal == "" {
				refusal = f.String()
			}
		}
		short := decision.Record{Kind: r.Kind, Form: r.Form, Refusal: refusal}
		short.ID, short.Title, short.Path, short.Line, short.Deleted = r.ID, r.Title, r.Path, r.Line, r.Deleted
		return short
	}
	r.Faults = nil
	return r
}

func putRecordSet(ctx context.Context, tx *sql.Tx, members []int64) (int64, error) {
	slices.Sort(members)
	members = slices.Compact(members)
	h := sha256.New()
	for _, m := range members {
		h.Write(binary.AppendUvarint(nil, uint64(m)))
	}
	digest := h.Sum(nil)
	var id int64
	err := tx.QueryRowContext(ctx, "SELECT id FROM record_set WHERE digest = ?", digest).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	if err := tx.QueryRowContext(ctx, "INSERT INTO record_set (digest) VALUES (?) RETURNING id", digest).Scan(&id); err != nil {
		return 0, err
	}
	for _, m := range members {
		if _, err := tx.ExecContext(ctx, "INSERT INTO record_member (set_id, record_id) VALUES (?, ?)", id, m); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// storeOwners stores the CODEOWNERS file of a revision, from the first of the
// three places where it may stand.
func (ix *indexer) storeOwners(ctx context.Context, p *plan) (int64, error) {
	oid := ""
	for _, place := range []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"} {
		for _, e := range p.tree {
			if oid == "" && e.Path == place && e.Regular() {
				oid = e.OID
			}
		}
	}
	if oid == "" {
		return 0, nil
	}
	blob, err := hex.DecodeString(oid)
	if err != nil {
		return 0, err
	}
	var known int64
	err = ix.db.write.QueryRowContext(ctx, "SELECT id FROM codeowners WHERE blob = ?", blob).Scan(&known)
	if !errors.Is(err, sql.ErrNoRows) {
		return known, err
	}
	var text []byte
	if err := ix.repo.Blobs(ctx, []string{oid}, func(_ int, data []byte) error { text = data; return nil }); err != nil {
		return 0, err
	}
	var id int64
	err = ix.db.inTx(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "INSERT INTO codeowners (blob, text) VALUES (?, ?) ON CONFLICT (blob) DO UPDATE SET text = excluded.text RETURNING id", blob, string(text)).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("store CODEOWNERS: %w", err)
	}
	return id, nil
}
