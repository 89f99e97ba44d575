package weights

import (
	"math"
	"time"
)

// Commit is how commits and changes are ranked as suspects. Shares, strengths and
// values are in thousandths where they are integers.
type Commit struct {
	// Features are what a feature is worth, by its id; RuleRates how often a
	// mechanism rule fires on innocent commits, in thousandths, by the rule's id,
	// and OtherRate that of a rule which was not measured.
	Features  map[string]int
	RuleRates map[string]int
	OtherRate int
	// All of a rule's strength counts where it fires on one innocent commit in Tells
	// or fewer, none where on one in Silent; TellsPower is the bend between.
	Tells, Silent, TellsPower float64

	Reading Reading
	Signs   Signs
	Names   Names
	Letters Letters
	Places  Places
	Live    Live
	None    None
	Word    SuspectWord

	// Lapse is in how many of a thousand cases what is seen tells nothing of what did
	// it, so that each hypothesis that nothing excludes is as likely as another: no
	// belief goes beyond the rest. Excluded are the points below which one is excluded.
	Lapse, Excluded int
	// Keener is by how much points count more in the belief than they were fitted, in
	// thousandths: the fit has no lapse.
	Keener int
	// Produces is the most that a commit which produces what is seen gives its
	// entity, in an entity's points: below what a single strong signal gives.
	// Belief is the share of the belief, in thousandths, beyond which it does.
	Produces, Belief int
	// RankParts is of how many parts of a rule's fit a signature loses one by each
	// place that it stands further down the rule's list: the likeliest stands first.
	RankParts int
	// Broken is what a broken check of a decision is worth by the level that the
	// decision gives it.
	Broken map[string]int
}

// Said is how much a statement counts: as a sign, and in the comparison of words.
type Said struct {
	Sign int
	Word float64
}

// Reading is what the statements of a failure are worth.
type Reading struct {
	Alert, Span                          Said
	NewError, Error, NewWarning, Warning Said
	New                                  Said // of any other severity
	// Novel is how many times its normal rate a statement must have to be new.
	Novel float64
	// Fails is the weight in words from which a statement tells of a failure.
	Fails float64
	// Calls is how many normal spans of a service must be known for a call that none
	// of them made to be new.
	Calls int
}

// Signs is how signs are taken for a cause.
type Signs struct {
	// Own, Platform, Connected and Others are the shares of the signs of the entity
	// and the alert, of the platform, of callers and callees, which may be
	// consequences, and of all others.
	Own, Platform, Connected, Others int
	// Mechanism is what the cause's mechanism says by itself.
	Mechanism int
	// Specific is how much it tells that a diff explains a sign, by the sign, in
	// thousandths: nearly any fault ends in errors, slowness or time-outs.
	Specific map[string]int
	// HitLine and HitMeasure are the strengths from which a statement and a measure
	// show that an entity is hit.
	HitLine, HitMeasure int
}

// Names is how names that commit and failure share are weighed.
type Names struct {
	// Few is the number of commits below which rarity is not counted any finer: with
	// three suspects a name that one of them has is still rare among all commits.
	Few int
	// Word is what is left of a single word of the language, Defined of one to which
	// the changed lines give a meaning, Normal of a name that
	// normal operation speaks of as well, Kept of one that stands in changed lines
	// before and after, Part of one that either side has only within a longer one.
	Word, Defined, Normal, Kept, Part float64
	// Lines and Message are how many of the rarest names count.
	Lines, Message int
	// Failing is the number of names in a failure beyond which it shares some with
	// any commit.
	Failing int
	// LiteralWords is how many words of a text that a commit adds are full value.
	LiteralWords int
	// BM25K and BM25B are the saturation and the length normalisation of BM25, as in
	// the paper; Thin is how many words of the failure halve a similarity: of a few
	// words to share many do.
	BM25K, BM25B, Thin float64
	// MuchSaid and MuchRaised are the similarities, in thousandths, up to which the
	// most similar commit does not count in full.
	MuchSaid, MuchRaised int
}

// Letters is how long words and names must be to tell one thing from another.
type Letters struct {
	// Word is the least length of a word that is compared, Name of a single word that
	// is taken for a name, Digits of an amount without a unit.
	Word, Name, Digits int
	// Stem is the least length of a word whose ending is taken off.
	Stem int
	// Apart is how many unchanged lines may lie within one run of changed ones.
	Apart int
	// Part is the least length of a beginning or an end of a longer name, which has
	// PartWords words at least, Pair that
	// of two words side by side, and Compound that of a name of several words which
	// counts whole, up to Longest.
	Part, PartWords, Pair, Compound, Longest int
	// Package is the least length of a dependency's name, Phrase of how many words a
	// text is that can be recognised.
	Package, Phrase int
}

