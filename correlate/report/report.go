package report

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
)

// ReportVersion is the version of the report's JSON. Fields are added within a
// version; anything else makes a new one.
const ReportVersion = 1

// Mechanism says how a cause does its damage.
type Mechanism string

// The mechanisms.
const (
	MechanismResource   Mechanism = "resource"
	MechanismLatency    Mechanism = "latency"
	MechanismError      Mechanism = "error"
	MechanismBehaviour  Mechanism = "behaviour"
	MechanismAbsence    Mechanism = "absence"
	MechanismSaturation Mechanism = "saturation"
	MechanismSurge      Mechanism = "surge"
	MechanismExternal   Mechanism = "external"
	MechanismData       Mechanism = "data"
)

// Trigger says what set a cause off.
type Trigger string

// The triggers. TriggerNone means unknown, which is not "no code cause".
const (
	TriggerCode      Trigger = "code"
	TriggerConfig    Trigger = "config"
	TriggerFlag      Trigger = "flag"
	TriggerMigration Trigger = "migration"
	TriggerInfra     Trigger = "infra"
	TriggerLoad      Trigger = "load"
	TriggerNone      Trigger = "none"
)

// VerdictWord is how sure a report is of its first cause.
type VerdictWord string

// The verdicts, surest first. Inconclusive abstains; it does not say that
// there is no code cause.
const (
	Confirmed    VerdictWord = "Confirmed"
	Likely       VerdictWord = "Likely"
	LeadOnly     VerdictWord = "Lead only"
	Inconclusive VerdictWord = "Inconclusive"
)

// Report is one investigation's answer. The same evidence, engine and weights
// give the same bytes of its JSON: nothing in it comes from the wall clock, map
// order or chance.
type Report struct {
	Version  int    `json:"version"`
	Engine   string `json:"engine"`  // engine version
	Weights  string `json:"weights"` // version of the weights block
	Incident string `json:"incident"`
	Revision int    `json:"revision"` // from 1; later evidence makes a new one

	Alert    evidence.Alert `json:"alert"`
	State    string         `json:"state"` // firing or resolved
	Service  string         `json:"service"`
	Severity string         `json:"severity,omitempty"`
	Owner    string         `json:"owner,omitempty"`

	FiredAt  time.Time       `json:"firedAt"`
	Onset    Onset           `json:"onset"`
	Window   evidence.Window `json:"incidentWindow"`
	Baseline evidence.Window `json:"baselineWindow"`

	// Title is the first cause as one sentence, or the honest absence of one.
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	Causes  []Cause `json:"causes"`
	// Ranked holds every candidate entity once, by its best cause.
	Ranked []EntityScore `json:"ranked"`
	Impact Impact        `json:"impact"`
	// Signals are those of the alerting service and of the first cause, empty where
	// no series measures them.
	Signals []ServiceSignals `json:"signals,omitempty"`
	// Failures are the errors that came with the incident, the most telling first.
	Failures []Failure `json:"failures,omitempty"`
	// Map is nil where no calls between the entities concerned are known.
	Map     *ServiceMap  `json:"map,omitempty"`
	Changes []ChangeView `json:"changes"`
	Actions []Action     `json:"actions"`
	// Rollback fits the first cause, nil without a cause.
	Rollback *Rollback `json:"rollback,omitempty"`
	// Recovery is what came of a rollback that was taken, nil where none was seen.
	Recovery *Recovery `json:"recovery,omitempty"`

	Timeline []TimelineEvent `json:"timeline"`
	Trace    *TraceView      `json:"trace,omitempty"`
	Code     []CodeView      `json:"code,omitempty"`
	// Profiles are of the entities that the first causes blame, in the causes' order.
	Profiles  []ProfileView       `json:"profiles,omitempty"`
	Decisions []DecisionView      `json:"decisions,omitempty"`
	Coverage  []evidence.Coverage `json:"coverage"`
	// Sources say of traces, logs and metrics as a whole what came of them.
	Sources []Standing `json:"sources,omitempty"`
	// Unknown are names on the alert that no source knows.
	Unknown []UnknownName `json:"unknown,omitempty"`
	// Gaps are blind spots of the telemetry on the suspect path.
	Gaps       []Finding `json:"gaps,omitempty"`
	RuledOut   []Finding `json:"ruledOut,omitempty"`
	NotChecked []Finding `json:"notChecked,omitempty"`
	// Warnings did not prevent the analysis but limit what it means.
	Warnings []string `json:"warnings,omitempty"`
}

