// Package otlp sends OTLP/JSON, the lines of a bundle, to real collectors and
// stores over HTTP: Jaeger's and Loki's receivers among them.
//
// It sends in batches, the oldest records first, since a store may refuse what
// comes long after something newer, and it tries again where the server says
// that later is better.
package otlp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5" // retries; well kept, takes a context

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// The paths of OTLP over HTTP; Loki's lie below a path of its own.
const (
	TracesPath = "/v1/traces"
	LogsPath   = "/otlp/v1/logs"
)

// Config says where to send.
type Config struct {
	endpoint.Config
	Path string // appended to the address as far as that does not end with it
	// BatchRecords is how many records one request holds at most; 0 means 500.
	BatchRecords int
	// Tries is how often one request is sent at most; 0 means 8.
	Tries int
	// FirstWait is the wait before the second try, half a second when 0; each
	// further one is longer.
	FirstWait time.Duration
}

// maxBatchBytes bounds a request: Loki's receiver takes 4 MB by default.
const maxBatchBytes = 1 << 20

// Sender posts OTLP to one address.
type Sender struct {
	config Config
	http   *endpoint.HTTP
	url    string
}

// NewSender checks the configuration. It sends nothing.
func NewSender(c Config) (*Sender, error) {
	h, err := endpoint.NewPoster(c.Config)
	if err != nil {
		return nil, err
	}
	c.Config = h.Limits
	c.BatchRecords = cmp.Or(max(c.BatchRecords, 0), 500)
	c.Tries = cmp.Or(max(c.Tries, 0), 8)
	c.FirstWait = cmp.Or(max(c.FirstWait, 0), 500*time.Millisecond)
	return &Sender{config: c, http: h, url: h.URL.String() + rest(h.URL.Path, c.Path)}, nil
}

// rest is what is left of path after the part that the address ends with
// already: people give the server, its OTLP base or the whole.
func rest(address, path string) string {
	for i := len(path); i > 0; i-- {
		if (i == len(path) || path[i] == '/') && strings.HasSuffix(address, path[:i]) {
			return path[i:]
		}
	}
	return path
}

// Close drops idle connections.
func (s *Sender) Close() error { return s.http.Close() }

// send posts one body until it is accepted, refused for good, or tried often
// enough.
func (s *Sender) send(ctx context.Context, body []byte) error {
	call := "send to " + s.http.URL.Host
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = s.config.FirstWait, 30*time.Second
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		var later time.Duration
		var again bool
		if later, again, last = s.once(ctx, body); last == nil {
			return struct{}{}, nil
		}
		switch {
		case !again:
			return struct{}{}, backoff.Permanent(last)
		case later > 0:
			return struct{}{}, &backoff.RetryAfterError{Duration: min(later, time.Minute)}
		default:
			return struct{}{}, last
		}
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(uint(s.config.Tries)), backoff.WithMaxElapsedTime(0))
	if err != nil {
		return endpoint.Failure(ctx, call, last)
	}
	return nil
}

// once posts one body once, and says whether and when to try again.
func (s *Sender) once(ctx context.Context, body []byte) (later time.Duration, again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return 0, false, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Client.Do(r)
	if err != nil {
		return 0, ctx.Err() == nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10)) // what came is enough to say why
	switch resp.StatusCode {
	case http.StatusOK, http.StatusNoContent:
		return 0, false, partial(said)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date is rare and means 0 here
		return time.Duration(seconds) * time.Second, true, endpoint.StatusError(resp.StatusCode, text(said))
	default:
		return 0, false, endpoint.StatusError(resp.StatusCode, text(said))
	}
}

// text is the message in an answer. Loki's is a protobuf Status whatever was
// asked for: a few bytes of field numbers before the message.
func text(said []byte) string {
	var status struct{ Message string }
	if json.Unmarshal(said, &status) == nil && status.Message != "" {
		return status.Message
	}
	if i := bytes.IndexFunc(said, func(r rune) bool { return r >= ' ' && r != 0x7f && r != 0xfffd }); i > 0 {
		said = said[i:]
	}
	return string(said)
}

// partial is the error in a success that was none for some records.
func partial(said []byte) error {
	var answer struct {
		PartialSuccess struct {
			RejectedSpans      json.Number `json:"rejectedSpans"`
			RejectedLogRecords json.Number `json:"rejectedLogRecords"`
			ErrorMessage       string      `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	_ = json.Unmarshal(said, &answer) // an empty or a binary body says nothing more than the status
	p := answer.PartialSuccess
	for _, n := range []json.Number{p.RejectedSpans, p.RejectedLogRecords} {
		if n != "" && n != "0" {
			return fmt.Errorf("%w: %s records were rejected: %s", evidence.ErrInvalid, endpoint.Clean(n.String()), endpoint.Clean(p.ErrorMessage))
		}
	}
	return nil
}
