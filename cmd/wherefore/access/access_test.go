package access_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"
	"golang.org/x/crypto/bcrypt"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/ui"
)

// world is an access over a casebook, with a clock that the test moves.
type world struct {
	*access.Access
	book casebook.Store
	now  *time.Time
}

func open(t *testing.T, c access.Config) world {
	t.Helper()
	now := time.Now()
	clock := func() time.Time { return now }
	book, err := casebook.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), casebook.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	a, err := access.New(t.Context(), access.Options{Config: c, Store: book, BaseURL: "https://wherefore.example", Now: clock, Log: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	return world{a, book, &now}
}

// token makes one of a role.
func (w world) token(t *testing.T, role access.Role, change func(*casebook.Token)) string {
	t.Helper()
	id, hash, text := access.NewToken()
	x := casebook.Token{ID: id, Name: "of-" + string(role), Role: string(role), Hash: hash, CreatedBy: "test"}
	if change != nil {
		change(&x)
	}
	if err := w.book.AddToken(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	return text
}

func webConfig(t *testing.T, users map[string]string, more string) string {
	t.Helper()
	text := "basic_auth_users:\n"
	for name, password := range users {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		text += "  " + name + ": " + string(hash) + "\n"
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte(text+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// ask asks the gate of whoever a request comes from.
func (w world) ask(s access.Senders, a ui.Action, change func(*http.Request)) (ui.Person, error) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	if change != nil {
		change(r)
	}
	return w.Gate(s).Admit(r, a)
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

var everything = []ui.Action{ui.ActView, ui.ActWrite, ui.ActInvestigate, ui.ActExport, ui.ActCode, ui.ActAlert, ui.ActChange, ui.ActCheck, ui.ActMetrics, ui.ActAudit}

// TestRolesMayWhatTheirTableSays asks for every action with a token of every
// role.
func TestRolesMayWhatTheirTableSays(t *testing.T) {
	w := open(t, access.Config{})
	for role, want := range map[access.Role][]ui.Action{
		access.Viewer:    {ui.ActView, ui.ActExport, ui.ActMetrics},
		access.Responder: {ui.ActView, ui.ActWrite, ui.ActInvestigate, ui.ActExport, ui.ActCheck, ui.ActMetrics},
		access.Admin:     everything,
		access.Ingest:    {ui.ActAlert, ui.ActChange},
		access.Check:     {ui.ActView, ui.ActCheck},
		"none":           nil,
		"captain":        nil,
	} {
		token := w.token(t, role, nil)
		for _, a := range everything {
			p, err := w.ask(access.Senders{}, a, bearer(token))
			switch {
			case slices.Contains(want, a) && (err != nil || p.Name != "of-"+string(role)):
				t.Errorf("%s, %s: got %q, %v", role, a, p.Name, err)
			case !slices.Contains(want, a) && !errors.Is(err, ui.ErrForbidden):
				t.Errorf("%s, %s: got %v, want it forbidden", role, a, err)
			}
		}
	}
	code := w.token(t, access.Responder, func(x *casebook.Token) { x.Code = true })
	if _, err := w.ask(access.Senders{}, ui.ActCode, bearer(code)); err != nil {
		t.Errorf("a token with the permission for code: %v", err)
	}
	code = w.token(t, access.Ingest, func(x *casebook.Token) { x.Code = true })
	if _, err := w.ask(access.Senders{}, ui.ActCode, bearer(code)); !errors.Is(err, ui.ErrForbidden) {
		t.Errorf("a token that may not export: got %v", err)
	}
}

func TestTokensThatDoNotCountLetNobodyIn(t *testing.T) {
	w := open(t, access.Config{})
	if _, err := w.ask(access.Senders{}, ui.ActView, nil); err != nil {
		t.Errorf("before there is a token: %v, want it open", err)
	}
	good := w.token(t, access.Admin, func(x *casebook.Token) { x.ExpiresAt = w.now.Add(time.Hour) })
	*w.now = w.now.Add(2 * time.Second)
	id := strings.Split(good, "_")[1]
	for name, text := range map[string]string{"none": "", "another secret": "wf_" + id + "_WRONG", "no secret": "wf_" + id + "_", "another ID": "wf_aaaaaaaaaa_X", "not ours": "ghp_x", "long": "wf_" + strings.Repeat("a", 10_000) + "_x", "SQL": "wf_' OR 1=1 --_x"} {
		if _, err := w.ask(access.Senders{}, ui.ActView, bearer(text)); !errors.Is(err, ui.ErrWho) {
			t.Errorf("%s: got %v, want ErrWho", name, err)
		}
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, nil); !errors.Is(err, ui.ErrWho) {
		t.Errorf("without a token: got %v, want ErrWho", err)
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, bearer(good)); err != nil {
		t.Fatal(err)
	}
	*w.now = w.now.Add(time.Hour)
	if _, err := w.ask(access.Senders{}, ui.ActView, bearer(good)); !errors.Is(err, ui.ErrWho) {
		t.Errorf("after it expired: got %v", err)
	}
	lasting := w.token(t, access.Admin, nil)
	if err := w.book.RevokeToken(t.Context(), strings.Split(lasting, "_")[1], "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, bearer(lasting)); !errors.Is(err, ui.ErrWho) {
		t.Errorf("after it was revoked: got %v", err)
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, nil); !errors.Is(err, ui.ErrWho) {
		t.Errorf("with every token revoked: got %v, want it to stay shut", err)
	}
	all, err := w.book.Tokens(t.Context())
	if err != nil || len(all) != 2 || strings.Contains(good, all[0].Hash) || all[0].UsedAt.IsZero() {
		t.Errorf("stored is %+v (%v), want hashes and when they were used", all, err)
	}
}

func TestPasswordsAreCheckedAndNotTooOften(t *testing.T) {
	w := open(t, access.Config{WebConfigFile: webConfig(t, map[string]string{"ann": "sesame", "bob": "hush"}, ""), Users: map[string]access.Role{"ann": access.Admin}, DefaultRole: access.NoRole})
	as := func(name, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(name, password) }
	}
	if p, err := w.ask(access.Senders{}, ui.ActAudit, as("ann", "sesame")); err != nil || p.Name != "ann" || p.FormToken == "" {
		t.Errorf("ann: got %+v, %v", p, err)
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, as("bob", "hush")); !errors.Is(err, ui.ErrForbidden) {
		t.Errorf("bob, who has no role: got %v", err)
	}
	var wait ui.WaitError
	for i := range 7 {
		_, err := w.ask(access.Senders{}, ui.ActView, as("bob", "wrong"))
		if i < 5 && !errors.Is(err, ui.ErrWho) || i >= 5 && !errors.As(err, &wait) {
			t.Errorf("wrong password %d: got %v", i+1, err)
		}
	}
	if _, err := w.ask(access.Senders{}, ui.ActView, as("ann", "sesame")); err != nil {
		t.Errorf("ann has to wait for bob: %v", err)
	}
	for i := range 30 {
		_, err := w.ask(access.Senders{}, ui.ActView, as("nobody-"+string(rune('a'+i)), "x"))
		if i == 29 && !errors.As(err, &wait) {
			t.Errorf("30 names from one address: got %v, want it to wait", err)
		}
	}
	*w.now = w.now.Add(time.Minute)
	if _, err := w.ask(access.Senders{}, ui.ActView, as("bob", "wrong")); !errors.Is(err, ui.ErrWho) {
		t.Errorf("a minute later: got %v, want another try", err)
	}
}

func TestAProxyIsTrustedFromItsAddressOnly(t *testing.T) {
	w := open(t, access.Config{Proxy: access.Proxy{Header: "X-Forwarded-User", GroupsHeader: "X-Groups", Peers: []string{"10.1.0.0/16", "::1"}}, Groups: map[access.Role][]string{access.Responder: {"sre"}}})
	for name, c := range map[string]struct {
		from   string
		header http.Header
		want   string
		err    error
	}{
		"its address":           {"10.1.2.3:1", http.Header{"X-Forwarded-User": {"ann"}, "X-Groups": {"dev, sre"}}, "ann", nil},
		"IPv6":                  {"[::1]:1", http.Header{"X-Forwarded-User": {"ann"}, "X-Groups": {"sre"}}, "ann", nil},
		"IPv4 in IPv6":          {"[::ffff:10.1.2.3]:1", http.Header{"X-Forwarded-User": {"ann"}, "X-Groups": {"sre"}}, "ann", nil},
		"not in the group":      {"10.1.2.3:1", http.Header{"X-Forwarded-User": {"bob"}}, "bob", ui.ErrForbidden},
		"another address":       {"10.2.2.3:1", http.Header{"X-Forwarded-User": {"ann"}, "X-Groups": {"sre"}}, "", ui.ErrWho},
		"its address, forged":   {"10.2.2.3:1", http.Header{"X-Forwarded-User": {"ann"}, "X-Forwarded-For": {"10.1.2.3"}, "X-Groups": {"sre"}}, "", ui.ErrWho},
		"two names":             {"10.1.2.3:1", http.Header{"X-Forwarded-User": {"root", "ann"}, "X-Groups": {"sre"}}, "", ui.ErrWho},
		"no name":               {"10.1.2.3:1", http.Header{"X-Groups": {"sre"}}, "", ui.ErrWho},
		"a name without an end": {"10.1.2.3:1", http.Header{"X-Forwarded-User": {strings.Repeat("a", 5000)}}, "", ui.ErrWho},
	} {
		p, err := w.ask(access.Senders{}, ui.ActWrite, func(r *http.Request) { r.RemoteAddr, r.Header = c.from, c.header })
		if p.Name != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", name, p.Name, err, c.want, c.err)
		}
	}
}

func TestClientsBehindAProxyAreToldApartByWhatItSaysAlone(t *testing.T) {
	peers := []string{"10.1.0.0/16", "2001:db8::7"}
	for name, c := range map[string]struct {
		header string // of the configuration
		from   string
		sent   http.Header
		want   string
	}{
		"its word":                  {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, "203.0.113.9"},
		"two proxies":               {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"203.0.113.9, 10.1.9.9"}}, "203.0.113.9"},
		"what the client claims":    {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"1.2.3.4, 203.0.113.9"}}, "203.0.113.9"},
		"claimed in another header": {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "X-Real-Ip": {"1.2.3.4"}, "Forwarded": {"for=1.2.3.4"}}, "203.0.113.9"},
		"in two headers":            {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"1.2.3.4", "203.0.113.9"}}, "203.0.113.9"},
		"forwarded":                 {"Forwarded", "[2001:db8::7]:1", http.Header{"Forwarded": {`for=1.2.3.4, for="[2001:db8::99]:4711"`}}, "2001:db8::99"},
		"not an address":            {"X-Forwarded-For", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"1.2.3.4, nonsense"}}, "10.1.2.3"},
		"nothing":                   {"X-Forwarded-For", "10.1.2.3:1", nil, "10.1.2.3"},
		"from elsewhere":            {"X-Forwarded-For", "10.2.2.3:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, "10.2.2.3"},
		"not configured":            {"", "10.1.2.3:1", http.Header{"X-Forwarded-For": {"203.0.113.9"}}, "10.1.2.3"},
	} {
		config := access.Config{Proxy: access.Proxy{Header: "X-Forwarded-User", ClientHeader: c.header, Peers: peers}}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header = c.from, c.sent
		if got := open(t, config).ClientOf(r); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if faults := (access.Config{Proxy: access.Proxy{ClientHeader: "X-Forwarded-For", Peers: peers}}).Check(""); len(faults) > 0 {
		t.Errorf("a proxy that vouches for nobody: %q", faults)
	}
}

