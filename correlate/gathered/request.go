package gathered

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Request is one question to the engine.
type Request struct {
	Alert evidence.Alert
	// Now is the latest instant that the engine may look at: the alert's
	// arrival, or a later one when an investigation is run again.
	Now time.Time
	// Revision numbers the report, from 1.
	Revision int
	// Reference windows are known to be free of faults; they serve as baseline
	// besides the look-back.
	Reference []evidence.Window
	// Candidates, when set, are all the entities that may be blamed.
	Candidates []string
	// Onset, when set, is taken as given instead of being looked for.
	Onset time.Time
	// Window, when set, is the incident window chosen by a person.
	Window evidence.Window
	// Waiting is how many first reports wait beside this one, when they are so many
	// that each asks for little; 0 for as much as the options allow.
	Waiting int
	// Progress, when set, is called as the investigation proceeds, never
	// concurrently. It must not block.
	Progress func(Progress)
}

// Progress is one step of a running investigation.
type Progress struct {
	Stage  string `json:"stage"` // resolve, window, gather, join, changes, signals, rank, report
	Source string `json:"source,omitempty"`
	Done   int    `json:"done"`
	Total  int    `json:"total"`
	Detail string `json:"detail,omitempty"`
}
