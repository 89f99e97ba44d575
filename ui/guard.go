package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	defaultMaxBody = 1 << 20
	// maxDepth bounds the nesting of JSON taken in; Alertmanager's is 4.
	maxDepth = 32
)

// policy forbids everything that the pages do not need. There is no inline
// script or style anywhere, so hostile markup that got through would still
// have nothing to run and nowhere to send.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets the headers that every answer carries, refuses state changes sent
// by other sites' pages, and bounds bodies.
func (s *server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection() // standard library: Sec-Fetch-Site, else Origin against Host
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "a page of another site sent this request"))
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // incidents are nobody's to cache; static files say otherwise
		if !s.knownHost(r.Host) {
			writeProblem(w, newProblem(http.StatusMisdirectedRequest, "this server is not known by the name that was asked for; add it to access.hosts or set external_url"))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.maxBody)
		inner.ServeHTTP(w, r)
	})
}

// knownHost reports whether a request was meant for this server. A page of
// another site whose name was made to lead here (DNS rebinding) asks by that
// site's name; nobody can do so by an address.
func (s *server) knownHost(host string) bool {
	if s.Hosts == nil {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || net.ParseIP(name) != nil ||
		slices.ContainsFunc(s.Hosts, func(known string) bool { return strings.EqualFold(known, name) })
}

// body reads a request's body whole; the error says when it is too large.
func body(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fmt.Errorf("the body is larger than %d bytes: %w", tooLarge.Limit, err)
	case err != nil:
		return nil, fmt.Errorf("read the body: %w: %w", err, evidence.ErrInvalid)
	}
	return b, nil
}

// jsonBody reads a body and checks that it is one JSON value of bounded depth.
func jsonBody(r *http.Request) ([]byte, error) {
	b, err := body(r)
	if err != nil {
		return nil, err
	}
	return b, checkJSON(b)
}

// decode reads a JSON body into v. Unknown fields are errors: a misspelt one
// would otherwise be silently without effect.
func decode(r *http.Request, v any) error {
	b, err := jsonBody(r)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("the body does not fit: %s: %w", jsonProblem(err), evidence.ErrInvalid)
	}
	return nil
}

// jsonProblem says what does not fit without naming Go's types or how it writes times.
func jsonProblem(err error) string {
	if wrong, ok := errors.AsType[*time.ParseError](err); ok {
		return fmt.Sprintf("%q is no time with a zone, as 2024-08-01T02:51:00Z", wrong.Value)
	}
	return evidence.JSONProblem(err)
}

// checkJSON refuses what is not one JSON value of bounded depth. The depth is
// counted over the bytes first, so that deep nesting costs nothing; why a body is
// refused is looked for only then.
func checkJSON(b []byte) error {
	if evidence.Nesting(b) <= maxDepth && json.Valid(b) {
		return nil
	}
	return jsonFault(b)
}

// jsonFault says what is wrong with a body that is not one JSON value of bounded
// depth. It walks the tokens without building anything.
func jsonFault(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	depth := 0
	for first := true; ; first = false {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && !first && depth == 0 {
			return nil
		}
		if errors.Is(err, io.EOF) && first && depth == 0 {
			return fmt.Errorf("the body is empty: %w", evidence.ErrInvalid)
		}
		if err != nil {
			return fmt.Errorf("the body is not JSON (byte %d): %w: %w", d.InputOffset(), err, evidence.ErrInvalid)
		}
		if depth == 0 && !first {
			return fmt.Errorf("the body goes on behind its JSON value (byte %d): %w", d.InputOffset(), evidence.ErrInvalid)
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return fmt.Errorf("the body is nested deeper than %d levels: %w", maxDepth, evidence.ErrInvalid)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}
