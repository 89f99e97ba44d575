package publish

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

// Statuses are those that a decision may have, in order.
var Statuses = []string{"accepted", "deprecated", "proposed", "rejected", "superseded"}

// State is what the metrics say of a decision log.
type State struct {
	ByStatus map[string]int
	Response []Response
	Faults   int // that refuse a record
}

// Response is how long after it was logged a decision took effect.
type Response struct {
	DecisionID string
	Took       time.Duration
}

// StateOf sums a log up; rules and deleted decisions are left out.
func StateOf(records []decision.Record, faults int) State {
	s := State{ByStatus: map[string]int{}, Faults: faults}
	for _, r := range records {
		if r.Kind != decision.KindDecision || r.Deleted {
			continue
		}
		s.ByStatus[cmp.Or(r.Status, "accepted")]++
		if !r.When.EffectiveAt.IsZero() && !r.When.LoggedAt.IsZero() {
			s.Response = append(s.Response, Response{r.ID, r.When.EffectiveAt.Sub(r.When.LoggedAt)})
		}
	}
	return s
}

// WriteMetrics writes the state of the log in OpenMetrics text, for a node
// exporter's textfile collector.
func WriteMetrics(w io.Writer, records []decision.Record, faults int) error {
	s := StateOf(records, faults)
	var b strings.Builder
	b.WriteString("# HELP decision_records Decisions in the log by status.\n# TYPE decision_records gauge\n")
	for _, status := range Statuses {
		fmt.Fprintf(&b, "decision_records{status=%q} %d\n", status, s.ByStatus[status])
	}
	b.WriteString("# HELP decision_response_seconds From when a decision was logged to when it took effect.\n# TYPE decision_response_seconds gauge\n# UNIT decision_response_seconds seconds\n")
	for _, r := range s.Response {
		fmt.Fprintf(&b, "decision_response_seconds{decision_id=%q} %g\n", r.DecisionID, r.Took.Seconds())
	}
	fmt.Fprintf(&b, "# HELP decision_faults Faults that refuse a record.\n# TYPE decision_faults gauge\ndecision_faults %d\n# EOF\n", s.Faults)
	_, err := io.WriteString(w, b.String())
	return err
}
