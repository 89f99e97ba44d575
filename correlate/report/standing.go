package report

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// SourceState says what came of a source as a whole.
type SourceState string

// The states of a source.
const (
	// SourceSpeaks is one that told something about a known entity.
	SourceSpeaks SourceState = "speaks"
	// SourceSilent is one that answered and told nothing about any known entity,
	// neither in normal time nor in the incident.
	SourceSilent SourceState = "silent"
	// SourceFailed is one whose questions failed, SourcePartly one of which some did.
	SourceFailed SourceState = "failed"
	SourcePartly SourceState = "partly failed"
	// SourceNotRecorded is one that the recording should hold and does not.
	SourceNotRecorded SourceState = "not recorded"
	// SourceNotConfigured is one that the configuration, or the recording's
	// manifest, says is not there.
	SourceNotConfigured SourceState = "not configured"
)

// Standing is one source as a whole.
type Standing struct {
	Source string      `json:"source"` // traces, logs or metrics
	State  SourceState `json:"state"`
}

// Missing reports whether the source should have told something and did not.
func (s Standing) Missing() bool {
	return s.State == SourceSilent || s.State == SourceFailed || s.State == SourceNotRecorded
}

// FewerAnswers are the sources of which a report had fewer answers than the one before
// it, in order; none where it had more of any, or is of another time: an incident
// that fires anew is not answered by what was found out the last time. What came of
// a rollback is asked for by itself, and tells more whatever else was answered.
func FewerAnswers(before, now *Report) []string {
	if now.Window.Start.After(before.Window.End) {
		return nil
	}
	if r := now.Recovery; r != nil && (before.Recovery == nil || before.Recovery.Verdict != r.Verdict) {
		return nil
	}
	states := map[string]SourceState{}
	for _, s := range before.Sources {
		states[s.Source] = s.State
	}
	var fewer []string
	for _, s := range now.Sources {
		was, is := answers(states[s.Source]), answers(s.State)
		if was == 0 || is == 0 {
			continue // it was not there to be asked
		}
		if was == is && s.State == SourcePartly {
			was, is = -failedRows(before, s.Source), -failedRows(now, s.Source)
		}
		switch {
		case is > was:
			return nil
		case is < was:
			fewer = append(fewer, s.Source)
		}
	}
	return fewer
}

// Completes reports whether a report tells more than the one before it, of which it
// looks at the same time: more was answered of some source, or the answers to the same
// questions say something else since, and of no source less was. A question that only
// one of them asked tells nothing.
func Completes(before, now *Report) bool {
	more := says(before) != says(now)
	states := map[string]SourceState{}
	for _, s := range before.Sources {
		states[s.Source] = s.State
	}
	for _, s := range now.Sources {
		was, is := answers(states[s.Source]), answers(s.State)
		switch {
		case is < was:
			return false
		case is > was:
			more = true
		}
	}
	type question struct {
		source, subject string
		topic           evidence.Topic
		days            int
	}
	rows := map[question]*evidence.Coverage{}
	for i := range before.Coverage {
		c := &before.Coverage[i]
		rows[question{c.Source, c.Subject, c.Key, c.Days}] = c
	}
	for i := range now.Coverage {
		c := &now.Coverage[i]
		was, asked := rows[question{c.Source, c.Subject, c.Key, c.Days}]
		if !asked {
			continue
		}
		switch is, was := answered(c), answered(was); {
		case is < was:
			return false
		case is > was && was < nothing: // what came late says something else, or nothing new
			more = true
		}
	}
	return more
}

// says is what a reader takes from a report: how sure it is, and of what.
func says(r *Report) [5]string {
	s := [5]string{string(r.Verdict.Word)}
	if len(r.Causes) > 0 {
		first := &r.Causes[0]
		s[1], s[2], s[3], s[4] = first.Entity.Name, string(first.Mechanism), string(first.Trigger), SuspectCommit(first)
	}
	return s
}

// How a question ended, the more it tells the higher.
const (
	unanswered = iota
	inPart     // some minutes have no answer
	nothing    // there is nothing
	something
)

func answered(c *evidence.Coverage) int {
	switch {
	case c.Status == evidence.CoverageFailed:
		return unanswered
	case len(c.Missing) > 0:
		return inPart
	case c.Status == evidence.CoverageAnswered || c.Status == evidence.CoverageTruncated:
		return something
	}
	return nothing
}

// answers orders what came of a source that could be asked, the more the higher; 0
// for one that could not.
func answers(s SourceState) int {
	switch s {
	case SourceSpeaks:
		return 3
	case SourcePartly:
		return 2
	case SourceSilent, SourceFailed:
		return 1
	}
	return 0
}

// failedRows counts the questions to a source that failed.
func failedRows(r *Report, source string) int {
	n := 0
	for i := range r.Coverage {
		if r.Coverage[i].Source == source && r.Coverage[i].Status == evidence.CoverageFailed {
			n++
		}
	}
	return n
}

// UnknownName is a name that the alert gives and no source knows.
type UnknownName struct {
	Name string `json:"name"`
	// Near are known names that it may be a misspelling of, nearest first.
	Near []string `json:"near,omitempty"`
}

// Flaw is a fault of the telemetry itself that makes what it shows less sure.
type Flaw string

// The flaws.
const (
	FlawClockSkew   Flaw = "clocks disagree"
	FlawSourceClock Flaw = "the server's clock is far from ours"
	FlawDuplicates  Flaw = "span IDs repeat"
	FlawUnusable    Flaw = "records cannot be used"
)
