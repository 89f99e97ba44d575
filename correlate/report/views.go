package report

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// What the report shows beside causes and verdict, as pages and exports have it.

// ServiceMap is who calls whom among the entities that the incident concerns.
type ServiceMap struct {
	Nodes []MapNode       `json:"nodes"` // those that alert first, then the causes
	Edges []evidence.Edge `json:"edges"` // by caller, then callee
	// Measured are those of the edges whose calls were sampled since the onset.
	Measured []MeasuredCalls `json:"measured,omitempty"`
}

// MeasuredCalls is how the sampled calls of one service to another went, before the
// onset and since. Before is nil where none was sampled.
type MeasuredCalls struct {
	Caller string     `json:"caller"`
	Callee string     `json:"callee"`
	Before *CallsSide `json:"before,omitempty"`
	Since  CallsSide  `json:"since"`
}

// CallsSide are the calls of one side: how many were sampled, their median in seconds
// and the share of them that failed, 0 to 1.
type CallsSide struct {
	Calls  int     `json:"calls"`
	Median float64 `json:"median"`
	Failed float64 `json:"failed"`
	// Rate is how many there were a second in all, by what counts requests and the
	// sample's shares; nil where nothing counts them.
	Rate *float64 `json:"rate,omitempty"`
}

// MapNode is one entity of a map.
type MapNode struct {
	Entity   string `json:"entity"`
	Alerting bool   `json:"alerting,omitempty"`
	// Rank is that of its best cause, from 1; 0 when it is none.
	Rank int `json:"rank,omitempty"`
	// Hit is its place in the order in which entities were hit, from 1; 0 when it
	// is not among those that suffer.
	Hit int `json:"hit,omitempty"`
}

// ChangeView is one change beside the onset.
type ChangeView struct {
	evidence.Change
	// BeforeOnset is how long before the onset it came, negative when after.
	BeforeOnset time.Duration `json:"beforeOnset"`
	Suspect     bool          `json:"suspect"`
	Why         string        `json:"why"` // why it is, or is not, suspected
	// Late is set where it is not suspected because it came too late to be the cause.
	Late bool `json:"late,omitempty"`
}

// Action is one thing to do.
type Action struct {
	// Kind is a remediation id of the bundle format, as "rollback".
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Command string `json:"command,omitempty"` // copyable
	// Plan is what a recorded plan says beside its command, in its own words, while
	// a report is made; the title or a note has it afterwards.
	Plan string `json:"-"`
	// Source is the decision ID, or StandardMove.
	Source    string   `json:"source"`
	Freshness []string `json:"freshness,omitempty"` // what speaks for or against its still fitting
}

// TimelineEvent is one row of the timeline.
type TimelineEvent struct {
	Time time.Time `json:"time"`
	// Lane is changes, alerts, metrics, logs, traces, decisions or notes.
	Lane   string         `json:"lane"`
	Text   string         `json:"text"`
	Entity string         `json:"entity,omitempty"`
	First  bool           `json:"first,omitempty"` // the first symptom
	Refs   []evidence.Ref `json:"refs,omitempty"`
}

// TraceView is the trace that shows the failure best.
type TraceView struct {
	Trace evidence.Trace     `json:"trace"`
	Logs  []evidence.LogLine `json:"logs,omitempty"` // lines of this trace
	// CriticalPath are the IDs of the spans on it, root first.
	CriticalPath []string `json:"criticalPath,omitempty"`
	// Skews lists spans whose times contradict their parents', never corrected.
	Skews []string `json:"skews,omitempty"`
	Why   string   `json:"why"` // why this trace was chosen
}

// CodeView is a piece of code at the running revision with blame beside it.
type CodeView struct {
	evidence.Blame
	Service string `json:"service"`
	// Suspect are the line numbers that belong to the first cause.
	Suspect []int `json:"suspect,omitempty"`
}

// DecisionView is a decision with its promises looked up.
type DecisionView struct {
	evidence.Decision
	Conditions []ConditionResult `json:"conditions,omitempty"`
}

// ConditionResult is one promise and whether it holds.
type ConditionResult struct {
	Condition evidence.Condition `json:"condition"`
	Result    string             `json:"result"` // kept, broken or unknown
	Value     *float64           `json:"value,omitempty"`
	Detail    string             `json:"detail,omitempty"`
	// Before is whether it held in normal time before the onset, kept or broken by
	// the median there, which Usual is; empty when nobody knows.
	Before string   `json:"before,omitempty"`
	Usual  *float64 `json:"usual,omitempty"`
}

// Finding is something worth knowing that is not a cause.
type Finding struct {
	ID     string         `json:"id"`
	Text   string         `json:"text"`
	Entity string         `json:"entity,omitempty"`
	Refs   []evidence.Ref `json:"refs,omitempty"`
}
