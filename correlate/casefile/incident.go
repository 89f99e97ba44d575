package casefile

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// IncidentState is where an incident stands.
type IncidentState string

// The states of an incident.
const (
	StateInvestigating IncidentState = "investigating"
	StateReported      IncidentState = "reported"
	StateResolved      IncidentState = "resolved"
)

// BundleState is what became of the evidence bundle of a report; "" when it was
// never to be kept.
type BundleState string

// The states of an evidence bundle.
const (
	BundleRecording BundleState = "recording" // due, or being recorded
	BundleKept      BundleState = "kept"
	BundleDropped   BundleState = "dropped" // made room for newer ones
	BundleFailed    BundleState = "failed"
)

// Incident is one alert group's life, as the list shows it.
type Incident struct {
	ID        string             `json:"id"`
	State     IncidentState      `json:"state"`
	Verdict   report.VerdictWord `json:"verdict,omitempty"`
	Title     string             `json:"title"`
	Entity    string             `json:"entity,omitempty"` // blamed first, empty before the first report
	StartedAt time.Time          `json:"started_at"`
	Revision  int                `json:"revision"` // of the newest report, 0 before the first

	Service   string           `json:"service,omitempty"` // alerting service
	Severity  string           `json:"severity,omitempty"`
	AlertName string           `json:"alert,omitempty"`
	Mechanism report.Mechanism `json:"mechanism,omitempty"`
	Trigger   report.Trigger   `json:"trigger,omitempty"`
	Commit    string           `json:"commit,omitempty"`
	Decision  string           `json:"decision,omitempty"`
	Impact    string           `json:"impact,omitempty"`
	// Burn and Affected are the report's Impact.Burn and Impact.Affected.
	Burn     float64 `json:"burn,omitempty"`
	Affected float64 `json:"affected,omitempty"`
	// Budget is what the report says of the error budget that burns fastest: whose it
	// is, how fast, what is left and when that is used up.
	Budget string `json:"budget,omitempty"`
	// ReceivedAt is when the alert was made durable, ReportedAt when revision 1
	// was; both are the machine's clock and never part of a report.
	ReceivedAt time.Time `json:"received_at"`
	ReportedAt time.Time `json:"reported_at,omitzero"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	// AcknowledgedBy is empty until somebody did.
	AcknowledgedBy string `json:"acknowledged_by,omitempty"`
	// Lead is who leads the incident's handling, empty for nobody.
	Lead string `json:"lead,omitempty"`
	// FoldedInto is the incident whose investigation, and so whose reports, are this
	// one's too, since both are of the same FoldedBy: "rule", "service" or "onset".
	// Members is how many were folded into this one.
	FoldedInto string `json:"folded_into,omitempty"`
	FoldedBy   string `json:"folded_by,omitempty"`
	Members    int    `json:"members,omitempty"`
	// Failed says why there is no report and none is to come: the investigation
	// was given up. The list does not have it.
	Failed string `json:"failed,omitempty"`
}

// IncidentFilter selects incidents; a zero field selects all. Incidents come
// open ones first, then newest first, then by ID.
type IncidentFilter struct {
	State    IncidentState
	Service  string
	Severity string
	Trigger  report.Trigger
	Verdict  report.VerdictWord
	Decision string
	Entity   string
	// Text is looked for in title, service, ID, alert, entity, impact, decision and
	// commit, in what the programs said, and in notes.
	Text string
	// Since and Until bound when incidents began, both inclusive; zero for no bound.
	Since, Until time.Time
	// Sort is "" for the default, "started", "service", "severity", or, highest
	// first and unknown last, "burn" or "impact".
	Sort   string
	Limit  int    // at most 200, default 50
	Cursor string // opaque, from the previous page
}

// Facet counts the incidents that have one value of one field.
type Facet struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Note is what a person wrote on an incident.
type Note struct {
	ID     int64     `json:"id"`
	Author string    `json:"author"`
	Text   string    `json:"text"`
	Time   time.Time `json:"time"`
}

// Feedback is what a person says about a report's cause. It is stored, shown,
// exported and counted; it never changes a ranking.
type Feedback struct {
	ID       int64          `json:"id"`
	Revision int            `json:"revision"`
	Judgment string         `json:"judgment"` // confirm, reject or correct
	Entity   string         `json:"entity,omitempty"`
	Trigger  report.Trigger `json:"trigger,omitempty"`
	Commit   string         `json:"commit,omitempty"`
	Decision string         `json:"decision,omitempty"`
	Note     string         `json:"note,omitempty"`
	Author   string         `json:"author"`
	Time     time.Time      `json:"time"`
}

// CheckRequest asks whether an incident got a root cause, the right one, in
// time.
type CheckRequest struct {
	Level    int         `json:"level"`
	Service  string      `json:"service"`
	Incident string      `json:"incident,omitempty"` // else the window
	From     time.Time   `json:"from,omitzero"`
	To       time.Time   `json:"to,omitzero"`
	Expect   CheckExpect `json:"expect"`
	Within   float64     `json:"within_seconds"`
}

// CheckExpect is what the first cause should be; empty fields are not checked.
type CheckExpect struct {
	Entity   string `json:"entity,omitempty"`
	Trigger  string `json:"trigger,omitempty"`
	Commit   string `json:"commit,omitempty"` // a prefix of at least 7 digits will do
	Decision string `json:"decision,omitempty"`
}

// CheckResult is the answer of one check, or of a level with its checks.
type CheckResult struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Level      int       `json:"level"`
	Service    string    `json:"service,omitempty"`
	Revision   string    `json:"revision,omitempty"`
	Status     string    `json:"status"` // PASS, WARN, FAIL or INCONCLUSIVE
	Message    string    `json:"message"`
	Evidence   string    `json:"evidence"` // URL path of the incident, or where it was found
	ExecutedAt time.Time `json:"executed_at"`
	// Places are lines of code or of files that it is about, some of them.
	Places []CheckPlace `json:"places,omitempty"`
	// Calls are the questions to traces, logs and metrics that the answer rests on.
	Calls []CheckCall `json:"calls,omitempty"`
	// Pending says that the answer may be another one soon: ask again.
	Pending bool `json:"pending,omitempty"`
	// Checks are those of a level; Reached is the level of the service, where its
	// history is kept.
	Checks  []CheckResult `json:"checks,omitempty"`
	Reached *int          `json:"reached,omitempty"`
}

// CheckPlace is a line that a check is about.
type CheckPlace struct {
	Path    string `json:"path,omitempty"`
	Line    int    `json:"line,omitempty"` // from 1, 0 when not known
	Message string `json:"message"`
}

// CheckCall is one question that was put to a source.
type CheckCall struct {
	Source string `json:"source"` // traces, logs or metrics
	Query  string `json:"query"`
	Status string `json:"status"`
	Count  int    `json:"count"`
}
