package weights

import "time"

// Report is from where on a report tells of something. None of it moves a cause or a
// verdict; what a page shows at most stands with the code.
type Report struct {
	// Rise is how many times as large as usual a share of failures or a duration is
	// that is told as harm: half again as much is seen without a measure beside it.
	Rise float64
	// Durations is of how many requests a quantile is told on each side, and Longer the
	// least that one is longer, which no clock between two machines makes up.
	Durations int
	Longer    time.Duration
	// Requests is of how many requests a share is told before and after a rollback:
	// below ten, one request is more than its tenth.
	Requests int
	// Lines is in how many lines or spans a gap in the telemetry must show, and Failing
	// how many operations must have failed while a health check said that all is well.
	Lines, Failing int
	// Recover is how long a rollback has until it counts as having failed: new processes
	// start, warm up and are found by their callers within it.
	Recover time.Duration
	// Spacings is how many spacings of samples something must last, or may be off: a
	// single sample may be an accident, and may be late by one.
	Spacings int
	// Changes is how long before the onset changes are worth a row of the timeline, and
	// Decisions how long before it decisions are, which act for longer.
	Changes, Decisions time.Duration
	// Digits is from how many characters on the beginning of a revision names it: the
	// fewest that git itself abbreviates to.
	Digits int
	// Promise is over how long before now it is looked up whether a promise is kept: one
	// sample may be an accident, and a scrape may be late.
	Promise time.Duration
}

// Spaced is how long Spacings of some length are.
func (r *Report) Spaced(length time.Duration) time.Duration {
	return time.Duration(r.Spacings) * length
}

func reportDefaults() Report {
	return Report{
		Rise: 1.5, Durations: 3, Longer: time.Millisecond, Requests: 10, Lines: 5, Failing: 3, Recover: 90 * time.Second, Spacings: 2,
		Changes: 2 * time.Hour, Decisions: 24 * time.Hour, Digits: 7, Promise: 5 * time.Minute,
	}
}
