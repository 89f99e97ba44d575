package view

import (
	"iter"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// VersionTally is what the spans of one version of a service did, or of several.
type VersionTally struct {
	N, Failed int
	Durations []float64 // in nanoseconds
}

func (t *VersionTally) add(s *evidence.Span) {
	t.N++
	if s.Failed {
		t.Failed++
	}
	t.Durations = append(t.Durations, float64(s.Duration))
}

// TallyVersions counts the spans of the newest version and of all others, as
// far as they count and tell their version.
func TallyVersions(spans iter.Seq[*evidence.Span], newest string, counts func(version string, at time.Time) bool) (now, old VersionTally) {
	for s := range spans {
		version := s.Attribute("service.version")
		if version == "" || !counts(version, s.Start) {
			continue
		}
		if version == newest {
			now.add(s)
		} else {
			old.add(s)
		}
	}
	return now, old
}

// VersionPeriods are when each version was seen, by the version.
func VersionPeriods(spans iter.Seq[*evidence.Span]) map[string]*Period {
	ran := map[string]*Period{}
	for s := range spans {
		version := s.Attribute("service.version")
		if version == "" {
			continue
		}
		if ran[version] == nil {
			ran[version] = &Period{}
		}
		ran[version].Add(s.Start)
	}
	return ran
}

// SideBySide counts the spans of a version and of all others where both ran: at
// the same time and under the same load.
func SideBySide(spans iter.Seq[*evidence.Span], newest string) (now, old VersionTally) {
	ran := VersionPeriods(spans)
	if ran[newest] == nil {
		return now, old
	}
	shared := map[string]Period{} // with the newest, by old version
	for version, r := range ran {
		if version != newest {
			shared[version] = ran[newest].And(*r)
		}
	}
	return TallyVersions(spans, newest, func(version string, at time.Time) bool {
		if version != newest {
			return shared[version].Contains(at)
		}
		for _, p := range shared {
			if p.Contains(at) {
				return true
			}
		}
		return false
	})
}

// Against is by how much a larger share of a version's spans fails than of
// another's, and how many standard errors that is.
func (t VersionTally) Against(old VersionTally) (gain, sigma float64) {
	return stat.Proportions(t.Failed, t.N, old.Failed, old.N)
}

// FailsMore is how much speaks for a version's being at fault by its failures, 0
// to 1; 0 for what chance explains.
func (t VersionTally) FailsMore(old VersionTally, by *weights.Set) float64 {
	bar := &by.View.Versions
	gain, sigma := t.Against(old)
	if old.N < bar.Spans || gain < bar.Gain || t.Failed < bar.Failed || sigma < bar.Sigma {
		return 0
	}
	return stat.Squash(gain, bar.GainHalf) * stat.Squash(float64(t.Failed), bar.FailedHalf)
}

// Slower is the same by how long its spans take.
func (t VersionTally) Slower(old VersionTally, by *weights.Set) float64 {
	if min(t.N, old.N) < by.View.Versions.Spans {
		return 0
	}
	return DifferenceOf(t.Durations, old.Durations, metric.ClassLatency, by).Strength(metric.ClassLatency, by)
}

// Alike reports whether both versions fail, and neither more than the other.
func (t VersionTally) Alike(old VersionTally, by *weights.Set) bool {
	bar := &by.View.Versions
	_, sigma := t.Against(old)
	return min(t.N, old.N) >= bar.Spans && float64(old.Failed) > bar.AlikeFails*float64(old.N) && sigma < bar.Alike
}

// IncidentSpans are the spans of a service in the incident.
func IncidentSpans(c *gathered.Evidence, service string) iter.Seq[*evidence.Span] {
	return func(yield func(*evidence.Span) bool) {
		for i := range c.Traces {
			if c.Traces[i].Baseline {
				continue
			}
			for j := range c.Traces[i].Spans {
				if s := &c.Traces[i].Spans[j]; s.Service == service && !yield(s) {
					return
				}
			}
		}
	}
}
