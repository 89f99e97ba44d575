package casebook

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Job is one investigation that is due.
type Job struct {
	Incident string         `json:"incident"`
	Alert    evidence.Alert `json:"-"`
	// Revision is the number that its report will have.
	Revision int `json:"-"`
	// Window is set when a person chose it.
	Window evidence.Window `json:"window,omitzero"`
	// ReceivedAt is when the newest alert of the job was made durable, in Unix
	// nanoseconds.
	ReceivedAt int64 `json:"receivedAt"`
	// Attempts begun so far, this one and those that ended the program included.
	Attempts int `json:"-"`
	// Why it is due: casefile.WhyAlert, WhyLater, WhyBack, WhyProfiles or WhyAgain.
	Why string `json:"why"`
	// Tenant is whose incident it is.
	Tenant evidence.Tenant `json:"-"`
	// owner names this claim, so that one that was lost changes nothing any more.
	owner string
}

// MaxAttempts bounds how often an investigation is begun, whether it failed or
// ended the program.
const MaxAttempts = 3

// The order of the queue. Every job says by when it is to be begun, and the one
// with the earliest instant comes first. That instant never moves, so that
// nothing starves; the higher the severity, the sooner it is.
const (
	// perReceiver is how much later each further waiting job of a receiver is to be
	// begun, so that a storm of one receiver leaves room for the others between.
	perReceiver = 2 * time.Second
	// mostAhead bounds how many of them are counted.
	mostAhead = 200
	// laterPatience is added for another look at what has a report.
	laterPatience = 2 * time.Minute
	// firstGap is between the first report of a group and the next for which its
	// members changed; it doubles with every revision up to mostGap.
	firstGap = time.Minute
	mostGap  = time.Hour
)

// levels are the severities that have a place in the order; others come last.
var levels = map[string]int{"critical": 0, "page": 0, "error": 1, "warning": 2, "info": 3}

const lowest = 4

func levelOf(severity string) int {
	if l, known := levels[severity]; known {
		return l
	}
	return lowest
}

// patience is how long a job of a level may wait; a faster burn shortens it.
func patience(level int, burn float64) time.Duration {
	base := [...]time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 10 * time.Minute, 10 * time.Minute}[level]
	return time.Duration(float64(base) / (1 + max(0, min(burn, 1000))/10))
}

// gap is how long after a report of a revision the next one waits when only the
// members of the group have changed.
func gap(revision int) time.Duration {
	return min(mostGap, firstGap<<min(max(0, revision-1), 10))
}

// placed is what the queue has to know of an incident.
type placed struct {
	tenant   evidence.Tenant
	receiver string
	severity string
	revision int
	burn     float64
	reported int64 // when the newest report was made, 0 for none
}

func placeOf(tx session, incident string) (p placed, err error) {
	err = tx.row(`SELECT tenant, receiver, severity, revision, burn, coalesce((SELECT made_at FROM report WHERE report.incident = i.id AND report.revision = i.revision), 0)
		FROM incident i WHERE id = ?`, incident).Scan(&p.tenant, &p.receiver, &p.severity, &p.revision, &p.burn, &p.reported)
	return p, err
}

// enqueue makes a job due, or notes on the one being worked at that it is to
// run again.
func (b *Book) enqueue(tx session, j Job) error {
	var present bool
	if err := tx.row(`SELECT EXISTS (SELECT 1 FROM job WHERE incident = ?)`, j.Incident).Scan(&present); err != nil {
		return err
	}
	p, err := placeOf(tx, j.Incident)
	if err != nil {
		return err
	}
	return b.enqueueAt(tx, j, p, present)
}

// enqueueAt is enqueue for an incident of which all is known that the queue needs.
func (b *Book) enqueueAt(tx session, j Job, p placed, present bool) error {
	if !present && p.revision == 0 {
		if err := b.room(tx, p.tenant); err != nil {
			return err
		}
	}
	now := nanos(b.time(tx))
	due := now
	if j.Why == casefile.WhyAlert && p.reported != 0 {
		due = max(now, min(now, p.reported)+int64(gap(p.revision))) // whatever the clock was set to since
	}
	switch {
	case j.Why == casefile.WhyAgain:
		b.backlog.forget()
	case !present && p.revision == 0:
		b.backlog.more(p.tenant)
		tx.onUndo(b.backlog.forget)
	}
	return b.put(tx, j, p, due)
}

