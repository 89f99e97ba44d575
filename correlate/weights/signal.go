package weights

import "time"

// Signal are the bars of the rules, one block a rule. A field that ends with Half
// is the amount that earns half of a term's points; a Least is the share that is
// left at the least, where the rest goes with what is measured.
type Signal struct {
	// Uncompared is what is left of a finding where normal time holds nothing of
	// the kind: that it was otherwise before is not known.
	Uncompared float64
	// CallsHalf is how many failed or unanswered calls earn half.
	CallsHalf   float64
	Absence     Absence
	Asked       Asked
	Change      Change
	Correlation Correlation
	Poison      Poison
	EdgeGap     EdgeGap
	Exhausted   Exhausted
	External    External
	First       First
	Innermost   Innermost
	Symptom     Symptom
	Mass        Mass
	Node        Node
	NotRunning  NotRunning
	Pattern     Pattern
	Repeated    Repeated
	Resource    Resource
	Saturation  Saturation
	SelfTime    SelfTime
	Stopped     Stopped
	Surge       Surge
	Template    Template
}

// Absence is absence/silent by calls that nobody answers.
type Absence struct {
	// Gain is the least rise of the share of calls without an answer.
	Gain float64
	// UnfailedLeast is what is left where none of them failed: an unanswered call
	// that failed is a connection error, one that did not may be a span that was
	// not sampled.
	UnfailedLeast float64
	// Refused is the least rise of the share of failing calls to what has no spans
	// of its own, RefusedHalf the rise that earns half: the window may have begun
	// before the outage did.
	Refused, RefusedHalf float64
	// Answers is the share of the failing calls that bear an answer, or never left,
	// above which the callee is not gone, AnswersOthers the share of all calls that
	// are answered meanwhile.
	Answers, AnswersOthers float64
}

// Asked is what claims about time are worth beside what the requests of whom
// alerts show.
type Asked struct {
	// Least is what is left of a claim that accounts for none of the added time,
	// NotTime where requests fail and are as fast as ever.
	Least, NotTime float64
	// Failing is the rise of the share of failing requests from which they fail.
	Failing float64
}

// Change is change/before-onset.
type Change struct {
	// HalfLife is the age at which a change keeps half of its weight: leaks and
	// growing tables surface hours after the deployment that brought them.
	HalfLife time.Duration
	// Flag is what a flag is worth of a deployment: most flip without any effect.
	Flag float64
}

// Correlation is topology/correlation.
type Correlation struct {
	// Least is the coefficient from which a series moves with the alert.
	Least float64
	// Samples is the least number of instants that both have, Before the least
	// number of values before the incident that are looked at.
	Samples, Before int
	// Traced is what is left for an entity whose traces say how it is tied to the
	// alert.
	Traced float64
}

// Poison is data/poison.
type Poison struct {
	// Lines is the least number of lines, and as many earn half.
	Lines int
	// Same is the share of a statement's lines that must name the same input.
	Same float64
	// Others is of how many other inputs a service's lines must tell.
	Others int
	// A value is a machine's from so many digits, and letters and digits, on:
	// longer than any port, line, version or number of a message.
	Digits, Characters int
	// Letters is the least length of an input's name.
	Letters int
}

// External is external/boundary.
type External struct {
	// More is what each further independent sign of the same boundary adds.
	More float64
	// Measures is what measures of failing outbound calls are worth.
	Measures float64
	// Inside is what is left of a line that names a candidate.
	Inside float64
	// Fails is the rise of an error line from which its writer fails itself.
	Fails float64
	// Gone is how surely an entity does not answer that is why its callers cannot
	// get through.
	Gone float64
}

// First is topology/first.
type First struct {
	// LateHalf is the seconds after the first failure that leave half.
	LateHalf float64
}

