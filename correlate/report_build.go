package correlate

import "context"

// report says what the case and its causes amount to.
func (v *investigation) report(_ context.Context, c *Case, causes []Cause) Report {
	a := v.req.Alert
	return Report{
		Version: ReportVersion, Engine: v.options.Version, Revision: v.req.Revision,
		Incident: a.IncidentID(), Alert: a, State: a.Status, FiredAt: a.FiredAt(),
		Onset: c.Onset, Window: c.Incident, Causes: causes, Coverage: c.Coverage,
		Impact: Impact{Services: hitBy(c)}, Actions: actionsFor(c, causes),
		Title:   "No cause found: nothing was looked at yet",
		Verdict: Verdict{Word: Inconclusive, Because: []string{"no evidence was gathered"}},
	}
}
