// Package casefile holds what the casebook and the pages both say of an
// incident beside its report: when its revisions were made, which incidents are
// like it, what people thought of its verdict. It is a leaf, so that neither
// side translates for the other.
package casefile

import (
	"errors"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Why a report was made.
const (
	WhyAlert    = "alert"
	WhyLater    = "later evidence"
	WhyBack     = "something was taken back"
	WhyProfiles = "profiles were taken"
	WhyAgain    = "run again by hand"
	WhyComplete = "with complete evidence"
)

// Revision says when a report was made and from what.
type Revision struct {
	Number int       `json:"revision"`
	At     time.Time `json:"at"` // the machine's clock
	// Why it was made: WhyAlert, WhyLater, WhyBack, WhyProfiles, WhyAgain or
	// WhyComplete.
	Why string `json:"why,omitempty"`
	// Engine is the version of the engine that made it.
	Engine string `json:"-"`
	// Bundle says what became of the evidence bundle, "" when none was to be kept;
	// BundleSHA256 is its digest once it was.
	Bundle       BundleState `json:"bundle,omitempty"`
	BundleSHA256 string      `json:"bundle_sha256,omitempty"`
	// Poorer are the sources of which fewer questions were answered than for the
	// report before it, which such a revision does not replace.
	Poorer []string `json:"poorer,omitempty"`
}

// Current is the report that an incident goes by, of its revisions, newest first:
// the newest that had no fewer answers than the one before it. It is the zero
// Revision where there is none.
func Current(revisions []Revision) Revision {
	for _, r := range revisions {
		if len(r.Poorer) == 0 {
			return r
		}
	}
	return Revision{}
}

// Similar is another incident and what makes it alike.
type Similar struct {
	Incident
	Because string  `json:"because"`            // what they share, in words: "same commit", "same service, alerted 20 s before"
	Alike   []Alike `json:"alike"`              // what they share; the first is why it is listed
	EndedBy string  `json:"ended_by,omitempty"` // its last note, empty when there is none
}

// MostBeside is how many of those that came together or at the same time are listed
// before the ones that share a cause: one alert of a fault leads to the others.
const MostBeside = 2

// Alike is something that two incidents share.
type Alike string

// What two incidents may share. A service is followed by what of the causes is
// shared, if anything is; all others stand alone.
const (
	AlikeTogether     Alike = "together"      // the investigation
	AlikeService      Alike = "service"       // the service, and they began within ten minutes
	AlikeDecision     Alike = "decision"      // the decision behind the cause
	AlikeCommit       Alike = "commit"        // the commit that is the cause
	AlikeLogStatement Alike = "log-statement" // the cause's log statement, of the same entity
	AlikeCause        Alike = "cause"         // the cause's entity and mechanism
	AlikeEntity       Alike = "entity"        // the alert group and the cause's entity, by another mechanism
	AlikeAlertGroup   Alike = "alert-group"   // the alert group, and no cause of one of them is known
)

// HotLine is a line of code that stood in the suspect code of incidents.
type HotLine struct {
	Ref       evidence.CodeRef // at the revision of the newest incident
	Incidents int              // in how many incidents it was suspect
	Decisions []string         // that stood behind it in any of them, sorted; empty is a gap
}

// Judged is how often people found a verdict's first cause right.
type Judged struct {
	Verdict report.VerdictWord `json:"verdict"`
	// Judged reports had a judgment, Right of them the newest one confirmed.
	Judged int `json:"judged"`
	Right  int `json:"right"`
}

// StateAction is what a person does to an incident's state.
type StateAction string

// The state actions.
const (
	Acknowledge StateAction = "acknowledge"
	Resolve     StateAction = "resolve"
	Reopen      StateAction = "reopen"
	// Unacknowledge takes an acknowledgement back.
	Unacknowledge StateAction = "unacknowledge"
)

// UndoWithin is for how long a note or a judgment can be taken back.
const UndoWithin = 10 * time.Minute

// ErrOverloaded says that too many investigations wait; whoever sent the alert
// should try again later.
var ErrOverloaded = errors.New("too many investigations are waiting")

// ErrConflict says that what is asked for does not fit where an incident stands.
var ErrConflict = errors.New("conflict")

// AuditEntry is one thing that somebody saw, took away or did.
type AuditEntry struct {
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`
	Action   string    `json:"action"`
	Incident string    `json:"incident,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	// Tenant is whose audit it stands in: of who did it, whatever it was done to.
	Tenant evidence.Tenant `json:"-"`
}

// AuditFilter selects entries; empty fields select all.
type AuditFilter struct {
	Actor, Incident, Action string
	Before                  int64 // cursor, 0 for the newest
	Limit                   int
}
