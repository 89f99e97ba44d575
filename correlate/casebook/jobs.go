package casebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// ErrLost says that a claim has ended: the investigation was given to somebody
// else meanwhile, or its report was stored already.
var ErrLost = errors.New("the claim on the investigation has ended")

// pollEvery is how often the queue is read without a signal: a clock may jump,
// and a signal of another server may be lost.
const pollEvery = time.Second

// claimFor bounds one look into the queue.
const claimFor = 10 * time.Second

// Next waits for an investigation that is due and claims it. It returns ctx's
// error when that ends first.
func (b *Book) Next(ctx context.Context) (Job, error) { return b.next(ctx, false) }

// NextUrgent is Next for new critical groups alone.
func (b *Book) NextUrgent(ctx context.Context) (Job, error) { return b.next(ctx, true) }

func (b *Book) next(ctx context.Context, urgent bool) (Job, error) {
	for {
		b.bells.answer(urgent) // before the look: what comes in between is not missed
		// A claim that is begun is waited for: nobody would know of one that was made
		// just when ctx ended.
		once, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimFor)
		j, found, err := b.claim(once, urgent)
		cancel()
		if found {
			b.bells.next(urgent) // there may be more, and others who wait
		}
		if err != nil || found {
			return j, err
		}
		ring, done := b.bells.wait(urgent)
		select {
		case <-ring:
		case <-time.After(pollEvery):
		case <-ctx.Done():
			err = ctx.Err()
		}
		done()
		if err != nil {
			return Job{}, err
		}
	}
}

