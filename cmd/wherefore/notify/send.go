package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"                                               // exponential waiting with jitter, already in use by OpenTelemetry
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go" // the specification's own library

	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

// attemptTimeout bounds one request.
const attemptTimeout = 10 * time.Second

// client follows no redirects: a target that moved is to be configured anew,
// and a redirect could lead anywhere.
func client() *http.Client {
	return &http.Client{Timeout: attemptTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// errNotDue says that a message is to be sent no more, since an attempt failed.
var errNotDue = errors.New("it is not due any more")

// send delivers a message, waiting longer after each attempt that failed for a
// reason that may pass: no connection, 429, 5xx. Before each further attempt it is
// asked whether the message is still due.
func (n *Notifier) send(ctx context.Context, t *target, m casebook.Message) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = n.o.FirstWait, 2*time.Minute
	http := client()
	defer http.CloseIdleConnections()
	tried := false
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if tried {
			if due, err := t.due(ctx, m); err == nil && !due {
				return struct{}{}, backoff.Permanent(errNotDue)
			}
		}
		tried = true
		return struct{}{}, n.attempt(ctx, http, t, m)
	},
		backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(n.retryFor(m)))
	return err
}

// retryFor is for how long a message is still tried: less when it waited while
// the program was stopped, and one attempt at least.
func (n *Notifier) retryFor(m casebook.Message) time.Duration {
	return max(n.o.Patience-n.o.Now().Sub(m.MadeAt), time.Millisecond)
}

func (n *Notifier) attempt(ctx context.Context, c *http.Client, t *target, m casebook.Message) error {
	if t.Kind == kindGrafana {
		return n.annotate(ctx, c, t, m)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(t.URL), bytes.NewReader(m.Body))
	if err != nil {
		return backoff.Permanent(errors.New("the url cannot be asked")) // the reason would print the URL
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "wherefore")
	// A message may come twice: after a crash between its delivery and our
	// noting it.
	req.Header.Set("Idempotency-Key", m.ID)
	if t.Kind == kindWebhook {
		if err := sign(req.Header, m, string(t.Secret), n.o.Now()); err != nil {
			return backoff.Permanent(err)
		}
	}
	_, err = answered(c, req, 0)
	return err
}

// quoted is how much of an answer stands in an error.
const quoted = 200

// answered is a request's answer, up to a number of bytes, or why it was none; an
// error that no later attempt can change is permanent.
func answered(c *http.Client, req *http.Request, most int64) ([]byte, error) {
	resp, err := c.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the URL, which is a secret
		}
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, max(most, quoted)))
	if err == nil && resp.StatusCode < http.StatusMultipleChoices {
		return said, nil
	}
	return nil, refusal(resp, said[:min(len(said), quoted)])
}

// refusal is what an answer that is none means for further attempts.
func refusal(resp *http.Response, said []byte) error {
	switch {
	case resp.StatusCode < http.StatusMultipleChoices:
		return errors.New("the answer broke off")
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

// sign sets the headers of Standard Webhooks: an ID that stays the same over
// attempts, the time, and, with a secret, the HMAC-SHA256 over both and the body.
// A secret that begins with whsec_ is base64; of several such, apart by blanks, each
// signs, so that who checks one of them may change to the next.
func sign(h http.Header, m casebook.Message, secret string, now time.Time) error {
	h.Set(standardwebhooks.HeaderWebhookID, m.ID)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	if secret == "" {
		return nil
	}
	var signatures []string
	for _, s := range keysOf(secret) {
		signature, err := signature(m, s, now)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// keysOf are what a configured secret signs by: itself, or each of several that begin
// with whsec_.
func keysOf(secret string) []string {
	keys := strings.Fields(secret)
	if slices.ContainsFunc(keys, func(s string) bool { return !strings.HasPrefix(s, secretPrefix) }) {
		return []string{secret}
	}
	return keys
}

func signature(m casebook.Message, secret string, now time.Time) (string, error) {
	key, err := standardwebhooks.NewWebhookRaw([]byte(secret))
	if strings.HasPrefix(secret, secretPrefix) {
		if coded, wrong := standardwebhooks.NewWebhook(secret); wrong == nil {
			key = coded
		}
	}
	if err != nil {
		return "", errors.New("the secret cannot sign") // the reason would print it
	}
	return key.Sign(m.ID, now, m.Body) //nolint:wrapcheck // a hash never fails
}

// secretPrefix marks a secret in base64.
const secretPrefix = "whsec_"