// Places is how code places that the failure names count.
type Places struct {
	// Further is how many places further out halve the value.
	Further int
	// NearRare is how many times more commits than have a name there must be for it
	// to tell that a rule fired near the failure.
	NearRare int
	// Said is of how many failing places the code itself is read, Innermost in how
	// many lines of a stack a dependency must be named to count in full, and Passing
	// what it counts further out.
	Said, Innermost, Passing int
	// LinesHalf is how many lines away from a failing one a change counts half,
	// LinesMost how many are too many.
	LinesHalf, LinesMost int
}

// Live is how where and when something went live counts.
type Live struct {
	// HalfLife is the age at which a deployment has half: leaks and growing tables
	// take their time. AtOnce is the same for what takes effect at once, AtOnceShare
	// what it is worth in thousandths of a feature, and AtOnceTimes how often that
	// counts for a commit.
	HalfLife    time.Duration
	AtOnce      time.Duration
	AtOnceShare float64
	AtOnceTimes int
	// Head, Shared, Callee and Caller are how near a commit stands that is what was
	// deployed, that is in shared code, on something called and on a caller; 1000 on
	// the entity itself.
	Head, Shared, Callee, Caller int
	// ChangeWords is how many words that a change shares with the failure count.
	ChangeWords int
}

// None is how the answer that no commit is guilty is weighed.
type None struct {
	// Handful is the number of commits below which "none" does not get less likely:
	// the fewer went live, the fewer could be guilty.
	Handful int
	// Others is how many commits there must be beside the best to tell what the
	// innocent of a case have by chance.
	Others int
	// AtOnce is how far from the onset something went live to speak against "none":
	// few of the deployments of a day come so near by chance.
	AtOnce time.Duration
	// Disk is the share that a full disk counts, which a diff may fill, OneName a
	// name that one service alone cannot find.
	Disk, OneName int
	// Data, Surge, External, Node and Outside are the strength of the fault that a
	// cause's own mechanism or kind says.
	Data, Surge, External, Node, Outside int
	// Clear is the strength from which a sign must be accounted for, Shown from which
	// an entity shows one, and Least from which a trigger or remedy is named.
	Clear, Shown, Least int
	// Rise is how many times the normal requests are a surge, Further how many times
	// the entry's rise the entity's own may have; RiseScale turns the rise into a
	// strength, of RiseMost at the most: twice the traffic is sure enough to be told
	// from the time of day. RisePart is the quantile of normal time it is held
	// against.
	Rise, Further, RiseScale, RisePart float64
	RiseMost                           int
}

// SuspectWord is how far the first of the suspects must be ahead for a word.
type SuspectWord struct {
	ClearOdds  float64
	ClearShare int
	AheadOdds  float64
}

func commitDefaults() Commit {
	return Commit{
		Features: commitFeatures(), RuleRates: ruleRates(), OtherRate: 50, Tells: 50, Silent: 3, TellsPower: 0.75,
		Reading: Reading{
			Alert: Said{900, 3}, Span: Said{900, 2}, NewError: Said{1000, 2}, Error: Said{500, 1}, NewWarning: Said{900, 1.5}, Warning: Said{300, 0.5}, New: Said{250, 0.3},
			Novel: 3, Fails: 1, Calls: 20,
		},
		Signs: Signs{
			Own: 1000, Platform: 900, Connected: 500, Others: 250, Mechanism: 500, HitLine: 900, HitMeasure: 600,
			Specific: map[string]int{"unhandled-error": 600, "slow": 700, "timeout": 850, "cpu-burn": 850, "crash-loop": 850},
		},
		Names:   Names{Few: 20, Word: 0.4, Defined: 0.8, Normal: 0.3, Kept: 0.5, Part: 0.5, Lines: 3, Message: 2, Failing: 300, LiteralWords: 6, BM25K: 1.2, BM25B: 0.75, Thin: 4, MuchSaid: 300, MuchRaised: 200},
		Letters: Letters{Word: 3, Name: 4, Digits: 3, Stem: 5, Apart: 2, Part: 8, PartWords: 2, Pair: 9, Compound: 7, Longest: 60, Package: 3, Phrase: 3},
		Places:  Places{Further: 2, NearRare: 5, Said: 5, Innermost: 4, Passing: 400, LinesHalf: 5, LinesMost: 60},
		Live: Live{
			HalfLife: 4 * time.Hour, AtOnce: 5 * time.Minute, AtOnceShare: 0.3, AtOnceTimes: 3,
			Head: 900, Shared: 600, Callee: 400, Caller: 200, ChangeWords: 3,
		},
		None: None{
			Handful: 10, Others: 3, AtOnce: 3 * time.Minute, Disk: 700, OneName: 500, Data: 900, Surge: 800, External: 700, Node: 900, Outside: 900,
			Clear: 700, Shown: 500, Least: 400, Rise: 1.5, Further: 2, RiseScale: 0.8, RiseMost: 900, RisePart: 0.75,
		},
		Word:  SuspectWord{ClearOdds: 4, ClearShare: 630, AheadOdds: 2},
		Lapse: 200, Keener: 1176, Excluded: -5000, // the two by Brier on what weights are fitted on
		Produces: 400, Belief: 450, RankParts: 12, Broken: map[string]int{"error": 1000, "warning": 500, "note": 200},
	}
}

