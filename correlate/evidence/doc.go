// Package evidence holds the nouns of a root-cause investigation: what was
// alerted on, what was observed, what changed, and what could not be asked.
//
// It is the leaf of the module: it imports nothing but the standard library,
// every source turns its backend's types into these, and the engine sees
// nothing else. The types are plain data. Values handed over a port belong to
// the receiver unless a comment says that they are shared; shared maps must
// not be written to.
//
// All times are UTC instants, all durations time.Duration, all text is
// untrusted: it comes from telemetry, git and people, and must be escaped by
// whoever shows it.
package evidence

import "errors"

// Errors that a port may answer with. Adapters wrap them with the call and its
// arguments; callers test with errors.Is.
var (
	// ErrNotFound says that the backend works and has no such thing.
	ErrNotFound = errors.New("not found")
	// ErrUnavailable says that the backend did not answer usefully: down, too
	// slow, unauthorised, or answering garbage.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnsupported says that the backend cannot answer this kind of question,
	// as a Prometheus without exemplar storage.
	ErrUnsupported = errors.New("unsupported")
	// ErrInvalid says that the question or the data was malformed.
	ErrInvalid = errors.New("invalid")
)
