package weights

import "time"

// View are the bars by which the evidence is measured before any rule sees it.
type View struct {
	Measure  Measure
	Calls    Calls
	Patterns Patterns
	Versions Versions
	Waiting  Waiting
	Placed   Placed
	Season   Season
	Shared   Shared
	Material Material
	Unusual  Unusual
	// FairTraces is the least number of unbiased traces per side with which those
	// that were picked for failing or being slow can be left out of comparisons
	// of durations.
	FairTraces int
	// NameLetters is how long a candidate's name must be to be found in a line.
	NameLetters int
}

// Measure is how a series' deviation from normal is measured.
type Measure struct {
	// Baseline is the least number of values that a baseline needs: fewer have no
	// spread.
	Baseline int
	// Flow, Other and Own are the least spread of a series as a share of its
	// median: of what flows between services (latency, traffic, failures), of
	// measures that no class explains, and of an entity's own resources.
	Flow, Other, Own float64
	// Still is the least spread of a series that never moved, as a share of its new
	// level, so that the first error ever counts 20 and not infinitely.
	Still float64
	// Few is what few baseline values underestimate the spread by: it grows by Few
	// over their number.
	Few float64
	// Fall is the share of a resource's deviation downwards that counts: using less
	// than normal is mostly somebody else's doing.
	Fall float64
	// The farthest of so many incident values as Outermost says are the level of the
	// incident; Handful is the number of values below which half of them are.
	Outermost, Handful int
	// Departed is the share of the way to the new level at which a series has left
	// the old one.
	Departed float64
	// DurationFloor is the least spread of durations, in milliseconds: what
	// schedulers and clocks blur.
	DurationFloor float64
}

// Material is the least change of a measure that matters to anybody, by what it is
// measured in. A smaller one is no trouble, however still the series stood before:
// what rises from zero is held against what matters, not against a spread of zero.
// A person may set it; what is left out has the default.
type Material struct {
	// Duration is of latencies and waits.
	Duration time.Duration `yaml:"duration"`
	// Bytes is of memory and storage, BytesPerSecond of volume.
	Bytes          float64 `yaml:"bytes"`
	BytesPerSecond float64 `yaml:"bytes_per_second"`
	// Share is of a core, of a second's time, of requests and of what a utilisation
	// is a part of.
	Share float64 `yaml:"share"`
	// Failures is how many a second, Count of threads, connections and descriptors.
	Failures float64 `yaml:"failures_per_second"`
	Count    float64 `yaml:"count"`
}

// Or takes the values of another where there is none.
func (m Material) Or(o Material) Material {
	if m.Duration <= 0 {
		m.Duration = o.Duration
	}
	for _, f := range []struct {
		field *float64
		value float64
	}{{&m.Bytes, o.Bytes}, {&m.BytesPerSecond, o.BytesPerSecond}, {&m.Share, o.Share}, {&m.Failures, o.Failures}, {&m.Count, o.Count}} {
		if !(*f.field > 0) { // nor what is no number
			*f.field = f.value
		}
	}
	return m
}

// Unusual is how failing spans are recognised that normal time has as well.
type Unusual struct {
	// Chance are the failures beyond the normal rate and its standard deviation
	// that may be chance.
	Chance float64
}

// Calls is how the durations of calls are compared with normal ones.
type Calls struct {
	// Least is the least number of calls on a side.
	Least int
	// Doubt is how many calls halve the trust in a side.
	Doubt int
	// Floor is the least spread as a share of the median.
	Floor float64
}

// Patterns is how ways through the code are compared.
type Patterns struct {
	// Support is how often the first event of a pattern must have been seen
	// normally (Nezha keeps patterns seen five times).
	Support int
	// Sigma is the least significance of a change in the mix of ways, New that of a
	// way never taken before; a case has some hundred patterns.
	Sigma, New float64
	// Clearer is how many times more than a node's own statements its calls must
	// say to stand for it.
	Clearer float64
	// Below is the share of a detour that a deeper one must have to explain it.
	Below float64
}

// Versions is how two versions of a service are told apart.
type Versions struct {
	// Spans is how many spans of the old version there must be while the new one
	// runs: the last few that a replaced process finishes are no second version.
	Spans int
	// Failed is the least number of failures of the new version.
	Failed int
	// Gain is the least difference of the shares of failures.
	Gain float64
	// Sigma is the least significance of that difference.
	Sigma float64
	// Well is the share of its failures over all below which a version ran well
	// until the onset.
	Well float64
	// ErrorShare is the least spread of a share of failing calls between two
	// versions: a canary's few calls make one failure a per cent.
	ErrorShare float64
	// Spread is the least spread of a measure as a share of the new version's level.
	Spread float64
	// Unclear is the share of the certainty that a measure keeps whose name does
	// not tell which way hurts.
	Unclear float64
	// InTurn is what versions that ran one after the other are worth of such side by
	// side: it shares the weakness of every comparison of times.
	InTurn float64
	// Alike is the significance up to which two versions fail alike, where more than
	// AlikeFails of the old one's spans fail.
	Alike, AlikeFails float64
	// Acquits is the strength against a version that does no worse.
	Acquits float64
	// GainHalf and FailedHalf are the difference and the failures that earn half.
	GainHalf, FailedHalf float64
}