// OfCommit is what a feature of a commit, or of the answer that none of them is
// guilty, is worth at its full value; 0 for one that is not known. Values and
// units of the features stand in the suspect package.
func (s *Set) OfCommit(id string) int { return s.Commit.Features[id] }

// RuleRate is how many of a thousand innocent commits a mechanism rule fires on. A
// rule that fires on a third of them tells nothing.
func (s *Set) RuleRate(rule string) int {
	if r, ok := s.Commit.RuleRates[rule]; ok {
		return r
	}
	return s.Commit.OtherRate
}

// Telling is what part of a rule's strength counts, in thousandths, by how rarely
// it fires on innocent commits: all at one in Tells, nothing at one in Silent.
func (s *Set) Telling(rule string) int {
	by, rate := &s.Commit, float64(max(1, s.RuleRate(rule)))/1000
	return int(1000 * math.Pow(max(0, min(1, math.Log(1/rate/by.Silent)/math.Log(by.Tells/by.Silent))), by.TellsPower))
}

// commitFeatures are 1000 times the natural logarithm of the ratio by which a
// feature makes its hypothesis likelier. The figures were fitted by
// fixtures/bench/fit on incidents of our own and on the development data, as a
// conditional logit with a ridge; those marked a priori had nothing to be fitted
// on.
func commitFeatures() map[string]int {
	return map[string]int{
		// Of a commit.
		"commit/names":          2214,
		"commit/plain":          1888,
		"commit/words":          2406,
		"commit/message":        600, // a priori: fitted it is 0, since messages of what is made are made of the names in the lines
		"commit/file":           200, // held from below: where it is fitted, many a neighbour touches the same file
		"commit/package":        339,
		"commit/dependency":     1705,
		"commit/literal":        300, // a priori: fitted it is 85, since shared names say the same
		"commit/numbers":        1011,
		"commit/mechanism-near": 808,
		"commit/mechanism":      5610,
		"commit/inside":         150, // a priori: where it is fitted, the line and the names say the same
		"commit/line":           1801,
		"commit/callee":         1501,
		"commit/beside":         1308,
		"commit/told":           512,
		"commit/missing":        500, // a priori: half of its nats, since shared names say the other half
		"commit/raised":         1430,
		"commit/raised-near":    4045,
		"commit/language":       -1500, // a priori: no suspect at hand is in another language
		"commit/blame":          2000,  // a priori: no history can be had to fit it on
		"commit/entity":         1500,  // a priori
		"commit/profile":        3000,  // a priori: measured at its very lines, before and after

		"commit/gray":            4000,  // a priori: a controlled experiment
		"commit/live":            300,   // a priori: the newest deployment is mostly innocent
		"commit/no-diff":         700,   // a priori: what nobody could read is no worse than an average diff
		"commit/breaks-decision": 1000,  // a priori
		"commit/fixed":           3000,  // a priori: somebody took it back, or mended it, afterwards
		"commit/not-live":        -9000, // a priori, as all that excludes
		"commit/innocuous":       -9000,
		"commit/reverted":        -9000,
		"commit/merge":           -9000,
		"change/words":           500,   // a priori: of each of up to three words
		"change/doubt":           -3000, // a priori: one scaling in twenty is more than chance

		// Of none.
		"commit/none":             -989,
		"commit/operational":      4192,
		"commit/operational-said": 3823,
		"commit/unexplained":      -289,
		"commit/at-once":          -1500, // a priori: three minutes are a five-hundredth of a day
		"commit/aged":             400,   // a priori: in what is fitted on, hours are of our making
		"commit/untouched":        300,   // a priori: fitted it is 0, since many a guilty commit touches a caller
		"commit/elsewhere":        464,   // a priori: hardly a case at hand has it
		"commit/chance":           300,   // held from above: fitted it is 500 to 600, at which a development set loses a case
		"commit/defect":           -1200,
		"commit/quiet":            6000, // a priori: nothing could have done it
	}
}

// ruleRates are of 1197 changes of public modules in four languages and of this
// repository, measured by `wherefore eval --rules`.
func ruleRates() map[string]int {
	return map[string]int{
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
}
