// Package publish tells others what was decided: accepted and changed decisions
// as CloudEvents by signed webhook, and the decision log's state as metrics.
//
// A webhook's body is signed with HMAC-SHA256 over its bytes; the receiver
// compares the header X-Wherefore-Signature, "sha256=" and hex, in constant
// time. An event has the same ID whenever it is sent again, so a receiver can
// tell a repetition.
package publish

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"               // retries with a bound
	cloudevents "github.com/cloudevents/sdk-go/v2" // the CloudEvents project's own SDK

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The types of event.
const (
	Accepted = "dev.wherefore.decision.accepted.v1"
	Changed  = "dev.wherefore.decision.changed.v1"
)

// Events says what became of the decisions between two states of the log, by
// ID: accepted for one that is new and not merely proposed or that was proposed
// before, changed for one whose text is another now. source is the URI of the
// repository.
func Events(before, after []decision.Record, source string) ([]cloudevents.Event, error) {
	old := map[string]decision.Record{}
	for _, r := range before {
		old[r.ID] = r
	}
	var out []cloudevents.Event
	for _, r := range after {
		if r.Kind != decision.KindDecision || r.Deleted {
			continue
		}
		was, known := old[r.ID]
		kind := ""
		switch {
		case accepted(r) && (!known || !accepted(was)):
			kind = Accepted
		case known && !sameText(was, r):
			kind = Changed
		default:
			continue
		}
		e, err := event(kind, r, source)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b cloudevents.Event) int { return cmp.Compare(a.Subject(), b.Subject()) })
	return out, nil
}

func accepted(r decision.Record) bool { return r.Status == "accepted" || r.Status == "" }

// sameText compares what the record says and not where it stands.
func sameText(a, b decision.Record) bool {
	a.Path, a.Line, b.Path, b.Line = "", 0, "", 0
	x, errX := json.Marshal(a.Decision)
	y, errY := json.Marshal(b.Decision)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func event(kind string, r decision.Record, source string) (cloudevents.Event, error) {
	e := cloudevents.NewEvent()
	e.SetType(kind)
	e.SetSource(source)
	e.SetSubject(r.ID)
	if !r.When.LoggedAt.IsZero() {
		e.SetTime(r.When.LoggedAt)
	}
	if err := e.SetData(cloudevents.ApplicationJSON, r.Decision); err != nil {
		return e, fmt.Errorf("event of %s: %w", r.ID, err)
	}
	sum := sha256.Sum256(append([]byte(kind+"\x00"+source+"\x00"+r.ID+"\x00"), e.Data()...))
	e.SetID(hex.EncodeToString(sum[:16]))
	return e, e.Validate()
}

// Sign is the signature of a body under a secret, as the header carries it.
func Sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Sender posts events to one address.
type Sender struct {
	URL    string
	Secret []byte
	Client *http.Client
	// Tries bounds how often an event is sent; 5 when 0. Only what may pass by
	// itself is tried again: no connection, 429 and 5xx.
	Tries uint
}

// Send posts an event in structured mode; evidence.ErrUnavailable when the
// receiver did not take it.
func (s Sender) Send(ctx context.Context, e cloudevents.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("send %s: %w", e.Subject(), err)
	}
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, s.post(ctx, body) }, backoff.WithMaxTries(cmp.Or(s.Tries, 5)))
	if err != nil {
		return fmt.Errorf("send %s to %s: %w: %w", e.Subject(), s.URL, err, evidence.ErrUnavailable)
	}
	return nil
}

func (s Sender) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(err)
	}
	req.Header.Set("Content-Type", cloudevents.ApplicationCloudEventsJSON)
	req.Header.Set("X-Wherefore-Signature", Sign(s.Secret, body))
	res, err := s.Client.Do(req)
	if err != nil {
		return err
	}
	_, readErr := io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	if closeErr := res.Body.Close(); readErr == nil {
		readErr = closeErr
	}
	switch {
	case res.StatusCode < 300:
		return nil // taken, whatever became of the answer's body
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return fmt.Errorf("answered %s", res.Status)
	default:
		return backoff.Permanent(fmt.Errorf("answered %s: %w", res.Status, cmp.Or(readErr, evidence.ErrInvalid)))
	}
}

// DefaultClient is a client that neither waits for ever nor follows redirects,
// which would carry a signed body elsewhere.
func DefaultClient() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
