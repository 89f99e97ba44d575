package backend

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// OpenReplay opens a bundle as of an instant: an engine sees nothing of it that happened
// later, whatever the clock of the service says that dates it (see [gather.ClocksAhead]).
// Close it when done.
func OpenReplay(path string, until func(*bundle.Bundle) time.Time) (*bundle.Bundle, error) {
	b, err := bundle.Open(path)
	if err != nil {
		return nil, err
	}
	b.Until(until(b), gather.ClocksAhead)
	return b, nil
}

// Fired is when the alert of a bundle fired: what a data set is judged as of.
func Fired(b *bundle.Bundle) time.Time { return b.Alert().FiredAt() }