// browser keeps cookies over calls of handlers.
type browser struct{ cookies []*http.Cookie }

func (b *browser) request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

func (b *browser) took(w *httptest.ResponseRecorder) {
	if set := w.Result().Cookies(); len(set) > 0 {
		b.cookies = set
	}
}

func TestASessionIsOpenedKeptAndEnded(t *testing.T) {
	file := webConfig(t, map[string]string{"ann": "sesame"}, "")
	w := open(t, access.Config{WebConfigFile: file, Session: time.Hour})
	b := &browser{}
	login := func(name, secret string) error {
		rec := httptest.NewRecorder()
		err := w.Login(rec, b.request(http.MethodPost, "/login"), name, secret)
		b.took(rec)
		return err
	}
	as := func() (ui.Person, error) {
		return w.Gate(access.Senders{}).Admit(b.request(http.MethodGet, "/"), ui.ActView)
	}
	if err := login("ann", "wrong"); !errors.Is(err, ui.ErrWho) || len(b.cookies) > 0 {
		t.Errorf("with a wrong password: %v, cookies %v", err, b.cookies)
	}
	if err := login("ann", "sesame"); err != nil {
		t.Fatal(err)
	}
	c := b.cookies[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" {
		t.Errorf("the cookie is %+v", c)
	}
	first := c.Value
	p, err := as()
	if err != nil || p.Name != "ann" || p.FormToken == "" || !p.Session {
		t.Errorf("got %+v, %v", p, err)
	}
	if err := login("ann", "sesame"); err != nil || b.cookies[0].Value == first {
		t.Errorf("logging in again kept the session's token (%v)", err)
	}
	old := &browser{cookies: []*http.Cookie{c}}
	if _, err := w.Gate(access.Senders{}).Admit(old.request(http.MethodGet, "/"), ui.ActView); !errors.Is(err, ui.ErrWho) {
		t.Errorf("the token from before: got %v", err)
	}
	rec := httptest.NewRecorder()
	if err := w.Logout(rec, b.request(http.MethodPost, "/logout")); err != nil {
		t.Fatal(err)
	}
	if _, err := as(); !errors.Is(err, ui.ErrWho) {
		t.Errorf("after logging out: got %v", err)
	}
	// A token opens a session that ends with it.
	token := w.token(t, access.Viewer, nil)
	if err := login("", token); err != nil {
		t.Fatal(err)
	}
	if p, err := as(); err != nil || p.Name != "of-viewer" {
		t.Errorf("got %+v, %v", p, err)
	}
	if err := w.book.RevokeToken(t.Context(), strings.Split(token, "_")[1], "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := as(); !errors.Is(err, ui.ErrWho) {
		t.Errorf("after the token was revoked: got %v", err)
	}
}

