package correlate

import (
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// What a caller of the engine hands over. The rooms declare these types, because
// those that use them may not import this package; here they stand together.
type (
	// Request is one question to the engine, Progress one step on the way to its
	// answer.
	Request  = gathered.Request
	Progress = gathered.Progress

	// Options are what a person may set about an engine.
	Options = gather.Options
	// Milestone is an event that the business counts, see Options.
	Milestone = gathered.Milestone
	Names     = gather.Names
	Caps      = gather.Caps

	// Sources is everything an engine reads from; its ports follow.
	Sources        = port.Sources
	TraceSource    = port.TraceSource
	GraphSource    = port.GraphSource
	LogSource      = port.LogSource
	LogWording     = port.LogWording
	LogNaming      = port.LogNaming
	LogStreams     = port.LogStreams
	LogCounts      = port.LogCounts
	MetricSource   = port.MetricSource
	PastSource     = port.PastSource
	ExemplarSource = port.ExemplarSource
	RuleSource     = port.RuleSource
	ChangeSource   = port.ChangeSource
	CodeSource     = port.CodeSource
	HistorySource  = port.HistorySource
	DecisionSource = port.DecisionSource
	CheckSource    = port.CheckSource
	ProfileSource  = port.ProfileSource
	CoverageSource = port.CoverageSource
	MemberSource   = port.MemberSource
	LossSource     = port.LossSource
)

// CheckMilestones says in one sentence what is wrong with the first milestone that
// cannot be measured.
func CheckMilestones(list []Milestone) error {
	return gather.CheckMilestones(list) //nolint:wrapcheck // its text is the whole message
}
