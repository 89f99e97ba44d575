package casebook

import (
	"context"
	"encoding/json"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// look is when and why an incident is to be looked at once more; never when it is
// zero.
type look struct {
	at  time.Time
	why string
}

// How soon and how long a rollback is looked at again while it is not known what
// came of it.
const (
	backAgain = 30 * time.Second
	backFor   = 15 * time.Minute
)

// nextLook is when an incident that was just reported is looked at once more.
func (b *Book) nextLook(j Job, r report.Report) look {
	now := b.now()
	switch back := r.Recovery; {
	case back != nil && back.Verdict == report.RecoveryOpen && now.Sub(back.Started) < backFor:
		return look{now.Add(backAgain), casefile.WhyBack}
	case j.Revision == 1 && b.followUp > 0:
		return look{now.Add(b.followUp), casefile.WhyLater}
	}
	return look{}
}

// Revisit has an incident that was reported looked at once more at an instant. One
// that is due sooner stays so, and one that was not reported yet is due anyway.
func (b *Book) Revisit(ctx context.Context, incident string, at time.Time, why string) error {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.known(tx, incident); err != nil {
			return err
		}
		p, err := placeOf(tx, incident)
		if err != nil || p.revision == 0 {
			return err
		}
		return b.put(tx, Job{Incident: incident, Why: why}, p, nanos(at))
	})
	if err == nil {
		b.wake(true)
	}
	return err
}

// release ends a claim. The incident is due again when newer evidence came while
// it was worked at, or when it is to be looked at once more; otherwise the job is
// gone.
func (b *Book) release(tx session, j Job, again bool, why string, next look) error {
	now := b.now()
	var due time.Time
	switch {
	case again && why == casefile.WhyAlert:
		due = now.Add(gap(j.Revision))
	case again:
		due = now
	default:
		due, why = next.at, next.why
	}
	var before []byte
	if err := tx.row(`SELECT request FROM job WHERE incident = ?`, j.Incident).Scan(&before); err != nil {
		return err
	}
	if err := tx.exec(`DELETE FROM job WHERE incident = ?`, j.Incident); err != nil || due.IsZero() {
		return err
	}
	job := Job{Incident: j.Incident, Why: why}
	if again {
		if err := json.Unmarshal(before, &job); err != nil {
			return err
		}
	}
	p, err := placeOf(tx, j.Incident)
	if err != nil {
		return err
	}
	return b.put(tx, job, p, nanos(due))
}
