package blameindex

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// refreshAuthors reads the authors of all commits again when the .mailmap is
// another than the one that they were read with. Commits that the repository no
// longer has keep what is known of them.
func (db *DB) refreshAuthors(ctx context.Context, repo *git.Repo) error {
	text, err := repo.Mailmap(ctx)
	if err != nil {
		return err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(text))
	var have string
	err = db.write.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = 'mailmap'").Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	if have == digest {
		return nil
	}
	if have != "" || len(text) > 0 { // a new index was just read with it
		shas, err := db.commits(ctx, "")
		if err != nil {
			return err
		}
		if err := db.readCommits(ctx, repo, shas); err != nil {
			return err
		}
	}
	return db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES ('mailmap', ?) ON CONFLICT DO UPDATE SET value = excluded.value", digest)
		return err
	})
}

// readCommits fills in the details of commits.
func (db *DB) readCommits(ctx context.Context, repo *git.Repo, shas []string) error {
	const batch = 2000
	for chunk := range slices.Chunk(shas, batch) {
		commits, err := repo.Commits(ctx, chunk)
		if err != nil {
			return err
		}
		if err := db.inTx(ctx, func(tx *sql.Tx) error {
			w := newWriter(tx)
			for _, c := range commits {
				if err := w.details(ctx, c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("store commits: %w", err)
		}
	}
	return nil
}

// bareCommits are the commits whose details were not read yet.
func (db *DB) bareCommits(ctx context.Context) ([]string, error) {
	return db.commits(ctx, "WHERE author_id IS NULL")
}

func (db *DB) commits(ctx context.Context, where string) (shas []string, err error) {
	rows, err := db.write.QueryContext(ctx, "SELECT sha FROM commit_ "+where+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		shas = append(shas, hex.EncodeToString(raw))
	}
	return shas, rows.Err()
}
