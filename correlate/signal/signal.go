package signal

import (
	"embed"
	"io/fs"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// Rule is one rule: it reads the evidence and says for which entities it speaks.
// Each has a file of its own and a help page under help/ with its id as name.
type Rule struct {
	// Id is stable; it stands in reports, help and weights.
	Id string
	// Eval returns findings in any order; it must not depend on the order of the
	// candidates.
	Eval func(v *view.View) []Finding
	// Role is what its findings can prove.
	Role Role
}

// Role says what a rule's findings can prove about the entity that they name.
type Role int

// The roles.
const (
	// Own is trouble that does not travel along calls: where it shows, it is.
	Own Role = iota
	// Travelling is trouble that callers of the entity in trouble show as well.
	Travelling
	// Circumstance is no trouble at all: where an entity stands, when it was
	// changed, that it is alerted on.
	Circumstance
)

// RoleOf is the role of a rule's findings, of one that is not among [Rules] by
// the step that makes it: what a commit produces is a circumstance of its
// service, and a node's trouble is its own.
func RoleOf(id string) Role {
	if id == "change/produces" {
		return Circumstance
	}
	for _, r := range Rules() {
		if r.Id == id {
			return r.Role
		}
	}
	return Own
}

// Finding is what a signal has to say about one entity.
type Finding struct {
	Entity int
	// Mechanism is the hypothesis that the finding speaks for; empty when it
	// speaks for or against the entity whatever the mechanism.
	Mechanism report.Mechanism
	// Strength is 0 to 1, negative for counter-evidence; the signal's weight
	// turns it into points.
	Strength float64
	Why      string
	// Said is the finding in a person's words, short enough for a title; empty
	// where it says when or where something happened rather than what.
	Said  string
	Query string
	Refs  []evidence.Ref
	Chart *report.Chart
	// Seen of Total is what was counted, and Counts says what the two are.
	Seen   int
	Total  int
	Counts string
	// Loci are where it shows, most telling first.
	Loci []report.Locus
	// State is why the platform says that the entity does not run; empty for
	// every other finding.
	State kube.Reason
	// Source is what the finding rests on where its references do not tell; see
	// [report.Term].
	Source string
	// Elsewhere is set where what is seen tells of somebody else's failure.
	Elsewhere bool
	// Plain is set where what is seen tells of no failure.
	Plain bool
	// Explains is set where the finding tells where in the code another finding's
	// trouble comes from: it has no points, and is dropped where nothing else speaks
	// for the entity.
	Explains bool
	// Unchecked is the part of the strength that a check would have taken back
	// which the evidence does not allow, 0 to 1.
	Unchecked float64
	// Anyway is the part of the time that the entity takes longer which it takes
	// longer without what the finding tells of, 0 to 1.
	Anyway float64
	// Fact is the one measure that the finding rests on, nil for none or many.
	Fact *view.Metric
	// Over are further measures that it was computed from, of which no reference
	// tells.
	Over []*view.Metric
	// By are calls that it was computed from and that neither references nor
	// measures tell.
	By []evidence.CallID
}

// Rules are all rules in the order in which their terms are printed.
func Rules() []Rule {
	return []Rule{
		{"resource/usage", ResourceUsage, Own},
		{"resource/exhausted", resourceExhausted, Own},
		{"saturation/bounded", saturationBounded, Own},
		{"latency/self-time", latencySelfTime, Travelling},
		{"latency/edge-gap", latencyEdgeGap, Travelling},
		{"latency/metric", latencyMetric, Travelling},
		{"error/innermost", ErrorInnermost, Travelling},
		{"error/metric", errorMetric, Travelling},
		{"error/novel-template", novelTemplate, Travelling},
		{"behaviour/pattern", behaviourPattern, Own},
		{"behaviour/repeated-calls", repeatedCalls, Own},
		{"behaviour/measure", behaviourMeasure, Travelling},
		{"absence/silent", absenceSilent, Own},
		{"absence/restart", absenceRestart, Own},
		{"absence/not-running", notRunning, Own},
		{"external/boundary", externalBoundary, Travelling},
		{"data/poison", dataPoison, Own},
		{"surge/entry-rate", surgeEntryRate, Own},
		{"change/gray", grayRelease, Own},
		{"change/before-onset", changeBeforeOnset, Circumstance},
		{"topology/correlation", correlationWithAlert, Circumstance},
		{"topology/path", topologyPath, Circumstance},
		{"topology/first", firstInTime, Circumstance},
		{"alert/symptom", alertSymptom, Circumstance},
		{"alert/named", alertNamed, Circumstance},
		{"profile/growth", profileGrowth, Circumstance},
	}
}

// ComparesClocks reports whether a rule's finding rests on instants that two
// services told, each by its own clock.
func ComparesClocks(id string) bool {
	switch id {
	case "latency/self-time", "latency/edge-gap", "topology/first":
		return true
	}
	return false
}

// OfChange reports whether a rule's finding is that an entity was changed before
// the onset, which by itself is observed of nothing.
func OfChange(id string) bool { return id == "change/before-onset" }

//go:embed help/*.md
var helpPages embed.FS

// HelpPages are the rules' pages in Markdown, help/ID.md with a dash for the
// slash of the id.
func HelpPages() fs.FS { return helpPages }
