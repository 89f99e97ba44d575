package gathered

import "time"

// MayBeDueTo reports whether what began at the onset may be due to a change at
// an instant. Ranking, the commits, the running revision and the page ask here.
func (c *Evidence) MayBeDueTo(at time.Time) bool { return !at.After(c.LastCause()) }

// LastCause is the last instant at which a change can have caused what began.
func (c *Evidence) LastCause() time.Time {
	latest := c.Onset.Latest
	if latest.IsZero() {
		latest = c.Onset.At
	}
	return latest.Add(c.By().Onset.Slack)
}
