package server

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

// Senders says who may send alerts, changes and questions: who shows the token,
// or signs what is sent. With neither, anybody who reaches the address may.
type Senders struct {
	Token     string
	Signature alertmanager.Signature
}

// SendersOf are the senders that a configuration admits.
func SendersOf(w config.Webhook) Senders {
	s := Senders{Token: string(w.BearerToken), Signature: alertmanager.Signature{
		Header: w.Signature.Header, TimestampHeader: w.Signature.TimestampHeader, MaxAge: w.Signature.MaxAge,
	}}
	for _, secret := range w.Signature.Secrets {
		s.Signature.Secrets = append(s.Signature.Secrets, []byte(secret))
	}
	return s
}

// guardedCalls are the calls that only senders may make.
var guardedCalls = []string{"/api/v1/alerts", "/api/v1/changes", "/api/v1/investigations"}

// guarded lets only admitted senders make the calls of senders.
func guarded(s Senders, now func() time.Time, next http.Handler) http.Handler {
	if s.Token == "" && len(s.Signature.Secrets) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && slices.Contains(guardedCalls, r.URL.Path) {
			if status, why := s.admit(w, r, now()); status != http.StatusOK {
				refuse(w, status, why)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// admit checks one request. A body that was read for its signature is put back.
func (s Senders) admit(w http.ResponseWriter, r *http.Request, now time.Time) (status int, why string) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1 {
		return http.StatusOK, ""
	}
	if len(s.Signature.Secrets) == 0 {
		return http.StatusUnauthorized, "send the bearer token of webhook.bearer_token"
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, alertmanager.MaxBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return http.StatusBadRequest, "the body could not be read to its end"
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := s.Signature.Verify(r.Header, body, now); err != nil {
		return http.StatusUnauthorized, err.Error() + "; sign with a secret of webhook.signature.secrets" + s.orToken()
	}
	return http.StatusOK, ""
}

func (s Senders) orToken() string {
	if s.Token == "" {
		return ""
	}
	return " or send the bearer token of webhook.bearer_token"
}

func refuse(w http.ResponseWriter, status int, detail string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="wherefore"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail}) // the sender may be gone
}