// Onset is when the trouble began, as the data says.
type Onset struct {
	At       time.Time `json:"at"`
	Earliest time.Time `json:"earliest"`
	Latest   time.Time `json:"latest"`
	// From names what it was found in: "alerting series", "traces", "logs",
	// "given", or "alert" when nothing better was there.
	From OnsetBasis `json:"from"`
	// Score is the robust strength of the change in milli-units, 0 when not
	// measured.
	Score int `json:"score,omitempty"`
}

// Holds is whether what came before so long ahead of At lies within the interval: of
// that nobody can tell whether it came before the onset or after it.
func (o Onset) Holds(before time.Duration) bool {
	return !o.At.IsZero() && !o.Earliest.IsZero() && before <= o.At.Sub(o.Earliest) && -before <= o.Latest.Sub(o.At)
}

// Verdict is how sure the report is and why.
type Verdict struct {
	Word VerdictWord `json:"word"`
	// Because are the rules that settled it, one sentence each.
	Because []string `json:"because"`
	For     int      `json:"for"`     // terms with positive points under the first cause
	Against int      `json:"against"` // terms with negative points under the first cause
	// SourcesAnswered counts the sources that answered at least one question, also
	// that there is nothing, as no change; traces, logs and metrics that told nothing
	// have not answered. [Report.Answers] tells what had data from what was empty.
	SourcesAnswered int `json:"sourcesAnswered"`
	SourcesAsked    int `json:"sourcesAsked"` // of how many that were asked, the alert left out
	// Gap is how far the second is behind, in milli-points.
	Gap int `json:"gap"`
	// NoCodeCause is true when the first cause's trigger is known and not code.
	NoCodeCause bool `json:"noCodeCause"`
	// WhyNotSecond compares the first two causes in one sentence.
	WhyNotSecond string `json:"whyNotSecond,omitempty"`
	// Sensitivity lists the single sources or terms without which another cause
	// would be first.
	Sensitivity []string `json:"sensitivity,omitempty"`
}

// Cause is one hypothesis: an entity, how it hurts, what set it off.
type Cause struct {
	Rank      int             `json:"rank"` // from 1
	Entity    evidence.Entity `json:"entity"`
	Mechanism Mechanism       `json:"mechanism"`
	Trigger   Trigger         `json:"trigger"`
	// Sentence says the cause in one sentence.
	Sentence string `json:"sentence"`
	// Score is the sum of the terms' points, in milli-points.
	Score int    `json:"score"`
	Terms []Term `json:"terms"`
	// Loci are where it shows, most telling first.
	Loci    []Locus       `json:"loci,omitempty"`
	Commits []CommitScore `json:"commits,omitempty"` // best first
	// Suspicion is how far the first of Commits is ahead of the next; nil where
	// nothing was compared.
	Suspicion *Suspicion `json:"suspicion,omitempty"`
	// Change is the ID of the change that set it off, if one did.
	Change   string `json:"change,omitempty"`
	Decision string `json:"decision,omitempty"`
	// Lead is the sentence without its finding: the entity and how it hurts.
	Lead string `json:"-"`
	// State is why the platform says that the entity does not run; empty when it
	// says nothing or something else is what hurts.
	State kube.Reason `json:"state,omitempty"`
	// Lost says in one sentence why a cause below the first is not first.
	Lost string `json:"lost,omitempty"`
}

