package rollback

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Trial is a drill, or a rollback that was seen.
type Trial struct {
	At      time.Time
	Seconds float64
	Again   bool // repeated, it changed nothing: "already done"
	Failed  bool
	Real    bool   // in an incident
	Unclear string // what is written of its result, where that tells neither success nor failure, or both
}

// Telemetry is what was to be seen of the newest drill.
type Telemetry struct {
	// Moved are the series of rollbacks that changed in it, Still those that are
	// there and did not, Absent those that are not there.
	Moved, Still, Absent []string
	Span                 string // the value of rollback.operation of its span, empty for none
	Asked                bool   // somebody looked
	Detail               string // why nobody could
}

// newestTrials is how many trials count for how long a rollback takes.
const newestTrials = 3

// most is how long a rollback may take.
const most = 90 * time.Second

// Ready judges a rollback as of an instant by its trials, its guard, and what was
// to be seen of it.
func Ready(trials []Trial, guard string, seen Telemetry, now time.Time) report.Readiness {
	past := slices.DeleteFunc(slices.Clone(trials), func(t Trial) bool { return t.At.After(now) })
	slices.SortStableFunc(past, func(a, b Trial) int { return b.At.Compare(a.At) })
	r := report.Readiness{Timely: timely(past), Idempotent: idempotent(past, guard), Observable: observable(seen)}
	for _, a := range []report.Answer{r.Timely, r.Idempotent, r.Observable} {
		if a.Holds == report.Yes {
			r.Level++
		}
	}
	return r
}

// timely judges by the trials that took something back: one that found it done already
// tells nothing about how long it takes.
func timely(past []Trial) report.Answer {
	tried := len(past) > 0
	past = slices.DeleteFunc(slices.Clone(past), func(t Trial) bool { return t.Again })
	switch {
	case !tried:
		return report.Answer{Holds: report.Unknown, Because: "it was never tried"}
	case len(past) == 0:
		return report.Answer{Holds: report.Unknown, Because: "each trial found it done already, so that none tells how long it takes"}
	}
	past = past[:min(len(past), newestTrials)]
	worst := slices.MaxFunc(past, func(a, b Trial) int { return cmp.Compare(a.Seconds, b.Seconds) })
	what := fmt.Sprintf("the slowest of the last %d took %v s, on %s", len(past), worst.Seconds, worst.At.UTC().Format(time.DateOnly))
	if i := slices.IndexFunc(past, func(t Trial) bool { return t.Failed }); i >= 0 {
		return report.Answer{Holds: report.No, Because: "it failed on " + past[i].At.UTC().Format(time.DateOnly)}
	}
	if worst.Seconds > most.Seconds() {
		return report.Answer{Holds: report.No, Because: what + "; 90 s are allowed"}
	}
	if i := slices.IndexFunc(past, func(t Trial) bool { return t.Unclear != "" }); i >= 0 {
		return report.Answer{Holds: report.Unknown, Because: fmt.Sprintf("the result %q of %s does not tell whether it was done or failed", evidence.Excerpt(past[i].Unclear, longestResult), past[i].At.UTC().Format(time.DateOnly))}
	}
	return report.Answer{Holds: report.Yes, Because: what}
}

// longestResult is how much of a drill's result is repeated, in bytes.
const longestResult = 60

func idempotent(past []Trial, guard string) report.Answer {
	if guard = strings.TrimSpace(guard); guard != "" {
		return report.Answer{Holds: report.Yes, Because: "guarded by: " + guard}
	}
	if i := slices.IndexFunc(past, func(t Trial) bool { return t.Again }); i >= 0 {
		return report.Answer{Holds: report.Yes, Because: "repeated on " + past[i].At.UTC().Format(time.DateOnly) + ", it said that it was done already"}
	}
	return report.Answer{Holds: report.Unknown, Because: "no guard is named, and no drill repeated it"}
}

func observable(t Telemetry) report.Answer {
	switch {
	case !t.Asked:
		if t.Detail != "" {
			return report.Answer{Holds: report.Unknown, Because: t.Detail}
		}
		return report.Answer{Holds: report.Unknown, Because: "nobody looked at the telemetry of its last drill"}
	case len(t.Absent) > 0:
		return report.Answer{Holds: report.No, Because: "there is no " + strings.Join(t.Absent, " and no ")}
	case len(t.Still) > 0:
		return report.Answer{Holds: report.No, Because: strings.Join(t.Still, " and ") + " did not change in the last drill"}
	case t.Span == "":
		return report.Answer{Holds: report.No, Because: "no span rollback.execute with rollback.operation tells of the last drill"}
	}
	return report.Answer{Holds: report.Yes, Because: strings.Join(t.Moved, ", ") + " changed in the last drill, and the span rollback.execute tells of " + t.Span}
}

// SpanName and OperationAttribute are by what a span tells of a rollback.
const (
	SpanName           = "rollback.execute"
	OperationAttribute = "rollback.operation"
)

// Said are the names of the series about rollbacks, as services call them, with
// the suffixes that exporters add.
var Said = []string{"rollback_duration", "rollback_success", "rollback_retried"}

// Aliases are other series that say the same as one of Said.
var Aliases = map[string][]string{"rollback_success": {totalSeries}}

// Operation is what a trace's span says of a rollback, empty for none.
func Operation(t evidence.Trace) string {
	for i := range t.Spans {
		if s := &t.Spans[i]; s.Operation == SpanName && s.Attribute(OperationAttribute) != "" {
			return s.Attribute(OperationAttribute)
		}
	}
	return ""
}
