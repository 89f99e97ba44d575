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
	// Header holds the signature; empty means DefaultSignatureHeader, or the first
	// of bodyHeaders that a request has.
	Header string
	// TimestampHeader holds Unix seconds. Empty means that the body alone is
	// signed, and a request can be sent again by whoever saw it.
	TimestampHeader string
	// MaxAge is how far the timestamp may lie from now; 0 means
	// DefaultSignatureAge.
	MaxAge time.Duration
}

// HeaderName is the header that holds the signature of a request: the one that is
// configured, else of Grafana, GitHub and Flux the first that it has.
func (s Signature) HeaderName(h http.Header) string {
	name, _ := s.header(h)
	return name
}

// bodyHeaders are the headers in which GitHub and Flux's generic-hmac provider
// send the same signature, of the body alone.
var bodyHeaders = []string{"X-Hub-Signature-256", "X-Signature"}

// header is where a request's signature stands, and whether a time that is
// signed with it is due.
func (s Signature) header(h http.Header) (name string, timed bool) {
	if s.Header == "" && h.Get(DefaultSignatureHeader) == "" {
		for _, name := range bodyHeaders {
			if h.Get(name) != "" {
				return name, false
			}
		}
	}
	return cmp.Or(s.Header, DefaultSignatureHeader), s.TimestampHeader != ""
}

// Verify is nil when the request was signed with one of the secrets, else
// ErrSignature with the reason.
func (s Signature) Verify(h http.Header, body []byte, now time.Time) error {
	header, timed := s.header(h)
	given, err := hex.DecodeString(strings.TrimPrefix(h.Get(header), "sha256="))
	if err != nil || len(given) != sha256.Size {
		return fmt.Errorf("%w: the header %s holds no HMAC-SHA256 in hex", ErrSignature, header)
	}
	prefix := ""
	if timed {
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
