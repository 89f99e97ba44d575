package gather

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// readInfos reads the samples of series that carry a version, so that it is
// known since when each was there. Only metrics with two versions are read:
// one version is no change, and its revision stands in its labels.
func (v *Investigation) readInfos(ctx context.Context) {
	infos := v.answers.infos
	if len(infos) == 0 {
		return
	}
	names := map[string]bool{}
	for i := range infos {
		if infoVersion(infos[i]) == "" {
			continue
		}
		infos[i].Samples = []evidence.Sample{{Time: v.span.End, Value: 1}}
		for j := range i {
			if v.entityOf(infos[i].Name, infos[i].Labels) == v.entityOf(infos[j].Name, infos[j].Labels) && infoVersion(infos[j]) != "" && infoVersion(infos[i]) != infoVersion(infos[j]) {
				names[infos[i].Name] = true
				names[infos[j].Name] = true
			}
		}
	}
	if len(names) == 0 {
		return
	}
	sorted := make([]string, 0, len(names))
	for n := range names { // sorted below
		sorted = append(sorted, metric.QuoteLabel(regexp.QuoteMeta(v.answers.spelled.Name(n))))
	}
	slices.Sort(sorted)
	expr := fmt.Sprintf(`last_over_time({__name__=~"%s"}[%s])`, strings.Join(sorted, "|"), v.backRange())
	read := v.queryRange(ctx, evidence.TopicVersions, expr, v.metricWindow())
	if len(read) == 0 {
		return
	}
	v.answers.infos = append(slices.DeleteFunc(infos, func(s evidence.Series) bool { return names[s.Name] }), read...)
}

// inferredDeploys are the deploys that nobody announced: a service that showed
// one version and then another. A version that was there from the first sight
// of its service on is no change.
func inferredDeploys(by *weights.Gather, announced []evidence.Change, seen []versionSeen) []evidence.Change {
	var list []evidence.Change
	for i, s := range seen {
		if i == 0 || s.service == "" || seen[i-1].service != s.service || seen[i-1].rung != s.rung {
			continue
		}
		before := seen[i-1]
		if !s.first.After(before.first) {
			continue
		}
		known := slices.ContainsFunc(slices.Concat(announced, list), func(a evidence.Change) bool {
			return a.Kind == evidence.ChangeDeploy && a.Service == s.service &&
				(a.To == s.revision || a.Commit == s.revision || a.Time.Sub(s.first).Abs() <= by.Announced)
		})
		if known {
			continue
		}
		c := evidence.Change{
			ID:   "inferred/" + s.service + "/" + s.revision,
			Kind: evidence.ChangeDeploy, Service: s.service, Time: s.first.UTC(),
			From: before.revision, To: s.revision, Inferred: string(s.rung),
			Summary: fmt.Sprintf("%s shows %s where it showed %s before", s.service, s.revision, before.revision),
		}
		if evidence.WholeSHA(s.revision) {
			c.Commit = s.revision
		}
		list = append(list, c)
	}
	return list
}

// returns are the services that show an older version again and the newer one no
// more: as they do when a release, or a canary, is taken back.
func returns(by *weights.Gather, seen []versionSeen, end time.Time, step time.Duration) []evidence.Change {
	gone := max(by.Gone, time.Duration(by.GoneSteps)*step)
	var list []evidence.Change
	for i := 1; i < len(seen); i++ {
		before, s := seen[i-1], seen[i]
		if s.service == "" || before.service != s.service || before.rung != s.rung || i+1 < len(seen) && seen[i+1].service == s.service && seen[i+1].rung == s.rung {
			continue
		}
		if s.count < by.Seen || !s.first.After(before.first) || before.last.Sub(s.last) < gone || end.Sub(s.last) < gone {
			continue
		}
		if slices.ContainsFunc(list, func(c evidence.Change) bool { return c.Service == s.service }) {
			continue // the same, told by another sign
		}
		list = append(list, evidence.Change{
			ID: "returned/" + s.service + "/" + before.revision, Kind: evidence.ChangeDeploy, Service: s.service, Time: s.last.UTC(), From: s.revision, To: before.revision, Inferred: string(s.rung),
			Summary: fmt.Sprintf("%s shows %s again and %s no more", s.service, before.revision, s.revision),
		})
	}
	return list
}

// runtimeDecisions are the lines by which services say that they changed a
// policy at run time: those with a decision's ID and its context hash.
func runtimeDecisions(c *gathered.Evidence) []evidence.Change {
	var list []evidence.Change
	for i := range c.Logs {
		l := &c.Logs[i]
		id := decisionField(l, "decision_id")
		if id == "" || decisionField(l, "context_hash") == "" {
			continue
		}
		list = append(list, evidence.Change{
			ID: id, Kind: evidence.ChangeDecision, Service: l.Service, Time: l.Time.UTC(), Summary: wording.Excerpt(l.Said()),
			Attributes: map[string]string{"decision_id": id, "confidence_score": decisionField(l, "confidence_score")},
		})
	}
	return list
}

// decisionField reads a field of a runtime decision, which the reader of lines
// found wherever it stood.
func decisionField(l *gathered.Line, name string) string {
	return cmp.Or(l.Attributes[name], l.Attributes[strings.ReplaceAll(name, "_", ".")])
}
