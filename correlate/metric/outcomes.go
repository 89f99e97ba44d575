package metric

import (
	"slices"
	"strconv"
	"strings"
)

// Outcome tells what the events are that a series counts, by its labels.
type Outcome int

// The outcomes; a series whose labels do not tell has OutcomeUnknown.
const (
	OutcomeUnknown Outcome = iota
	OutcomeGood
	OutcomeBad
)

// outcomeWords are the values of outcome labels, and the names of labels that
// are true or false, that say how it ended.
var outcomeWords = map[string]Outcome{
	"ok": OutcomeGood, "success": OutcomeGood, "successful": OutcomeGood, "succeeded": OutcomeGood, "good": OutcomeGood, "2xx": OutcomeGood, "completed": OutcomeGood, "healthy": OutcomeGood,
	"error": OutcomeBad, "errors": OutcomeBad, "fail": OutcomeBad, "failed": OutcomeBad, "failure": OutcomeBad, "bad": OutcomeBad, "5xx": OutcomeBad, "timeout": OutcomeBad, "rejected": OutcomeBad, "unhealthy": OutcomeBad,
}

// OutcomeOf reads the outcome from a series' labels.
func OutcomeOf(labels map[string]string) Outcome {
	for _, k := range OutcomeLabels {
		v := strings.ToLower(labels[k])
		if o := outcomeWords[v]; o != OutcomeUnknown {
			return o
		}
		if code, err := strconv.Atoi(v); err == nil && len(v) == 3 {
			switch code / 100 {
			case 2:
				return OutcomeGood
			case 5:
				return OutcomeBad
			}
		}
	}
	found := OutcomeUnknown
	for k, v := range labels { // the same whatever the order: two that disagree tell nothing
		o := outcomeWords[strings.ToLower(k)]
		if o == OutcomeUnknown || !slices.Contains([]string{"true", "false"}, v) {
			continue
		}
		if v == "false" {
			o = OutcomeGood + OutcomeBad - o
		}
		if found != OutcomeUnknown && found != o {
			return OutcomeUnknown
		}
		found = o
	}
	return found
}
