package ui

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/wherefore-dev/wherefore/ui/page"
)

// Ways are the ways in which a person can log in on a page.
type Ways struct {
	Password bool   // a name with its password
	Token    bool   // a token, as programs have
	Provider string // what to call the identity provider; empty without one
}

// Logins opens and closes the sessions of people.
type Logins interface {
	Ways() Ways
	// Login opens a session for a name with its password or, without a name, for
	// a token, and sets its cookie. Its error is ErrWho or a WaitError.
	Login(w http.ResponseWriter, r *http.Request, name, secret string) error
	// Logout ends the session of a request; one without is no error.
	Logout(w http.ResponseWriter, r *http.Request) error
}

// Provider lets people log in where they have their account.
type Provider interface {
	// Begin sends the browser there, to come back to next, a path here.
	Begin(w http.ResponseWriter, r *http.Request, next string) error
	// Finish opens the session of who came back and says where they wanted to go.
	Finish(w http.ResponseWriter, r *http.Request) (next string, err error)
}

// localNext is where to go after logging in: a path of this site, never another
// site's address.
func localNext(next string) string {
	if len(next) > maxPath || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/login") {
		return "/"
	}
	return next
}

// askWho answers who has no credential: people get the page to log in on,
// programs are told what to send.
func (s *server) askWho(w http.ResponseWriter, r *http.Request, err error) {
	if forPeople(r) && s.Logins != nil {
		next := "/"
		if r.Method == http.MethodGet {
			next = r.URL.RequestURI()
		}
		s.loginAnswer(w, r, http.StatusUnauthorized, next, "")
		return
	}
	challenge := `Bearer realm="wherefore"`
	if s.Logins != nil && s.Logins.Ways().Password {
		w.Header().Add("WWW-Authenticate", `Basic realm="wherefore", charset="UTF-8"`)
	}
	w.Header().Add("WWW-Authenticate", challenge)
	s.fail(w, r, err)
}

// forPeople reports whether a request wants a page.
func forPeople(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) {
	s.loginAnswer(w, r, http.StatusOK, r.URL.Query().Get("next"), "")
}

// loginAnswer shows the page to log in on with what went wrong.
func (s *server) loginAnswer(w http.ResponseWriter, r *http.Request, status int, next, failed string) {
	in := page.LoginInput{Next: localNext(next), Failed: failed}
	if s.Logins != nil {
		x := s.Logins.Ways()
		in.Password, in.Token, in.Provider = x.Password, x.Token, x.Provider
	}
	p := page.BuildLogin(in)
	s.base(r, &p.Base)
	s.render(w, r, status, page.LoginPage(p))
}

func (s *server) loginForm(w http.ResponseWriter, r *http.Request) {
	if s.Logins == nil {
		s.unconfigured(w, r)
		return
	}
	v, err := form(r)
	if err == nil {
		err = short(field{"the name", v.Get("name"), maxAuthor}, field{"the password or token", v.Get("secret"), 1024})
	}
	if err == nil {
		err = s.Logins.Login(w, r, v.Get("name"), v.Get("secret"))
	}
	s.loggedIn(w, r, v.Get("next"), err)
}

// loggedIn goes where the person wanted, or says why not.
func (s *server) loggedIn(w http.ResponseWriter, r *http.Request, next string, err error) {
	if err == nil {
		http.Redirect(w, r, localNext(next), http.StatusSeeOther)
		return
	}
	p := s.problemOf(r, err)
	if wait, ok := errors.AsType[WaitError](err); ok {
		setRetry(w, wait)
	}
	s.loginAnswer(w, r, p.Status, next, p.Detail)
}

func (s *server) loginProvider(w http.ResponseWriter, r *http.Request) {
	if s.Provider == nil {
		s.unconfigured(w, r)
		return
	}
	if err := s.Provider.Begin(w, r, localNext(r.URL.Query().Get("next"))); err != nil {
		s.loggedIn(w, r, "", err)
	}
}

func (s *server) loginCallback(w http.ResponseWriter, r *http.Request) {
	if s.Provider == nil {
		s.unconfigured(w, r)
		return
	}
	next, err := s.Provider.Finish(w, r)
	s.loggedIn(w, r, next, err)
}

func (s *server) logoutForm(w http.ResponseWriter, r *http.Request) {
	if s.Logins == nil {
		s.unconfigured(w, r)
		return
	}
	if err := s.Logins.Logout(w, r); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// checkForm refuses what a browser sent with a credential that it adds by
// itself and without the token that our own pages carry. JSON for programs needs none:
// no page of another site can send it without asking first.
func (s *server) checkForm(r *http.Request, p Person) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
	if isJSON && (strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/mcp") {
		return nil
	}
	v, err := form(r)
	if err != nil {
		return err
	}
	if sent := v.Get("csrf"); sent == "" || !sameSecret(sent, p.FormToken) {
		return fmt.Errorf("the form did not come from a page of this server, or the page is too old; load it again: %w", ErrForbidden)
	}
	return nil
}

func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
