package gather

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/profile"
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
// ran.
func (v *Investigation) profiledLines(ctx context.Context, c *gathered.Evidence) {
	if v.sources.Code == nil {
		return
	}
	asked := 0
	// One after the other, as with other places.
	for i := range c.Profiles {
		for j := range c.Profiles[i].Places {
			p := &c.Profiles[i].Places[j]
			rev := c.RevisionOf(c.Profiles[i].Service)
			if p.Frame.File == "" || asked == mostPlaces {
				continue
			}
			if rev.Revision == "" {
				v.Ledger.Unresolved("code", evidence.TopicPlaces.Of(rev.Service), rev.Service, "no source tells which revision ran")
				continue
			}
			asked++
			exact := fmt.Sprintf("git blame -L %d,%d %s -- %s", p.Frame.Line, p.Frame.Line, rev.Revision, p.Frame.File)
			b, ok := ask.Put(ctx, v.Asker, ask.Question{Source: "code", Topic: evidence.TopicProfilePlaces, Service: rev.Service, Exact: exact}, func(ctx context.Context) ask.Answer[evidence.Blame] {
				b, err := v.sources.Code.Blame(ctx, rev.Service, p.Frame, rev.Revision)
				return ask.Answer[evidence.Blame]{Value: b, Count: len(b.Lines), Err: err}
			})
			if ok && len(b.Lines) > 0 {
				b.Ref.RevisionRung = cmp.Or(b.Ref.RevisionRung, rev.Rung)
				p.Blame = &b
			}
		}
	}
}
