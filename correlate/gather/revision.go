package gather

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// versionSeen is one revision of one service as telemetry told it.
type versionSeen struct {
	service, revision string
	rung              evidence.RevisionRung
	first, last       time.Time
	count             int
}

// versionsSeen collects the revisions that spans, lines and build_info series
// carry, by service, then first sight.
func (v *Investigation) versionsSeen(c *gathered.Evidence) []versionSeen {
	type key struct {
		service, revision string
		rung              evidence.RevisionRung
	}
	byKey := map[key]*versionSeen{}
	see := func(service, revision string, rung evidence.RevisionRung, at time.Time) {
		if revision == "" {
			return
		}
		k := key{service, revision, rung}
		s := byKey[k]
		if s == nil {
			s = &versionSeen{service: service, revision: revision, rung: rung, first: at, last: at}
			byKey[k] = s
		}
		s.count++
		if at.Before(s.first) {
			s.first = at
		}
		if at.After(s.last) {
			s.last = at
		}
	}
	for _, t := range c.Traces {
		for _, s := range t.Spans {
			see(s.Service, s.Resource["vcs.ref.head.revision"], evidence.RevisionVCS, s.Start)
			see(s.Service, s.Resource["service.version"], evidence.RevisionVersion, s.Start)
		}
	}
	for _, l := range c.Logs {
		see(l.Service, resourceValue(l, "vcs.ref.head.revision"), evidence.RevisionVCS, l.Time)
		see(l.Service, resourceValue(l, "service.version"), evidence.RevisionVersion, l.Time)
	}
	for _, s := range v.answers.infos {
		entity, revision := v.entityOf(s.Name, s.Labels), infoVersion(s)
		for _, sample := range s.Samples {
			see(entity, revision, evidence.RevisionBuild, sample.Time)
		}
	}
	list := make([]versionSeen, 0, len(byKey))
	for _, s := range byKey { // sorted below
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b versionSeen) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.rung, b.rung), a.first.Compare(b.first), cmp.Compare(a.revision, b.revision))
	})
	return list
}

// resourceValue reads a resource attribute of a line, which some stores keep
// with underscores.
func resourceValue(l gathered.Line, name string) string {
	under := strings.ReplaceAll(name, ".", "_")
	return cmp.Or(l.Resource[name], l.Resource[under], l.Attributes[name], l.Attributes[under])
}

// infoVersion is the revision that a build_info series or an image label tells.
func infoVersion(s evidence.Series) string {
	if !metric.TellsVersion(s.Name, s.Labels) {
		return ""
	}
	for _, l := range []string{"revision", "commit", "version", "service_version", "image_tag"} {
		if value := s.Labels[l]; value != "" {
			return value
		}
	}
	if image := s.Labels["image"]; image != "" {
		if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
			return image[i+1:]
		}
	}
	return ""
}

// revisions settles what each service ran at the onset, by the ladder of the
// design: the VCS revision on telemetry, a service version, the last deploy
// before the onset, build_info, unknown. Of several versions side by side the
// one that came last counts: it is the one in question.
func (v *Investigation) revisions(c *gathered.Evidence, seen []versionSeen) []gathered.Revision {
	best := map[string]gathered.Revision{}
	offer := func(service, revision string, rung evidence.RevisionRung) {
		have, ok := best[service]
		if !ok || revisionOrder(rung) <= revisionOrder(have.Rung) {
			best[service] = gathered.Revision{Service: service, Revision: revision, Rung: rung}
		}
	}
	for _, s := range seen { // of one rung, in order of first sight: the last wins
		if s.last.Before(c.Incident.Start.Add(-c.Guard)) && v.replaced(s, seen) {
			continue
		}
		if s.service != "" {
			offer(s.service, s.revision, s.rung)
		}
	}
	for _, ch := range c.Changes {
		if ch.Kind == evidence.ChangeDeploy && ch.Inferred == "" && c.MayBeDueTo(ch.Time) {
			offer(ch.Service, cmp.Or(ch.Commit, ch.To), evidence.RevisionDeploy)
		}
	}
	list := make([]gathered.Revision, 0, len(best))
	for _, r := range best { // sorted below
		list = append(list, v.pinned(c, r))
	}
	slices.SortFunc(list, func(a, b gathered.Revision) int { return cmp.Compare(a.Service, b.Service) })
	return list
}

// replaced reports whether another version of the same rung was seen later.
func (v *Investigation) replaced(s versionSeen, seen []versionSeen) bool {
	return slices.ContainsFunc(seen, func(o versionSeen) bool {
		return o.service == s.service && o.rung == s.rung && o.last.After(s.last)
	})
}

// pinned exchanges a version that only has a name for the commit that a deploy
// tied to it.
func (v *Investigation) pinned(c *gathered.Evidence, r gathered.Revision) gathered.Revision {
	if evidence.LikeSHA(r.Revision) {
		return r
	}
	for _, ch := range c.Changes {
		if ch.Service == r.Service && ch.Kind == evidence.ChangeDeploy && ch.To == r.Revision && ch.Commit != "" {
			return gathered.Revision{Service: r.Service, Revision: ch.Commit, Rung: evidence.RevisionDeploy}
		}
	}
	return r
}

func revisionOrder(r evidence.RevisionRung) int {
	return slices.Index([]evidence.RevisionRung{evidence.RevisionVCS, evidence.RevisionVersion, evidence.RevisionDeploy, evidence.RevisionBuild, evidence.RevisionUnknown}, r)
}
