package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// tokenPrefix begins every token, so that scanners of secrets know ours.
const tokenPrefix = "wf_"

// NewToken makes the ID and secret of a token, and the text that is shown once.
func NewToken() (id, hash, text string) {
	id = strings.ToLower(rand.Text())[:10]
	secret := rand.Text() // 130 bits
	return id, hashed(secret), tokenPrefix + id + "_" + secret
}

// hashed is how a secret is stored. It needs no slow hash: it is random, and not
// a person's word.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// tokenCheck looks tokens up.
type tokenCheck struct {
	store Store
	now   func() time.Time
	made  atomic.Bool // one was ever made
	// tenants are those that there are: a token of another opens nothing.
	tenants []Members
}

// any reports whether a token was ever made.
func (t *tokenCheck) any(ctx context.Context) (bool, error) {
	if t.made.Load() {
		return true, nil
	}
	all, err := t.store.Tokens(ctx)
	if len(all) > 0 {
		t.made.Store(true)
	}
	return len(all) > 0, err
}

var errToken = fmt.Errorf("the token is not known, was revoked or has expired: %w", ui.ErrWho)

// check finds whose token a text is.
func (t *tokenCheck) check(ctx context.Context, text string) (*identity, error) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	id, secret, found := strings.Cut(rest, "_")
	if !ok || !found || len(text) > 200 {
		return nil, errToken
	}
	token, err := t.live(ctx, id)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(hashed(secret)), []byte(token.Hash)) != 1 {
		return nil, errToken
	}
	return tokenIdentity(token), nil
}

// live is a token that still counts.
func (t *tokenCheck) live(ctx context.Context, id string) (casebook.Token, error) {
	token, err := t.store.Token(ctx, id)
	now := t.now()
	switch {
	case errors.Is(err, evidence.ErrNotFound):
		return token, errToken
	case err != nil:
		return token, err
	case token.Tenant != "" && !slices.ContainsFunc(t.tenants, func(m Members) bool { return m.Tenant == token.Tenant }):
		return token, errToken
	case !token.RevokedAt.IsZero(), !token.ExpiresAt.IsZero() && !now.Before(token.ExpiresAt):
		return token, errToken
	}
	if now.Sub(token.UsedAt) >= time.Minute {
		if err := t.store.TokenUsed(ctx, id, now); err != nil && !errors.Is(err, evidence.ErrUnavailable) {
			return token, err // a disk that is full keeps nobody out
		}
	}
	return token, nil
}

func tokenIdentity(t casebook.Token) *identity {
	return &identity{name: t.Name, by: "token " + t.ID, role: Role(t.Role), tenant: t.Tenant, code: t.Code}
}
