package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/profile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Bounds of what is asked about profiles.
const (
	mostProfiled = 12 // services, the alerting ones first, then by name
	mostPlaces   = 6  // lines that the repository is asked about
)

// profiles compares the profiles of the services before and during the incident.
// Nothing waits for one to be taken: those are read that are there.
func (v *Investigation) profiles(ctx context.Context, c *gathered.Evidence) {
	if v.sources.Profiles == nil {
		return
	}
	type question struct {
		service string
		kind    evidence.ProfileKind
	}
	var list []question
	for _, s := range v.askProfiled(ctx, c) {
		for _, k := range evidence.ProfileKinds() {
			list = append(list, question{s, k})
		}
	}
	got := make([]*gathered.Profiled, len(list))
	var steps []func()
	for i, q := range list {
		steps = append(steps, func() { got[i] = v.compareProfiles(ctx, c, q.service, q.kind) })
	}
	v.Together(steps...)
	for _, p := range got {
		if p != nil {
			c.Profiles = append(c.Profiles, *p)
		}
	}
}

// askProfiled are the services of which there are profiles, by the source's names.
func (v *Investigation) askProfiled(ctx context.Context, c *gathered.Evidence) []string {
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "profiles", Topic: evidence.TopicProfiled}, func(ctx context.Context) ask.Answer[[]string] {
		names, err := v.sources.Profiles.Profiled(ctx)
		return ask.Many(names, false, err)
	})
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return c.KindOf(v.names.Name(s)) == "" })
	slices.SortStableFunc(list, func(a, b string) int {
		return cmp.Or(-gathered.CompareBool(slices.Contains(c.Alerting, v.names.Name(a)), slices.Contains(c.Alerting, v.names.Name(b))), cmp.Compare(a, b))
	})
	return list[:min(len(list), mostProfiled)]
}

// compareProfiles holds the newest profile of the incident against the newest one
// before its onset; nil where there is none of the incident.
func (v *Investigation) compareProfiles(ctx context.Context, c *gathered.Evidence, service string, kind evidence.ProfileKind) *gathered.Profiled {
	during, by := v.askProfile(ctx, service, kind, evidence.Window{Start: c.Incident.Start, End: c.Incident.End.Add(v.by().ProfilesAfter)})
	if during == nil {
		return nil
	}
	before, byBefore := v.profileBefore(ctx, c, service, kind)
	during.Service = v.names.Name(service)
	p := &gathered.Profiled{ProfileView: profile.Compare(before, during, badRequests(c, during.Service), &weights.Or(v.options.Weights).Profile)}
	for _, id := range []evidence.CallID{by, byBefore} {
		if id != (evidence.CallID{}) {
			p.By = append(p.By, id)
		}
	}
	return p
}

// profileBefore is the newest profile that was complete before the trouble can have
// begun, else before it certainly had: what grew since then grew anyway.
func (v *Investigation) profileBefore(ctx context.Context, c *gathered.Evidence, service string, kind evidence.ProfileKind) (*evidence.Profile, evidence.CallID) {
	end := c.Incident.Start
	if e := c.Onset.Earliest; !e.IsZero() && e.Before(end) {
		if p, by := v.askProfile(ctx, service, kind, evidence.Window{Start: e.Add(-v.by().ProfilesBefore), End: e}); p != nil {
			return p, by
		}
		return v.askProfile(ctx, service, kind, evidence.Window{Start: e, End: end})
	}
	return v.askProfile(ctx, service, kind, evidence.Window{Start: end.Add(-v.by().ProfilesBefore), End: end})
}

func (v *Investigation) askProfile(ctx context.Context, service string, kind evidence.ProfileKind, w evidence.Window) (*evidence.Profile, evidence.CallID) {
	q := evidence.ProfileQuery{Service: service, Kind: kind, Window: w, Limit: 1}
	exact := q.String()
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "profiles", Topic: evidence.TopicProfiles, Window: w, Service: v.names.Name(service), Exact: exact}, func(ctx context.Context) ask.Answer[[]evidence.Profile] {
		found, _, err := v.sources.Profiles.Profiles(ctx, q) // of more the newest is the one that is wanted
		return ask.Many(found, false, err)
	})
	if len(list) == 0 {
		return nil, evidence.CallID{}
	}
	return &list[len(list)-1], evidence.CallID{Source: "profiles", Row: evidence.TopicProfiles, Query: exact}
}