// put stores a job that is due at an instant, in Unix nanoseconds. One that is
// there already keeps its place where that is better.
func (b *Book) put(tx session, j Job, p placed, due int64) error {
	now := nanos(b.time(tx))
	j.ReceivedAt = now
	body, err := json.Marshal(j)
	if err != nil {
		return err
	}
	level := levelOf(p.severity)
	begin := due + int64(patience(level, p.burn))
	later := p.revision > 0 && j.Why != casefile.WhyAgain
	if later {
		begin += int64(laterPatience)
	}
	var before int
	if err := tx.row(`SELECT count(*) FROM (SELECT 1 FROM job WHERE receiver = ? AND level <= ? AND incident <> ? LIMIT ?) AS ahead`, p.receiver, level, j.Incident, mostAhead).Scan(&before); err != nil {
		return err
	}
	begin += int64(before) * int64(perReceiver)
	return tx.exec(`INSERT INTO job (incident, request, receiver, level, queued_at, due_at, begin_by, urgent, later, tenant) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
		ON CONFLICT (incident) DO UPDATE SET request = excluded.request, level = excluded.level,
			due_at = CASE WHEN job.due_at < excluded.due_at THEN job.due_at ELSE excluded.due_at END,
			begin_by = CASE WHEN job.begin_by < excluded.begin_by THEN job.begin_by ELSE excluded.begin_by END,
			urgent = excluded.urgent, later = CASE WHEN job.later < excluded.later THEN job.later ELSE excluded.later END,
			again = CASE job.owner WHEN '' THEN 0 ELSE 1 END`,
		j.Incident, body, p.receiver, level, now, due, begin, flag(p.revision == 0 && level == 0), flag(later), p.tenant)
}

// room is ErrOverloaded when no further incident of a tenant can be taken.
func (b *Book) room(tx session, t evidence.Tenant) error {
	if tx.accepted {
		return nil
	}
	n, err := b.backlog.count(tx, t)
	if err == nil && n >= b.limit {
		err = fmt.Errorf("%w (%d); try again later", ErrOverloaded, n)
	}
	return err
}

const countWaiting = `SELECT count(*) FROM job WHERE later = 0 AND tenant = ?`

// backlog remembers how many investigations of each tenant wait, so that an alert
// is taken without counting them. It is only for a database that nobody else writes
// to.
type backlog struct {
	mu     sync.Mutex
	number map[evidence.Tenant]int // of those that were counted
	alone  bool
}

func (x *backlog) count(tx session, t evidence.Tenant) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n, known := x.number[t]; known {
		return n, nil
	}
	n := 0
	err := tx.row(countWaiting, t).Scan(&n)
	if err == nil && x.alone {
		if x.number == nil {
			x.number = map[evidence.Tenant]int{}
		}
		x.number[t] = n
	}
	return n, err
}

// more counts one that was stored.
func (x *backlog) more(t evidence.Tenant) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, known := x.number[t]; known {
		x.number[t]++
	}
}

// forget has them counted again.
func (x *backlog) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.number)
}

// newest is the alert that an incident's next investigation is about: the last
// that fired, else the last.
func newest(tx session, incident string) (a evidence.Alert, err error) {
	var body []byte
	err = tx.row(`SELECT alert FROM notification WHERE incident = ? ORDER BY CASE status WHEN 'firing' THEN 0 ELSE 1 END, seq DESC, received_at DESC, key LIMIT 1`, incident).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("there is no incident %s: %w", incident, evidence.ErrNotFound)
	}
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

// reasonGone is what is said of an investigation whose attempts all ended the
// program.
func reasonGone(attempts int) string {
	return fmt.Sprintf("the program ended every time while this was investigated (%d attempts); run it again by hand once the cause is found", attempts)
}
