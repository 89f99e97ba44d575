package alertmanager

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Grafana's default header, and how old a signed request may be.
const (
	DefaultSignatureHeader = "X-Grafana-Alerting-Signature"
	DefaultSignatureAge    = 5 * time.Minute
)

// ErrSignature says that a request is not signed by anybody who may send
// alerts.
var ErrSignature = errors.New("the signature is missing or wrong")

// Signature checks what Grafana signs its webhooks with since version 12: the
// hex HMAC-SHA256 of the body, or of "TIMESTAMP:BODY" where a timestamp header
// is configured there. Alertmanager itself cannot sign.
type Signature struct {
	// Secrets are all that are valid now: two while one takes over from the
	// other. An empty one is passed over.
	Secrets [][]byte
	// Header holds the signature; empty means DefaultSignatureHeader.
	Header string
	// TimestampHeader holds Unix seconds. Empty means that the body alone is
	// signed, and a request can be sent again by whoever saw it.
	TimestampHeader string
	// MaxAge is how far the timestamp may lie from now; 0 means
	// DefaultSignatureAge.
	MaxAge time.Duration
}

// HeaderName is the header that holds the signature.
func (s Signature) HeaderName() string { return cmp.Or(s.Header, DefaultSignatureHeader) }

// Verify is nil when the request was signed with one of the secrets, else
// ErrSignature with the reason.
func (s Signature) Verify(h http.Header, body []byte, now time.Time) error {
	given, err := hex.DecodeString(strings.TrimPrefix(h.Get(s.HeaderName()), "sha256="))
	if err != nil || len(given) != sha256.Size {
		return fmt.Errorf("%w: the header %s holds no HMAC-SHA256 in hex", ErrSignature, s.HeaderName())
	}
	prefix := ""
	if s.TimestampHeader != "" {
		text := h.Get(s.TimestampHeader)
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: the header %s holds no Unix seconds", ErrSignature, s.TimestampHeader)
		}
		if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > cmp.Or(s.MaxAge, DefaultSignatureAge) {
			return fmt.Errorf("%w: it was signed too long ago, or the clocks differ", ErrSignature)
		}
		prefix = text + ":"
	}
	for _, secret := range s.Secrets {
		if len(secret) == 0 {
			continue // anybody could sign with it
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(prefix))
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), given) { // in constant time
			return nil
		}
	}
	return ErrSignature
}
