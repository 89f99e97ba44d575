package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// clockApart is how far a server's clock may be from ours before what it dates is in
// doubt: what Kerberos allows (RFC 4120, 1.6), and less than the part of an hour that
// an incident's windows have to spare.
const clockApart = 5 * time.Minute

// ClockError says that a server works by another clock than we do.
type ClockError struct{ Off time.Duration }

func (e ClockError) Error() string {
	return fmt.Sprintf("the server's clock is %s, by the date of its answer; set the one that is wrong", evidence.ClockOff(e.Off))
}

// Reason is the word for it in /health.
func (ClockError) Reason() string { return "clock_apart" }

// clockOff is how far a server's clock is ahead of ours by the Date of an answer that
// came between two moments, with what a cache says of its Age; 0 while that is near or
// not said. The date has whole seconds.
func clockOff(h http.Header, sent, got time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	if age, err := strconv.Atoi(h.Get("Age")); err == nil && age > 0 && age < 1e9 {
		date = date.Add(time.Duration(age) * time.Second)
	}
	off := time.Duration(0)
	switch {
	case date.Before(sent):
		off = date.Sub(sent)
	case date.After(got):
		off = date.Sub(got)
	}
	if off.Abs() < clockApart {
		return 0
	}
	return off.Round(clockApart) // so that all answers of a server tell the same
}

// doubt counts an answer that another clock has dated.
func doubt(ctx context.Context, h http.Header, sent time.Time) {
	if off := clockOff(h, sent, time.Now()); off != 0 {
		evidence.Lose(ctx, evidence.LostClock(off), "")
	}
}
