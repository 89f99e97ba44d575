package eval

// Result is the score on one data set.
type Result struct {
	Dataset string `json:"dataset"`
	N       int    `json:"n"`
	Onset   Onset  `json:"onset"`
	// OnsetGiven counts the cases whose label told the engine the onset.
	OnsetGiven int `json:"onset_given"`

	AC1  Share `json:"ac1"` // over cases with a labelled service
	AC3  Share `json:"ac3"`
	AC5  Share `json:"ac5"`
	Avg5 Mean  `json:"avg5"`
	MRR  Mean  `json:"mrr"`

	LocusAC1      Share `json:"locus_ac1"`
	CommitAC1     Share `json:"commit_ac1"`
	CommitAC3     Share `json:"commit_ac3"`
	NoneRecall    Share `json:"none_recall"`
	NonePrecision Share `json:"none_precision"`
	Remediation   Share `json:"remediation_acc"`
	BlastJaccard  Mean  `json:"blast_jaccard"`
	DecoysBlamed  int   `json:"decoys_blamed"`
	// Abstained counts the cases whose label says that nobody can know.
	Abstained Share `json:"abstained"`

	SecondsMedian float64 `json:"seconds_median"`
	PeakMB        float64 `json:"peak_mb"`

	Verdicts map[string]VerdictCount `json:"verdicts"`
	Brier    Mean                    `json:"brier"`
	Probes   map[string]ProbeScore   `json:"probes"`
	Cases    []Case                  `json:"cases"`
}

// Share is k of n as a share, with Wilson's 95 % interval. Its JSON is the
// share alone; n and the interval stand beside it under "intervals".
type Share struct {
	K, N      int
	Low, High float64
}

// Mean is an average with a bootstrapped 95 % interval.
type Mean struct {
	Value     float64
	N         int
	Low, High float64
}

// VerdictCount says how often a verdict was given and how often the first cause
// was right then.
type VerdictCount struct {
	N     int `json:"n"`
	Right int `json:"right"`
}

// ProbeScore is what a trivial method scores; nil where it does not apply.
type ProbeScore struct {
	AC1       *float64 `json:"ac1,omitempty"`
	CommitAC1 *float64 `json:"commit_ac1,omitempty"`
}

// Case is one case's score.
type Case struct {
	ID    string `json:"id"`
	Truth string `json:"truth"`
	// Ranked are the entities, best first.
	Ranked []Ranked `json:"ranked"`
	// Rank counts the candidates with a score of at least the truth's; 0 when
	// the truth is not ranked or not labelled.
	Rank          int      `json:"rank"`
	LocusTruth    []string `json:"locus_truth,omitempty"`
	Loci          []string `json:"loci"`
	LocusHit      bool     `json:"locus_hit"`
	CommitTruth   string   `json:"commit_truth,omitempty"`
	CommitsRanked []string `json:"commits_ranked"`
	Remediation   string   `json:"remediation,omitempty"`
	BlastRadius   []string `json:"blast_radius,omitempty"`
	Decoy         bool     `json:"decoy_blamed,omitempty"`
	Verdict       string   `json:"verdict"`
	Mechanism     string   `json:"mechanism,omitempty"`
	Trigger       string   `json:"trigger,omitempty"`
	Seconds       float64  `json:"seconds"`
	// Failure says why there was no report.
	Failure string `json:"failure,omitempty"`
}

// Ranked is one entity and its best cause's score.
type Ranked struct {
	Entity string `json:"entity"`
	Score  int    `json:"score"`
}
