package maturity

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// Facts are what was found out about a service, one member for each way of
// finding out; a nil member was not looked at, and what rests on it is
// INCONCLUSIVE. They travel in requests, so every text of them is hostile.
type Facts struct {
	Tests       *Tests       `json:"tests,omitempty"`
	Lint        *Lint        `json:"lint,omitempty"`
	Decisions   *Decisions   `json:"decisions,omitempty"`
	Coverage    *Coverage    `json:"coverage,omitempty"`
	Source      *Source      `json:"source,omitempty"`
	Builds      *Builds      `json:"builds,omitempty"`
	Smoke       *Smoke       `json:"smoke,omitempty"`
	Attainment  *Attainment  `json:"attainment,omitempty"`
	Experiments *Experiments `json:"experiments,omitempty"`
	Indicators  *Indicators  `json:"indicators,omitempty"`
	Drill       *Drill       `json:"drill,omitempty"`
	Telemetry   *Telemetry   `json:"telemetry,omitempty"`
	Disruption  *Disruption  `json:"disruption,omitempty"`
	Latency     *Latency     `json:"latency,omitempty"`
}

// Tests are the results of one run of the tests.
type Tests struct {
	At       time.Time             `json:"at"` // of the last event
	Passed   int                   `json:"passed"`
	Failed   int                   `json:"failed"`
	Skipped  int                   `json:"skipped"`
	Packages int                   `json:"packages"`
	Failures []casefile.CheckPlace `json:"failures,omitempty"` // some of those that failed
	Races    []casefile.CheckPlace `json:"races,omitempty"`    // reports of the race detector
	Race     bool                  `json:"race"`               // it ran with the race detector
}

// Lint is what a linter found.
type Lint struct {
	At     time.Time             `json:"at"` // when the file was written
	Tool   string                `json:"tool,omitempty"`
	Found  int                   `json:"found"`
	Places []casefile.CheckPlace `json:"places,omitempty"`
}

// Decisions are the decision records of a folder.
type Decisions struct {
	Records int                   `json:"records"`
	Refused int                   `json:"refused"`
	Places  []casefile.CheckPlace `json:"places,omitempty"`
}

// Coverage is the share of statements that tests run, of code that is not
// generated.
type Coverage struct {
	At         time.Time `json:"at"`
	Covered    int       `json:"covered"`
	Statements int       `json:"statements"`
	Generated  int       `json:"generated"` // statements left out
}

// Source is what the source code itself shows.
type Source struct {
	Packages int `json:"packages"`
	// Mains are main functions that end at no signal, or that hand no context on.
	MainCount int                   `json:"main_count"`
	Mains     []casefile.CheckPlace `json:"mains,omitempty"`
	// Prints write to the terminal by hand.
	Prints []casefile.CheckPlace `json:"prints,omitempty"`
	// Servers are the HTTP servers that are made.
	Servers []HTTPServer `json:"servers,omitempty"`
}

// HTTPServer is one http.Server of the source; 0 is a timeout that is not set,
// below 0 one whose value is no constant.
type HTTPServer struct {
	Path       string        `json:"path"`
	Line       int           `json:"line"`
	Read       time.Duration `json:"read"`
	ReadHeader time.Duration `json:"read_header"`
	Write      time.Duration `json:"write"`
}

// Builds are the digests of several builds of one revision.
type Builds struct {
	Names  []string `json:"names"`
	SHA256 []string `json:"sha256"`
}

// Smoke is one request to a service that was just started.
type Smoke struct {
	At     time.Time     `json:"at"`
	URL    string        `json:"url"`
	Took   time.Duration `json:"took"`
	Status int           `json:"status"` // 0 when nothing answered
	Detail string        `json:"detail,omitempty"`
}

// Attainment is how often a service met its objectives, hour by hour.
type Attainment struct {
	Period time.Duration `json:"period"` // asked for
	SLOs   []SLOAttained `json:"slos"`
	Detail string        `json:"detail,omitempty"` // why it could not be measured
}

// SLOAttained is one objective.
type SLOAttained struct {
	Name   string        `json:"name"`
	Target float64       `json:"target"`
	Hours  int           `json:"hours"` // with events
	Met    int           `json:"met"`
	Kept   time.Duration `json:"kept"` // how far back samples reach
}

// Experiments are the chaos experiments that were announced.
type Experiments struct {
	List   []Experiment `json:"list"`
	Detail string       `json:"detail,omitempty"`
}

// Experiment is one experiment and how the objectives fared.
type Experiment struct {
	ID     string    `json:"id"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Missed []string  `json:"missed,omitempty"` // one clause for each objective
	Judged int       `json:"judged"`           // objectives that had events
}

// Indicators say whether the objectives are measured now.
type Indicators struct {
	At   time.Time `json:"at"`
	Live []string  `json:"live,omitempty"`
	Dead []string  `json:"dead,omitempty"` // one clause each
}

// Drill is a fault that was made on purpose while health was polled.
type Drill struct {
	At      time.Time `json:"at"` // when the command that makes the fault ended
	URL     string    `json:"url"`
	Before  string    `json:"before"` // status before the fault
	Reasons []string  `json:"reasons,omitempty"`
	// Making is how long that command ran: the fault was there at some time in it.
	Making time.Duration `json:"making,omitempty"`
	// Degraded is how long after At health said so, below 0 for never.
	Degraded time.Duration `json:"degraded"`
	// Healed is how long after the fault it was well again, below 0 for never;
	// ByHand says that somebody took the fault back, or deployed, before.
	Healed time.Duration `json:"healed"`
	ByHand bool          `json:"by_hand"`
	// Unknown says why the fault of the drill is not believed: nobody announced it.
	// Whoever knows what was announced says so, and not who sends the drill.
	Unknown string `json:"unknown,omitempty"`
}

// Telemetry is a sample of what a service sends.
type Telemetry struct {
	At          time.Time     `json:"at"`
	Window      time.Duration `json:"window"`
	Lines       int           `json:"lines"`
	Traced      int           `json:"traced"` // lines with a trace ID
	Spans       int           `json:"spans"`
	Versioned   int           `json:"versioned"`
	Environment int           `json:"environment"`
	// Requests are counters of requests, Statusless those without a status label.
	Requests   []string `json:"requests,omitempty"`
	Statusless []string `json:"statusless,omitempty"`
	// Unasked are the sources that could not be asked, with the reason.
	Unasked map[string]string `json:"unasked,omitempty"` // by traces, logs, metrics
	// Unknown says that no source knows the service, with names like it.
	Unknown string `json:"unknown,omitempty"`
}

// Disruption is what manifests say about how much of a service may go at once.
type Disruption struct {
	Replicas int    `json:"replicas"`
	Workload string `json:"workload,omitempty"`
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	// Budget is whether there is a PodDisruptionBudget for it; Available is how
	// many pods it keeps.
	Budget bool `json:"budget"`
	// Beside are further ones that select the same pods.
	Beside    int     `json:"beside,omitempty"`
	Available int     `json:"available"`
	Target    float64 `json:"target"` // the strictest objective's, 0 for none
}

// Latency is how long requests took.
type Latency struct {
	P99    time.Duration `json:"p99"` // 0 when not known
	Period time.Duration `json:"period"`
	Detail string        `json:"detail,omitempty"`
}
