package signal

import (
	"embed"
	"strings"

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
	Seen  int
	Total int
	// Loci are where it shows, most telling first.
	Loci []report.Locus
	// State is why the platform says that the entity does not run; empty for
	// every other finding.
	State kube.Reason
	// Fact is the one measure that the finding rests on, nil for none or many.
	Fact *view.Metric
}

// Rules are all rules in the order in which their terms are printed.
func Rules() []Rule {
	return []Rule{
		{"resource/usage", ResourceUsage},
		{"resource/exhausted", resourceExhausted},
		{"saturation/bounded", saturationBounded},
		{"latency/self-time", latencySelfTime},
		{"latency/edge-gap", latencyEdgeGap},
		{"latency/metric", latencyMetric},
		{"error/innermost", ErrorInnermost},
		{"error/metric", errorMetric},
		{"error/novel-template", novelTemplate},
		{"behaviour/pattern", behaviourPattern},
		{"behaviour/repeated-calls", repeatedCalls},
		{"behaviour/measure", behaviourMeasure},
		{"absence/silent", absenceSilent},
		{"absence/restart", absenceRestart},
		{"absence/not-running", notRunning},
		{"external/boundary", externalBoundary},
		{"data/poison", dataPoison},
		{"surge/entry-rate", surgeEntryRate},
		{"change/gray", grayRelease},
		{"change/before-onset", changeBeforeOnset},
		{"topology/correlation", correlationWithAlert},
		{"topology/path", topologyPath},
		{"topology/first", firstInTime},
		{"alert/symptom", alertSymptom},
		{"alert/named", alertNamed},
	}
}

//go:embed help/*.md
var helpPages embed.FS

// Help is the help page of a rule in Markdown; ok is false for an id that
// is no rule's.
func Help(id string) (page string, ok bool) {
	b, err := helpPages.ReadFile("help/" + strings.ReplaceAll(id, "/", "-") + ".md")
	return string(b), err == nil
}

// IDs are the ids of all rules in the order in which their terms are
// printed.
func IDs() []string {
	var ids []string
	for _, s := range Rules() {
		ids = append(ids, s.Id)
	}
	return ids
}
