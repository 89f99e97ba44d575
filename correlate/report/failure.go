package report

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Failure is one error of the incident in the words of the program that met
// with it, however often it was repeated.
type Failure struct {
	Service string `json:"service"`
	// Type is the exception's or the error's, empty where nobody names one.
	Type string `json:"type,omitempty"`
	// Message is one line as the program wrote it, shortened.
	Message string `json:"message"`
	// Status is how the call ended in the terms of its protocol, as "500" or
	// "UNAVAILABLE"; empty when unknown.
	Status string `json:"status,omitempty"`
	// Class is what it means for the service's promise: fatal, recoverable or noisy,
	// by the rule that ClassBy names. Without a rule it is unclassified, and fatal.
	Class   string `json:"class,omitempty"`
	ClassBy string `json:"classBy,omitempty"`
	// Place is where in the program it came up, nil when nobody says. Without a
	// revision it is the program's word and was not found in a repository.
	Place *evidence.CodeRef `json:"place,omitempty"`
	// First and Last are when it was seen in the incident, at the earliest and at
	// the latest.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Seen is how often it was read in the incident, Before how often in the
	// time before it, once per trace or line without a trace.
	Seen   int `json:"seen"`
	Before int `json:"before"`
	// Lines is how many of Seen are lines of no known request; the others are requests.
	Lines int `json:"lines,omitempty"`
	// Over counts the sights over the whole time that was looked at, in equal
	// steps; what was sampled, and not what happened in all.
	Over *Chart `json:"over,omitempty"`
	// Endpoints are the operations of the service in which it came up, the most
	// frequent first.
	Endpoints []string       `json:"endpoints,omitempty"`
	Refs      []evidence.Ref `json:"refs,omitempty"` // the first spans or lines that say it
}

// ErrorCount is how many errors of a class came with the incident.
type ErrorCount struct {
	Class string `json:"class"`
	Kinds int    `json:"kinds"` // different errors
	// Seen is how often they were read, once per trace or line without a trace.
	Seen int `json:"seen"`
	// Unclassified is how many of Seen no rule knows.
	Unclassified int `json:"unclassified,omitempty"`
}

// SeenIn is of how many requests and of how many lines without one Seen is; known is
// false in reports of engines that did not tell the two apart.
func (f *Failure) SeenIn() (requests, lines int, known bool) {
	known = f.Lines > 0 || slices.ContainsFunc(f.Refs, func(r evidence.Ref) bool { return r.TraceID != "" })
	return f.Seen - f.Lines, f.Lines, known
}
