package casefile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// ActionKind is what a target is asked to do.
type ActionKind string

// The kinds of action.
const (
	Degrade  ActionKind = "degrade"  // switch off what can be done without
	RollBack ActionKind = "rollback" // go back to what ran, or held, before
)

// Grade is how far an action may go without a person.
type Grade string

// The grades, the most careful first.
const (
	Manual    Grade = "manual"    // a person carries it out; nothing is sent
	Approval  Grade = "approval"  // it is sent once a person has approved it
	Automatic Grade = "automatic" // it is sent at once
)

// Grades are all grades, the most careful first.
var Grades = []Grade{Manual, Approval, Automatic}

// ActionState is where an action stands.
type ActionState string

// The states of an action. The first five are open: while an action of a service
// is in one of them, no other of the same service is asked for.
const (
	ActionWaiting  ActionState = "waiting"  // for somebody to approve it
	ActionByHand   ActionState = "manual"   // for somebody to carry it out
	ActionQueued   ActionState = "queued"   // to be sent
	ActionSent     ActionState = "sent"     // the target took the message
	ActionAccepted ActionState = "accepted" // the target said that it has begun

	ActionDone        ActionState = "done"
	ActionFailed      ActionState = "failed" // the target, or who carried it out, says so
	ActionRefused     ActionState = "refused"
	ActionUndelivered ActionState = "undelivered"
	ActionExpired     ActionState = "expired" // nobody answered in time
	ActionStopped     ActionState = "stopped" // all actions were
	ActionHeld        ActionState = "held"    // Reason says by what; a later report may ask again
	ActionDry         ActionState = "dry-run" // what would have been asked
)

// Open reports whether something is still to come.
func (s ActionState) Open() bool {
	return slices.Contains([]ActionState{ActionWaiting, ActionByHand, ActionQueued, ActionSent, ActionAccepted}, s)
}

// Asked reports whether a target, or a person, was asked: the cool-down of the
// service counts from then.
func (s ActionState) Asked() bool {
	return s != ActionHeld && s != ActionDry && s != ActionStopped && s != ActionRefused
}

// Action is one thing that was asked of a target on an incident's behalf.
type Action struct {
	// ID is the idempotency key: the same for the same incident, kind, service and
	// revision, whichever server decides and however often.
	ID       string      `json:"id"`
	Incident string      `json:"incident"`
	State    ActionState `json:"state"`
	Kind     ActionKind  `json:"action"`
	// Of is what is taken back: config, binary or database; config of a degradation.
	Of      string `json:"of"`
	Service string `json:"service"`
	// From and Revision are from where to where: revisions, values, or the mode of a
	// degradation.
	From     string `json:"from,omitempty"`
	Revision string `json:"revision"`
	// Rule of the configuration, the target that it names and the decision that
	// allows it.
	Rule     string `json:"rule"`
	Target   string `json:"target"`
	Decision string `json:"decision"`
	Grade    Grade  `json:"grade"`
	// Because is why it was asked for, Capped what kept it from a higher grade, Reason
	// why it stands where it does.
	Because string `json:"because"`
	Capped  string `json:"capped,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// Report is the revision of the report that it rests on.
	Report    int       `json:"report_revision"`
	AskedAt   time.Time `json:"asked_at"`
	ChangedAt time.Time `json:"changed_at"`
	// By is who moved it last.
	By string `json:"by"`
	// Until is when it expires while it is open.
	Until time.Time `json:"until"`
}

// ActionID is the idempotency key of an action.
func ActionID(incident string, kind ActionKind, service, revision string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{incident, string(kind), service, revision}, "\x00")))
	return "ACT-" + hex.EncodeToString(h[:8])
}

// ActionMove is what becomes of an action on somebody's word.
type ActionMove string

// The moves. People approve, refuse, and say what came of it; a target accepts
// and says what came of it; the program delivers.
const (
	MoveApprove ActionMove = "approve"
	MoveRefuse  ActionMove = "refuse"
	MoveAccept  ActionMove = "accepted"
	MoveDone    ActionMove = "done"
	MoveFail    ActionMove = "failed"

	MoveDeliver   ActionMove = "delivered"
	MoveUndeliver ActionMove = "undelivered"
)

// moves say from which states a move leads, and where to. A target may answer
// before it is noted that it was sent something.
var moves = map[ActionMove]struct {
	from []ActionState
	to   ActionState
}{
	MoveApprove:   {[]ActionState{ActionWaiting}, ActionQueued},
	MoveRefuse:    {[]ActionState{ActionWaiting, ActionByHand}, ActionRefused},
	MoveAccept:    {[]ActionState{ActionQueued, ActionSent}, ActionAccepted},
	MoveDone:      {[]ActionState{ActionByHand, ActionQueued, ActionSent, ActionAccepted}, ActionDone},
	MoveFail:      {[]ActionState{ActionByHand, ActionQueued, ActionSent, ActionAccepted}, ActionFailed},
	MoveDeliver:   {[]ActionState{ActionQueued}, ActionSent},
	MoveUndeliver: {[]ActionState{ActionQueued}, ActionUndelivered},
}

// Move is the state to which a move leads. The move that led to the present state
// again changes nothing; one that does not fit is ErrConflict.
func (s ActionState) Move(m ActionMove) (ActionState, error) {
	x, ok := moves[m]
	if !ok {
		return s, fmt.Errorf("%q is not one of approve, refuse, accepted, done, failed: %w", m, evidence.ErrInvalid)
	}
	switch {
	case s == x.to, m == MoveApprove && slices.Contains([]ActionState{ActionSent, ActionAccepted}, s), m == MoveDeliver && s != ActionQueued:
		return s, nil
	case slices.Contains(x.from, s):
		return x.to, nil
	}
	return s, fmt.Errorf("the action is %s and cannot become %s: %w", s, x.to, ErrConflict)
}

// ActionLimits bound what is asked of one service.
type ActionLimits struct {
	// CoolDown is how long after an action no other of the same service is asked for.
	CoolDown time.Duration
	// Answer is how long an action is open before it expires.
	Answer time.Duration
}

// ActionSwitch says whether all actions are stopped, by whom and why.
type ActionSwitch struct {
	Stopped bool      `json:"stopped"`
	By      string    `json:"by,omitempty"`
	Why     string    `json:"why,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// OfTheServer is who stopped all actions, as tenants are told: the names and the
// reasons of those who run the server are not for them.
const OfTheServer = "those who run the server"

// ForTenants is what a tenant is told of it.
func (s ActionSwitch) ForTenants() ActionSwitch {
	if s.Stopped {
		s.By, s.Why = OfTheServer, ""
	}
	return s
}

// StoppedBy begins the reason of what is held because all actions are stopped; who
// stopped them follows.
const StoppedBy = "all actions are stopped by "

// ForTenants is what a tenant is told of an action, whatever it was stored with.
func (a Action) ForTenants() Action {
	switch {
	case a.State == ActionStopped:
		a.By = OfTheServer
	case a.State == ActionHeld && strings.HasPrefix(a.Reason, StoppedBy):
		a.Reason = StoppedBy + OfTheServer
	}
	return a
}
