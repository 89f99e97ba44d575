package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5" // exponential waiting with jitter, already in use by OpenTelemetry
)

// attemptTimeout bounds one request.
const attemptTimeout = 10 * time.Second

// client follows no redirects: a target that moved is to be configured anew,
// and a redirect could lead anywhere.
func client() *http.Client {
	return &http.Client{Timeout: attemptTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// send delivers a message, waiting longer after each attempt that failed for a
// reason that may pass: no connection, 429, 5xx.
func (n *Notifier) send(ctx context.Context, t *target, m message) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = n.o.FirstWait, 2*time.Minute
	http := client()
	defer http.CloseIdleConnections()
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, n.attempt(ctx, http, t, m) },
		backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(n.o.Patience))
	return err
}

func (n *Notifier) attempt(ctx context.Context, c *http.Client, t *target, m message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(t.URL), bytes.NewReader(m.body))
	if err != nil {
		return backoff.Permanent(errors.New("the url cannot be asked")) // the reason would print the URL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "wherefore")
	if t.Kind == kindWebhook {
		sign(req.Header, m, string(t.Secret), n.o.Now())
	}
	resp, err := c.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the URL, which is a secret
		}
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // only to be quoted
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable:
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 && s <= 600 {
			return backoff.RetryAfter(s)
		}
		return fmt.Errorf("answered %s", resp.Status)
	case resp.StatusCode >= 500:
		return fmt.Errorf("answered %s", resp.Status)
	}
	return backoff.Permanent(fmt.Errorf("answered %s: %q", resp.Status, said))
}

// sign sets the headers of Standard Webhooks (standardwebhooks.com): an ID that
// stays the same over attempts, the time, and, with a secret, the HMAC-SHA256
// over both and the body. A secret that begins with whsec_ is base64.
func sign(h http.Header, m message, secret string, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Webhook-Id", m.id)
	h.Set("Webhook-Timestamp", at)
	if secret == "" {
		return
	}
	key := []byte(secret)
	if coded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if raw, err := base64.StdEncoding.DecodeString(coded); err == nil {
			key = raw
		}
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", m.id, at, m.body) // a hash never fails
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
