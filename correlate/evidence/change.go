package evidence

import "time"

// ChangeKind says what kind of thing changed.
type ChangeKind string

// The kinds of change.
const (
	ChangeDeploy    ChangeKind = "deploy"
	ChangeFlag      ChangeKind = "flag"
	ChangeConfig    ChangeKind = "config"
	ChangeMigration ChangeKind = "migration"
	ChangeDecision  ChangeKind = "decision" // a decision that a service took at run time
	ChangeScale     ChangeKind = "scale"
	// ChangeExperiment is a fault made on purpose; the attribute until is when it
	// ends.
	ChangeExperiment ChangeKind = "experiment"
)

// Change is something that somebody or something did to a running system.
type Change struct {
	ID      string     `json:"id"`
	Kind    ChangeKind `json:"kind"`
	Service string     `json:"service,omitempty"`
	Time    time.Time  `json:"time"`
	From    string     `json:"from,omitempty"` // version, flag state or value before
	To      string     `json:"to,omitempty"`
	Commit  string     `json:"commit,omitempty"` // full SHA, where known
	Actor   string     `json:"actor,omitempty"`
	URL     string     `json:"url,omitempty"`
	Summary string     `json:"summary,omitempty"`
	// Inferred names what the change was inferred from when nobody announced
	// it: "service.version", "build_info", "image".
	Inferred string `json:"inferred,omitempty"`
	// Attributes hold what else the event said, as a flag's name under "flag".
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Commit is one commit with what it did.
type Commit struct {
	SHA     string    `json:"sha"` // full, lower-case hex
	Parents []string  `json:"parents,omitempty"`
	Author  string    `json:"author,omitempty"`
	Email   string    `json:"email,omitempty"`
	Time    time.Time `json:"time"` // committer time
	Message string    `json:"message"`
	Files   []string  `json:"files,omitempty"` // paths touched, sorted
	// Diff is a unified diff with git's headers; it may be an excerpt, or empty
	// when the source kept none.
	Diff string `json:"diff,omitempty"`
	// Services are the services that the commit reaches, where the source knows;
	// empty means that it must be inferred from paths and deploys.
	Services []string `json:"services,omitempty"`
	URL      string   `json:"url,omitempty"`
}

// Subject is the first line of the message.
func (c Commit) Subject() string {
	for i, r := range c.Message {
		if r == '\n' {
			return c.Message[:i]
		}
	}
	return c.Message
}

// CommitQuery asks which commits went live when a service moved from one
// revision to another.
type CommitQuery struct {
	Service string
	From    string // revision that ran before, empty when unknown
	To      string // revision that runs, empty when unknown
	// Window bounds commit times when From is unknown. As many as Least are
	// returned whatever their times: a branch that was rebased or lived long
	// brings old dates with it.
	Window Window
	Least  int
	Limit  int
}