// Innermost is error/innermost.
type Innermost struct {
	// Rise is the rise from which a new way through the code explains failures
	// above it.
	Rise float64
	// CommonHalf is the share of requests at which failures earn half: usual
	// objectives allow one in a hundred to one in a thousand, and alerts fire at a
	// few times that.
	CommonHalf float64
	// Chance are the events beyond the normal rate and its standard deviation that
	// may be chance.
	Chance float64
	// Slack is how long before or after a failed span its service may write the line
	// about it: stamps are cut to milliseconds or to seconds, buffers are flushed late.
	Slack time.Duration
	// Late is the share of an entity's failures from which on it is slow rather than
	// failing: they tell of nothing but a wait that was given up.
	Late float64
}

// Symptom are latency/metric, error/metric and alert/symptom.
type Symptom struct {
	// Traced is what is left for an entity whose spans were seen on both sides: the
	// spans tell its own time and failures from its callees', the measure does not.
	Traced float64
	// Other is what is left of a latency measure when errors are alerted on, and
	// the other way round.
	Other float64
}

// Node is infra/node.
type Node struct {
	// Residents is the least number of residents that go bad, do not call each
	// other and are well elsewhere.
	Residents int
	// MoreHalf is how many more than one of them earn half: two may be chance, three
	// hardly are.
	MoreHalf float64
}

// NotRunning is absence/not-running.
type NotRunning struct {
	// Reasons say what a reason proves by itself, by the reason.
	Reasons map[string]float64
	// Stood is what is left of a state that was part of normal time.
	Stood float64
	// MinutesHalf is how long, in minutes or times told, a state must last to earn
	// half, FollowingHalf one that something else may have brought about: every
	// start has a probe that comes too early, and many a process exits once.
	MinutesHalf, FollowingHalf float64
	// Old is from how long before the alert on a state is nothing new, Standing how
	// long before the onset it must have begun to be none of the incident: rules
	// hold a condition for minutes before they fire.
	Old, Standing time.Duration
	// Unnamed is what is left where failing lines name another that does not run,
	// Unneeded where nobody who alerts depends on it.
	Unnamed, Unneeded float64
	// Follows is what is left of a state that something graver below may have
	// brought about, Alike where the one below is in the same state.
	Follows, Alike float64
}

// Pattern is behaviour/pattern.
type Pattern struct {
	// Times is what the share of deviations counts, so that nearly all is all.
	Times float64
	// RiseHalf is the rise that earns half.
	RiseHalf float64
	// SigmaFree and SigmaHalf are the significance that earns nothing, and beyond
	// it half.
	SigmaFree, SigmaHalf float64
	// New is the gain in rate from which a line counts as new: two lines where there
	// were none. Most is the share of the requests on a new way that must have it.
	New, Most float64
	// Alone is the number of requests with another way that say nothing: of hundreds
	// of ways some are taken by one request only, in any few minutes.
	Alone float64
}

// Repeated is behaviour/repeated-calls.
type Repeated struct {
	// Times is how many times the normal number of calls is none too many.
	Times float64
	// Extra is the least number of calls beyond that, ExtraHalf that which earns
	// half.
	Extra, ExtraHalf float64
	// Doubt is how many runs halve the trust, Uncompared the trust where too few
	// were seen normally.
	Doubt, Uncompared float64
}

// Stopped is absence/silent by series that end.
type Stopped struct {
	// Gaps is how many times its longest gap a series must be silent to have ended.
	Gaps int
	// TargetsHalf is how many targets earn half.
	TargetsHalf float64
	// Late is the last share of the incident in which a span says that an entity is
	// there.
	Late float64
	// Live is the share of the others' series that must go on.
	Live float64
	// Shipped is how late a line may come: agents send what they collect in batches of
	// some seconds, and buffer where a server is slow.
	Shipped time.Duration
}

