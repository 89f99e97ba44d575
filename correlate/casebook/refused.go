package casebook

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// RefusedError says that the database does not take what is written now. A later
// try may succeed, so that it is evidence.ErrUnavailable.
type RefusedError struct {
	// reason is one word for machines: "locked", "full", "readonly", "unavailable".
	reason string
	cause  error
}

// Reason is one word for machines: "locked" while another program holds the
// database, "full" while the disk is, "readonly", or "unavailable".
func (e *RefusedError) Reason() string { return e.reason }

func (e *RefusedError) Error() string {
	said := map[string]string{
		"locked":   "another program holds the casebook's lock",
		"full":     "the disk of the casebook is full",
		"readonly": "the casebook's disk or file is read-only",
	}[e.reason]
	if said == "" {
		said = "the casebook cannot be written"
	}
	return fmt.Sprintf("%s (%v)", said, e.cause)
}

// Unwrap makes it an evidence.ErrUnavailable.
func (e *RefusedError) Unwrap() []error { return []error{evidence.ErrUnavailable, e.cause} }
