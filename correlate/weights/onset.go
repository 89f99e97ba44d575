package weights

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// Onset is how the time is found at which the trouble began.
type Onset struct {
	// Half is the robust deviation at which an onset has half strength.
	Half float64
	// Off is the deviation at which a value has left its normal range, where normal
	// is known; half of the values from there on, and Lasting of them, must have.
	Off     float64
	Lasting int
	// Shift are the bars of a lasting change of level, where normal is not known:
	// PRISM (arXiv 2601.21359) credits a baseline with the same spread of 1 %. First
	// is how long before the first sample of all a change may have come.
	Shift stat.Shift
	First time.Duration
	// Near is how many spacings of the samples an interval has that needs no
	// narrowing, and a raw series looks back at most.
	Near int
	// Slack is by how much a change may seem to come after the latest estimate of the
	// onset and still have come before: clocks of deployers and of telemetry differ,
	// and a scrape sees a change up to a minute late.
	Slack time.Duration
	// Vote is the deviation from which a change counts where hundreds of tracks are
	// looked at: twice that of a single one. Votes is how many metrics must agree,
	// and Together the time within which.
	Vote     float64
	Votes    int
	Together time.Duration
	// Unnamed is how clear a change must be in the spans of a service that nobody
	// alerted on: there are many of them.
	Unnamed float64
	// Normal is how many fault-free values make a baseline, Before how much of a
	// track must lie before a change in it.
	Normal int
	Before time.Duration
	// Traces and lines are counted in bins of Bin, or as wide as seldom requests
	// need, up to Widest, beyond which a change could not be placed. A bin with fewer
	// than Events says nothing about a share or a median.
	Bin, Widest time.Duration
	Events      int
	// FailedShare is the least spread of a share of failing calls: one failure in
	// fifty is not an onset. Slowdown is that of durations, as a share of the usual
	// ones.
	FailedShare, Slowdown float64
	// A fault may slow down some of the requests and leave the median where it was:
	// those count that take Tail times as long as usual, and TailShare is the least
	// spread of their share.
	Tail, TailShare float64
	// Twentieth is the part of the worst of a measure of failures that is no onset:
	// where there were none there is no spread.
	Twentieth float64
	// Last is the part of its interval in which an onset lies: a clear change shows in
	// a rate long before its range is over.
	Last float64
	// Hold is how long before an alert the trouble begins at least where nothing tells,
	// Steps the same in samples, and Doubt how much earlier it may be.
	Hold  time.Duration
	Steps int
	Doubt time.Duration
	// Silence is how long before the alert all spans and lines must have ceased for
	// what changed later to be an aftermath.
	Silence time.Duration
	// Free is how long before the alert an onset costs nothing, NearHalf how much
	// longer leaves half: rules look at a few minutes and hold for a few more.
	Free, NearHalf time.Duration
	// Recent is the last part of what fired that is searched by itself where the
	// whole shows no change, then a half of it and so on down to a Parts-th.
	Recent time.Duration
	Parts  int
	// Recovered is how far from before, as a part of a change, samples may still be
	// that are as before again, and Rest for how long they must be.
	Recovered float64
	Rest      time.Duration
	// States is how many whole values a series has at most that is a state.
	States int
}

// Topology is how calls are told from spans.
type Topology struct {
	// Answered is how many of the calls of one time must have been answered for their
	// callee to be known: a tracer loses spans, and a broken trace has a child in the
	// wrong place.
	Answered float64
	// Stem is the least length of a name's stem for a known callee, or a folder of its
	// code, to be meant by it: ad and ui are names of services.
	Stem int
	// Silent is how many calls to an address must have had no answer before the trouble
	// for nobody there to have spans: where a tracer keeps at least half of the spans,
	// so many in a row without one come in one of thirty cases.
	Silent int
}

// Flaws are the bars from which telemetry is called flawed.
type Flaws struct {
	// Share is the share of spans, or of calls between services, that are concerned.
	Share float64
	// Skew is how much earlier than its caller a callee must seem to start: hosts that
	// keep time by NTP are a few milliseconds apart.
	Skew time.Duration
	// Same is how many times the spread of the distances between the ends of calls
	// that nobody waited for the distance must be for clocks to explain it: a clock is
	// off by the same for all calls, while waiting in a queue has a spread of the order
	// of its mean (exponential in the simplest, M/M/1).
	Same float64
	// Least is how many such calls it takes: the quartiles of fewer tell no spread.
	Least int
}

func onsetDefaults() Onset {
	return Onset{
		Half: 10, Off: 3, Lasting: 2, Shift: stat.Shift{Side: 2, Departed: 3, Floor: 0.01}, First: time.Minute, Near: 2, Slack: time.Minute, Vote: 6, Votes: 2, Together: 90 * time.Second, Unnamed: 24,
		Normal: 4, Before: 2 * time.Minute, Bin: 15 * time.Second, Widest: 5 * time.Minute, Events: 3,
		FailedShare: 0.02, Slowdown: 0.1, Tail: 3, TailShare: 0.1, Twentieth: 0.05, Last: 0.25,
		Hold: 3 * time.Minute, Steps: 4, Doubt: 2 * time.Minute, Silence: 2 * time.Minute, Free: 2 * time.Minute, NearHalf: 5 * time.Minute,
		Recent: 15 * time.Minute, Parts: 3, Recovered: 0.4, Rest: time.Minute, States: 3,
	}
}
