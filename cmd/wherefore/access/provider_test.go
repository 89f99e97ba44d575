package access_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage" // a certified provider's library with its own example in front
	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// site is a server with an identity provider beside it, and a browser.
type site struct {
	t       *testing.T
	here    *httptest.Server
	op      *httptest.Server
	access  *access.Access
	book    casebook.Store
	browser *http.Client
}

func newSite(t *testing.T, change func(*access.Config)) *site {
	t.Helper()
	s := &site{t: t}
	var inner http.Handler
	s.here = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) }))
	t.Cleanup(s.here.Close)
	var provider http.Handler
	s.op = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(s.op.Close)
	clients := map[string]*storage.Client{"wherefore": storage.WebClient("wherefore", "client-secret", s.here.URL+"/login/callback")}
	provider = exampleop.SetupServer(s.op.URL, storage.NewStorageWithClients(storage.NewUserStore(s.op.URL), clients), slog.New(slog.DiscardHandler), false)
	c := access.Config{OIDC: &access.OIDC{Issuer: s.op.URL, ClientID: "wherefore", ClientSecret: "client-secret"}, Users: map[string]access.Role{"test-user@zitadel.ch": access.Responder}}
	if change != nil {
		change(&c)
	}
	var err error
	if s.book, err = casebook.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), casebook.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.book.Close() })
	if s.access, err = access.New(t.Context(), access.Options{Config: c, Store: s.book, BaseURL: s.here.URL, Now: time.Now, Log: zaptest.NewLogger(t)}); err != nil {
		t.Fatal(err)
	}
	inner = ui.New(ui.Options{Incidents: none{}, Reports: none{}, Gate: s.access.Gate(access.Senders{}), Logins: s.access, Provider: s.access.ProviderLogins(), Audit: s.access})
	s.newBrowser()
	return s
}

func (s *site) newBrowser() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.browser = &http.Client{Jar: jar}
}

func (s *site) get(address string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

func (s *site) do(r *http.Request) (*http.Response, string) {
	s.t.Helper()
	resp, err := s.browser.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(b)
}

// login goes the whole way: from our page to the provider's form and back.
func (s *site) login(next string) (*http.Response, string) {
	s.t.Helper()
	resp, _ := s.get(s.here.URL + "/login/provider?next=" + url.QueryEscape(next))
	if !strings.HasPrefix(resp.Request.URL.String(), s.op.URL+"/login/username") {
		s.t.Fatalf("the browser was sent to %s, want the provider's form", resp.Request.URL)
	}
	v := url.Values{"username": {"test-user@127.0.0.1"}, "password": {"verysecure"}, "id": {resp.Request.URL.Query().Get("authRequestID")}}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.op.URL+"/login/username", strings.NewReader(v.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

func TestPeopleLogInAtTheIdentityProvider(t *testing.T) {
	s := newSite(t, nil)
	if resp, page := s.get(s.here.URL + "/"); resp.StatusCode != http.StatusUnauthorized || !strings.Contains(page, "/login/provider") {
		t.Fatalf("before logging in: got %d %.200s", resp.StatusCode, page)
	}
	resp, page := s.login("/investigate?service=shop")
	if resp.StatusCode != http.StatusOK || resp.Request.URL.RequestURI() != "/investigate?service=shop" || !strings.Contains(page, "test-user@zitadel.ch") {
		t.Fatalf("after logging in: got %d at %s: %.400s", resp.StatusCode, resp.Request.URL, page)
	}
	if resp, _ := s.get(s.here.URL + "/audit"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("the audit for a responder: got %d, want 403", resp.StatusCode)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.here.URL+"/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.do(r)
	if resp, _ := s.get(s.here.URL + "/"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("after logging out: got %d", resp.StatusCode)
	}
}

// TestACallbackOfAnotherLogInLetsNobodyIn sends the browser back with what an
// attacker could have.
func TestACallbackOfAnotherLogInLetsNobodyIn(t *testing.T) {
	s := newSite(t, nil)
	var callback string
	s.browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/login/callback" {
			callback = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	s.login("/")
	if callback == "" {
		t.Fatal("the provider did not send the browser back")
	}
	attacker := s.browser
	s.newBrowser() // the victim, to whom the attacker's link is sent
	if resp, _ := s.get(callback); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("another's callback: got %d, want 401", resp.StatusCode)
	}
	s.browser = attacker
	s.browser.CheckRedirect = nil
	wrong := strings.Replace(callback, "state=", "state=x", 1)
	if resp, _ := s.get(wrong); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("with another state: got %d, want 401", resp.StatusCode)
	}
	if resp, _ := s.get(callback); resp.StatusCode != http.StatusOK {
		t.Errorf("in the browser that began it: got %d, want 200", resp.StatusCode)
	}
	if resp, _ := s.get(callback); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a state that was used already: got %d, want 401", resp.StatusCode)
	}
	for _, q := range []string{"", "?code=x", "?state=", "?error=access_denied&state=x"} {
		if resp, _ := s.get(s.here.URL + "/login/callback" + q); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("callback%s: got %d, want 401", q, resp.StatusCode)
		}
	}
}

func TestAnIdentityProviderThatIsDownKeepsNobodyElseOut(t *testing.T) {
	s := newSite(t, func(c *access.Config) { c.OIDC.Issuer = "http://127.0.0.1:1" })
	if resp, page := s.get(s.here.URL + "/login/provider"); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(page, "does not answer") {
		t.Errorf("got %d %.300s, want 503 with the reason", resp.StatusCode, page)
	}
	if resp, _ := s.get(s.here.URL + "/healthz"); resp.StatusCode != http.StatusOK {
		t.Errorf("health: got %d", resp.StatusCode)
	}
}

// TestAnIdentityProviderThatHangsHoldsNobodyUp has one browser wait for the provider, and
// another that gives up meanwhile.
func TestAnIdentityProviderThatHangsHoldsNobodyUp(t *testing.T) {
	asked, release := make(chan struct{}, 10), make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(hangs.Close)
	s := newSite(t, func(c *access.Config) { c.OIDC.Issuer = hangs.URL })
	begin := func(ctx context.Context) error {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/login/provider", nil)
		return s.access.ProviderLogins().Begin(httptest.NewRecorder(), r, "/")
	}
	first := make(chan error, 1)
	go func() { first <- begin(t.Context()) }()
	<-asked
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := begin(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away: got %v, want that they did", err)
	}
	close(release)
	if err := <-first; !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("who waited: got %v, want that the provider does not answer", err)
	}
	if n := len(asked); n > 0 { // both are over
		t.Errorf("the provider was asked %d times more while it was being asked", n)
	}
}
