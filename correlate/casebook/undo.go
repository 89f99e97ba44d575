package casebook

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// SetLead names who leads an incident's handling, "" for nobody.
func (b *Book) SetLead(ctx context.Context, id, lead, actor string) (casefile.Incident, error) {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, id); err != nil {
			return err
		}
		if err := tx.exec(`UPDATE incident SET lead = ? WHERE id = ?`, lead, id); err != nil {
			return err
		}
		return b.audit(tx, actor, "lead", id, lead)
	})
	if err != nil {
		return casefile.Incident{}, err
	}
	return b.Incident(ctx, id)
}

// UndoNote takes a note back that is no older than casefile.UndoWithin, and, where
// an author is given, that is theirs.
func (b *Book) UndoNote(ctx context.Context, incident string, note int64, author, actor string) error {
	return b.undo(ctx, "note", incident, note, author, actor)
}

// UndoFeedback is UndoNote for a judgment.
func (b *Book) UndoFeedback(ctx context.Context, incident string, judgment int64, author, actor string) error {
	return b.undo(ctx, "feedback", incident, judgment, author, actor)
}

// undo deletes a row of a table; what was done and undone stays in the audit.
func (b *Book) undo(ctx context.Context, table, incident string, row int64, author, actor string) error {
	return b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, incident); err != nil {
			return err
		}
		mine, args := "", []any{row, incident, nanos(b.now().Add(-casefile.UndoWithin))}
		if author != "" && table == "note" {
			mine, args = " AND author = ?", append(args, author)
		}
		if author != "" && table == "feedback" {
			judgments, err := b.Feedback(ctx, incident)
			if err != nil {
				return err
			}
			for _, f := range judgments {
				if f.ID == row && f.Author != author {
					return fmt.Errorf("judgment %d is somebody else's: %w", row, casefile.ErrConflict)
				}
			}
		}
		n, err := tx.change(`DELETE FROM `+table+` WHERE id = ? AND incident = ? AND made_at >= ?`+mine, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%s %d of %s cannot be taken back: it is not there, not yours, or older than %s: %w", table, row, incident, casefile.UndoWithin, evidence.ErrNotFound)
		}
		return b.audit(tx, actor, table+"-undone", incident, fmt.Sprint(row))
	})
}
