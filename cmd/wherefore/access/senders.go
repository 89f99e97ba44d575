package access

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/ui"
)

// Senders are the programs that the webhook section of the configuration
// admits: who shows its token, or signs what is sent.
type Senders struct {
	Tenant    evidence.Tenant // whose what they send is
	Token     string
	Signature alertmanager.Signature
}

func (s Senders) any() bool { return s.Token != "" || len(s.Signature.Secrets) > 0 }

func (s Senders) isToken(given string) bool {
	return s.Token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(s.Token)) == 1
}

// how says what a sender is to send.
func (s Senders) how() string {
	switch {
	case len(s.Signature.Secrets) == 0:
		return "the bearer token of webhook.bearer_token"
	case s.Token == "":
		return "a body signed with a secret of webhook.signature.secrets"
	}
	return "the bearer token of webhook.bearer_token, a body signed with a secret of webhook.signature.secrets"
}

// allSenders are those of every tenant.
type allSenders []Senders

func (all allSenders) any() bool { return slices.ContainsFunc(all, Senders.any) }

// how is what a sender is to send, which is not told by tenant.
func (all allSenders) how() string {
	for _, s := range all {
		if s.any() {
			return s.how()
		}
	}
	return ""
}

// byToken is who shows a token; nil when it is no sender's.
func (all allSenders) byToken(given string) *identity {
	var who *identity
	for _, s := range all { // to the last, so that the time does not tell whose it is like
		if s.isToken(given) {
			who = senderIdentity(s.Tenant, "webhook.bearer_token")
		}
	}
	return who
}

func (all allSenders) signed(r *http.Request) bool {
	return slices.ContainsFunc(all, func(s Senders) bool { return s.signed(r) })
}

// signed reports whether a request tries to show a signature.
func (s Senders) signed(r *http.Request) bool {
	return len(s.Signature.Secrets) > 0 && r.Header.Get(s.Signature.HeaderName(r.Header)) != ""
}

// verify finds whose signature a request has. The body is read for it, and put back.
func (all allSenders) verify(r *http.Request, now time.Time) (*identity, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, alertmanager.MaxBytes+1))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fmt.Errorf("the body is larger than %d bytes: %w", alertmanager.MaxBytes, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the body could not be read to its end: %w", ui.ErrWho)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	for _, s := range all {
		if !s.signed(r) {
			continue
		}
		if err = s.Signature.Verify(r.Header, body, now); err == nil {
			return senderIdentity(s.Tenant, "webhook.signature"), nil
		}
	}
	return nil, fmt.Errorf("%w; send %s: %w", err, all.how(), ui.ErrWho)
}

func senderIdentity(t evidence.Tenant, by string) *identity {
	return &identity{name: "webhook", by: by, role: sender, tenant: t}
}
