package loki

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/loki/v3/pkg/logcli/client"
	"github.com/grafana/loki/v3/pkg/loghttp"
	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// maxSaid is how much of an error's body is read, in bytes.
const maxSaid = 4 << 10

// ranged runs one range query; step is 0 for one of log lines.
func (c *Client) ranged(ctx context.Context, call, expr string, w evidence.Window, limit int, step time.Duration) (data loghttp.QueryResponseData, err error) {
	resp, err := send(ctx, c, call, func(cli *client.DefaultClient) (*loghttp.QueryResponse, error) {
		return cli.QueryRange(expr, limit, w.Start, w.End, logproto.FORWARD, step, 0, true)
	})
	if err != nil {
		return data, err
	}
	if resp.Status != loghttp.QueryStatusSuccess {
		return data, endpoint.Failure(ctx, call, fmt.Errorf("%w: the answer's status is %q", evidence.ErrUnavailable, endpoint.Clean(resp.Status)))
	}
	return resp.Data, nil
}

// page runs one range query of log lines, earliest first.
func (c *Client) page(ctx context.Context, call, expr string, w evidence.Window, limit int) (loghttp.Streams, error) {
	data, err := c.ranged(ctx, call, expr, w, limit, 0)
	if err != nil {
		return nil, err
	}
	switch result := data.Result.(type) {
	case loghttp.Streams:
		return result, nil
	case loghttp.Matrix, loghttp.Vector, loghttp.Scalar:
		return nil, endpoint.Failure(ctx, call, fmt.Errorf("%w: the query gives a %s and not log lines", evidence.ErrInvalid, data.ResultType))
	default:
		return nil, endpoint.Failure(ctx, call, fmt.Errorf("%w: the answer is not Loki's", evidence.ErrUnavailable))
	}
}

// values are what a label is set to in the window.
func (c *Client) values(ctx context.Context, label string, w evidence.Window) ([]string, error) {
	call := "loki values of the label " + label
	resp, err := send(ctx, c, call, func(cli *client.DefaultClient) (*loghttp.LabelResponse, error) {
		return cli.ListLabelValues(label, true, w.Start, w.End)
	})
	if err != nil {
		return nil, err
	}
	if resp.Status != loghttp.QueryStatusSuccess {
		return nil, endpoint.Failure(ctx, call, fmt.Errorf("%w: the answer is not Loki's", evidence.ErrUnavailable))
	}
	return resp.Data, nil
}

// send lets logcli's client make one call.
func send[T any](ctx context.Context, c *Client, call string, ask func(*client.DefaultClient) (T, error)) (answer T, err error) {
	var none T
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	trip := &perCall{ctx: limited, next: c.http.Client.Transport}
	// A client per call, since it writes to itself and has nowhere for a
	// context. Retries stay 0: its loop would sleep through a cancellation.
	cli := client.DefaultClient{
		Address:     c.http.URL.String(),
		Tripperware: func(http.RoundTripper) http.RoundTripper { return trip },
	}
	// Its JSON parser walks bytes by hand; what a hostile server sends must not
	// take the process down.
	defer func() {
		if p := recover(); p != nil {
			answer, err = none, endpoint.Failure(ctx, call, fmt.Errorf("%w: the answer is not Loki's", evidence.ErrUnavailable))
		}
	}()
	answer, err = ask(&cli)
	if trip.failed != nil {
		if limited.Err() != nil { // a body that was cut off says only that it was closed
			trip.failed = endpoint.ErrTimeout
		}
		return none, endpoint.Failure(ctx, call, trip.failed)
	}
	if err != nil {
		why, _, _ := strings.Cut(err.Error(), ", error found in #") // its parser repeats the answer
		return none, endpoint.Failure(ctx, call, fmt.Errorf("%w: the answer is not Loki's: %s", evidence.ErrUnavailable, endpoint.Clean(why)))
	}
	return answer, nil
}

// perCall is the transport of one call.
type perCall struct {
	ctx    context.Context
	next   http.RoundTripper
	failed error
}

// RoundTrip answers an empty object when the request failed and keeps the
// failure, because the client above would write it, with the URL, to the
// standard logger and then hide it from us.
func (p *perCall) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.roundTrip(r)
	if err != nil {
		p.failed = err
		return &http.Response{ //nolint:nilerr // the error is kept for page
			StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r,
		}, nil
	}
	return resp, nil
}

func (p *perCall) roundTrip(r *http.Request) (*http.Response, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	r = r.WithContext(p.ctx)
	// Without this flag structured metadata is merged into the labels, and each
	// line is a stream of its own.
	r.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	resp, err := p.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, maxSaid)) // what came is enough
		_ = resp.Body.Close()                                     // it was a failure already
		return nil, endpoint.StatusError(resp.StatusCode, string(said))
	}
	resp.Body = &quiet{ReadCloser: resp.Body, call: p}
	return resp, nil
}

// quiet keeps the failure of a body for us, and closes without a word.
type quiet struct {
	io.ReadCloser
	call *perCall
}

func (q *quiet) Read(b []byte) (int, error) {
	n, err := q.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		q.call.failed = err
	}
	return n, err
}

func (q *quiet) Close() error {
	_ = q.ReadCloser.Close() // the client would log it
	return nil
}
