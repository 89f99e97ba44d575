package casebook

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	// stormAt is how many first investigations wait when groups are folded by their
	// onset alone: each would be looked into too late to help.
	stormAt = 20
	// mostByOnset is how many groups one is joined by for its onset alone; the next
	// investigation takes the others.
	mostByOnset = 50
	// mostSymptoms is how many alerts one investigation is about.
	mostSymptoms = 100
)

// fold finds the incident whose investigation answers for a new one too: of the
// same receiver, at least as severe, begun within the window, and of the same
// service; where neither alert names one, of the same rule. One rule watches many
// services, and what is wrong with one of them is no answer for another. In a storm
// the onset alone will do, as long as the investigation has not begun, but not for
// a critical group, which would disappear in somebody else's incident.
func (b *Book) fold(tx session, id string, a evidence.Alert) (leader string, err error) {
	service, severity, name := labelsOf(a)
	if b.window <= 0 || a.GroupKey == "" {
		return "", nil
	}
	waiting, err := b.backlog.count(tx, b.tenant)
	if err != nil {
		return "", err
	}
	began := nanos(a.FiredAt())
	among := []any{receiverOf(a), id, nanos(b.time(tx).Add(-b.window)), began - int64(b.window), began + int64(b.window), levelOf(severity)}
	var rule string
	err = tx.row(foldable+` AND i.service = ?7 AND (i.service <> '' OR i.alert_name <> '' AND i.alert_name = ?8)
		ORDER BY CASE WHEN i.alert_name <> '' AND i.alert_name = ?8 THEN 0 ELSE 1 END, i.received_at, i.id LIMIT 1`,
		append(among, service, name)...).Scan(&leader, &rule)
	because := sameAs(rule, name)
	if storm := waiting >= stormAt && levelOf(severity) > levels["critical"]; storm && errors.Is(err, sql.ErrNoRows) {
		because = "onset"
		err = tx.row(foldableByOnset, among...).Scan(&leader, &rule)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return leader, b.foldInto(tx, id, leader, because)
}

// foldable are the incidents that others can be folded into. It is asked for
// every new group of a storm, so that each question that adds to it has an index.
const foldable = `SELECT i.id, i.alert_name FROM incident i LEFT JOIN job j ON j.incident = i.id
	WHERE i.receiver = ?1 AND i.id <> ?2 AND i.leader = '' AND i.resolved_at = 0 AND i.solo = 0 AND i.group_key <> ''
		AND i.received_at >= ?3 AND i.started_at BETWEEN ?4 AND ?5 AND (j.incident IS NOT NULL OR i.revision > 0) AND ` + levelSQL + ` <= ?6`

// foldableByOnset names the most members as the index of what is not full does.
var foldableByOnset = foldable + ` AND i.revision = 0 AND j.owner = '' AND i.members < ` + strconv.Itoa(mostByOnset) + ` ORDER BY i.received_at, i.id LIMIT 1`

// sameAs says what two alert groups of one service have in common.
func sameAs(rule, name string) string {
	if rule != "" && rule == name {
		return "rule"
	}
	return "service"
}

// levelSQL is levelOf in SQL, of the incident i.
const levelSQL = `CASE i.severity WHEN 'critical' THEN 0 WHEN 'page' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 WHEN 'info' THEN 3 ELSE 4 END`

// foldInto makes an incident a member of another. A report that the leader has
// is the member's from now on.
func (b *Book) foldInto(tx session, id, leader, because string) error {
	if err := tx.exec(`UPDATE incident SET leader = ?, folded_because = ? WHERE id = ?`, leader, because, id); err != nil {
		return err
	}
	if err := tx.exec(`UPDATE incident SET members = members + 1 WHERE id = ?`, leader); err != nil {
		return err
	}
	if err := b.audit(tx, Itself, "folded", id, "into "+leader+", same "+because); err != nil {
		return err
	}
	return b.share(tx, leader, `i.id = ?2`, id)
}

// share gives members what the list shows of the leader's report, once there is
// one.
func (b *Book) share(tx session, leader, which string, more ...any) error {
	return tx.exec(`UPDATE incident AS i SET (revision, verdict, title, entity, mechanism, trigger_id, commit_sha, decision, impact, burn, affected, template, said, budget) =
			(SELECT l.revision, l.verdict, l.title, l.entity, l.mechanism, l.trigger_id, l.commit_sha, l.decision, l.impact, l.burn, l.affected, l.template, l.said, l.budget FROM incident l WHERE l.id = ?1),
			reported_at = CASE i.reported_at WHEN 0 THEN ?`+fmt.Sprint(2+len(more))+` ELSE i.reported_at END,
			state = CASE i.resolved_at WHEN 0 THEN 'reported' ELSE 'resolved' END
		WHERE `+which+` AND EXISTS (SELECT 1 FROM incident l WHERE l.id = ?1 AND l.revision > 0)`, append(append([]any{leader}, more...), nanos(b.now()))...)
}

// unfold gives a member an investigation of its own again, whose first report
// will be its revision 1.
func (b *Book) unfold(tx session, id, leader string) error {
	if err := tx.exec(`UPDATE incident SET members = members - 1 WHERE id = ?`, leader); err != nil {
		return err
	}
	return tx.exec(`UPDATE incident SET leader = '', folded_because = '', revision = 0, verdict = '', entity = '', mechanism = '', trigger_id = '',
		commit_sha = '', decision = '', impact = '', burn = 0, affected = 0, template = '', said = '', budget = '',
		state = CASE resolved_at WHEN 0 THEN ? ELSE ? END WHERE id = ?`, casefile.StateInvestigating, casefile.StateResolved, id)
}

// leaderOf is the incident that another was folded into, empty for none, and
// whether that is still open.
func leaderOf(tx session, id string) (leader string, open bool, err error) {
	err = tx.row(`SELECT i.leader, coalesce((SELECT CASE resolved_at WHEN 0 THEN 1 ELSE 0 END FROM incident l WHERE l.id = i.leader), 0) = 1 FROM incident i WHERE i.id = ?`, id).Scan(&leader, &open)
	return leader, open, err
}

// due makes the investigation due that new evidence of an incident calls for:
// its own, or the one that it was folded into while that one's group fires.
func (b *Book) due(tx session, in joined, a evidence.Alert) error {
	if in.opened {
		return b.dueFirst(tx, in, a)
	}
	leader, open, err := leaderOf(tx, in.id)
	if err != nil {
		return err
	}
	if leader != "" && !open {
		err, leader = b.unfold(tx, in.id, leader), ""
		if err != nil {
			return err
		}
	}
	if leader == "" {
		return b.enqueue(tx, Job{Incident: in.id, Why: casefile.WhyAlert})
	}
	return b.enqueue(tx, Job{Incident: leader, Why: casefile.WhyAlert})
}

// dueFirst is due for an incident that has just been made.
func (b *Book) dueFirst(tx session, in joined, a evidence.Alert) error {
	if a.Status != evidence.StatusResolved {
		leader, err := b.fold(tx, in.id, a)
		if err != nil {
			return err
		}
		if leader != "" {
			return b.enqueue(tx, Job{Incident: leader, Why: casefile.WhyAlert})
		}
	}
	if err := b.room(tx, b.tenant); err != nil {
		return err
	}
	_, severity, _ := labelsOf(a)
	return b.enqueueAt(tx, Job{Incident: in.id, Why: casefile.WhyAlert}, placed{tenant: b.tenant, receiver: receiverOf(a), severity: severity}, false)
}

// symptoms adds what fires in the groups that were folded into an incident to
// its alert, up to mostSymptoms in all.
func symptoms(tx session, a *evidence.Alert, incident string) error {
	ids, err := list(tx, func(r row) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM incident WHERE leader = ? ORDER BY received_at, id LIMIT ?`, incident, mostSymptoms)
	if err != nil {
		return err
	}
	for _, id := range ids {
		more, err := newest(tx, id)
		if err != nil {
			return err
		}
		n := min(max(0, mostSymptoms-len(a.Instances)), len(more.Instances))
		a.Instances = append(slices.Clip(a.Instances), more.Instances[:n]...)
		a.Truncated += len(more.Instances) - n + more.Truncated
	}
	return nil
}