// badRequests tells of a request by the IDs of its trace or its span whether it
// failed, or took longer in a service than nearly all did before.
func badRequests(c *gathered.Evidence, service string) profile.Side {
	usual := map[string][]float64{} // by operation
	for i := range c.Traces {
		for j := range c.Traces[i].Spans {
			if s := &c.Traces[i].Spans[j]; c.Traces[i].Baseline && s.Service == service {
				usual[s.Operation] = append(usual[s.Operation], s.Duration.Seconds())
			}
		}
	}
	slow := make(map[string]float64, len(usual))
	for op, list := range usual {
		slow[op] = stat.Quantile(list, c.By().Profile.Slow)
	}
	bad := map[string]bool{} // by trace and by span
	for i := range c.Traces {
		t := &c.Traces[i]
		for j := range t.Spans {
			s := &t.Spans[j]
			most, known := slow[s.Operation]
			is := s.Failed || s.Service == service && known && s.Duration.Seconds() > most
			bad[s.TraceID] = bad[s.TraceID] || is
		}
		for j := range t.Spans {
			bad[t.Spans[j].SpanID] = bad[t.ID]
		}
	}
	return func(traceID, spanID string) (isBad, known bool) {
		if isBad, known = bad[traceID]; known {
			return isBad, true
		}
		isBad, known = bad[spanID]
		return isBad, known && spanID != ""
	}
}

// profiledLines looks up what is behind the lines that grew, at the revision that
// ran. A profile of another build than that names no lines: they would be somebody
// else's.
func (v *Investigation) profiledLines(ctx context.Context, c *gathered.Evidence) {
	if v.sources.Code == nil {
		return
	}
	asked := 0
	// One after the other, as with other places.
	for i := range c.Profiles {
		p := &c.Profiles[i]
		rev := c.RevisionOf(p.Service)
		for j := range p.Places {
			place := &p.Places[j]
			if place.Frame.File == "" || asked == mostPlaces {
				continue
			}
			if rev.Revision == "" {
				v.Ledger.Unresolved("code", evidence.TopicPlaces.Of(rev.Service), rev.Service, "no source tells which revision ran")
				continue
			}
			asked++
			if why := v.anotherBuild(ctx, place, rev); why != "" {
				withoutLines(p, why)
				break
			}
			if line, ok := v.profiledLine(ctx, rev, place.Frame); ok && len(line.Lines) > 0 {
				line.Ref.RevisionRung = cmp.Or(line.Ref.RevisionRung, rev.Rung)
				place.Blame = &line.Blame
			} else if line.gone {
				withoutLines(p, fmt.Sprintf("%s is at line %d of %s, which has no such line at the revision that ran", place.Short(), place.Frame.Line, line.Ref.Path))
				break
			}
		}
	}
}

// profiledLine is what is known of a line of a profile.
type profiledLine struct {
	evidence.Blame
	gone bool // the file is there, and has no such line
}

// profiledLine asks what is behind a line of a profile.
func (v *Investigation) profiledLine(ctx context.Context, rev gathered.Revision, f evidence.Frame) (profiledLine, bool) {
	exact := fmt.Sprintf("git blame -L %d,%d %s -- %s", f.Line, f.Line, rev.Revision, f.File)
	return ask.Put(ctx, v.Asker, ask.Question{Source: "code", Topic: evidence.TopicProfilePlaces, Service: rev.Service, Exact: exact}, func(ctx context.Context) ask.Answer[profiledLine] {
		b, err := v.sources.Code.Blame(ctx, rev.Service, f, rev.Revision)
		gone := b.Ref.Path != "" && errors.Is(err, evidence.ErrNotFound)
		return ask.Answer[profiledLine]{Value: profiledLine{b, gone}, Count: len(b.Lines), Err: err}
	})
}

// anotherBuild says why a place cannot be of the revision that ran, empty where
// nothing contradicts it. A profile has no revision, but it has the line at which
// each function begins: there the revision has to name the function.
func (v *Investigation) anotherBuild(ctx context.Context, p *report.ProfilePlace, rev gathered.Revision) string {
	name := profile.Declared(p.Function)
	if p.Begins == 0 || name == "" || !strings.HasSuffix(p.Frame.File, ".go") {
		return ""
	}
	head := p.Frame
	head.Line = p.Begins
	line, _ := v.profiledLine(ctx, rev, head)
	at := fmt.Sprintf("%s begins at line %d of %s", p.Short(), p.Begins, cmp.Or(line.Ref.Path, p.Frame.Slashed()))
	if line.gone {
		return at + ", which has no such line at the revision that ran"
	}
	for _, l := range line.Lines {
		if l.Line == p.Begins && !strings.Contains(l.Text, name) {
			return at + ", and at the revision that ran it does not"
		}
	}
	return ""
}

// withoutLines takes what a profile says of lines out of it, and says why.
func withoutLines(p *gathered.Profiled, why string) {
	for i := range p.Places {
		place := &p.Places[i]
		place.Frame, place.Callers, place.Blame = evidence.Frame{Function: place.Frame.Function, Rung: place.Frame.Rung}, nil, nil
	}
	p.Notes = append(p.Notes, "the profile is of another build than what ran, so that no lines are named: in the profile "+why)
}