// TestASessionIsOfWhoLoggedInLast has one browser log in in one way after another:
// nothing is left of who it was before, and so of what they may do.
func TestASessionIsOfWhoLoggedInLast(t *testing.T) {
	file := webConfig(t, map[string]string{"ann": "sesame"}, "")
	w := open(t, access.Config{WebConfigFile: file})
	for _, order := range [][2]string{{"", "ann"}, {"ann", ""}} {
		b := &browser{}
		var p ui.Person
		for _, name := range order {
			secret := "sesame"
			if name == "" {
				secret = w.token(t, access.Admin, nil)
			}
			rec := httptest.NewRecorder()
			if err := w.Login(rec, b.request(http.MethodPost, "/login"), name, secret); err != nil {
				t.Fatal(err)
			}
			b.took(rec)
			var err error
			if p, err = w.Gate(access.Senders{}).Admit(b.request(http.MethodGet, "/"), ui.ActView); err != nil {
				t.Fatal(err)
			}
		}
		if last := order[1]; (p.Name == "ann") != (last == "ann") || p.May(ui.ActAudit) != (last == "") {
			t.Errorf("logged in as %q and then as %q (empty is an admin's token): got %s, who may read the audit: %v", order[0], last, p.Name, p.May(ui.ActAudit))
		}
	}
}

