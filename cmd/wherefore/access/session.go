package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/ui"
)

// What a session holds, all text.
const (
	sessionName   = "name"
	sessionGroups = "groups" // one a line
	sessionToken  = "token"  // the ID of the token that opened it
	sessionBy     = "by"
	sessionForm   = "form" // what its forms carry
	sessionHash   = "hash" // of the password's hash: another password ends the session
)

func newSessions(o Options) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{o.Store}
	m.HashTokenInStore = true // who reads the database cannot log in with what is there
	m.Lifetime = cmp.Or(o.Session, 12*time.Hour)
	m.Cookie.SameSite = http.SameSiteLaxMode // Strict would leave out whoever comes from a chat's link
	m.Cookie.HttpOnly, m.Cookie.Path, m.Cookie.Name = true, "/", "wherefore_session"
	if strings.HasPrefix(o.BaseURL, "https://") {
		m.Cookie.Secure, m.Cookie.Name = true, "__Host-wherefore_session"
	}
	return m
}

// sessionStore is the casebook as scs has its stores.
type sessionStore struct{ book casebook.Sessions }

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.book.FindSession(ctx, token)
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return s.book.KeepSession(ctx, token, b, expiry)
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.book.EndSession(ctx, token)
}

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// sessionOf loads the session of a request, an empty one when there is none.
func (a *Access) sessionOf(r *http.Request) (context.Context, error) {
	token := ""
	if c, err := r.Cookie(a.sessions.Cookie.Name); err == nil && len(c.Value) < 200 {
		token = c.Value
	}
	return a.sessions.Load(r.Context(), token)
}

// session identifies who logged in; nil is nobody.
func (a *Access) session(r *http.Request) (*identity, error) {
	if len(r.CookiesNamed(a.sessions.Cookie.Name)) == 0 {
		return nil, nil
	}
	ctx, err := a.sessionOf(r)
	if err != nil {
		return nil, err
	}
	name := a.sessions.GetString(ctx, sessionName)
	var who *identity
	switch id := a.sessions.GetString(ctx, sessionToken); {
	case id != "": // the token's role and end hold for what it opened
		t, err := a.tokens.live(ctx, id)
		if err != nil {
			return nil, err
		}
		who = tokenIdentity(t)
	case name == "":
		return nil, nil
	case a.sessions.GetString(ctx, sessionBy) == byPassword:
		if hash := a.passwordHash(name); hash == "" || hashed(hash) != a.sessions.GetString(ctx, sessionHash) { // removed or changed since
			return nil, nil
		}
		who = a.known(name, byPassword, nil)
	default:
		who = a.known(name, a.sessions.GetString(ctx, sessionBy), strings.Split(a.sessions.GetString(ctx, sessionGroups), "\n"))
	}
	who.form, who.session = a.sessions.GetString(ctx, sessionForm), true
	return who, nil
}

const byPassword = "password"

// openSession logs somebody in under a new session token. Nothing stays of whom the
// browser had logged in before.
func (a *Access) openSession(w http.ResponseWriter, ctx context.Context, values map[string]string) error {
	if err := errors.Join(a.sessions.RenewToken(ctx), a.sessions.Clear(ctx)); err != nil {
		return err
	}
	a.sessions.Put(ctx, sessionForm, rand.Text())
	for k, v := range values {
		a.sessions.Put(ctx, k, v)
	}
	return a.writeSession(w, ctx)
}

func (a *Access) writeSession(w http.ResponseWriter, ctx context.Context) error {
	token, expiry, err := a.sessions.Commit(ctx)
	if err == nil {
		a.sessions.WriteSessionCookie(ctx, w, token, expiry)
	}
	return err
}

// Ways implements ui.Logins.
func (a *Access) Ways() ui.Ways {
	x := ui.Ways{Password: a.web != nil && len(a.web.users()) > 0, Token: true}
	if a.provider != nil {
		x.Provider = cmp.Or(a.provider.Name, "your account")
	}
	return x
}

// Login implements ui.Logins.
func (a *Access) Login(w http.ResponseWriter, r *http.Request, name, secret string) error {
	ctx, err := a.sessionOf(r)
	if err != nil {
		return err
	}
	values := map[string]string{sessionName: name, sessionBy: byPassword, sessionHash: hashed(a.passwordHash(name))}
	if name == "" {
		who, err := a.tokens.check(r.Context(), strings.TrimSpace(secret))
		if err != nil {
			a.noteFailure("", r)
			return err
		}
		values = map[string]string{sessionName: who.name, sessionToken: strings.TrimPrefix(who.by, "token "), sessionBy: who.by}
	} else if err := a.checkPassword(r, name, secret); err != nil {
		return err
	}
	if err := a.openSession(w, ctx, values); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	a.note(values[sessionName], "login", values[sessionBy])
	return nil
}

// Logout implements ui.Logins.
func (a *Access) Logout(w http.ResponseWriter, r *http.Request) error {
	ctx, err := a.sessionOf(r)
	if err != nil {
		return err
	}
	if name := a.sessions.GetString(ctx, sessionName); name != "" {
		a.note(name, "logout", "")
	}
	if err := a.sessions.Destroy(ctx); err != nil {
		return err
	}
	a.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
	return nil
}
