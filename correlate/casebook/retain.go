package casebook

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// Retention says how long what is kept; 0 is for good, and without a bound.
type Retention struct {
	// Raw is for payloads as they came, which nothing needs once they are read.
	Raw time.Duration
	// Incidents are dropped with all that belongs to them, so long after they were
	// resolved, or came.
	Incidents time.Duration
	// Audit and Changes are for what people did and what was announced.
	Audit, Changes time.Duration
	// Bytes bounds payloads, alerts, reports, notes and changes together. Raw
	// payloads go first, then reports between an incident's first and newest, then
	// the incidents that were resolved longest ago.
	Bytes int64
}

// Pruned says what was dropped.
type Pruned struct {
	Payloads, Reports, Incidents, Audit, Changes int64
	// Bundles were kept of what was dropped; their files are nobody's any more.
	Bundles []Bundle
	// Bytes is what is left, see Retention.Bytes.
	Bytes int64
}

// Any reports that something was dropped.
func (p Pruned) Any() bool {
	return p.Payloads+p.Reports+p.Incidents+p.Audit+p.Changes > 0
}

// pruneBatch bounds what one transaction drops, so that alerts wait for none for
// long.
const pruneBatch = 200

// Prune drops what is older than is to be kept, then as much as is too much.
func (b *Book) Prune(ctx context.Context, r Retention) (p Pruned, err error) {
	if err := b.Settle(ctx); err != nil { // an incident goes only when nothing more of it waits
		return p, err
	}
	for _, step := range []struct {
		age  time.Duration
		drop func(before int64) (int64, error)
		into *int64
	}{
		{r.Raw, func(t int64) (int64, error) { return b.dropPayloads(ctx, t) }, &p.Payloads},
		{r.Incidents, func(t int64) (int64, error) { return b.dropIncidents(ctx, t, &p.Bundles) }, &p.Incidents},
		{r.Audit, func(t int64) (int64, error) { return b.dropRows(ctx, "audit", "id", "at", t) }, &p.Audit},
		{r.Changes, func(t int64) (int64, error) { return b.dropRows(ctx, "change", "id", "time", t) }, &p.Changes},
	} {
		for step.age > 0 {
			n, err := step.drop(nanos(b.now().Add(-step.age)))
			*step.into += n
			if err != nil {
				return p, fmt.Errorf("retention: %w", err)
			}
			if n < pruneBatch {
				break
			}
		}
	}
	if p.Bytes, err = b.bytes(ctx); err != nil {
		return p, fmt.Errorf("retention: %w", err)
	}
	return p, b.shrink(ctx, r.Bytes, &p)
}

