package evidence

import "time"

// Decision is a recorded decision in its five dimensions.
type Decision struct {
	ID           string          `json:"id"`
	Title        string          `json:"title,omitempty"`
	Status       string          `json:"status,omitempty"` // proposed, accepted, superseded, rejected, deprecated
	Why          string          `json:"why"`
	What         string          `json:"what"`
	Who          DecisionWho     `json:"who"`
	When         DecisionWhen    `json:"when"`
	How          DecisionHow     `json:"how"`
	Scope        []string        `json:"scope,omitempty"` // path globs
	Checks       []DecisionCheck `json:"checks,omitempty"`
	SupersededBy string          `json:"supersededBy,omitempty"`
	// Path and Line say where the record stands in its repository.
	Path string `json:"path,omitempty"`
	Line int    `json:"line,omitempty"`
	// Deleted is true for a record that is known from history only.
	Deleted bool `json:"deleted,omitempty"`
}

// DecisionWho names who proposed, approved and carried out a decision, as IAM
// or CI identifiers.
type DecisionWho struct {
	Initiator string `json:"initiator"`
	Approver  string `json:"approver"`
	Executor  string `json:"executor"`
	// Deciders are the names that a record without such identifiers has, as they
	// were written.
	Deciders []string `json:"deciders,omitempty"`
}

// DecisionWhen holds when a decision took effect and when it was written down;
// each is zero where the record does not say so. A record with a day alone was
// logged at its midnight, UTC.
type DecisionWhen struct {
	EffectiveAt time.Time `json:"effectiveAt"`
	LoggedAt    time.Time `json:"loggedAt"`
}

// DecisionHow says how a decision was carried out and how to undo it.
type DecisionHow struct {
	ConfigDiff string      `json:"configDiff,omitempty"`
	Rollout    string      `json:"rollout,omitempty"`
	Verify     []Condition `json:"verify,omitempty"`
	// Rollback is the plan to undo the decision, by name of the part: "config",
	// "binary", "migration", "command", "steps".
	Rollback map[string]string `json:"rollback,omitempty"`
	// Drills are the trials of the plan, in the record's order.
	Drills []Drill `json:"drills,omitempty"`
	// Actions are what the decision allows to be asked for without a person, and up
	// to which grade: "degrade" and "rollback", each "automatic", "approval" or
	// "manual".
	Actions map[string]string `json:"actions,omitempty"`
}

// Condition is something that a decision promised to hold.
type Condition struct {
	Text  string  `json:"text"`           // as it was written
	Name  string  `json:"name,omitempty"` // mapped to a query by configuration
	Expr  string  `json:"expr,omitempty"` // or PromQL, used as it stands
	Op    string  `json:"op"`             // <, <=, >, >=, ==, !=
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"` // "ms", "s", "%" or empty
}

// DecisionCheck is a rule that a decision puts on changes to the files in its
// scope.
type DecisionCheck struct {
	Type     string `json:"type"` // code-pattern, must-exist, forbid-path, decision-required
	Pattern  string `json:"pattern"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

// BrokenCheck is a decision's check that a commit did not pass.
type BrokenCheck struct {
	DecisionID string `json:"decisionID"`
	Level      string `json:"level"` // error, warning or note
	Message    string `json:"message"`
	Path       string `json:"path"`
	Line       int    `json:"line"`
}