// claim takes the job that is to be begun next. The attempt is counted before it
// is made, so that one that ends the program is known afterwards.
func (b *Book) claim(ctx context.Context, urgent bool) (Job, bool, error) {
	var j Job
	found := false
	now := b.now()
	back := b.watch.setBack(now)
	err := b.db.do(ctx, func(tx session) (err error) {
		if back {
			if err := catchUp(tx, now); err != nil {
				return err
			}
		}
		for found = false; ; {
			var attempts int
			j, attempts, err = b.first(tx, urgent)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			b.backlog.forget()
			if attempts < MaxAttempts {
				found = true
				return b.take(tx, &j, attempts)
			}
			if err := b.audit(tx, Itself, "investigation-failed", j.Incident, reasonGone(attempts)); err != nil {
				return err
			}
			if err := tx.exec(`DELETE FROM job WHERE incident = ?`, j.Incident); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return Job{}, false, fmt.Errorf("next investigation: %w", err)
	}
	if found {
		b.turns.begun(j)
	}
	return j, found, nil
}

// first is the job that is to be begun next, and how often it was begun: of the
// tenant whose turn it is.
func (b *Book) first(tx session, urgent bool) (j Job, attempts int, err error) {
	err = sql.ErrNoRows
	for _, t := range b.turns.order() {
		if j, attempts, err = b.firstOf(tx, t, urgent); !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	return j, attempts, err
}

// firstOf is first among a tenant's.
func (b *Book) firstOf(tx session, t evidence.Tenant, urgent bool) (j Job, attempts int, err error) {
	var body []byte
	only := ``
	if urgent {
		only = ` AND urgent = 1`
	}
	err = tx.row(`SELECT incident, tenant, request, attempts FROM job WHERE tenant = ?3 AND due_at <= ?2 AND (owner = '' OR lease_until < `+tx.clock+`)`+only+`
		ORDER BY begin_by, incident LIMIT 1`+tx.skipLocked, b.db.clock(), nanos(b.now()), t).Scan(&j.Incident, &j.Tenant, &body, &attempts)
	if err != nil {
		return j, 0, err
	}
	id := j.Incident
	err = json.Unmarshal(body, &j)
	j.Incident = id
	return j, attempts, err
}

// take gives a job its alert, its revision and its owner.
func (b *Book) take(tx session, j *Job, attempts int) (err error) {
	if j.Alert, err = newest(tx, j.Incident); err != nil {
		return err
	}
	if err := symptoms(tx, &j.Alert, j.Incident); err != nil {
		return err
	}
	if err := tx.row(`SELECT revision + 1 FROM incident WHERE id = ?`, j.Incident).Scan(&j.Revision); err != nil {
		return err
	}
	j.Attempts = attempts + 1
	j.owner = fmt.Sprintf("%s-%d", b.name, b.claims.Add(1))
	return tx.exec(`UPDATE job SET owner = ?3, lease_until = `+tx.clock+` + ?4, again = 0, attempts = ?5 WHERE incident = ?2`,
		b.db.clock(), j.Incident, j.owner, int64(b.lease), j.Attempts)
}

// Lease is how long a claim lasts without being renewed.
func (b *Book) Lease() time.Duration { return b.lease }

// Renew lets a claim last for another lease; ErrLost when it has ended.
func (b *Book) Renew(ctx context.Context, j Job) error {
	return b.db.do(ctx, func(tx session) error {
		return owned(tx.change(`UPDATE job SET lease_until = `+tx.clock+` + ?4 WHERE incident = ?2 AND owner = ?3`, b.db.clock(), j.Incident, j.owner, int64(b.lease)))
	})
}

// Return gives a claim back as if it had never been made.
func (b *Book) Return(ctx context.Context, j Job) error {
	err := b.db.do(ctx, func(tx session) error {
		return owned(tx.change(`UPDATE job SET owner = '', lease_until = 0, again = 0, attempts = ? WHERE incident = ? AND owner = ?`, j.Attempts-1, j.Incident, j.owner))
	})
	b.turns.ended(j, err)
	if err == nil {
		b.wake(true)
	}
	return err
}

// owned is ErrLost when a change of one's own claim found none.
func owned(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
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

// saidIn is what the programs said, one error a line, for the search.
func saidIn(r *report.Report) string {
	const most = 2000
	var b strings.Builder
	for _, f := range r.Failures {
		for _, s := range []string{f.Type, f.Message} {
			if s = strings.TrimSpace(s); s != "" && b.Len()+len(s) < most {
				b.WriteString(s + "\n")
			}
		}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(b.String(), "\x00", ""), "")
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
// for byte. The messages that tell of it become due with it, or not at all. One
// that had fewer answers than the report before it is kept beside it: nobody is
// told of it, and the incident goes by the better one as before.
func (b *Book) Finish(ctx context.Context, j Job, r report.Report, body []byte, messages ...Message) error {
	soon := false
	err := b.db.do(ctx, func(tx session) error {
		now := nanos(b.now())
		again, why, err := claimed(tx, j)
		if err != nil {
			return err
		}
		soon = again && why != casefile.WhyAlert // see release
		poorer, err := poorerThanBefore(tx, j.Incident, &r)
		if err != nil {
			return err
		}
		if err := tx.exec(`INSERT INTO report (incident, revision, version, engine, made_at, why, body, poorer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			j.Incident, j.Revision, r.Version, r.Engine, now, j.Why, body, strings.Join(poorer, ",")); err != nil {
			return err
		}
		if len(poorer) > 0 {
			if err := tx.exec(`UPDATE incident SET revision = ? WHERE id = ?`, j.Revision, j.Incident); err != nil {
				return err
			}
			if err := b.share(tx, j.Incident, `i.leader = ?1`); err != nil {
				return err
			}
			return b.release(tx, j, again, why, look{})
		}
		if err := b.goBy(tx, j, &r, now); err != nil {
			return err
		}
		if err := tell(tx, j.Incident, j.Tenant, now, messages); err != nil {
			return err
		}
		if err := b.scheduleBundle(tx, j.Incident, j.Revision, now); err != nil {
			return err
		}
		return b.release(tx, j, again, why, b.nextLook(j, r))
	})
	b.backlog.forget()
	b.turns.ended(j, err)
	if err != nil {
		return fmt.Errorf("report %s revision %d: %w", j.Incident, j.Revision, err)
	}
	if soon {
		b.wake(true)
	}
	return nil
}

// poorerThanBefore are the sources of which a report had fewer answers than the one
// that its incident goes by.
func poorerThanBefore(tx session, incident string, r *report.Report) ([]string, error) {
	var body []byte
	err := tx.row(`SELECT body FROM report WHERE incident = ? AND poorer = '' ORDER BY revision DESC LIMIT 1`, incident).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var before report.Report
	if readable := json.Unmarshal(body, &before) == nil; !readable {
		return nil, nil // nothing is poorer than one that this program cannot read
	}
	return report.FewerAnswers(&before, r), nil
}

// budgetOf is what an incident's row says of its error budgets.
func budgetOf(x report.Impact) string {
	if len(x.Budgets) == 0 {
		return ""
	}
	return evidence.Excerpt(x.Budgets[0].Says, longestTitle)
}

// goBy makes a report the one that its incident goes by.
func (b *Book) goBy(tx session, j Job, r *report.Report, now int64) error {
	first, commit := blamed(*r)
	if err := tx.exec(`UPDATE incident SET revision = ?1, verdict = ?2, title = ?3, entity = ?4, mechanism = ?5, trigger_id = ?6,
			commit_sha = ?7, decision = ?8, impact = ?9, burn = ?15, affected = ?16, template = ?17, said = ?18, budget = ?19, reported_at = CASE reported_at WHEN 0 THEN ?10 ELSE reported_at END,
			service = CASE ?11 WHEN '' THEN service ELSE ?11 END,
			state = CASE resolved_at WHEN 0 THEN ?12 ELSE ?13 END WHERE id = ?14`,
		j.Revision, r.Verdict.Word, cutTitle(r.Title), evidence.Cut(first.Entity.Name, mostIndexed), first.Mechanism, first.Trigger,
		evidence.Cut(commit, mostIndexed), evidence.Cut(first.Decision, mostIndexed), r.Impact.Headline, now, evidence.Cut(r.Service, mostIndexed), stateAfter(0), stateAfter(1), j.Incident, r.Impact.Burn, r.Impact.Affected, templateOf(first), saidIn(r), budgetOf(r.Impact)); err != nil {
		return err
	}
	if err := b.share(tx, j.Incident, `i.leader = ?1`); err != nil {
		return err
	}
	return keepLines(tx, j.Incident, r.Code)
}

// claimed checks a claim, and says whether newer evidence came since and of what
// kind it is.
func claimed(tx session, j Job) (again bool, why string, err error) {
	var body []byte
	err = tx.row(`SELECT again = 1, request FROM job WHERE incident = ? AND owner = ?`, j.Incident, j.owner).Scan(&again, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return false, "", ErrLost
	}
	var x Job
	if err == nil {
		err = json.Unmarshal(body, &x)
	}
	return again, x.Why, err
}

// Abandon gives a claimed job up. With retry it becomes due again, else it is
// dropped and the reason kept in the audit log.
func (b *Book) Abandon(ctx context.Context, j Job, reason string, retry bool) error {
	err := b.db.do(ctx, func(tx session) error {
		again, why, err := claimed(tx, j)
		if err != nil {
			return err
		}
		if err := b.audit(tx, Itself, "investigation-failed", j.Incident, reason); err != nil {
			return err
		}
		if retry {
			return tx.exec(`UPDATE job SET owner = '', lease_until = 0 WHERE incident = ?`, j.Incident)
		}
		return b.release(tx, j, again, why, look{})
	})
	b.backlog.forget()
	b.turns.ended(j, err)
	if err == nil {
		b.wake(true)
	}
	return err
}

// Waiting is how many investigations of the tenant are due or running, without
// another look at what has a report.
func (b *Book) Waiting(ctx context.Context) (int, error) {
	var n int
	err := b.db.reading(ctx).row(countWaiting, b.tenant).Scan(&n)
	return n, err
}

// Room is ErrOverloaded while the queue takes no new incident of the tenant, what the inbox will
// put into it included.
func (b *Book) Room(ctx context.Context) error {
	n, err := b.Waiting(ctx)
	if n += b.inbox.needs(b.tenant, b.window > 0); err == nil && n >= b.limit {
		err = fmt.Errorf("%w (%d)", ErrOverloaded, n)
	}
	return err
}
