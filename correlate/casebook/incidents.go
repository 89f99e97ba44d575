package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const incidentColumns = `id, state, verdict, title, entity, started_at, revision, service, severity, alert_name,
	mechanism, trigger_id, commit_sha, decision, impact, received_at, reported_at, resolved_at, acknowledged_by, burn, affected, leader, folded_because, members, lead, budget`

// of is incidentColumns of one of several tables.
func of(table string) string {
	columns := strings.Split(incidentColumns, ",")
	for i, c := range columns {
		columns[i] = table + "." + strings.TrimSpace(c)
	}
	return strings.Join(columns, ", ")
}

func scanIncident(r row) (casefile.Incident, error) {
	var i casefile.Incident
	var started, received, reported, resolved int64
	err := r.Scan(&i.ID, &i.State, &i.Verdict, &i.Title, &i.Entity, &started, &i.Revision, &i.Service, &i.Severity, &i.AlertName,
		&i.Mechanism, &i.Trigger, &i.Commit, &i.Decision, &i.Impact, &received, &reported, &resolved, &i.AcknowledgedBy, &i.Burn, &i.Affected, &i.FoldedInto, &i.FoldedBy, &i.Members, &i.Lead, &i.Budget)
	i.StartedAt, i.ReceivedAt, i.ReportedAt, i.ResolvedAt = instant(started), instant(received), instant(reported), instant(resolved)
	return i, err
}

// Incident returns one incident; evidence.ErrNotFound when there is none.
func (b *Book) Incident(ctx context.Context, id string) (casefile.Incident, error) {
	if b.inbox.has(id) {
		if err := b.db.do(ctx, func(tx session) error { return b.settleIncident(tx, id) }); err != nil {
			return casefile.Incident{}, err
		}
		b.wake(true)
	}
	i, err := scanIncident(b.db.reading(ctx).row(`SELECT `+incidentColumns+` FROM incident WHERE id = ? AND tenant = ?`, id, b.tenant))
	if errors.Is(err, sql.ErrNoRows) {
		return i, fmt.Errorf("there is no incident %s: %w", id, evidence.ErrNotFound)
	}
	if err == nil && i.Revision == 0 {
		i.Failed, err = b.failure(ctx, id)
	}
	return i, err
}

// failure is why an incident's investigation was given up, empty while one is
// due.
func (b *Book) failure(ctx context.Context, id string) (string, error) {
	var why string
	err := b.db.reading(ctx).row(`SELECT detail FROM audit WHERE incident = ?1 AND action = 'investigation-failed'
		AND NOT EXISTS (SELECT 1 FROM job WHERE incident = ?1) ORDER BY id DESC LIMIT 1`, id).Scan(&why)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return why, err
}

// Incidents returns one page of the incidents that match, and the cursor of
// the next page, empty after the last.
func (b *Book) Incidents(ctx context.Context, f casefile.IncidentFilter) ([]casefile.Incident, string, error) {
	o, known := orders[f.Sort]
	if !known {
		return nil, "", fmt.Errorf("sort %q is not one of burn, impact, started, service, severity: %w", f.Sort, evidence.ErrInvalid)
	}
	after, err := decodeCursor(f.Cursor, f.Sort)
	if err != nil {
		return nil, "", err
	}
	limit := f.Limit
	switch {
	case limit <= 0:
		limit = 50
	case limit > 200:
		limit = 200
	}
	parts, args := b.conditions(f)
	if f.Cursor != "" {
		part, from := o.behind(after)
		parts, args = append(parts, part), append(args, from...)
	}
	type keyed struct {
		casefile.Incident
		key any
	}
	found, err := list(b.db.reading(ctx), func(r row) (k keyed, err error) {
		k.Incident, err = scanIncident(extended{r, []any{&k.key}})
		return k, err
	}, `SELECT `+incidentColumns+`, `+o.key+` FROM incident`+` WHERE `+strings.Join(parts, " AND ")+` ORDER BY `+o.by()+` LIMIT ?`, append(args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("incidents: %w", err)
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = cursor{f.Sort, keyText(last.key), nanos(last.StartedAt), last.ID}.encode()
	}
	page := make([]casefile.Incident, len(found))
	for i, k := range found {
		page[i] = k.Incident
	}
	return page, next, nil
}

// searched are the columns in which a text is looked for.
var searched = []string{"title", "service", "id", "alert_name", "entity", "impact", "decision", "commit_sha", "said"}

// conditions turns a filter into the parts of a WHERE clause.
func (b *Book) conditions(f casefile.IncidentFilter) (parts []string, args []any) {
	parts, args = append(parts, `tenant = ?`), append(args, b.tenant)
	for _, c := range []struct{ column, value string }{
		{"state", string(f.State)}, {"service", f.Service}, {"severity", f.Severity}, {"trigger_id", string(f.Trigger)},
		{"verdict", string(f.Verdict)}, {"decision", f.Decision}, {"entity", f.Entity},
	} {
		if c.value != "" {
			parts = append(parts, c.column+" = ?")
			args = append(args, c.value)
		}
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Text) + "%"
		// Both databases read a tenant's rows for it: ten thousand are some megabytes.
		var in []string
		for _, column := range searched {
			in, args = append(in, `lower(`+column+`) LIKE lower(?) ESCAPE '\'`), append(args, like)
		}
		in, args = append(in, `EXISTS (SELECT 1 FROM note n WHERE n.incident = incident.id AND lower(n.text) LIKE lower(?) ESCAPE '\')`), append(args, like)
		parts = append(parts, "("+strings.Join(in, " OR ")+")")
	}
	if !f.Since.IsZero() {
		parts, args = append(parts, `started_at >= ?`), append(args, nanos(f.Since))
	}
	if !f.Until.IsZero() {
		parts, args = append(parts, `started_at <= ?`), append(args, nanos(f.Until))
	}
	return parts, args
}

