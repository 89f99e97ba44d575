package casebook

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// Who may enter and what they did; store.go tells what holds for every method.

// Tokens keeps what programs show to prove who they are.
type Tokens interface {
	// AddToken stores a new token; its ID is nobody else's.
	AddToken(ctx context.Context, t Token) error
	// Tokens lists all, oldest first.
	Tokens(ctx context.Context) ([]Token, error)
	// RevokeToken ends a token for good; twice is no error.
	RevokeToken(ctx context.Context, id, actor string) error
}

// TokenUse is what a token is checked against.
type TokenUse interface {
	// Token returns one token, revoked and expired ones included.
	Token(ctx context.Context, id string) (Token, error)
	// TokenUsed notes, to the minute, when a token was used last.
	TokenUsed(ctx context.Context, id string, at time.Time) error
}

// Sessions keeps who is logged in.
type Sessions interface {
	// FindSession returns what a session holds; found is false when there is none
	// or it has expired.
	FindSession(ctx context.Context, token string) (body []byte, found bool, err error)
	// KeepSession stores or replaces a session until it expires.
	KeepSession(ctx context.Context, token string, body []byte, expires time.Time) error
	// EndSession drops a session; none is no error.
	EndSession(ctx context.Context, token string) error
}

// Keys hands out random bytes that all instances share.
type Keys interface {
	// Key returns the 32 bytes of a name, made when they are asked for first.
	Key(ctx context.Context, name string) ([]byte, error)
}

// AuditLog keeps who saw, took away and did what.
type AuditLog interface {
	// AddAudit stores entries, all or none.
	AddAudit(ctx context.Context, entries ...casefile.AuditEntry) error
	// AuditEntries returns the newest first, and the cursor of the next page, 0 on
	// the last.
	AuditEntries(ctx context.Context, f casefile.AuditFilter) (page []casefile.AuditEntry, next int64, err error)
}
