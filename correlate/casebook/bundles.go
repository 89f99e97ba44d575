package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Bundle is what became of the evidence bundle of a report revision.
type Bundle struct {
	Incident string
	Revision int
	State    casefile.BundleState
	// SHA256 is the hex digest of the file and Bytes its size, once it was kept.
	SHA256 string
	Bytes  int64
	// Attempts to record it were begun, this one included.
	Attempts int
}

const bundleColumns = `incident, revision, state, sha256, bytes, attempts`

// scanBundle reads bundleColumns, and what was selected after them.
func scanBundle(r row, more ...any) (b Bundle, err error) {
	err = r.Scan(append([]any{&b.Incident, &b.Revision, &b.State, &b.SHA256, &b.Bytes, &b.Attempts}, more...)...)
	return b, err
}

// scheduleBundle makes the evidence of a new report due to be recorded. An older report's
// that is still due is due no more: a second look soon follows a first report,
// and asking for everything twice would cost the sources as much again.
func (b *Book) scheduleBundle(tx session, incident string, revision int, now int64) error {
	if !b.evidence.Keep {
		return nil
	}
	if err := tx.exec(`DELETE FROM bundle WHERE incident = ? AND state = ?`, incident, casefile.BundleRecording); err != nil {
		return err
	}
	if revision == 1 {
		now += int64(b.evidence.Settle)
	}
	err := tx.exec(`INSERT INTO bundle (incident, revision, state, due_at) VALUES (?, ?, ?, ?)`, incident, revision, casefile.BundleRecording, now)
	return err
}

// mostPostponed is how far ahead a bundle may be made due again.
const mostPostponed = time.Hour

// bundleLease is how long a bundle is one server's to record, which is longer
// than it may take.
const bundleLease = 15 * time.Minute

// ClaimBundle begins an attempt at the bundle that has been due longest. When
// none is due yet, the bundle is zero and next says when one will be, the zero
// time for never. The attempt is counted before it is made, so that one that
// ends the program is known afterwards.
func (b *Book) ClaimBundle(ctx context.Context) (claimed Bundle, next time.Time, err error) {
	err = b.db.do(ctx, func(tx session) error {
		claimed, next = Bundle{}, time.Time{}
		var due int64
		x, err := scanBundle(tx.row(`SELECT `+bundleColumns+`, due_at FROM bundle WHERE state = ?2 AND lease_until < `+tx.clock+` AND incident IN (SELECT id FROM incident WHERE tenant = ?3) ORDER BY due_at, incident LIMIT 1`+tx.skipLocked,
			b.db.clock(), casefile.BundleRecording, b.tenant), &due)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		// What is due later than anything can be was made so by a clock that was ahead.
		if now := b.now(); due > nanos(now) && due <= nanos(now.Add(b.evidence.Settle+mostPostponed)) {
			next = instant(due)
			return nil
		}
		claimed = x
		claimed.Attempts++
		return tx.exec(`UPDATE bundle SET attempts = attempts + 1, lease_until = `+tx.clock+` + ?4 WHERE incident = ?2 AND revision = ?3`,
			b.db.clock(), x.Incident, x.Revision, int64(bundleLease))
	})
	if err != nil {
		return claimed, next, fmt.Errorf("next bundle: %w", err)
	}
	return claimed, next, nil
}

// setBundle changes a bundle's row; one that is gone stays so.
func setBundle(tx session, x Bundle, set string, values ...any) error {
	err := tx.exec(`UPDATE bundle SET `+set+` WHERE incident = ? AND revision = ?`, append(values, x.Incident, x.Revision)...)
	return err
}

// PostponeBundle makes a claimed bundle due again at an instant, and sets how
// many attempts count.
func (b *Book) PostponeBundle(ctx context.Context, x Bundle, until time.Time) error {
	return b.db.do(ctx, func(tx session) error {
		return setBundle(tx, x, `due_at = ?, attempts = ?, lease_until = 0`, nanos(until), x.Attempts)
	})
}

// RecordBundleNow makes what is due of an incident due at once: somebody waits for
// it.
func (b *Book) RecordBundleNow(ctx context.Context, incident string) error {
	return b.db.do(ctx, execute(`UPDATE bundle SET due_at = 1 WHERE incident = `+theIncident+` AND state = ?3`, incident, b.tenant, casefile.BundleRecording))
}

// ForgetDueBundles makes nothing due any more: no evidence is kept from now on.
func (b *Book) ForgetDueBundles(ctx context.Context) error {
	return b.db.do(ctx, execute(`DELETE FROM bundle WHERE state = ? AND `+ofIncidents, casefile.BundleRecording, b.tenant))
}

// SettleBundle ends a claim with x's state, digest and size. It is
// evidence.ErrNotFound when a newer report came meanwhile and the bundle is
// wanted no more.
func (b *Book) SettleBundle(ctx context.Context, x Bundle) error {
	return b.db.do(ctx, func(tx session) error {
		n, err := tx.change(`UPDATE bundle SET state = ?, sha256 = ?, bytes = ?, kept_at = ? WHERE incident = ? AND revision = ?`,
			x.State, x.SHA256, x.Bytes, nanos(b.now()), x.Incident, x.Revision)
		if err != nil || n > 0 {
			return err
		}
		return fmt.Errorf("bundle of %s revision %d: %w", x.Incident, x.Revision, evidence.ErrNotFound)
	})
}

