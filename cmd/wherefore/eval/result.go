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

	// CulpritsFound counts, over the cases with several culprits, those among as
	// many first places as there are culprits (R-precision).
	CulpritsFound Share `json:"culprits_found"`
	// OnsetInside counts the labelled onsets that lie in the interval that the
	// report gives, OnsetOffMedian is by how many seconds its instant is off.
	OnsetInside    Share    `json:"onset_inside"`
	OnsetOffMedian *float64 `json:"onset_off_median,omitempty"`

	SecondsMedian float64 `json:"seconds_median"`
	PeakMB        float64 `json:"peak_mb"`

	Verdicts map[string]VerdictCount `json:"verdicts"`
	// Pooled are the verdicts of all data sets of the run together: the one
	// figure that is pooled, because a word means the same everywhere.
	Pooled map[string]VerdictCount `json:"verdicts_pooled,omitempty"`
	Brier  Mean                    `json:"brier"`
	Probes map[string]ProbeScore   `json:"probes"`
	Cases  []Case                  `json:"cases"`
	// Suspicion is nil where no label names a commit.
	Suspicion *Suspicion `json:"suspicion,omitempty"`
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
// was right then, with Wilson's 95 % interval of the share.
type VerdictCount struct {
	N     int     `json:"n"`
	Right int     `json:"right"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// counted is the count with its interval.
func counted(right, n int) VerdictCount {
	s := share(right, n)
	return VerdictCount{N: n, Right: right, Low: round(s.Low), High: round(s.High)}
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
	// Culprits are the right answers where there are several; AllToBlame says
	// that each of them is to blame, and Found counts those among as many first
	// places.
	Culprits   []string `json:"culprits,omitempty"`
	AllToBlame bool     `json:"all_to_blame,omitempty"`
	Found      int      `json:"found,omitempty"`
	// Ranked are the entities, best first.
	Ranked []Ranked `json:"ranked"`
	// Rank counts the candidates with a score of at least the truth's; 0 when
	// the truth is not ranked or not labelled. Of several culprits the best
	// placed counts, and the others do not stand in its way.
	Rank          int      `json:"rank"`
	LocusTruth    []string `json:"locus_truth,omitempty"`
	Loci          []string `json:"loci"`
	LocusHit      bool     `json:"locus_hit"`
	CommitTruth   string   `json:"commit_truth,omitempty"`
	CommitsRanked []string `json:"commits_ranked"`
	// CommitShare is the belief in the first of CommitsRanked, 0 to 1; nil where
	// the report does not say.
	CommitShare *float64 `json:"commit_share,omitempty"`
	blamed      string   // whom blame alone names
	abstain     bool     // nobody can know
	Remediation string   `json:"remediation,omitempty"`
	BlastRadius []string `json:"blast_radius,omitempty"`
	Decoy       bool     `json:"decoy_blamed,omitempty"`
	Verdict     string   `json:"verdict"`
	Mechanism   string   `json:"mechanism,omitempty"`
	Trigger     string   `json:"trigger,omitempty"`
	Seconds     float64  `json:"seconds"`
	// OnsetTruth and OnsetSaid are RFC 3339 with milliseconds. OnsetOff is said
	// minus truth in seconds, nil where one of them is missing.
	OnsetTruth  string   `json:"onset_truth,omitempty"`
	OnsetSaid   string   `json:"onset_said,omitempty"`
	OnsetFrom   string   `json:"onset_from,omitempty"`
	OnsetOff    *float64 `json:"onset_off,omitempty"`
	OnsetInside bool     `json:"onset_inside,omitempty"`
	// Miss says in one sentence why the first answer is not the right one; empty
	// when it is.
	Miss string `json:"miss,omitempty"`
	// Failure says why there was no report.
	Failure string `json:"failure,omitempty"`
}

// Ranked is one entity and its best cause's score.
type Ranked struct {
	Entity string `json:"entity"`
	Score  int    `json:"score"`
}
