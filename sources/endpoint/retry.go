package endpoint

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	// retries is how often a question is put again that nobody answered. The waits
	// between double, and are up to half as long again by chance, so that the questions of one
	// investigation do not all come again at once.
	retries    = 2
	firstRetry = 100 * time.Millisecond
	longRetry  = time.Second
)

// patient puts a question again when its server could not be reached, hung up
// before it answered, or asked for patience, as long as its asker waits.
type patient struct{ next http.RoundTripper }

// RoundTrip is for questions only: whatever is sent may be sent again, but what is to
// find out how the server is.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	if isProbe(r.Context()) || r.Body != nil && r.Body != http.NoBody && r.GetBody == nil {
		return p.next.RoundTrip(r)
	}
	return failsafe.With(retrying(r.Context(), again)).WithContext(r.Context()).GetWithExecution(func(e failsafe.Execution[*http.Response]) (*http.Response, error) {
		drop(e.LastResult())
		once := r
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return nil, err
			}
			once = r.Clone(r.Context())
			once.Body = body
		}
		return p.next.RoundTrip(once) //nolint:bodyclose // the caller closes the last, and drop the others
	})
}

// retrying is how a question is put again.
//
//nolint:bodyclose // it looks at heads of answers, whose bodies patient and its caller close
func retrying(ctx context.Context, again func(*http.Response, error) bool) retrypolicy.RetryPolicy[*http.Response] {
	return retrypolicy.NewBuilder[*http.Response]().
		HandleIf(func(resp *http.Response, err error) bool { return again(resp, err) && inTime(ctx, resp) }).
		WithMaxRetries(retries).
		WithDelayFunc(func(e failsafe.ExecutionAttempt[*http.Response]) time.Duration {
			return wait(e.LastResult(), e.Retries())
		}).
		ReturnLastFailure().Build()
}

// Again puts a question that is not asked over HTTP, and once more where its error
// may not be another's.
//
//nolint:bodyclose // there is no HTTP answer, and so no body
func Again(ctx context.Context, may func(error) bool, ask func() error) error {
	if isProbe(ctx) {
		return ask()
	}
	var last error // what the call says of an ended context is its own
	asked := false
	_, err := failsafe.With(retrying(ctx, func(_ *http.Response, err error) bool { return err != nil && may(err) })).WithContext(ctx).
		GetWithExecution(func(failsafe.Execution[*http.Response]) (*http.Response, error) {
			asked, last = true, ask()
			return nil, last
		})
	if asked {
		return last
	}
	return err
}

// again reports whether a question may be answered when it is put once more.
func again(resp *http.Response, err error) bool {
	if err != nil {
		return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// wait is how long to wait after so many retries: no shorter than the server asked.
func wait(resp *http.Response, before int) time.Duration {
	d := max(askedFor(resp), min(longRetry, firstRetry<<before))
	return d + rand.N(d/2)
}

// askedFor is how long a server asks to be left alone, negative when it does not
// say.
func askedFor(resp *http.Response) time.Duration {
	if resp == nil {
		return -1
	}
	said := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(said); err == nil && seconds >= 0 {
		return min(time.Duration(seconds), 3600) * time.Second
	}
	if at, err := http.ParseTime(said); err == nil {
		return max(0, time.Until(at))
	}
	return -1
}

// inTime reports whether there is time for another try; without a deadline a
// server that asks for more than longRetry is not waited for.
func inTime(ctx context.Context, resp *http.Response) bool {
	least := max(askedFor(resp), firstRetry)
	deadline, bounded := ctx.Deadline()
	if !bounded {
		return least <= longRetry
	}
	return time.Until(deadline) > least+least/2
}

// drop gives back what an answer holds that is not used.
func drop(resp *http.Response) {
	if resp != nil {
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
		_ = resp.Body.Close()
	}
}
