package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxRedirects is how often one request may be sent on, on the same host.
const maxRedirects = 3

var (
	errRedirect  = errors.New("the server redirects to another host; put its final address in the configuration")
	errLinkLocal = errors.New("the address resolves to a link-local one, where cloud metadata lives; refused")
)

// HTTP is a backend reached over HTTP.
type HTTP struct {
	URL    *url.URL     // without a trailing slash in its path
	Client *http.Client // adds credentials, bounds bodies, stays on the host
	Limits Config       // the configuration with defaults filled in
	told   *Outcomes
	plain  *authorised
}

// Outcomes tells who listens how the questions to a server end: nil for one that
// was answered, whatever the answer says. A question that its asker gave up tells
// nothing.
type Outcomes struct {
	mu   sync.Mutex
	tell func(error)
}

// Hear calls tell after each question until ctx ends; who heard before hears no
// more.
func (o *Outcomes) Hear(ctx context.Context, tell func(error)) {
	o.mu.Lock()
	o.tell = tell
	o.mu.Unlock()
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.tell = nil
	})
}

// Told is called with the outcome of a question.
func (o *Outcomes) Told(err error) {
	o.mu.Lock()
	tell := o.tell
	o.mu.Unlock()
	if tell != nil && !errors.Is(err, context.Canceled) {
		tell(err)
	}
}

// Hear tells how the questions to the server end, until ctx ends.
func (h *HTTP) Hear(ctx context.Context, tell func(error)) { h.told.Hear(ctx, tell) }

// Probe asks a path for nothing but an answer.
func (h *HTTP) Probe(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(Probing(ctx), http.MethodGet, h.URL.JoinPath(path).String(), nil)
	if err != nil {
		return Failure(ctx, path, err)
	}
	sent := time.Now()
	resp, err := h.Client.Do(r)
	if err != nil {
		return Failure(ctx, path, err)
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 512))
	if resp.StatusCode == http.StatusNotFound {
		return fmt.Errorf("%s: %w", path, evidence.ErrNotFound)
	}
	if resp.StatusCode/100 != 2 {
		return Failure(ctx, path, StatusError(resp.StatusCode, string(said)))
	}
	if off := clockOff(resp.Header, sent, time.Now()); off != 0 {
		return ClockError{off}
	}
	return nil
}

// NewHTTP checks the configuration and readies a client for questions: they are put
// again where nobody answered, and not put to a server that answers none. It sends
// nothing.
func NewHTTP(c Config) (*HTTP, error) {
	h, err := NewPoster(c)
	if err != nil {
		return nil, err
	}
	h.plain.breaker = NewBreaker()
	h.Client.Transport = patient{h.plain}
	return h, nil
}

// NewPoster is NewHTTP for what stores something: it is sent once.
func NewPoster(c Config) (*HTTP, error) {
	c, err := c.Checked()
	if err != nil {
		return nil, err
	}
	u, err := c.baseURL()
	if err != nil {
		return nil, err
	}
	tlsConfig, err := c.TLS.ClientTLS()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            Dialer().DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	told := &Outcomes{}
	plain := &authorised{config: c, next: transport, told: told, slots: make(chan struct{}, c.Parallel)}
	return &HTTP{
		told:   told,
		plain:  plain,
		URL:    u,
		Limits: c,
		Client: &http.Client{
			Transport:     plain,
			Timeout:       c.Timeout,
			CheckRedirect: sameHost,
		},
	}, nil
}

// Close drops idle connections.
func (h *HTTP) Close() error {
	h.plain.next.CloseIdleConnections()
	return nil
}

func sameHost(r *http.Request, via []*http.Request) error {
	first := via[0].URL
	if r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return errRedirect
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("the server redirects more than %d times", maxRedirects)
	}
	return nil
}

// Dialer opens connections to anywhere but link-local addresses.
func Dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: refuseLinkLocal}
}

// refuseLinkLocal looks at the address after it was resolved, so that no name
// can lead there.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast()) {
		return errLinkLocal
	}
	return nil
}

// authorised adds credentials and headers to each request, bounds each answer,
// and lets only so many be under way: an incident asks much at once of servers
// that others need just then.
type authorised struct {
	config Config
	next   *http.Transport
	slots  chan struct{}
	told   *Outcomes
	// breaker is nil for what is not a question.
	breaker *Breaker
}

// RoundTrip does not change the request it is given.
func (a *authorised) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range a.config.Headers {
		r.Header.Set(name, string(value))
	}
	if a.config.OrgID != "" {
		r.Header.Set("X-Scope-OrgID", a.config.OrgID)
	}
	switch {
	case a.config.BearerToken != "":
		r.Header.Set("Authorization", "Bearer "+string(a.config.BearerToken))
	case a.config.Username != "":
		r.SetBasicAuth(a.config.Username, string(a.config.Password))
	}
	select {
	case a.slots <- struct{}{}:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	free := sync.OnceFunc(func() { <-a.slots })
	ended := func(error) {}
	if a.breaker != nil {
		var err error
		if ended, err = a.breaker.Begin(r.Context()); err != nil {
			free()
			return nil, err
		}
	}
	sent := time.Now()
	resp, err := a.next.RoundTrip(r)
	if err != nil {
		free()
		ended(err)
		a.told.Told(err)
		return nil, err
	}
	doubt(r.Context(), resp.Header, sent)
	outcome := outcomeOf(resp.StatusCode)
	a.told.Told(outcome)
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
		ended(outcome)
	}
	resp.Body = &bounded{body: resp.Body, left: a.config.MaxBytes, free: free, ended: ended}
	return resp, nil
}

// outcomeOf is what a status says of the server, nil when it answered.
func outcomeOf(code int) error {
	if code >= 500 || code == http.StatusUnauthorized || code == http.StatusForbidden {
		return fmt.Errorf("HTTP %d", code)
	}
	return nil
}

// bounded fails, rather than ends, when there is more than it may hand on: a
// cut answer must not look like a whole one.
type bounded struct {
	body io.ReadCloser
	left int64
	free func() // gives the slot back
	// ended is told how the answer ended: one that never comes whole is none.
	ended func(error)
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.ended(err)
	}
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}

func (b *bounded) Close() error {
	defer b.free()
	b.ended(nil)
	return b.body.Close()
}
