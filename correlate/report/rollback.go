package report

import "time"

// The rollbacks.
const (
	RollbackConfig   = "config"
	RollbackBinary   = "binary"
	RollbackDatabase = "database"
	RollbackNone     = "none"
)

// Rollback is how a cause is taken back, and what that brings.
type Rollback struct {
	Kind     string     `json:"kind"`
	Reason   string     `json:"reason"`
	RuledOut []RuledOut `json:"ruledOut,omitempty"`
	// Target is from where to where, nil for none and for a database.
	Target *RollbackTarget `json:"target,omitempty"`
	// With is what else goes back, newest first; AllKnown tells that it is all.
	With     []GoesBack `json:"with,omitempty"`
	AllKnown bool       `json:"withAllKnown,omitempty"`
	// Refused says why it must not be done as it stands; empty when it may.
	Refused string `json:"refused,omitempty"`
	// Steps are those that the decision Source records for this kind, in order.
	Steps  []Step `json:"steps,omitempty"`
	Source string `json:"source,omitempty"`
	// Readiness is how far the recorded plan can be trusted, nil without one.
	Readiness *Readiness `json:"readiness,omitempty"`
}

// RuledOut is a rollback that does not fit.
type RuledOut struct {
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

// RollbackTarget is what is taken back, from what it is to what it was.
type RollbackTarget struct {
	Service string `json:"service,omitempty"`
	Of      string `json:"of,omitempty"` // the flag, key or file
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"` // empty when Unknown says why
	Unknown string `json:"unknown,omitempty"`
	// Revision is etcd's mod_revision at which the key held To, and Image the image,
	// by digest where one was announced, that ran To; empty when nobody said so.
	Revision string `json:"revision,omitempty"`
	Image    string `json:"image,omitempty"`
	// Compacted says that etcd dropped the revision that held To, so that the value
	// has to be put itself.
	Compacted string `json:"compacted,omitempty"`
}

// GoesBack is a commit that a rollback takes back as well.
type GoesBack struct {
	SHA       string   `json:"sha"`
	Subject   string   `json:"subject"`
	Decisions []string `json:"decisions,omitempty"`
}

// The kinds of step. Only a command may be copied and run.
const (
	StepCommand = "command"
	StepCheck   = "check"
	StepWords   = "words"
)

// Step is one step of a plan.
type Step struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// What came of a rollback.
const (
	Recovered    = "recovered"
	NotRecovered = "not"
	RecoveryOpen = "unknown" // too soon to tell, or nothing measured
)

// Recovery is a rollback that was taken during the incident, and what came of it.
type Recovery struct {
	// Service and Of are what went back, from which value or revision to which.
	Service string `json:"service"`
	Of      string `json:"of,omitempty"`
	Kind    string `json:"kind"` // of the change
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	// Inferred says by what it was told where nobody announced it.
	Inferred string    `json:"inferred,omitempty"`
	Started  time.Time `json:"started"`
	// RecoveredAt is since when what alerts is well again, zero unless it is;
	// Seconds is how long that took. Both are as exact as Resolution.
	RecoveredAt time.Time     `json:"recoveredAt,omitzero"`
	Seconds     float64       `json:"seconds,omitempty"`
	Resolution  time.Duration `json:"resolution"`
	Verdict     string        `json:"verdict"` // recovered, not or unknown
	Because     string        `json:"because"`
	// Conditions are what the alert looks at, before and after.
	Conditions []RecoveryCondition `json:"conditions,omitempty"`
	// Before and After are the shares of the alerting service's requests that
	// failed from the onset to the start, and since it was well or, unless it is,
	// since the start; nil where too few are known.
	Before *float64 `json:"failingBefore,omitempty"`
	After  *float64 `json:"failingAfter,omitempty"`
	Says   string   `json:"says"` // in one sentence
}

// RecoveryCondition is one series that the alert looks at.
type RecoveryCondition struct {
	Expr   string  `json:"expr"`
	Limit  float64 `json:"limit"`
	Before float64 `json:"before"` // worst since the onset
	After  float64 `json:"after"`  // newest
	Holds  bool    `json:"holds"`
}

// Whether something is so.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// Answer is one condition of readiness and what it rests on.
type Answer struct {
	Holds   string `json:"holds"` // Yes, No or Unknown
	Because string `json:"because"`
}

// Readiness is how far a rollback can be trusted: one point each for being fast
// enough, safe to repeat, and seen. What is unknown is no point and is not no.
type Readiness struct {
	Level      int    `json:"level"` // 0 to 3
	Timely     Answer `json:"timely"`
	Idempotent Answer `json:"idempotent"`
	Observable Answer `json:"observable"`
}