// TestANewPasswordEndsTheSessionsOfTheOldOne changes the file as an operator does who
// locks somebody out.
func TestANewPasswordEndsTheSessionsOfTheOldOne(t *testing.T) {
	file := webConfig(t, map[string]string{"ann": "sesame"}, "")
	w := open(t, access.Config{WebConfigFile: file})
	b, rec := &browser{}, httptest.NewRecorder()
	if err := w.Login(rec, b.request(http.MethodPost, "/login"), "ann", "sesame"); err != nil {
		t.Fatal(err)
	}
	b.took(rec)
	other, err := os.ReadFile(webConfig(t, map[string]string{"ann": "another"}, ""))
	if err == nil {
		err = os.WriteFile(file, other, 0o600)
	}
	if later := time.Now().Add(time.Hour); err == nil {
		err = os.Chtimes(file, later, later)
	}
	if err != nil {
		t.Fatal(err)
	}
	if p, err := w.Gate(access.Senders{}).Admit(b.request(http.MethodGet, "/"), ui.ActView); !errors.Is(err, ui.ErrWho) {
		t.Errorf("got %+v, %v, want nobody", p, err)
	}
}

func TestListeningBeyondLoopbackNeedsAccess(t *testing.T) {
	plain, sender := open(t, access.Config{}), access.Senders{Token: "t"}
	for listen, open := range map[string]bool{"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "127.9.9.9:1": true, ":8080": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "host.example:1": false} {
		if err := plain.CheckListen(t.Context(), listen, access.Senders{}); (err == nil) != open || err != nil && !errors.Is(err, access.ErrOpen) {
			t.Errorf("%s: got %v", listen, err)
		}
		if err := plain.CheckListen(t.Context(), listen, sender); err != nil {
			t.Errorf("%s with the webhook's token: got %v", listen, err)
		}
	}
	if err := open(t, access.Config{InsecureNoAuth: true}).CheckListen(t.Context(), ":1", access.Senders{}); err != nil {
		t.Errorf("insisting: got %v", err)
	}
	plain.token(t, access.Viewer, nil)
	if err := plain.CheckListen(t.Context(), ":1", access.Senders{}); err != nil {
		t.Errorf("with a token: got %v", err)
	}
}

