package weights

// Profile are the bars from which a function counts as one that spends or holds more
// than before.
type Profile struct {
	// Least is the least growth by the kind of profile: in cores, bytes and
	// goroutines. A twentieth of a core is five samples a second, four megabytes are
	// eight of the heap's; of waiting it is how many goroutines do at a time.
	Least map[string]float64
	// Times is how many times as much as before it is at least.
	Times float64
	// Share is the least part of all that grew, and the least difference of the parts
	// of bad requests and others where those are compared.
	Share float64
	// Sigma is how many standard deviations of the sampling it takes.
	Sigma float64
	// Traced is of how many samples each side has at least where requests are
	// compared.
	Traced int
	// Alone is the least part of all that a function has where there is nothing to
	// compare it with.
	Alone float64
	// Slow is the quantile of normal durations beyond which a request is slow.
	Slow float64
	// Lengths is from how many times as long as the other on one of two profiles makes
	// them of very different lengths.
	Lengths float64
}

func profileDefaults() Profile {
	return Profile{Least: map[string]float64{"cpu": 0.05, "heap": 4 << 20, "goroutine": 10, "wait": 0.25}, Times: 1.5, Share: 0.2, Sigma: 3, Traced: 30, Alone: 0.5, Slow: 0.95, Lengths: 4}
}
