package evidence

import "time"

// Window is the half-open time range [Start, End).
type Window struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Contains reports whether t lies in the window.
func (w Window) Contains(t time.Time) bool { return !t.Before(w.Start) && t.Before(w.End) }

// Duration is the window's length, zero when it is empty or reversed.
func (w Window) Duration() time.Duration {
	if d := w.End.Sub(w.Start); d > 0 {
		return d
	}
	return 0
}

// Pad is the window made longer by d on both sides.
func (w Window) Pad(d time.Duration) Window {
	return Window{Start: w.Start.Add(-d), End: w.End.Add(d)}
}

// Earlier is the first of two instants; one that is not set counts for none.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Later is the last of two instants.
func Later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// SeasonMargin widens the same hour of an earlier day: what happens daily does
// not happen to the minute.
const SeasonMargin = 15 * time.Minute

// DaysBefore is the same hour so many days before, by SeasonMargin longer at its
// end.
func (w Window) DaysBefore(days int) Window {
	back := -time.Duration(days) * 24 * time.Hour
	return Window{Start: w.Start.Add(back), End: w.End.Add(back + SeasonMargin)}
}

// UTC is the window with both ends in UTC.
func (w Window) UTC() Window { return Window{Start: w.Start.UTC(), End: w.End.UTC()} }

// IsZero reports whether neither end is set.
func (w Window) IsZero() bool { return w.Start.IsZero() && w.End.IsZero() }

// EntityKind says what an entity is.
type EntityKind string

// The kinds of entity.
const (
	KindService  EntityKind = "service"
	KindDatabase EntityKind = "database"
	KindQueue    EntityKind = "queue"
	KindExternal EntityKind = "external" // a provider or dependency that is called but not ours
	KindNode     EntityKind = "node"
	KindWorkload EntityKind = "workload" // the traffic itself
)

// Workload is the name of the entity that stands for the traffic itself.
const Workload = "workload"

// Entity is a service, or a thing that a service depends on.
type Entity struct {
	Name string     `json:"name"` // the one name used in a report, whatever the sources call it
	Kind EntityKind `json:"kind"`
}

// Edge is one dependency: Caller calls Callee.
type Edge struct {
	Caller string `json:"caller"`
	Callee string `json:"callee"`
	Calls  int64  `json:"calls,omitempty"` // number of calls seen, 0 when unknown
}
