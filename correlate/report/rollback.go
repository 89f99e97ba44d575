package report

// The ways back.
const (
	RollbackConfig   = "config"
	RollbackBinary   = "binary"
	RollbackDatabase = "database"
	RollbackNone     = "none"
)

// Rollback is the way back that fits a cause and what it brings.
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
}

// RuledOut is a way back that does not fit.
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