// facetColumns are the fields that Facets counts, in the order of the page.
var facetColumns = []struct{ field, column string }{
	{"state", "state"}, {"service", "service"}, {"severity", "severity"}, {"trigger", "trigger_id"}, {"verdict", "verdict"}, {"decision", "decision"},
}

// Facets counts the incidents that match, by the values of each field, most
// frequent first, at most 20 values a field.
func (b *Book) Facets(ctx context.Context, f casefile.IncidentFilter) ([]casefile.Facet, error) {
	parts, args := b.conditions(f)
	var all []casefile.Facet
	for _, c := range facetColumns {
		counted, err := list(b.db.reading(ctx), func(r row) (casefile.Facet, error) {
			x := casefile.Facet{Field: c.field}
			err := r.Scan(&x.Value, &x.Count)
			return x, err
		}, `SELECT `+c.column+`, count(*) AS n FROM incident`+` WHERE `+strings.Join(parts, " AND ")+` GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20`, args...)
		if err != nil {
			return nil, fmt.Errorf("facets: %w", err)
		}
		all = append(all, slices.DeleteFunc(counted, func(x casefile.Facet) bool { return x.Value == "" })...)
	}
	return all, nil
}

// beside is how far apart two alerts of one service begin that are told of each
// other. A rule fires later by its range and by its `for`, which are five minutes
// each as a rule: two rules on one fault are at most both apart.
const beside = 10 * time.Minute

// The ways in which incidents are alike, by the order in which they are listed.
const (
	alikeTogether = iota
	alikeBeside
	alikeDecision
	alikeCommit
	alikeTemplate
	alikeCause
	alikeEntity
	alikeUnknown
	alikeNot // beside another of the service, and of another cause
)

// alikes is how Similar names and words them.
var alikes = [...]struct {
	name casefile.Alike
	says string
}{
	alikeTogether: {casefile.AlikeTogether, "investigated together"}, alikeBeside: {casefile.AlikeService, "same service"},
	alikeDecision: {casefile.AlikeDecision, "same decision"}, alikeCommit: {casefile.AlikeCommit, "same commit"},
	alikeTemplate: {casefile.AlikeLogStatement, "same log statement"}, alikeCause: {casefile.AlikeCause, "same cause"},
	alikeEntity:  {casefile.AlikeEntity, "same alert group and entity, another mechanism"},
	alikeUnknown: {casefile.AlikeAlertGroup, "same alert group, no cause to compare"}, alikeNot: {"", "another cause"},
}

// Similar returns, in this order and newest first within each, the incidents that
// were investigated together with one; those of the same service that began within
// ten minutes of it, those with its cause first; those with the same decision, the
// same commit, the same log statement of the same entity, or the same entity and
// mechanism; and the last of the same alert group, where it has the same entity or
// where no cause of one of the two is known: that one rule fired twice makes no two
// causes alike. Of each of the first two, those beyond casefile.MostBeside come last.
// All but the first two are earlier ones; later ones of the same commit or decision
// are among them: the same deploy fails again.
func (b *Book) Similar(ctx context.Context, id string, limit int) ([]casefile.Similar, error) {
	all, err := list(b.db.reading(ctx), func(r row) (s casefile.Similar, err error) {
		var alike, cause int
		var mine int64
		s.Incident, err = scanIncident(extended{r, []any{&alike, &cause, &mine, &s.EndedBy}})
		s.Because, s.Alike = alikes[alike].says, []casefile.Alike{alikes[alike].name}
		if alike == alikeBeside {
			s.Because += ", " + alerted(s.StartedAt.Sub(instant(mine)))
			if cause != alikeUnknown {
				s.Because += ", " + alikes[cause].says
			}
			if cause < alikeEntity {
				s.Alike = append(s.Alike, alikes[cause].name)
			}
		}
		return s, err
	}, similar, id, limit, b.tenant, int64(beside), casefile.MostBeside)
	if err != nil {
		return nil, fmt.Errorf("incidents like %s: %w", id, err)
	}
	return all, nil
}

