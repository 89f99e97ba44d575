package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// maxText is how much of a server's words an error repeats, in runes.
const maxText = 200

var (
	// ErrTimeout is for a client whose own timeout has passed, not its caller's.
	ErrTimeout = errors.New("no answer within the timeout")
	// ErrTooLarge is for an answer of which more came than is read; a question for
	// less may be answered.
	ErrTooLarge = errors.New("the answer is larger than max_bytes")
	// ErrCredentials is for a server that answers, and not to us. It says what to
	// put right, so it stands at the end of an error.
	ErrCredentials = errors.New("check the credentials in the configuration (username and password, or bearer_token)")
)

// Clean makes text from outside fit to stand in an error or on a terminal: one
// line, no control or bidirectional characters, no invalid UTF-8, at most a few
// hundred runes.
func Clean(s string) string {
	if len(s) > 4*maxText*utf8.UTFMax {
		s = s[:4*maxText*utf8.UTFMax]
	}
	s = mask.Text(s) // a server may repeat what it was sent
	var b strings.Builder
	n, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			continue
		}
		if n >= maxText {
			return b.String() + "..."
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// Failure is the error a port answers with when a call went wrong. While ctx
// has ended it is ctx's error and nothing else, since whatever the client made
// of that is noise; otherwise it is evidence.ErrUnavailable, unless err says
// already what it is.
func Failure(ctx context.Context, call string, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%s: %w", call, ended)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		// Its text has the URL, which holds the query and might hold more.
		if err = u.Err; u.Timeout() {
			err = ErrTimeout
		}
	}
	for _, kind := range []error{evidence.ErrNotFound, evidence.ErrInvalid, evidence.ErrUnsupported, evidence.ErrUnavailable} {
		if errors.Is(err, kind) {
			return fmt.Errorf("%s: %w", call, err)
		}
	}
	if errors.Is(err, ErrTooLarge) {
		return fmt.Errorf("%s: %w: %w", call, evidence.ErrUnavailable, ErrTooLarge)
	}
	if timedOut(err) {
		return fmt.Errorf("%s: %w: %w", call, evidence.ErrUnavailable, ErrTimeout)
	}
	return fmt.Errorf("%s: %w: %s", call, evidence.ErrUnavailable, reason(err))
}

// timedOut reports whether an error is of a time that has passed.
func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, ErrTimeout) || ok && timeout.Timeout()
}

// reason says why in clean words.
func reason(err error) string {
	for _, known := range []error{errRedirect, errLinkLocal} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return Advised(err.Error())
}

// StatusError is the error for an HTTP status that is no success, with what the
// server said about it.
func StatusError(status int, said string) error {
	text := fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
	advised := Advised(said)
	if advised != "" && advised != http.StatusText(status) {
		text += ": " + advised
	}
	switch {
	case advised == Clean(said) && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return fmt.Errorf("%w: %s; %w", evidence.ErrUnavailable, text, ErrCredentials)
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %s", evidence.ErrInvalid, text)
	case status/100 == 3:
		return fmt.Errorf("%w: %s; put the final address in the configuration", evidence.ErrUnavailable, text)
	default:
		return fmt.Errorf("%w: %s", evidence.ErrUnavailable, text)
	}
}
