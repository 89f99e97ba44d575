package gathered

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// Milestone is an event that the business counts, as a person configured it: a
// payment that was committed, an ad that was shown.
type Milestone struct {
	ID string `yaml:"id"`
	// Says is what one that failed is called, in the plural: "ads not served".
	Says    string `yaml:"says"`
	Service string `yaml:"service"` // whose event it is, empty for nobody's
	// From is "metric", the default: Good and Bad are selectors of counters; "span":
	// they are attributes as NAME=VALUE, or names alone, of spans of the service; or
	// "log": they are LogQL queries of lines, each of which is an event.
	From string `yaml:"from"`
	Good string `yaml:"good"`
	Bad  string `yaml:"bad"`
	// Duration is the selector of a histogram of the time until it is reached.
	Duration string `yaml:"duration"`
	// Step is its place in a Journey, whose milestones stand in the configuration in
	// the order in which users reach them.
	Step    string `yaml:"step"`
	Journey string `yaml:"journey"`
}

// Where milestones come from.
const (
	FromMetric = "metric"
	FromSpan   = "span"
	FromLog    = "log"
)

// Reached is what was measured of a milestone over the survey: the samples of its
// counters, series by series, or how many lines told of it since the sample before;
// and the 99th percentile of its duration in seconds.
type Reached struct {
	Milestone
	Good, Bad [][]evidence.Sample
	// Counted tells that the questions about both were answered.
	Counted bool
	P99     []evidence.Sample
}
