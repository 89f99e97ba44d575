package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc" // discovery, keys and checks of ID tokens, the most widely kept
	"golang.org/x/oauth2"               // the code flow with PKCE, by the Go authors
	"golang.org/x/sync/singleflight"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// provider lets people log in at an identity provider.
type provider struct {
	OIDC
	a *Access

	asking singleflight.Group
	found  atomic.Pointer[oidc.Provider] // after the first time it answered
}

// askedFor is how long the provider may take.
const askedFor = 10 * time.Second

// What the session holds on the way to the provider and back.
const (
	wayState    = "way-state"
	wayNonce    = "way-nonce"
	wayVerifier = "way-verifier"
	wayNext     = "way-next"
)

// ProviderLogins is a ui.Provider, nil without an identity provider.
func (a *Access) ProviderLogins() ui.Provider {
	if a.provider == nil {
		return nil
	}
	return a.provider
}

// discover asks once what the provider supports, and again while it does not
// answer. Who comes while it is being asked waits for that answer, for as long as
// their own request lasts.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	found := p.found.Load()
	if found == nil {
		select {
		case r := <-p.asking.DoChan("", func() (any, error) { return nil, p.ask(ctx) }):
			if r.Err != nil {
				return nil, nil, r.Err
			}
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		found = p.found.Load()
	}
	scopes := p.Scopes
	if len(scopes) == 0 {
		scopes = []string{oidc.ScopeOpenID, "profile", "email"}
	}
	return found, &oauth2.Config{ClientID: p.ClientID, ClientSecret: string(p.ClientSecret), Endpoint: found.Endpoint(),
		RedirectURL: strings.TrimSuffix(p.a.BaseURL, "/") + "/login/callback", Scopes: scopes}, nil
}

// ask finds the provider, or says in the log why not.
func (p *provider) ask(ctx context.Context) error {
	err := guard.Run(func() error {
		// The keys are fetched later over the client of this context, and others wait
		// for the answer: the end of the request that asks must end neither.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: askedFor}), p.Issuer)
		if err == nil {
			p.found.Store(found)
		}
		return err
	})
	if err != nil {
		p.a.Log.Warn("identity provider unreachable: " + endpoint.Clean(err.Error()))
		return fmt.Errorf("the identity provider does not answer; the log has the reason: %w", evidence.ErrUnavailable)
	}
	return nil
}

// Begin implements ui.Provider.
func (p *provider) Begin(w http.ResponseWriter, r *http.Request, next string) error {
	_, flow, err := p.discover(r.Context())
	if err != nil {
		return err
	}
	ctx, err := p.a.sessionOf(r)
	if err != nil {
		return err
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for k, v := range map[string]string{wayState: state, wayNonce: nonce, wayVerifier: verifier, wayNext: next} {
		p.a.sessions.Put(ctx, k, v)
	}
	if err := p.a.writeSession(w, ctx); err != nil {
		return err
	}
	http.Redirect(w, r, flow.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	return nil
}

// Finish implements ui.Provider.
func (p *provider) Finish(w http.ResponseWriter, r *http.Request) (string, error) {
	ctx, err := p.a.sessionOf(r)
	if err != nil {
		return "", err
	}
	state, nonce := p.a.sessions.PopString(ctx, wayState), p.a.sessions.PopString(ctx, wayNonce)
	verifier, next := p.a.sessions.PopString(ctx, wayVerifier), p.a.sessions.PopString(ctx, wayNext)
	q := r.URL.Query()
	switch {
	case state == "" || q.Get("state") != state:
		return "", fmt.Errorf("this is not the log-in that was begun in this browser; begin again: %w", ui.ErrWho)
	case q.Get("error") != "":
		return next, p.failed(r, "the identity provider says "+endpoint.Clean(q.Get("error")+" "+q.Get("error_description")))
	}
	name, groups, err := p.who(ctx, q, verifier, nonce)
	if err != nil {
		return next, p.failed(r, err.Error())
	}
	err = p.a.openSession(w, ctx, map[string]string{sessionName: name, sessionGroups: strings.Join(groups, "\n"), sessionBy: "provider"})
	if err == nil {
		p.a.note(name, "login", "provider")
	}
	return next, err
}

// failed tells the log why, and the person that it did not work.
func (p *provider) failed(r *http.Request, why string) error {
	p.a.noteFailure("", r)
	p.a.Log.Warn("login at the identity provider failed: " + endpoint.Clean(why))
	return fmt.Errorf("logging in did not work, the log has the reason; begin again: %w", ui.ErrWho)
}

// who exchanges the code for an ID token and checks it.
func (p *provider) who(ctx context.Context, q url.Values, verifier, nonce string) (name string, groups []string, err error) {
	found, flow, err := p.discover(ctx)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, &http.Client{Timeout: askedFor}), askedFor)
	defer cancel()
	token, err := flow.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return "", nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.a.Now}).Verify(ctx, raw)
	if err != nil {
		return "", nil, err
	}
	if nonce == "" || id.Nonce != nonce {
		return "", nil, errors.New("the ID token is of another log-in")
	}
	claims := map[string]json.RawMessage{}
	if err := id.Claims(&claims); err != nil {
		return "", nil, err
	}
	if claims[cmp.Or(p.NameClaim, "email")] == nil || claims[p.groupsClaim()] == nil {
		if err := more(ctx, found, token, id.Subject, claims); err != nil {
			return "", nil, err
		}
	}
	return p.named(claims)
}

func (p *provider) groupsClaim() string { return cmp.Or(p.GroupsClaim, "groups") }

// more adds what the provider says of the person beside the ID token, which
// some keep short.
func more(ctx context.Context, found *oidc.Provider, token *oauth2.Token, subject string, claims map[string]json.RawMessage) error {
	if found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != subject {
		return errors.New("what the provider says is of another person than the ID token")
	}
	said := map[string]json.RawMessage{}
	if err := info.Claims(&said); err != nil {
		return err
	}
	for k, v := range said {
		if claims[k] == nil {
			claims[k] = v
		}
	}
	return nil
}

// named reads the person's name and groups out of an ID token's claims.
func (p *provider) named(claims map[string]json.RawMessage) (name string, groups []string, err error) {
	claim := cmp.Or(p.NameClaim, "email")
	_ = json.Unmarshal(claims[claim], &name) // another kind of value is no name
	if name == "" || len(name) > 200 {
		return "", nil, fmt.Errorf("the ID token has no claim %q with the person's name", claim)
	}
	if verified := false; claim == "email" {
		if _ = json.Unmarshal(claims["email_verified"], &verified); !verified {
			return "", nil, fmt.Errorf("the address in the ID token is not verified")
		}
	}
	_ = json.Unmarshal(claims[p.groupsClaim()], &groups)
	return name, groups, nil
}
