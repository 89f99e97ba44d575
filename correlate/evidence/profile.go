package evidence

import (
	"time"
)

// ProfileKind says what a profile counts.
type ProfileKind string

// The kinds of profile.
const (
	ProfileCPU       ProfileKind = "cpu"       // nanoseconds on a processor, over a time
	ProfileHeap      ProfileKind = "heap"      // bytes in use, at an instant
	ProfileGoroutine ProfileKind = "goroutine" // goroutines, at an instant
	ProfileWait      ProfileKind = "wait"      // nanoseconds that goroutines waited, over a time
)

// ProfileKinds are all kinds, in the order in which they are asked for.
func ProfileKinds() []ProfileKind {
	return []ProfileKind{ProfileCPU, ProfileHeap, ProfileGoroutine, ProfileWait}
}

// Profile is what one process, or several of a service together, spent or held and
// where in its code.
type Profile struct {
	Service string
	Kind    ProfileKind
	// Start is when it was begun; Duration is over which time it counts, zero for
	// what was held at an instant.
	Start    time.Time
	Duration time.Duration
	// Build identifies the binary, empty where the binary does not say.
	Build string
	// Processes is of how many processes it is the sum, 0 for one.
	Processes int
	// Begins are the lines at which functions begin, by their names, as far as the
	// profile tells; 0 where it tells of several.
	Begins map[string]int
	// Notes limit what it means, as that some processes gave none.
	Notes []string
	// Samples are the largest first, then in order of their stacks and labels. Their
	// stacks may be shared: read only.
	Samples []ProfileSample
	// Total is the value of all samples, those that were left out at a limit too, and
	// Nameless of those in whose stack no frame has a name.
	Total, Nameless int64
}

// ProfileSample is one stack and what was spent or held there.
type ProfileSample struct {
	Value int64
	Stack []Frame // innermost first
	// TraceID and SpanID are those of the request on whose behalf it was, as a label
	// of the sample tells; empty where none does.
	TraceID, SpanID string
}

// Timed reports whether a kind counts over a time, and not what is held at an instant.
func (k ProfileKind) Timed() bool { return k == ProfileCPU || k == ProfileWait }

// End is when the profile was complete.
func (p *Profile) End() time.Time { return p.Start.Add(p.Duration) }

// ProfileQuery asks for profiles of one service.
type ProfileQuery struct {
	Service string
	Kind    ProfileKind
	// Window holds the end of every profile that is returned.
	Window Window
	// Limit is how many are returned at most, the newest.
	Limit int
}

// String is the query in words for a person who wants to put it again.
func (q ProfileQuery) String() string {
	const second = "2006-01-02T15:04:05Z07:00"
	return string(q.Kind) + " of " + q.Service + " ended " + q.Window.Start.UTC().Format(second) + "/" + q.Window.End.UTC().Format(second)
}