// shrink drops what matters least, oldest first, until the rest is small enough.
func (b *Book) shrink(ctx context.Context, most int64, p *Pruned) error {
	if most <= 0 {
		return nil
	}
	end := nanos(b.now()) + 1
	for _, step := range []struct {
		drop func() (int64, error)
		into *int64
	}{
		{func() (int64, error) { return b.dropPayloads(ctx, end) }, &p.Payloads},
		{func() (int64, error) { return b.dropReports(ctx) }, &p.Reports},
		{func() (int64, error) { return b.dropIncidents(ctx, end, &p.Bundles) }, &p.Incidents},
	} {
		for p.Bytes > most {
			n, err := step.drop()
			if err == nil {
				p.Bytes, err = b.bytes(ctx)
			}
			*step.into += n
			if err != nil {
				return fmt.Errorf("retention: %w", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}

// bytes is what Retention.Bytes bounds.
func (b *Book) bytes(ctx context.Context) (n int64, err error) {
	for _, query := range []string{
		`SELECT coalesce(sum(length(alert) + coalesce(length(raw), 0)), 0) FROM notification WHERE ` + ofIncidents,
		`SELECT coalesce(sum(length(body)), 0) FROM report WHERE ` + ofIncidents,
		`SELECT coalesce(sum(length(text)), 0) FROM note WHERE ` + ofIncidents,
		`SELECT coalesce(sum(length(body)), 0) FROM change WHERE tenant = ?`,
	} {
		var part int64
		if err := b.db.reading(ctx).row(query, b.tenant).Scan(&part); err != nil {
			return 0, err
		}
		n += part
	}
	return n, nil
}

// deleted runs one statement that drops a batch.
func (b *Book) deleted(ctx context.Context, statement string, values ...any) (n int64, err error) {
	err = b.db.do(ctx, func(tx session) (err error) {
		n, err = tx.change(statement, values...)
		return err
	})
	return n, err
}

func (b *Book) dropPayloads(ctx context.Context, before int64) (int64, error) {
	return b.deleted(ctx, `UPDATE notification SET raw = NULL WHERE key IN
		(SELECT key FROM notification WHERE raw IS NOT NULL AND received_at < ? AND `+ofIncidents+` ORDER BY received_at, key LIMIT ?)`, before, b.tenant, pruneBatch)
}

// dropReports drops reports that are neither an incident's first nor its newest,
// and of which no evidence is kept.
func (b *Book) dropReports(ctx context.Context) (int64, error) {
	return b.deleted(ctx, `DELETE FROM report WHERE (incident, revision) IN (SELECT r.incident, r.revision FROM report r JOIN incident i ON i.id = r.incident
		WHERE i.tenant = ? AND r.revision > 1 AND r.revision < (SELECT max(c.revision) FROM report c WHERE c.incident = r.incident AND c.poorer = '') AND NOT EXISTS (SELECT 1 FROM bundle b WHERE b.incident = r.incident AND b.revision = r.revision)
		ORDER BY r.made_at, r.incident, r.revision LIMIT ?)`, b.tenant, pruneBatch)
}

func (b *Book) dropRows(ctx context.Context, table, key, at string, before int64) (int64, error) {
	return b.deleted(ctx, `DELETE FROM `+table+` WHERE `+key+` IN (SELECT `+key+` FROM `+table+` WHERE tenant = ?3 AND `+at+` < ?1 ORDER BY `+at+`, `+key+` LIMIT ?2) AND tenant = ?3 AND `+at+` < ?1`, before, pruneBatch, b.tenant)
}

// dropIncidents drops a batch of the incidents that ended longest ago: resolved
// ones, and such as came before the instant and never were; none that is to be
// investigated, and none whose report others show.
func (b *Book) dropIncidents(ctx context.Context, before int64, bundles *[]Bundle) (n int64, err error) {
	var kept []Bundle
	err = b.db.do(ctx, func(tx session) error {
		kept = nil
		ids, err := list(tx, func(r row) (id string, err error) {
			err = r.Scan(&id)
			return id, err
		}, `SELECT id FROM incident i WHERE tenant = ?3 AND CASE resolved_at WHEN 0 THEN received_at ELSE resolved_at END < ?1 AND members = 0
			AND NOT EXISTS (SELECT 1 FROM job WHERE job.incident = i.id)
			AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.incident = i.id AND n.received_at >= ?1)
			ORDER BY CASE resolved_at WHEN 0 THEN 1 ELSE 0 END, CASE resolved_at WHEN 0 THEN received_at ELSE resolved_at END, id LIMIT ?2`, before, pruneBatch, b.tenant)
		if err != nil {
			return err
		}
		n = int64(len(ids))
		for _, id := range ids {
			more, err := list(tx, func(r row) (Bundle, error) { return scanBundle(r) }, `SELECT `+bundleColumns+` FROM bundle WHERE incident = ? AND state = ?`, id, casefile.BundleKept)
			if err != nil {
				return err
			}
			kept = append(kept, more...)
			if err := dropIncident(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		*bundles = append(*bundles, kept...)
	}
	return n, err
}

// belonging are the tables whose rows go with their incident, in an order in
// which nothing refers to what is gone.
var belonging = []string{"bundle", "suspect_line", "outbox", "action", "note", "feedback", "report", "notification"}

func dropIncident(tx session, id string) error {
	if err := tx.exec(`UPDATE incident SET members = members - 1 WHERE id = (SELECT leader FROM incident WHERE id = ?)`, id); err != nil {
		return err
	}
	for _, table := range belonging {
		if err := tx.exec(`DELETE FROM `+table+` WHERE incident = ?`, id); err != nil {
			return err
		}
	}
	return tx.exec(`DELETE FROM incident WHERE id = ?`, id)
}

// String is what a log says of it.
func (p Pruned) String() string {
	var parts []string
	for _, c := range []struct {
		n    int64
		what string
	}{{p.Payloads, "payloads"}, {p.Reports, "reports"}, {p.Incidents, "incidents"}, {p.Audit, "audit entries"}, {p.Changes, "changes"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}
