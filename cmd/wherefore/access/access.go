// Package access decides who may do what: by tokens, by the passwords of
// exporter-toolkit's web configuration, by an identity provider, by a trusted
// proxy's header or by a client's certificate. It implements the gate, the
// logins and the audit that package ui declares.
package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2" // server-side sessions: random tokens, hashed in the store
	"github.com/realclientip/realclientip-go"
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// Store is what access keeps in the casebook.
type Store interface {
	casebook.Tokens
	casebook.TokenUse
	casebook.Sessions
	casebook.Keys
	casebook.AuditLog
}

// Options are how access is set up.
type Options struct {
	Config
	Store Store
	// BaseURL is where people reach the server; with https cookies are sent over
	// TLS only, and the identity provider sends people back below it.
	BaseURL string
	Now     func() time.Time
	Log     *zap.Logger
	// Tenants are the named ones, in the order in which groups are looked for.
	Tenants []Members
}

// Access decides who may do what. It may be used concurrently.
type Access struct {
	Options
	web      *Web // nil without a web configuration
	proxies  proxies
	clients  realclientip.Strategy // nil where no proxy says whom it speaks for
	sessions *scs.SessionManager
	passes   *passwords
	provider *provider // nil without one
	key      []byte    // of form tokens where there is no session
	audit    *audit
	tokens   tokenCheck
}

// New checks the configuration and readies what it names. It asks no identity
// provider: one that is down keeps nobody else out.
func New(ctx context.Context, o Options) (*Access, error) {
	a := &Access{Options: o, passes: newPasswords(o.Now), audit: newAudit(o.Store, o.Log)}
	var err error
	if a.proxies, err = o.Proxy.parsed(); err == nil {
		a.clients, err = o.Proxy.clients(a.proxies)
	}
	if err != nil {
		return nil, err
	}
	if o.WebConfigFile != "" {
		if a.web, err = LoadWeb(o.WebConfigFile); err != nil {
			return nil, err
		}
	}
	if a.key, err = o.Store.Key(ctx, "forms"); err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	a.sessions = newSessions(o)
	if o.OIDC != nil {
		a.provider = &provider{OIDC: *o.OIDC, a: a}
	}
	a.tokens = tokenCheck{store: o.Store, now: o.Now, tenants: o.Tenants}
	return a, nil
}

// Run writes the audit until ctx ends.
func (a *Access) Run(ctx context.Context) { a.audit.run(ctx) }

// TLS is the configuration of the listener, nil for plain HTTP.
func (a *Access) TLS() *Web {
	if a.web == nil || !a.web.speaksTLS() {
		return nil
	}
	return a.web
}

// Configured reports whether anybody has to show who they are: a way to do so
// is configured, or a token was ever made.
func (a *Access) Configured(ctx context.Context, s ...Senders) (bool, error) {
	if slices.ContainsFunc(s, Senders.any) || len(a.Tenants) > 0 || a.OIDC != nil || a.Proxy.Header != "" || a.web != nil && (len(a.web.users()) > 0 || a.web.asksCertificates()) {
		return true, nil
	}
	return a.tokens.any(ctx)
}

// ErrOpen refuses to be reachable by others without anybody having to show who
// they are.
var ErrOpen = errors.New("anybody who reaches this address could read incidents and source code: configure access (docs/configuration.md), make a token with 'wherefore token create', or insist with --insecure-no-auth")

// CheckListen refuses to listen beyond loopback while access is open.
func (a *Access) CheckListen(ctx context.Context, listen string, s Senders) error {
	if a.InsecureNoAuth || isLoopback(listen) {
		return nil
	}
	configured, err := a.Configured(ctx, s)
	if err == nil && !configured {
		err = fmt.Errorf("listen %s is not loopback and nobody has to log in; %w", listen, ErrOpen)
	}
	return err
}

// Gate is a ui.Gate over the access and the present senders of alerts of each
// tenant.
func (a *Access) Gate(s ...Senders) *Gate { return &Gate{a: a, senders: s} }

// Gate is a ui.Gate.
type Gate struct {
	a       *Access
	senders allSenders
	answers Answers // nil where no target answers
	open    atomic.Pointer[openness]
}

// Answers says which target of actions signed an answer, and of which tenant it is;
// the error is ui.ErrWho.
type Answers func(h http.Header, body []byte) (target string, of evidence.Tenant, err error)

// Answering has the gate admit the targets of actions to answer, and nobody else.
func (g *Gate) Answering(a Answers) *Gate {
	g.answers = a
	return g
}

// openness is whether access was configured when it was looked at last.
type openness struct {
	configured bool
	at         time.Time
}

// lookedAt is how long it counts that no token was ever made.
const lookedAt = time.Second

func (g *Gate) configured(ctx context.Context) (bool, error) {
	now := g.a.Now()
	if last := g.open.Load(); last != nil && (last.configured || now.Sub(last.at) < lookedAt) {
		return last.configured, nil
	}
	configured, err := g.a.Configured(ctx, g.senders...)
	if err != nil {
		return true, err
	}
	g.open.Store(&openness{configured, now})
	return configured, nil
}

// Admit implements ui.Gate.
func (g *Gate) Admit(r *http.Request, act ui.Action) (ui.Person, error) {
	who, err := g.identify(r, act)
	if err != nil {
		return ui.Person{}, err
	}
	if who == nil {
		configured, err := g.configured(r.Context())
		switch {
		case err != nil:
			return ui.Person{}, err
		case configured:
			return ui.Person{}, fmt.Errorf("%s: %w", g.howTo(act), ui.ErrWho)
		}
		return ui.Person{}, nil
	}
	p := who.person()
	if !who.may(act) {
		return p, fmt.Errorf("%s may not %s: %w", p.By, act, ui.ErrForbidden)
	}
	return p, nil
}

// howTo says what to send.
func (g *Gate) howTo(act ui.Action) string {
	if slices.Contains(senderActions, act) && g.senders.any() {
		return "send " + g.senders.how() + ", or a token that may " + string(act)
	}
	return "log in, or send a token (Authorization: Bearer wf_...) that may " + string(act)
}

// identify finds who makes a request; nil is nobody. A credential that does not
// count is ui.ErrWho, also where others would.
func (g *Gate) identify(r *http.Request, act ui.Action) (*identity, error) {
	if act == ui.ActAnswer {
		return g.answered(r)
	}
	header := r.Header.Get("Authorization")
	scheme, rest, _ := strings.Cut(header, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return g.bearer(r.Context(), strings.TrimSpace(rest))
	case strings.EqualFold(scheme, "Basic"):
		name, password, ok := r.BasicAuth()
		if !ok {
			return nil, fmt.Errorf("the password cannot be read: %w", ui.ErrWho)
		}
		return g.a.password(r, name, password)
	case slices.Contains(senderActions, act) && g.senders.signed(r):
		return g.senders.verify(r, g.a.Now())
	}
	if who, err := g.a.session(r); who != nil || err != nil {
		return who, err
	}
	if who := g.a.proxied(r); who != nil {
		return who, nil
	}
	return g.a.certified(r), nil
}

func (g *Gate) bearer(ctx context.Context, given string) (*identity, error) {
	if who := g.senders.byToken(given); who != nil {
		return who, nil
	}
	return g.a.tokens.check(ctx, given)
}
