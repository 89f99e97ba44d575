package weights

import "time"

// Gather is which evidence is asked for and how it is cut. How many questions are
// put at most, and how much of an answer is kept, are bounds and stand with the
// code; what users set themselves, as the look-back, stands in the options.
type Gather struct {
	// Telemetry is the share of an investigation's time after which traces, logs and
	// metrics are asked nothing more, in thousandths: what is behind the suspects is
	// on this machine and quick, and must not go unasked because a backend hangs.
	Telemetry int
	// Pieces are the lengths of the windows that samples are taken from, the newest
	// first; Later is that of all before them in which the onset may lie, Normal that
	// of normal time, and Reference into how many pieces a window known to be free of
	// faults is cut.
	Pieces        []time.Duration
	Later, Normal time.Duration
	Reference     int
	// Samples is how many a baseline and an incident need between them.
	Samples int
	// Spacings are the distances between samples that are met in practice, to which a
	// measured one is taken, and Spacing the one where nothing is measured.
	Spacings []time.Duration
	Spacing  time.Duration
	// Rate is how many spacings a rate is over, which survives a lost sample, and Wide
	// the same where samples are further apart than Spacing. Back is over how many
	// spacings a series is carried on: one that stopped is seen to have stopped.
	Rate       int
	Wide, Back float64
	// Told is how many spacings an incident is told by at the least. Guard is how many
	// lie between normal time and the onset, at least as long as clocks and a
	// collector's rounds blur, GuardLeast, and never more than the part of what is
	// known of normal time that GuardPart is the divisor of.
	Told, Guard int
	GuardLeast  time.Duration
	GuardPart   int
	// Enough is how many traces of a service in the suspect window make another
	// question about it unnecessary: with 30, a share of one in ten is seen. Slow is how
	// many times its usual duration a slow one takes. SlowPart and FailedPart are which
	// part of the limit goes to slow traces and to failing ones of before.
	Enough, Slow, SlowPart, FailedPart int
	// Apart is how far two traces lie apart whose lines are asked for one by one, Lines
	// how many lines each service is asked for at the least.
	Apart time.Duration
	Lines int
	// Announced is how far an announcement and the first sight of a version may lie
	// apart and still be the same deploy: a rollout takes its time. Seen is how often a
	// version is seen that can be missed, Gone how long, and for how many spacings,
	// it must not be seen any more.
	Announced time.Duration
	Seen      int
	Gone      time.Duration
	GoneSteps int
	// Settled is how many spacings into the survey a state must have begun to be news.
	Settled int
	// Commits is how far back commits are looked at where it is not known what ran
	// before a deploy, and CommitsLeast how many whatever their dates.
	Commits      time.Duration
	CommitsLeast int
	// Own is how many frames of a stack count: the one that failed and who called it.
	Own int
	// ProfilesBefore is how old the profile of normal work may be, since one is taken of
	// each deployment, and ProfilesAfter how long after the alert one is still of the
	// incident: what an alert sets off comes minutes later.
	ProfilesBefore, ProfilesAfter time.Duration
	// Alike is the part of a name's letters, as a divisor, in which another may differ
	// that it may stand for, and Within the least length of one that stands in the other.
	Alike, Within int
}

func gatherDefaults() Gather {
	return Gather{
		Telemetry: 750,
		Pieces:    []time.Duration{time.Minute, time.Minute, time.Minute, 2 * time.Minute, 5 * time.Minute},
		Later:     5 * time.Minute, Normal: 10 * time.Minute, Reference: 4, Samples: 24,
		Spacings: []time.Duration{
			time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
			time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
		},
		Spacing: time.Minute, Rate: 4, Wide: 2.5, Back: 1.5,
		Told: 2, Guard: 2, GuardLeast: 15 * time.Second, GuardPart: 4,
		Enough: 30, Slow: 3, SlowPart: 2, FailedPart: 4, Apart: 2 * time.Minute, Lines: 100,
		Announced: 15 * time.Minute, Seen: 3, Gone: 30 * time.Second, GoneSteps: 2, Settled: 2,
		Commits: 14 * 24 * time.Hour, CommitsLeast: 50, Own: 3,
		ProfilesBefore: 35 * 24 * time.Hour, ProfilesAfter: 15 * time.Minute, Alike: 3, Within: 4,
	}
}