// PublishComplete stores what the whole evidence of a claimed bundle gives as the
// incident's next revision, and makes the bundle that revision's, so that nothing is
// recorded anew. It is casefile.ErrConflict when the incident goes by another report than
// the bundle's or is being investigated: what comes of that has evidence of its own.
func (b *Book) PublishComplete(ctx context.Context, x Bundle, r report.Report, body []byte, messages ...Message) error {
	j := Job{Incident: x.Incident, Revision: r.Revision, Why: casefile.WhyComplete, Tenant: b.tenant}
	err := b.db.do(ctx, func(tx session) error {
		newest, goesBy, claimed, err := b.held(tx, x.Incident)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return evidence.ErrNotFound
		case err != nil:
			return err
		case goesBy != x.Revision || newest+1 != r.Revision || claimed:
			return casefile.ErrConflict
		}
		now := nanos(b.now())
		if err := tx.exec(`INSERT INTO report (incident, revision, version, engine, made_at, why, body, poorer) VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
			j.Incident, j.Revision, r.Version, r.Engine, now, j.Why, body); err != nil {
			return err
		}
		if err := b.goBy(tx, j, &r, now); err != nil {
			return err
		}
		if err := tell(tx, j.Incident, j.Tenant, now, messages); err != nil {
			return err
		}
		return setBundle(tx, x, `revision = ?`, j.Revision)
	})
	if err != nil {
		return fmt.Errorf("report %s revision %d with complete evidence: %w", j.Incident, j.Revision, err)
	}
	return nil
}

// held are an incident's newest revision, the one it goes by, and whether it is being
// investigated, and hold for the rest of the transaction: who claims its job takes the
// next revision, and must neither be overlooked while it does nor do so meanwhile. No job
// comes to be meanwhile either, since it would refer to the incident.
func (b *Book) held(tx session, incident string) (newest, goesBy int, claimed bool, err error) {
	if err := tx.row(`SELECT revision FROM incident WHERE id = ? AND tenant = ?`+tx.held, incident, b.tenant).Scan(&newest); err != nil {
		return 0, 0, false, err
	}
	var owner string
	if err := tx.row(`SELECT owner FROM job WHERE incident = ?`+tx.held, incident).Scan(&owner); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, false, err
	}
	err = tx.row(`SELECT coalesce(max(revision), 0) FROM report WHERE incident = ? AND poorer = ''`, incident).Scan(&goesBy)
	return newest, goesBy, owner != "", err
}

// DropBundle notes that a kept bundle's file is there no more.
func (b *Book) DropBundle(ctx context.Context, x Bundle) error {
	return b.db.do(ctx, func(tx session) error {
		return setBundle(tx, x, `state = ?`, casefile.BundleDropped)
	})
}

// KeptBundles lists the bundles that are kept, oldest first.
func (b *Book) KeptBundles(ctx context.Context) ([]Bundle, error) {
	all, err := list(b.db.reading(ctx), func(r row) (Bundle, error) { return scanBundle(r) },
		`SELECT `+bundleColumns+` FROM bundle WHERE state = ? AND `+ofIncidents+` ORDER BY kept_at, incident, revision`, casefile.BundleKept, b.tenant)
	if err != nil {
		return nil, fmt.Errorf("kept bundles: %w", err)
	}
	return all, nil
}

// BundleTenants are those of whom bundles are kept, in order; "" is the unnamed one.
func (b *Book) BundleTenants(ctx context.Context) ([]evidence.Tenant, error) {
	names, err := list(b.db.reading(ctx), scanName,
		`SELECT DISTINCT i.tenant FROM bundle b JOIN incident i ON i.id = b.incident WHERE b.state = ? ORDER BY i.tenant`, casefile.BundleKept)
	if err != nil {
		return nil, fmt.Errorf("tenants with bundles: %w", err)
	}
	tenants := make([]evidence.Tenant, len(names))
	for i, n := range names {
		tenants[i] = evidence.Tenant(n)
	}
	return tenants, nil
}

// Bundle says what became of the bundle of a report, of the newest when
// revision is 0; evidence.ErrNotFound when none was ever due.
func (b *Book) Bundle(ctx context.Context, incident string, revision int) (Bundle, error) {
	x, err := scanBundle(b.db.reading(ctx).row(`SELECT `+bundleColumns+` FROM bundle WHERE incident = `+reportOf+`
		AND revision = CASE CAST(?3 AS BIGINT) WHEN 0 THEN (SELECT max(revision) FROM report WHERE incident = `+reportOf+` AND poorer = '') ELSE CAST(?3 AS BIGINT) END`, incident, b.tenant, revision))
	if errors.Is(err, sql.ErrNoRows) {
		return x, fmt.Errorf("bundle of %s revision %d: %w", incident, revision, evidence.ErrNotFound)
	}
	return x, err
}
