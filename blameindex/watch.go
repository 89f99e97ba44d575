package blameindex

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// LogState is one repository's decision log as it stands, and as it stood when
// somebody was last told of it.
type LogState struct {
	Repository string // its name
	URL        string // as configured
	Revision   string // that the log stands at
	// Before is nil when nobody was told yet.
	Before, After []decision.Record
	Refused       int // records with faults

	db *DB
}

// told is the setting that remembers up to which revision others were told.
const told = "told"

// LogStates fetches the mirrors that are due, indexes the decisions at each
// repository's HEAD and says how the logs stand. One that cannot be read is an
// error beside the states of the others.
func (s *Source) LogStates(ctx context.Context) ([]LogState, error) {
	var states []LogState
	var errs []error
	for _, p := range s.all() {
		st, err := p.logState(ctx)
		switch {
		case errors.Is(err, evidence.ErrNotFound): // an empty repository
		case err != nil:
			errs = append(errs, fmt.Errorf("decisions of %s: %w", p.name(), err))
		default:
			states = append(states, st)
		}
	}
	return states, errors.Join(errs...)
}

func (p *place) logState(ctx context.Context) (LogState, error) {
	st := LogState{Repository: p.name(), URL: p.Repository, db: p.db}
	repo, err := p.ready(ctx)
	if err != nil {
		return st, err
	}
	if due, _ := p.due(); due {
		_ = p.fetch(ctx) // told by Mirrors and Check; the log is read as it is here
	}
	if st.Revision, err = p.resolve(ctx, "HEAD"); err != nil {
		return st, err
	}
	if st.After, st.Refused, _, err = recordsAt(ctx, repo, st.Revision, p.db.options); err != nil {
		return st, err
	}
	if err := p.ensure(ctx, st.Revision, ""); err != nil {
		return st, err
	}
	var sha string
	err = p.db.row(ctx, "SELECT value FROM setting WHERE name = ?", told).Scan(&sha)
	if errors.Is(err, sql.ErrNoRows) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	r, err := p.db.revisionBySHA(ctx, sha)
	if errors.Is(err, evidence.ErrNotFound) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	st.Before, err = p.db.recordSet(ctx, r.records)
	return st, err
}

// Told remembers that others know of the log as it stands.
func (st LogState) Told(ctx context.Context) error {
	return st.db.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", told, st.Revision)
		return err
	})
}
