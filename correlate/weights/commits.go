package weights

// OfCommit is what a feature of a commit, or of the answer that none of them is
// guilty, is worth at its full value: 1000 times the natural logarithm of the
// ratio by which it makes the hypothesis likelier. The figures were fitted by
// fixtures/bench/fit on incidents of our own and on the development data, as a
// conditional logit with a ridge; those marked a priori had nothing to be fitted
// on. Values and units of the features stand in the suspect package.
func OfCommit(id string) int { return ofCommit[id] }

var ofCommit = map[string]int{
	// Of a commit.
	"commit/names":          987,
	"commit/words":          2414,
	"commit/message":        312,
	"commit/file":           2285,
	"commit/function":       400, // a priori: where it is fitted, the names in the stack say the same
	"commit/literal":        1706,
	"commit/numbers":        855,
	"commit/mechanism-near": 500, // a priori: what a rule has besides where the failure is near; fitted it is 125, since shared names say the same
	"commit/mechanism":      5053,
	"commit/blame":          2000, // a priori: no history can be had to fit it on
	"commit/entity":         1500, // a priori

	"commit/gray":            4000,  // a priori: a controlled experiment
	"commit/live":            300,   // a priori: the newest deployment is mostly innocent
	"commit/no-diff":         700,   // a priori: what nobody could read is no worse than an average diff
	"commit/breaks-decision": 1000,  // a priori
	"commit/fixed":           3000,  // a priori: somebody took it back, or mended it, afterwards
	"commit/not-live":        -9000, // a priori, as all that excludes
	"commit/innocuous":       -9000,
	"commit/reverted":        -9000,
	"commit/merge":           -9000,
	"change/near":            500,
	"change/entity":          1250,
	"change/words":           500,
	"change/doubt":           -3000,
	"change/after":           -9000,

	// Of none.
	"commit/none":             -984,
	"commit/operational":      4199,
	"commit/operational-said": 2829,
	"commit/unexplained":      -164,
	"commit/at-once":          -1500, // a priori: three minutes are a five-hundredth of a day
	"commit/aged":             400,   // a priori: in what is fitted on, hours are of our making
	"commit/untouched":        971,
	"commit/elsewhere":        464,
	"commit/quiet":            6000, // a priori: nothing could have done it
}

// RuleRate is how many of a thousand innocent commits a mechanism rule fires on,
// measured over histories by `wherefore eval --rules`. A rule that fires on a
// third of them tells nothing.
func RuleRate(rule string) int {
	if r, ok := ruleRates[rule]; ok {
		return r
	}
	return 50
}

// ruleRates are of 1197 changes of public modules in four languages and of this
// repository.
var ruleRates = map[string]int{
	"auth":            13,
	"blocking":        80,
	"cache":           6,
	"condition":       183,
	"dependency":      15,
	"endpoint":        15,
	"errors":          174,
	"feature-default": 3,
	"growth":          84,
	"limit":           33,
	"lock":            52,
	"logging":         20,
	"loop-query":      50,
	"nil-check":       172,
	"pool":            17,
	"queue":           6,
	"rate-limit":      5,
	"release":         24,
	"resources":       2,
	"retry":           2,
	"schema":          13,
	"timeout":         18,
	"tolerance":       3,
	"units":           14,
	"wiring":          124,
}