func TestWhatCannotBeAccessIsSaid(t *testing.T) {
	for says, c := range map[string]access.Config{
		`role "captain"`:             {Users: map[string]access.Role{"ann": "captain"}},
		"access.groups":              {Groups: map[access.Role][]string{"captain": {"x"}}},
		"access.default_role":        {DefaultRole: "captain"},
		"anybody could send":         {Proxy: access.Proxy{Header: "X-User"}},
		"X-Forwarded-For or For":     {Proxy: access.Proxy{ClientHeader: "X-Real-IP", Peers: []string{"10.0.0.1"}}},
		"send the header Forwarded":  {Proxy: access.Proxy{ClientHeader: "Forwarded"}},
		"has no header":              {Proxy: access.Proxy{Peers: []string{"10.0.0.1"}}},
		"is no address":              {Proxy: access.Proxy{Header: "X-User", Peers: []string{"proxy"}}},
		"needs issuer":               {OIDC: &access.OIDC{}},
		"needs external_url":         {OIDC: &access.OIDC{Issuer: "https://a", ClientID: "b"}},
		"access.session must not be": {Session: -1},
	} {
		if faults := strings.Join(c.Check(""), "; "); !strings.Contains(faults, says) {
			t.Errorf("got %q, want %q", faults, says)
		}
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	for says, text := range map[string]string{"no bcrypt hash": "basic_auth_users: {ann: plain}\n", "field nonsense": "nonsense: 1\n", "tls_server_config": "tls_server_config: {cert_file: none.pem, key_file: none.pem}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := access.LoadWeb(file); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%q: got %v, want %q", text, err, says)
		}
	}
}

func TestTheAuditIsWrittenOnceAMinuteForWhatIsLookedAt(t *testing.T) {
	w := open(t, access.Config{})
	e := ui.AuditEntry{At: *w.now, Actor: "ann", Action: "view", Incident: "INC-1"}
	for range 3 {
		w.Write(e)
	}
	e.Actor = ui.Nobody
	w.Write(e)
	e.Actor, e.Action = "ann", "export"
	w.Write(e)
	e.Action, e.At = "view", e.At.Add(2*time.Minute)
	w.Write(e)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.Run(ctx) // writes what waits
	all, _, err := w.Entries(t.Context(), ui.AuditFilter{})
	var got []string
	for _, x := range all {
		got = append(got, x.Actor+" "+x.Action)
	}
	if want := []string{"ann view", "ann export", "ann view"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
