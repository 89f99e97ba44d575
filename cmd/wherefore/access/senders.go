package access

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/ui"
)

// Senders are the programs that the webhook section of the configuration
// admits: who shows its token, or signs what is sent.
type Senders struct {
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

// signed reports whether a request tries to show a signature.
func (s Senders) signed(r *http.Request) bool {
	return len(s.Signature.Secrets) > 0 && r.Header.Get(s.Signature.HeaderName(r.Header)) != ""
}

// verify checks a signature. The body is read for it, and put back.
func (s Senders) verify(r *http.Request, now time.Time) (*identity, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, alertmanager.MaxBytes+1))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, fmt.Errorf("the body is larger than %d bytes: %w", alertmanager.MaxBytes, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the body could not be read to its end: %w", ui.ErrWho)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := s.Signature.Verify(r.Header, body, now); err != nil {
		return nil, fmt.Errorf("%w; send %s: %w", err, s.how(), ui.ErrWho)
	}
	return senderIdentity("webhook.signature"), nil
}

func senderIdentity(by string) *identity {
	return &identity{name: "webhook", by: by, role: sender}
}
