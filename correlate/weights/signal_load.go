package weights

// The bars of the rules about time, load and what runs out of it.

// EdgeGap is latency/edge-gap.
type EdgeGap struct {
	// Caller discounts blaming the caller's end: what lies between both spans is the
	// wire and the callee's queue, seldom the caller.
	Caller float64
	// InwardLeast is what is left of the caller's end where the calls into it are as
	// fast as ever: a slow network of the caller's slows those as well.
	InwardLeast float64
	// ShareLeast is what is left where gaps are none of what made the traces slow.
	ShareLeast float64
}

// Exhausted is resource/exhausted.
type Exhausted struct {
	// High is the utilisation from which queues grow without bound soon: at 70 % the
	// mean wait of M/M/1 is already more than twice the service time.
	High float64
	// Over is how many times full a reading may be to be a utilisation: a few per
	// cent over are rounding of a quota, far over is a sum over cores.
	Over float64
}

// Mass is how measures that travel along calls explain each other.
type Mass struct {
	// SufficesLeast is what is left of an entity whose mass suffices for nothing of
	// what the alerting side shows.
	SufficesLeast float64
	// Explained is the least share of it that callees explain.
	Explained float64
}

// Resource is resource/usage.
type Resource struct {
	// Harmless is how much of a finding is taken back where nothing got slower.
	Harmless float64
	// Pause is the least share of what an entity got slower that a pause of the
	// collector must account for, and the least share of the time that all take.
	Pause float64
	// Low is the utilisation below which a resource is plentiful: at half, M/M/1
	// waits as long as it serves. Ample is the most that this takes back: what a
	// reading averages over can hide bursts, and what it is a share of may be the
	// whole host.
	Low, Ample float64
	// Slowdown is the growth of an entity's own time from which its use of a
	// resource is believed to hurt.
	Slowdown float64
	// PiledUp is the least share of what an entity holds that waiting for what it
	// calls must account for to be said.
	PiledUp float64
}

// Saturation is saturation/bounded.
type Saturation struct {
	// Full is the share of its limit from which something is used up, FullAlone what
	// that is worth where nothing waits, and FullMore what it adds.
	Full, FullAlone, FullMore float64
	// Over is how many times its limit a use may be to belong to it, Before the
	// share of that use at which it may have stood before.
	Over, Before float64
	// Words is the least number of leading words that the names of a limit and of
	// what is taken of it share.
	Words int
}

// SelfTime is latency/self-time.
type SelfTime struct {
	// ShareLeast is what is left of an entity that holds nothing of the added time.
	ShareLeast float64
	// GrowthHalf is the added time, as a share of the rest of the traces' time, that
	// earns half; Rest is the least of that rest as a share.
	GrowthHalf, Rest float64
}

// Surge is surge/entry-rate.
type Surge struct {
	// GainHalf is the rise of requests that earns half.
	GainHalf float64
	// More is how many times in proportion to the entry's a callee's rise is a retry
	// storm or a loop, and Storm from how many on it speaks for no surge at all. Less is the share of the entry's gain below which a callee is
	// reached by other requests or past its limit, and LessCounts what it counts.
	More, Storm, Less, LessCounts float64
	// Steady is how many times its usual requests an entity may get for a surge to be
	// ruled out.
	Steady float64
	// Alone is how steady a rise is where nothing behind the entry is measured.
	Alone float64
	// Traces is what is left of it where only traces tell of a rise.
	Traces float64
	// Chance are the standard deviations by which as many lines or traces may be more by
	// chance. Counted are the lines or traces of normal time from which their rate is known.
	Chance  float64
	Counted int
}
