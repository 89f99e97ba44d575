package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"
)

// Version names the values of [Default]; it stands in every report, so that two
// reports can be told apart when only the weights changed. A test holds it to the
// values: who changes one gives a new version and records the new [Set.Sum].
const Version = "32"

// recorded is the sum of the values that Version stands for.
const recorded = "a17bda1764d2eff9"

// Set is every number by which the engine decides: what findings, commits,
// phrases and mechanisms are worth, and the bars that evidence has to pass.
// Nothing that decides a rank, a verdict or a commit stands anywhere else.
// Conversions of units, bounds on sizes and constants of a method, as the 1.35
// that makes a quartile range a standard deviation, are not decided and stay with
// the code.
//
// A set is read only once it is in use: what ranks one incident may rank others
// beside it.
type Set struct {
	Scale Scale
	// Rules are the milli-points that a rule's finding gives at full strength, by
	// the rule's id.
	Rules     map[string]int
	Gather    Gather
	Counter   Counter
	Topology  Topology
	Flaws     Flaws
	Onset     Onset
	View      View
	Signal    Signal
	Profile   Profile
	Report    Report
	Rank      Rank
	Commit    Commit
	Mechanism Mechanism
}

// Default are the values that the engine uses where nobody passes others, a
// fresh copy for whoever changes some.
func Default() *Set {
	return &Set{
		Scale:     Scale{Noise: 3, Half: 10, HalfClear: 5, Growth: 0.25},
		Rules:     ruleWeights(),
		Gather:    gatherDefaults(),
		Counter:   Counter{Left: 0.5, Early: 0.25, Restarts: 2},
		Topology:  Topology{Answered: 0.2, Stem: 2, Silent: 5},
		Flaws:     Flaws{Share: 0.02, Skew: 20 * time.Millisecond, Same: 10, Least: 8},
		Onset:     onsetDefaults(),
		View:      viewDefaults(),
		Signal:    signalDefaults(),
		Profile:   profileDefaults(),
		Report:    reportDefaults(),
		Rank:      rankDefaults(),
		Commit:    commitDefaults(),
		Mechanism: mechanismDefaults(),
	}
}

var standard = sync.OnceValue(Default)

// Or is the set itself, the default ones for nil. Nobody writes to what it returns.
func Or(s *Set) *Set {
	if s == nil {
		return standard()
	}
	return s
}

// Name is what a report says it was made with: the version, followed by the sum
// where the values are not those of the version.
func (s *Set) Name() string {
	if sum := s.Sum(); sum != recorded {
		return Version + "+" + sum
	}
	return Version
}

// Sum is a digest of all values, 16 hexadecimal digits.
func (s *Set) Sum() string {
	b, err := json.Marshal(s) // maps in order of their keys
	if err != nil {
		panic(err) // numbers and text only, and a NaN is a mistake in the source
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Counter is how falls of a counter are told from those of a gauge: where its process
// starts again it falls to nearly nothing, and seldom.
type Counter struct {
	// Left is the share of the value before that a restart leaves at most. Early is the
	// share of the highest value up to which the first fall of all may leave more: what
	// had hardly begun may be replaced by what begins busier.
	Left, Early float64
	// Restarts are how many there are at most in one window, where only the values
	// say that it is a counter.
	Restarts int
}

// Scale is how a deviation becomes a strength of 0 to 1: z/(z+half), which
// neither saturates at a percentile, as ranks do, nor runs away, as raw scores do
// where a spread is tiny.
type Scale struct {
	// Noise is the deviation, in robust scales, below which a measure says nothing:
	// in a case with some hundred series, normal noise reaches three somewhere.
	Noise float64
	// Half is the deviation beyond noise that earns half of a term's points.
	Half float64
	// HalfClear is the same for what is clear by itself: a restart, the requests
	// at the entry, two versions side by side.
	HalfClear float64
	// Growth is the relative change that earns half: a heap that always stays
	// within one per cent is not in trouble when it grows by five.
	Growth float64
}