// Template is how a log statement's rise is weighed.
type Template struct {
	// Warning and Plain are what statements below the severity of errors are worth.
	Warning, Plain float64
	// Others is what is left of a statement about another entity's failure: victims
	// repeat errors louder than culprits raise them. Excused is what is left where
	// its span failed because of another's.
	Others, Excused float64
	// Chance are the lines beyond the normal rate and its standard deviation that may
	// be chance, Unseen those of a statement never seen before.
	Chance, Unseen float64
	// Minutes is the share of the incident's minutes in which a statement must be
	// written to be worth what it can be.
	Minutes float64
	// Along is the share of the strongest statement's novelty from which another is
	// shown as evidence: what merely came along proves nothing.
	Along float64
}

func signalDefaults() Signal {
	return Signal{
		Uncompared:  0.5,
		CallsHalf:   2,
		Absence:     Absence{Gain: 0.05, UnfailedLeast: 0.3, Refused: 0.25, RefusedHalf: 0.1, Answers: 0.5, AnswersOthers: 0.25},
		Asked:       Asked{Least: 0.1, NotTime: 0.3, Failing: 0.05},
		Change:      Change{HalfLife: 2 * time.Hour, Flag: 0.5},
		Correlation: Correlation{Least: 0.5, Samples: 4, Before: 3, Traced: 0.4},
		Poison:      Poison{Lines: 3, Same: 0.8, Others: 2, Digits: 6, Characters: 8, Letters: 3},
		EdgeGap:     EdgeGap{Caller: 0.8, InwardLeast: 0.6, ShareLeast: 0.3},
		Exhausted:   Exhausted{High: 0.7, Over: 1.3},
		External:    External{More: 0.3, Measures: 0.5, Inside: 0.3, Fails: 0.3, Gone: 0.3},
		First:       First{LateHalf: 10},
		Innermost:   Innermost{Rise: 0.2, CommonHalf: 0.05, Chance: 1, Late: 0.75, Slack: 50 * time.Millisecond},
		Symptom:     Symptom{Traced: 0.1, Other: 0.6},
		Mass:        Mass{SufficesLeast: 0.3, Explained: 0.05},
		Node:        Node{Residents: 2, MoreHalf: 0.25},
		NotRunning: NotRunning{
			Reasons: map[string]float64{
				"image": 1, "config": 1, "quota": 1, "denied": 1, "mount": 1, "scheduling": 1, "oom": 1,
				"sandbox": 0.9, "certificate": 0.7, "node": 0.9, "evicted": 0.9, "crash": 0.9, "probe": 0.8, "endpoints": 0.7, "not-ready": 0.5,
			},
			Stood: 0.2, MinutesHalf: 0.1, FollowingHalf: 2, Old: time.Hour, Standing: 10 * time.Minute, Unnamed: 0.6, Unneeded: 0.4, Follows: 0.4, Alike: 0.7,
		},
		Pattern:    Pattern{Times: 1.2, RiseHalf: 0.2, SigmaFree: 1.75, SigmaHalf: 1.75, New: 0.5, Most: 0.5, Alone: 1},
		Repeated:   Repeated{Times: 1.5, Extra: 2, ExtraHalf: 5, Doubt: 2, Uncompared: 0.5},
		Resource:   Resource{Harmless: 0.6, Pause: 0.01, Low: 0.5, Ample: 0.5, Slowdown: 0.25, PiledUp: 0.05},
		Saturation: Saturation{Full: 0.9, FullAlone: 0.5, FullMore: 0.3, Over: 1.5, Before: 0.8, Words: 2},
		SelfTime:   SelfTime{ShareLeast: 0.3, GrowthHalf: 0.1, Rest: 0.1},
		Stopped:    Stopped{Gaps: 3, TargetsHalf: 1, Late: 1. / 3, Live: 0.5, Shipped: 20 * time.Second},
		Surge:      Surge{GainHalf: 1, Steady: 1.3, More: 1.3, Storm: 2, Less: 0.1, LessCounts: 0.5, Alone: 0.6, Traces: 0.3, Chance: 2, Counted: 10},
		Template:   Template{Warning: 0.6, Plain: 0.15, Others: 0.4, Excused: 0.3, Chance: 1, Unseen: 0.5, Minutes: 0.5, Along: 0.5},
	}
}