// Waiting is how spans are recognised that waited for another.
type Waiting struct {
	// Most is the share of a span's time that a call below it must take to be what
	// it waited for: what is left is the caller's own work.
	Most float64
	// Usual is how many times what one in twenty exceeds a span may take to be as
	// fast as ever, and UsualQuantile where that twentieth begins.
	Usual, UsualQuantile float64
	// Sending is less than any call takes that leaves the process and waits for an
	// answer: what was given up earlier was never sent.
	Sending time.Duration
}

// Placed are the bars of an entity's state on one machine.
type Placed struct {
	// Spans is the least number of spans to tell anything.
	Spans int
	// Hurt is the share of its spans that go bad there and did not before, Well the
	// most of a replica that is well.
	Hurt, Well float64
	// Kept and Growth are what a series of a replica must keep and must have grown
	// by, as strengths, to have moved.
	Kept, Growth float64
	// FarOut is how many quartile ranges above the upper quartile a run is slow,
	// which Tukey calls far out; Times is how many times the median it takes at
	// least, and Floors how many floors of durations more than the median.
	FarOut, Times, Floors float64
}

// Season is how earlier days are compared with.
type Season struct {
	// Days is the least number of days that say what an hour usually brings.
	Days int
	// Another is the factor between two days' levels from which it is another
	// system and not growth.
	Another float64
	// Floor is the least spread between days as a share of the level: two days are
	// never alike.
	Floor float64
	// Telling is the share of a deviation that an earlier day must have reached to
	// take anything back, Alike that from which it agrees, and Full from which it
	// is said to have been as high.
	Telling, Alike, Full float64
	// One is the share taken back by one day, which may have had the same fault;
	// Several by days that agree, which are a habit.
	One, Several float64
}

// Shared is how readings are recognised that several entities show alike.
type Shared struct {
	// Apart is the most that their values may differ by, as a median share.
	Apart float64
	// Noise is the least correlation of what is left without the levels.
	Noise float64
	// Samples is how many instants both must have.
	Samples int
	// Share is what is taken back: nearly all, since nothing of it is known to be
	// the entity's own.
	Share float64
}

func viewDefaults() View {
	return View{
		// Flow is a tenth since latencies and traffic drift by as much between two
		// quiet hours in production; Own is PRISM's.
		Measure:     Measure{Baseline: 2, Flow: 0.1, Other: 0.05, Own: 0.01, Still: 0.05, Few: 2, Fall: 0.5, Outermost: 3, Handful: 6, Departed: 0.5, DurationFloor: 0.5},
		Calls:       Calls{Least: 3, Doubt: 3, Floor: 0.1},
		Patterns:    Patterns{Support: 5, Sigma: 3.5, New: 2.5, Clearer: 1.25, Below: 0.5},
		Versions:    Versions{Spans: 8, Failed: 2, Gain: 0.05, Sigma: 2.5, Well: 0.5, ErrorShare: 0.01, Spread: 0.02, Unclear: 0.5, InTurn: 0.4, Acquits: 0.2, Alike: 1, AlikeFails: 0.05, GainHalf: 0.1, FailedHalf: 2},
		Waiting:     Waiting{Most: 0.8, Usual: 1.2, UsualQuantile: 0.95, Sending: 100 * time.Microsecond},
		Placed:      Placed{Spans: 5, Hurt: 0.25, Well: 0.1, Kept: 0.5, Growth: 0.5, FarOut: 3, Times: 2, Floors: 2},
		Season:      Season{Days: 2, Another: 2, Floor: 0.1, Telling: 0.3, Alike: 0.8, Full: 0.95, One: 0.8, Several: 0.95},
		Shared:      Shared{Apart: 0.05, Noise: 0.8, Samples: 8, Share: 0.9},
		Material:    Material{Duration: time.Millisecond, Bytes: 4 << 20, BytesPerSecond: 64 << 10, Share: 0.01, Failures: 0.01, Count: 3},
		Unusual:     Unusual{Chance: 1},
		FairTraces:  10,
		NameLetters: 4,
	}
}