// alerted says how long before or after another an incident alerted.
func alerted(d time.Duration) string {
	side := "after"
	if d < 0 {
		d, side = -d, "before"
	}
	switch s := int(d.Round(time.Second) / time.Second); {
	case s == 0:
		return "alerted at the same time"
	case s < 60:
		return fmt.Sprintf("alerted %d s %s", s, side)
	default:
		return fmt.Sprintf("alerted %d min %s", int(d.Round(time.Minute)/time.Minute), side)
	}
}

// sameCause is in which way the causes of two incidents are alike, by the numbers of
// the constants above.
const sameCause = `CASE WHEN i.decision <> '' AND i.decision = me.decision THEN 2
	WHEN i.commit_sha <> '' AND i.commit_sha = me.commit_sha THEN 3
	WHEN i.template <> '' AND i.template = me.template AND i.entity = me.entity THEN 4
	WHEN i.entity <> '' AND i.entity = me.entity AND i.mechanism = me.mechanism THEN 5
	WHEN i.entity = '' OR me.entity = '' THEN 7
	ELSE 8 END`

// isBeside holds in both directions or in neither: what was folded into another's
// investigation is named beside that one alone.
const (
	isTogether = `(i.leader = me.id OR i.id = me.leader OR i.leader <> '' AND i.leader = me.leader)`
	isBeside   = `(i.leader = '' AND me.leader = '' AND i.service <> '' AND i.service = me.service AND i.started_at BETWEEN me.started_at - ?4 AND me.started_at + ?4)`
)

// similar looks for the incidents by number first, so that rows and notes are read of
// those alone that are returned.
var similar = `
	WITH me AS (SELECT * FROM incident WHERE id = ?1 AND tenant = ?3),
		before AS (SELECT coalesce((SELECT p.id FROM incident p, me WHERE p.receiver = me.receiver AND p.group_key = me.group_key AND p.group_key <> '' AND p.started_at < me.started_at
			ORDER BY p.started_at DESC, p.id LIMIT 1), '') AS id),
		found AS (SELECT i.id, i.started_at, me.started_at AS mine, ` + sameCause + ` AS cause,
			CASE WHEN ` + isTogether + ` THEN 0
			     WHEN ` + isBeside + ` THEN 1
			     WHEN ` + sameCause + ` < 6 THEN ` + sameCause + `
			     WHEN i.entity <> '' AND i.entity = me.entity THEN 6
			     ELSE 7 END AS alike
			FROM incident i, me, before
			WHERE i.id <> me.id AND i.tenant = me.tenant AND (` + isTogether + ` OR ` + isBeside + `
				OR i.leader = '' AND i.started_at > me.started_at AND (i.entity = me.entity AND (i.commit_sha <> '' AND i.commit_sha = me.commit_sha OR i.decision <> '' AND i.decision = me.decision))
				OR i.leader = '' AND i.started_at < me.started_at AND (
					i.group_key <> '' AND i.id = before.id AND (i.entity = '' OR me.entity = '' OR i.entity = me.entity)
					OR (i.decision <> '' AND i.decision = me.decision) OR (i.commit_sha <> '' AND i.commit_sha = me.commit_sha)
					OR (i.entity <> '' AND i.entity = me.entity AND (i.mechanism = me.mechanism OR i.template <> '' AND i.template = me.template))))),
		ranked AS (SELECT id, mine, cause, alike, row_number() OVER (PARTITION BY alike
			ORDER BY CASE WHEN alike = 1 AND cause >= 6 THEN 1 ELSE 0 END, started_at DESC, id) AS nth FROM found),
		listed AS (SELECT id, mine, cause, alike, nth, CASE WHEN alike < 2 AND nth > ?5 THEN 1 ELSE 0 END AS late
			FROM ranked ORDER BY late, alike, nth LIMIT ?2)
	SELECT ` + of("i") + `, f.alike, f.cause, f.mine,
		coalesce((SELECT text FROM note WHERE incident = i.id ORDER BY made_at DESC, note.id DESC LIMIT 1), '')
	FROM listed f JOIN incident i ON i.id = f.id
	ORDER BY f.late, f.alike, f.nth`
