package blameindex

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// reseal encrypts every decision for the newest key when that is another than
// the one that they were encrypted for, or when they stand as they are. Without
// a key an index that has one is refused: the next decision would stand there
// readable.
func (db *DB) reseal(ctx context.Context) error {
	var have string
	err := db.write.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = 'sealed_for'").Scan(&have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("index %s: %w", db.path, err)
	}
	switch {
	case db.seal == nil && have == "", db.seal != nil && have == db.seal.name:
		return nil
	case db.seal == nil:
		return fmt.Errorf("the text of decisions in %s is encrypted and no key file is configured; give the one it was indexed with by --key-file: %w", db.path, evidence.ErrInvalid)
	}
	documents, err := db.documents(ctx)
	if err != nil {
		return err
	}
	err = db.inTx(ctx, func(tx *sql.Tx) error {
		for id, document := range documents {
			plain, err := db.seal.open(document)
			if err != nil {
				return err
			}
			sealed, err := db.seal.close(plain)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "UPDATE record SET document = ? WHERE id = ?", sealed, id); err != nil {
				return fmt.Errorf("encrypt decisions: %w", err)
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES ('sealed_for', ?) ON CONFLICT DO UPDATE SET value = excluded.value", db.seal.name)
		return err
	})
	if err != nil || len(documents) == 0 {
		return err
	}
	// What was overwritten still stands in free pages and in the log.
	for _, q := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := db.write.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("clear what was not encrypted from %s: %w", db.path, err)
		}
	}
	return nil
}

func (db *DB) documents(ctx context.Context) (out map[int64][]byte, err error) {
	rows, err := db.write.QueryContext(ctx, "SELECT id, document FROM record")
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[int64][]byte{}
	for rows.Next() {
		var id int64
		var document []byte
		if err := rows.Scan(&id, &document); err != nil {
			return nil, err
		}
		out[id] = document
	}
	return out, rows.Err()
}
