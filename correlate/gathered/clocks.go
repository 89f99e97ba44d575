package gathered

import "time"

// Clocks are what calls tell of the clocks of their services. No time is corrected by
// them: they settle on which side of the onset a trace and a line lie, and what is
// said of them.
type Clocks struct {
	// Ahead is by how much a service's clock is ahead of most others' where it is
	// off, negative where it is behind.
	Ahead map[string]time.Duration
	// Unclear is how far a service's clock is from some other's where nobody can
	// tell which of the two is right.
	Unclear map[string]time.Duration
	// Between is by how much the clock of a callee is ahead of its caller's, by the
	// caller's and the callee's name, where their calls show that the two disagree.
	Between map[[2]string]time.Duration
}

// Off is how far a service's clock may be off, 0 where it is not.
func (c *Clocks) Off(service string) time.Duration {
	return max(c.Ahead[service].Abs(), c.Unclear[service])
}

// Apart is how far from each other the clocks of a caller and its callee are, 0 where
// nothing shows that they disagree.
func (c *Clocks) Apart(caller, callee string) time.Duration {
	return max(c.Between[[2]string{caller, callee}].Abs(), (c.Ahead[callee] - c.Ahead[caller]).Abs())
}

// At is when a service did something by most others' clocks.
func (c *Clocks) At(service string, t time.Time) time.Time { return t.Add(-c.Ahead[service]) }
