package evidence

import (
	"strings"
	"time"
)

// LocationRung says how a code location was found, best first.
type LocationRung string

// The rungs of the location ladder.
const (
	LocationSpan      LocationRung = "span-code"  // code.file.path and code.line.number on the span
	LocationStack     LocationRung = "stacktrace" // a frame of an exception or a stack in a log line
	LocationCaller    LocationRung = "log-caller" // a log line's caller field
	LocationSymbol    LocationRung = "symbol"     // a function name looked up
	LocationProfile   LocationRung = "profile"    // a profile sample labelled with the trace ID
	LocationOperation LocationRung = "operation"  // a route or operation name
	LocationService   LocationRung = "service"    // nothing better than the service
)

// RevisionRung says how a running revision was found, best first.
type RevisionRung string

// The rungs of the revision ladder.
const (
	RevisionVCS     RevisionRung = "vcs.ref.head.revision"
	RevisionVersion RevisionRung = "service.version"
	RevisionDeploy  RevisionRung = "deploy"
	RevisionBuild   RevisionRung = "build_info"
	RevisionUnknown RevisionRung = "unknown"
)

// Frame is a place in code as telemetry names it: hostile, and maybe with a
// build machine's prefix before the path.
type Frame struct {
	File     string       `json:"file"`
	Line     int          `json:"line,omitempty"` // from 1; 0 when unknown
	Function string       `json:"function,omitempty"`
	Rung     LocationRung `json:"rung"`
}

// CodeRef is a frame resolved against the repository at the running revision.
type CodeRef struct {
	Repository   string       `json:"repository,omitempty"`
	Path         string       `json:"path"` // in the repository, slash-separated
	Line         int          `json:"line,omitempty"`
	Function     string       `json:"function,omitempty"`
	Revision     string       `json:"revision,omitempty"` // full SHA
	Rung         LocationRung `json:"rung"`
	RevisionRung RevisionRung `json:"revisionRung"`
}

// BlameLine is one line of a file at a revision and where it came from.
type BlameLine struct {
	Line   int       `json:"line"`
	Text   string    `json:"text,omitempty"`
	Commit string    `json:"commit"`
	Author string    `json:"author,omitempty"`
	Email  string    `json:"email,omitempty"`
	Time   time.Time `json:"time"`
	// Decisions are the IDs linked to the line, strongest link first.
	Decisions []string `json:"decisions,omitempty"`
}

// Blame answers "which commit and which decision are behind this line".
type Blame struct {
	Ref CodeRef `json:"ref"`
	// Lines are a few lines around the one asked for, in file order. The one
	// asked for is the line with Ref.Line.
	Lines     []BlameLine    `json:"lines"`
	Decisions []DecisionLink `json:"decisions,omitempty"` // of the line asked for
}

// DecisionLink ties a decision to code.
type DecisionLink struct {
	DecisionID string `json:"decisionID"`
	// Kind is "tag", "trailer", "reference" or "scope".
	Kind string `json:"kind"`
	// Strength is 1 to 100; a tag on the line itself is strongest.
	Strength int `json:"strength"`
}

// LineVote is how much the history of suspect lines speaks for one commit.
type LineVote struct {
	Commit string `json:"commit"`
	// Votes are in thousandths of a line's vote.
	Votes int      `json:"votes"`
	Lines []string `json:"lines"` // that voted for it, as path:line, sorted
}

// SameRevision reports whether a revision, full or abbreviated to seven digits
// or more, is a commit's.
func SameRevision(revision, sha string) bool {
	return len(revision) >= 7 && strings.HasPrefix(sha, strings.ToLower(revision))
}
