package ui

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Limits on what a request may say, in bytes.
const (
	maxName   = 256 // of a service, an entity, a commit, a decision, a filter
	maxAuthor = 200
	maxNote   = 10_000 // a page, not an archive
	maxPath   = 4096
	maxTrace  = 4096 // a trace ID may be pasted with the address around it
	maxLine   = 10_000_000
)

// longestWindow is how much time one investigation may look at. An incident is
// minutes to hours long, and every source is asked once per ten minutes of it.
const longestWindow = 24 * time.Hour

// field is one text of a request with its limit.
type field struct {
	name, value string
	most        int
}

// short refuses the first field that is too long.
func short(fields ...field) error {
	for _, f := range fields {
		if len(f.value) > f.most {
			return fmt.Errorf("%s has %d bytes, at most %d are taken: %w", f.name, len(f.value), f.most, evidence.ErrInvalid)
		}
	}
	return nil
}

// checkWindow refuses a window that is backwards, longer than an investigation
// may look at, or where no telemetry can be. Both ends zero is no window.
func (s *server) checkWindow(from, to time.Time) error {
	switch {
	case from.IsZero() && to.IsZero():
		return nil
	case from.IsZero() || to.IsZero() || !from.Before(to):
		return fmt.Errorf("from must be before to: %w", evidence.ErrInvalid)
	case to.Sub(from) > longestWindow:
		return fmt.Errorf("the window is %s long and an investigation looks at no more than %s; choose the hours around the onset: %w",
			wording.Duration(to.Sub(from)), wording.Duration(longestWindow), evidence.ErrInvalid)
	}
	if err := s.checkInstant(from); err != nil {
		return err
	}
	return s.checkInstant(to.Add(-longestWindow)) // it may end after now, and is then cut there
}