// Term is one addition to a score, with what it rests on.
type Term struct {
	ID     string `json:"id"`     // the rule's id, as "trace/self-time"
	Points int    `json:"points"` // milli-points; negative is counter-evidence
	Why    string `json:"why"`    // the claim in words, with its numbers
	// Said is the claim as a person would say it, short enough for a title;
	// empty where the finding says when or where rather than what.
	Said string `json:"said,omitempty"`
	// Does is what a commit's diff does, while a report is made: the reason without
	// what is seen of it.
	Does string `json:"-"`
	// Borrowed is true where the cause takes over what was found under another
	// mechanism of the same entity, at a share of its points.
	Borrowed bool `json:"borrowed,omitempty"`

	Query string         `json:"query,omitempty"`
	Refs  []evidence.Ref `json:"refs,omitempty"`
	// Calls are those that the claim was computed from, those that brought what the
	// references point at first.
	Calls []Call `json:"calls,omitempty"`
	// By names them while the coverage is not settled.
	By []evidence.CallID `json:"-"`
	// Source is what the claim rests on: traces, logs, metrics, changes or code;
	// empty for a claim about position only.
	Source string `json:"source,omitempty"`
	// Elsewhere is set where what is seen tells of somebody else's failure.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Unchecked are the points that checks might have taken back which the
	// evidence does not allow. They count for the order and not for the word.
	Unchecked int `json:"unchecked,omitempty"`
	// Plain is set where what is seen tells of no failure: a line of a level below
	// warnings. It counts for the order and is no kind of evidence.
	Plain bool `json:"-"`
	// Chart is a small series that shows the claim, nil when there is none.
	Chart *Chart `json:"chart,omitempty"`
	// Seen of Total is the "n of m" behind the claim; Total 0 means none. Counts says of
	// what, and what Seen of them did: "spans read are of the incident". It is empty in
	// reports of older engines.
	Seen   int    `json:"seen,omitempty"`
	Total  int    `json:"total,omitempty"`
	Counts string `json:"counts,omitempty"`
}

// Call points at a call of the report's coverage.
type Call struct {
	Row int `json:"row"` // of the coverage, from 0
	// Call of the row, from 0; -1 where the row lists none that fits.
	Call int `json:"call"`
}

// Chart is a small time series for a picture.
type Chart struct {
	Name    string            `json:"name"`
	Unit    string            `json:"unit,omitempty"` // s, By, 1/s, %, or empty
	Samples []evidence.Sample `json:"samples"`
}

// LocusKind says what kind of place a locus is.
type LocusKind string

// The kinds of locus.
const (
	LocusLog    LocusKind = "log"
	LocusMetric LocusKind = "metric"
	LocusSpan   LocusKind = "span"
	LocusCode   LocusKind = "code"
)

// Locus is a place where a cause shows: a log statement, a metric, a span
// operation or a line of code.
type Locus struct {
	Kind LocusKind `json:"kind"`
	Name string    `json:"name"` // template, metric name, operation, or path:line
	Text string    `json:"text,omitempty"`
}

// CommitScore is one commit as a suspect of one cause, or a change of which no
// commit is known, or, with NoCommit as its SHA, the scored answer that none of
// them is.
type CommitScore struct {
	SHA string `json:"sha"` // empty for a change without a commit
	// Change is the ID of a change without a commit: a deployment of which only the
	// version is known, a flag, a configuration push.
	Change  string    `json:"change,omitempty"`
	Subject string    `json:"subject"`
	Author  string    `json:"author,omitempty"`
	Time    time.Time `json:"time"`
	// Score is 1000 times the natural logarithm of its odds, up to a constant that
	// the commits of a cause share; Share what part of the belief is its, in
	// thousandths, when all are weighed.
	Score int `json:"score"`
	Share int `json:"share"`
	// ByProfiles is the part of Share that it owes to profiles, on which no verdict
	// rests. It is not written down.
	ByProfiles int    `json:"-"`
	Terms      []Term `json:"terms"`
	Decision   string `json:"decision,omitempty"`
	URL        string `json:"url,omitempty"`
}

// Suspicion is the margin of the best hypothesis about commits, a scale of its own
// beside the cause's points.
type Suspicion struct {
	Word string `json:"word"` // clear, ahead or open
	// Odds is how many times as likely as the next hypothesis it is, at most 1000.
	Odds float64 `json:"odds"`
	// Share is its part of the belief, in thousandths.
	Share    int    `json:"share"`
	Sentence string `json:"sentence"`
}

// The words of a suspicion: four times as likely as the next and most of the
// belief, twice as likely, and less.
const (
	SuspicionClear = "clear"
	SuspicionAhead = "ahead"
	SuspicionOpen  = "open"
)

// IsCommit reports whether this is a commit, and neither a change without one nor
// the scored answer that none of them produces the cause.
func (c CommitScore) IsCommit() bool { return c.SHA != "" && c.SHA != NoCommit }

// Commit is the commit that a cause blames first; false when it names none, or
// when "none of them" is the best answer.
func (c Cause) Commit() (CommitScore, bool) {
	if len(c.Commits) == 0 || !c.Commits[0].IsCommit() {
		return CommitScore{}, false
	}
	return c.Commits[0], true
}

// EntityScore is one candidate and its best cause's score.
type EntityScore struct {
	Entity string `json:"entity"`
	Score  int    `json:"score"`
}
