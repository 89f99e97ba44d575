package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Next waits for an investigation that is due and claims it. The oldest comes
// first. It returns ctx's error when that ends first.
func (b *Book) Next(ctx context.Context) (Job, error) {
	for {
		j, found, err := b.claim(ctx)
		if err != nil || found {
			return j, err
		}
		select {
		case <-b.waiting:
		case <-ctx.Done():
			return Job{}, ctx.Err()
		}
	}
}

func (b *Book) claim(ctx context.Context) (Job, bool, error) {
	var j Job
	found, more := false, false
	err := b.db.do(ctx, func(tx session) error {
		j, found, more = Job{}, false, false
		var id string
		var body []byte
		var attempts int
		err := tx.row(`SELECT incident, request, attempts FROM job WHERE claimed = 0 ORDER BY queued_at, incident LIMIT 1`).Scan(&id, &body, &attempts)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, &j); err != nil {
			return err
		}
		j.Attempts = attempts + 1
		if err := tx.row(`SELECT revision + 1 FROM incident WHERE id = ?`, id).Scan(&j.Revision); err != nil {
			return err
		}
		if err := tx.exec(`UPDATE job SET claimed = 1, again = 0, attempts = attempts + 1 WHERE incident = ?`, id); err != nil {
			return err
		}
		found = true
		return tx.row(`SELECT EXISTS (SELECT 1 FROM job WHERE claimed = 0)`).Scan(&more)
	})
	if err != nil {
		return Job{}, false, fmt.Errorf("next investigation: %w", err)
	}
	if more {
		b.wake() // one signal may stand for several jobs
	}
	return j, found, nil
}

// templateOf is the log statement that a cause rests on, empty for none.
func templateOf(c report.Cause) string {
	for _, l := range c.Loci {
		if l.Kind == report.LocusLog {
			return l.Name
		}
	}
	return ""
}

// blamed is a report's first cause, and the commit that it blames for it.
func blamed(r report.Report) (first report.Cause, commit string) {
	if len(r.Causes) > 0 {
		first = r.Causes[0]
	}
	if len(first.Commits) > 0 && first.Trigger == report.TriggerCode {
		commit = first.Commits[0].SHA
	}
	return first, commit
}

// Finish stores a job's report as the incident's newest revision, and drops
// the job unless newer evidence came meanwhile. The report's body is kept byte
// for byte. The messages that tell of it become due with it, or not at all.
func (b *Book) Finish(ctx context.Context, j Job, r report.Report, body []byte, messages ...Message) error {
	again := false
	err := b.db.do(ctx, func(tx session) error {
		again = false
		now := nanos(b.now())
		if err := tx.exec(`INSERT INTO report (incident, revision, version, engine, made_at, why, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			j.Incident, j.Revision, r.Version, r.Engine, now, j.Why, body); err != nil {
			return err
		}
		first, commit := blamed(r)
		if err := tx.exec(`UPDATE incident SET revision = ?1, verdict = ?2, title = ?3, entity = ?4, mechanism = ?5, trigger_id = ?6,
			commit_sha = ?7, decision = ?8, impact = ?9, burn = ?15, affected = ?16, template = ?17, reported_at = CASE reported_at WHEN 0 THEN ?10 ELSE reported_at END,
			service = CASE ?11 WHEN '' THEN service ELSE ?11 END,
			state = CASE resolved_at WHEN 0 THEN ?12 ELSE ?13 END WHERE id = ?14`,
			j.Revision, r.Verdict.Word, r.Title, first.Entity.Name, first.Mechanism, first.Trigger,
			commit, first.Decision, r.Impact.Headline, now, r.Service, stateAfter(0), stateAfter(1), j.Incident, r.Impact.Burn, r.Impact.Affected, templateOf(first)); err != nil {
			return err
		}
		if err := keepLines(tx, j.Incident, r.Code); err != nil {
			return err
		}
		if err := put(tx, j.Incident, now, messages); err != nil {
			return err
		}
		if err := b.owe(tx, j.Incident, j.Revision, now); err != nil {
			return err
		}
		var err error
		again, err = release(tx, j.Incident)
		return err
	})
	if err != nil {
		return fmt.Errorf("report %s revision %d: %w", j.Incident, j.Revision, err)
	}
	if again {
		b.wake()
	}
	return nil
}

// Abandon gives a claimed job up. With retry it becomes due again, else it is
// dropped and noted in the audit log.
func (b *Book) Abandon(ctx context.Context, j Job, reason string, retry bool) error {
	err := b.db.do(ctx, func(tx session) error {
		if err := b.audit(tx, Itself, "investigation-failed", j.Incident, reason); err != nil {
			return err
		}
		if retry {
			err := tx.exec(`UPDATE job SET claimed = 0 WHERE incident = ?`, j.Incident)
			return err
		}
		_, err := release(tx, j.Incident)
		return err
	})
	if err == nil {
		b.wake()
	}
	return err
}

// release ends a claim: the job is due again when newer evidence came while it
// was worked at, and gone otherwise.
func release(tx session, id string) (again bool, err error) {
	if err := tx.row(`SELECT again FROM job WHERE incident = ?`, id).Scan(&again); err != nil {
		return false, err
	}
	if again {
		err = tx.exec(`UPDATE job SET claimed = 0, again = 0, attempts = 0 WHERE incident = ?`, id)
	} else {
		err = tx.exec(`DELETE FROM job WHERE incident = ?`, id)
	}
	return again, err
}

// Waiting is how many investigations are due or running.
func (b *Book) Waiting(ctx context.Context) (int, error) {
	var n int
	err := b.db.reading(ctx).row(`SELECT count(*) FROM job`).Scan(&n)
	return n, err
}

// Room is ErrOverloaded while the queue takes no new incident.
func (b *Book) Room(ctx context.Context) error {
	n, err := b.Waiting(ctx)
	if err == nil && n >= b.limit {
		err = fmt.Errorf("%w (%d)", ErrOverloaded, n)
	}
	return err
}

// Report returns the bytes of one report revision, of the newest when
// revision is 0; evidence.ErrNotFound when there is none. Reports of older
// engines are returned as they were made.
func (b *Book) Report(ctx context.Context, id string, revision int) ([]byte, error) {
	var body []byte
	err := b.db.reading(ctx).row(`SELECT body FROM report WHERE incident = ?1 AND (revision = ?2 OR ?2 = 0)
		ORDER BY revision DESC LIMIT 1`, id, revision).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		if revision == 0 {
			return nil, fmt.Errorf("incident %s has no report yet: %w", id, evidence.ErrNotFound)
		}
		return nil, fmt.Errorf("incident %s has no report of revision %d: %w", id, revision, evidence.ErrNotFound)
	}
	return body, err
}

// Revisions lists an incident's reports, newest first.
func (b *Book) Revisions(ctx context.Context, id string) ([]casefile.Revision, error) {
	all, err := list(b.db.reading(ctx), func(r row) (v casefile.Revision, err error) {
		var at int64
		err = r.Scan(&v.Number, &v.Engine, &at, &v.Why, &v.Bundle, &v.BundleSHA256)
		v.At = instant(at)
		return v, err
	}, `SELECT report.revision, engine, made_at, why, coalesce(state, ''), coalesce(sha256, '')
		FROM report LEFT JOIN bundle ON bundle.incident = report.incident AND bundle.revision = report.revision
		WHERE report.incident = ? ORDER BY report.revision DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("revisions of %s: %w", id, err)
	}
	return all, nil
}
