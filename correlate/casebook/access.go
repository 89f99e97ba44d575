package casebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Token is what a program shows to prove who it is, without the secret.
type Token struct {
	ID, Name, Role string
	Tenant         evidence.Tenant // whose incidents it opens
	Code           bool            // it may export source code
	Hash           string          // SHA-256 of the secret, in hex
	CreatedAt      time.Time
	CreatedBy      string
	ExpiresAt      time.Time // zero is never
	RevokedAt      time.Time // zero while it counts
	UsedAt         time.Time // to the minute, zero when it never was
}

// AddToken stores a new token.
func (b *Book) AddToken(ctx context.Context, t Token) error {
	return b.db.do(ctx, func(tx session) error {
		if err := tx.exec(`INSERT INTO token (id, name, role, code, hash, created_at, created_by, expires_at, tenant) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			t.ID, t.Name, t.Role, flag(t.Code), t.Hash, nanos(b.now()), t.CreatedBy, nanos(t.ExpiresAt), t.Tenant); err != nil {
			return err
		}
		return b.audit(tx, t.CreatedBy, "token created", "", t.ID+" "+t.Name+" "+t.Role)
	})
}

func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

const tokenColumns = `id, name, role, code, hash, created_at, created_by, expires_at, revoked_at, used_at, tenant`

func scanToken(r row) (t Token, err error) {
	var code int
	var created, expires, revoked, used int64
	err = r.Scan(&t.ID, &t.Name, &t.Role, &code, &t.Hash, &created, &t.CreatedBy, &expires, &revoked, &used, &t.Tenant)
	t.Code, t.CreatedAt, t.ExpiresAt, t.RevokedAt, t.UsedAt = code == 1, instant(created), instant(expires), instant(revoked), instant(used)
	return t, err
}

// Token returns one token, revoked and expired ones included.
func (b *Book) Token(ctx context.Context, id string) (Token, error) {
	t, err := scanToken(b.db.reading(ctx).row(`SELECT `+tokenColumns+` FROM token WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("there is no token %.20q: %w", id, evidence.ErrNotFound)
	}
	return t, err
}

// Tokens lists all, oldest first.
func (b *Book) Tokens(ctx context.Context) ([]Token, error) {
	return list(b.db.reading(ctx), scanToken, `SELECT `+tokenColumns+` FROM token ORDER BY created_at, id`)
}

// RevokeToken ends a token; one that is revoked already keeps its time.
func (b *Book) RevokeToken(ctx context.Context, id, actor string) error {
	return b.db.do(ctx, func(tx session) error {
		n, err := tx.change(`UPDATE token SET revoked_at = CASE revoked_at WHEN 0 THEN ?1 ELSE revoked_at END WHERE id = ?2`, nanos(b.now()), id)
		if err == nil && n == 0 {
			err = fmt.Errorf("there is no token %.20q: %w", id, evidence.ErrNotFound)
		}
		if err != nil {
			return err
		}
		return b.audit(tx, actor, "token revoked", "", id)
	})
}

// TokenUsed notes when a token was used last.
func (b *Book) TokenUsed(ctx context.Context, id string, at time.Time) error {
	return b.db.do(ctx, execute(`UPDATE token SET used_at = ? WHERE id = ?`, nanos(at.Truncate(time.Minute)), id))
}

// FindSession returns what a session holds; found is false when there is none
// or it has expired.
func (b *Book) FindSession(ctx context.Context, token string) (body []byte, found bool, err error) {
	err = b.db.reading(ctx).row(`SELECT body FROM session WHERE token = ? AND expires_at > ?`, token, nanos(b.now())).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return body, err == nil, err
}

// KeepSession stores a session until it expires, and drops those that have.
func (b *Book) KeepSession(ctx context.Context, token string, body []byte, expires time.Time) error {
	return b.db.do(ctx, func(tx session) error {
		if err := tx.exec(`DELETE FROM session WHERE expires_at <= ?`, nanos(b.now())); err != nil {
			return err
		}
		return tx.exec(`INSERT INTO session (token, body, expires_at) VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at`,
			token, body, nanos(expires))
	})
}

// EndSession drops a session; none is no error.
func (b *Book) EndSession(ctx context.Context, token string) error {
	return b.db.do(ctx, execute(`DELETE FROM session WHERE token = ?`, token))
}

// Key returns the 32 random bytes of a name, the same for every instance,
// making them when they are asked for first.
func (b *Book) Key(ctx context.Context, name string) (key []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	err = b.db.do(ctx, func(tx session) error {
		if err := tx.exec(`INSERT INTO random_key (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, fresh); err != nil {
			return err
		}
		return tx.row(`SELECT value FROM random_key WHERE name = ?`, name).Scan(&key)
	})
	return key, err
}

// AddAudit stores what was done.
func (b *Book) AddAudit(ctx context.Context, entries ...casefile.AuditEntry) error {
	return b.db.do(ctx, func(tx session) error {
		for _, e := range entries {
			if err := tx.exec(`INSERT INTO audit (at, actor, action, incident, detail, tenant) VALUES (?, ?, ?, ?, ?, ?)`, nanos(e.At), e.Actor, e.Action, e.Incident, e.Detail, e.Tenant); err != nil {
				return err
			}
		}
		return nil
	})
}

// actorForTenants is who did what an entry tells of, as a tenant is told: earlier
// versions wrote down for every tenant who had stopped all actions.
const actorForTenants = `CASE WHEN action = 'action' AND detail LIKE '%: ` + string(casefile.ActionStopped) + `, ` + allStopped + `' THEN '` + casefile.OfTheServer + `' ELSE actor END`

// AuditEntries returns what was done, newest first, and the cursor of the next
// page, 0 on the last.
func (b *Book) AuditEntries(ctx context.Context, f casefile.AuditFilter) (page []casefile.AuditEntry, next int64, err error) {
	where, args, actor := "tenant = ?", []any{b.tenant}, "actor"
	if b.tenant != "" {
		actor = actorForTenants
	}
	for _, x := range []struct {
		value any
		use   bool
		says  string
	}{
		{f.Actor, f.Actor != "", actor + " = ?"}, {f.Incident, f.Incident != "", "incident = ?"}, {f.Action, f.Action != "", "action = ?"}, {f.Before, f.Before > 0, "id < ?"},
	} {
		if x.use {
			where, args = where+" AND "+x.says, append(args, x.value)
		}
	}
	limit := f.Limit
	if limit < 1 {
		limit = 100
	}
	type numbered struct {
		casefile.AuditEntry
		id int64
	}
	all, err := list(b.db.reading(ctx), func(r row) (e numbered, err error) {
		var at int64
		err = r.Scan(&e.id, &at, &e.Actor, &e.Action, &e.Incident, &e.Detail)
		e.At = instant(at)
		if held, _, by := strings.Cut(e.Detail, ", "+casefile.StoppedBy); by && b.tenant != "" && e.Action == "action" {
			e.Detail = held + ", " + casefile.StoppedBy + casefile.OfTheServer
		}
		return e, err
	}, `SELECT id, at, `+actor+`, action, incident, detail FROM audit WHERE `+where+` ORDER BY id DESC LIMIT ?`, append(args, limit+1)...)
	for i, e := range all {
		if i == limit {
			next = all[i-1].id
			break
		}
		page = append(page, e.AuditEntry)
	}
	return page, next, err
}
