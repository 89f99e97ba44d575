package eval

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The probes are what a score must beat: answers that need no understanding.
const (
	probeChance   = "chance"
	probeConstant = "constant"
	probeMaxZ     = "max_abs_z"
	probeAlerts   = "alert_count"
	probeLatest   = "latest_change"
	probeEarliest = "earliest_deploy"
	probeTFIDF    = "tfidf"
)

// probeAnswers is what the probes say about one case: a score per entity, or a
// commit.
type probeAnswers struct {
	candidates int
	maxZ       map[string]float64
	alerts     map[string]float64
	latest     *evidence.Change
	earliest   *evidence.Change // of the alerting service
	tfidf      string           // commit
}

// recent is how long before the alert the probes take for the incident; all
// before is normal to them.
const recent = 5 * time.Minute

func probe(ctx context.Context, s correlate.Sources, req correlate.Request) (probeAnswers, error) {
	p := probeAnswers{candidates: len(req.Candidates), maxZ: map[string]float64{}, alerts: map[string]float64{}}
	if err := p.metrics(ctx, s, req); err != nil {
		return p, err
	}
	if err := p.events(ctx, s, req); err != nil {
		return p, err
	}
	return p, p.changes(ctx, s, req)
}

// unless turns the errors of a source that has nothing to say into nothing.
func unless(err error) error {
	for _, e := range []error{evidence.ErrNotFound, evidence.ErrUnavailable, evidence.ErrUnsupported} {
		if errors.Is(err, e) {
			return nil
		}
	}
	return err
}

// metrics scores each service by the largest absolute z of its series, and
// counts its series beyond three sigma.
func (p *probeAnswers) metrics(ctx context.Context, s correlate.Sources, req correlate.Request) error {
	if s.Metrics == nil {
		return nil
	}
	end := req.Now
	incident := evidence.Window{Start: end.Add(-recent), End: end}
	windows := []evidence.Window{{Start: end.Add(-30 * time.Minute), End: incident.Start.Add(-time.Millisecond)}}
	windows = append(windows, req.Reference...)
	normal := map[string][]float64{}
	for _, w := range windows {
		if err := p.eachSeries(ctx, s, w, func(key, _ string, v []float64) { normal[key] = append(normal[key], v...) }); err != nil {
			return err
		}
	}
	return p.eachSeries(ctx, s, incident, func(key, service string, v []float64) {
		mean, sigma := moments(normal[key])
		if len(normal[key]) < 2 {
			return
		}
		z := 0.0
		for _, x := range v {
			z = max(z, math.Abs(x-mean)/max(sigma, 1e-9))
		}
		p.maxZ[service] = max(p.maxZ[service], z)
		if z > 3 {
			p.alerts[service]++
		}
	})
}

// eachSeries calls f with every series of a service in a window.
func (p *probeAnswers) eachSeries(ctx context.Context, s correlate.Sources, w evidence.Window, f func(key, service string, v []float64)) error {
	step := max(time.Minute, w.Duration()/1000).Truncate(time.Second)
	list, err := s.Metrics.QueryRange(ctx, `{service!=""}`, w, step)
	if err != nil {
		return unless(err)
	}
	for _, x := range list {
		v := make([]float64, len(x.Samples))
		for i, y := range x.Samples {
			v[i] = y.Value
		}
		f(seriesKey(x), x.Labels["service"], v)
	}
	return nil
}

func seriesKey(s evidence.Series) string {
	key := s.Name
	for _, k := range sortedKeys(s.Labels) {
		key += "\x00" + k + "\x00" + s.Labels[k]
	}
	return key
}

func moments(v []float64) (mean, sigma float64) {
	if len(v) == 0 {
		return 0, 0
	}
	mean = average(v)
	for _, x := range v {
		sigma += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(sigma / float64(len(v)))
}

// events adds one alert for each service with failing spans and one for each
// with error lines, as alert counters do.
func (p *probeAnswers) events(ctx context.Context, s correlate.Sources, req correlate.Request) error {
	w := evidence.Window{Start: req.Now.Add(-recent), End: req.Now}
	if s.Traces != nil {
		services, err := s.Traces.Services(ctx)
		if err := unless(err); err != nil {
			return err
		}
		for _, x := range services {
			found, _, err := s.Traces.FindTraces(ctx, evidence.TraceQuery{Service: x, Window: w, Tags: map[string]string{"error": "true"}, Limit: 1})
			if err := unless(err); err != nil {
				return err
			}
			p.alerts[x] += float64(len(found))
		}
	}
	if s.Logs == nil || len(req.Candidates) == 0 {
		return nil
	}
	lines, _, err := s.Logs.Logs(ctx, evidence.LogQuery{Services: req.Candidates, MinSeverity: evidence.SeverityError, Window: w, Limit: 10_000})
	if err := unless(err); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, l := range lines {
		if !seen[l.Service] {
			seen[l.Service] = true
			p.alerts[l.Service]++
		}
	}
	return nil
}

// changes answers with the latest change, the earliest deploy of the alerting
// service, and the commit whose words are nearest to the errors'.
func (p *probeAnswers) changes(ctx context.Context, s correlate.Sources, req correlate.Request) error {
	w := evidence.Window{Start: req.Now.Add(-24 * time.Hour), End: req.Now.Add(time.Nanosecond)}
	for _, source := range s.Changes {
		list, err := source.Changes(ctx, w)
		if err := unless(err); err != nil {
			return err
		}
		for _, c := range list {
			if p.latest == nil || c.Time.After(p.latest.Time) {
				p.latest = &c
			}
			if c.Kind == evidence.ChangeDeploy && c.Service == req.Alert.Label("service") && (p.earliest == nil || c.Time.Before(p.earliest.Time)) {
				p.earliest = &c
			}
		}
	}
	if s.Code == nil {
		return nil
	}
	commits, err := s.Code.Commits(ctx, evidence.CommitQuery{Window: w})
	if err := unless(err); err != nil || len(commits) == 0 {
		return err
	}
	text, err := errorText(ctx, s, req, w)
	p.tfidf = nearestCommit(text, commits)
	return err
}

// probeScores scores the probes on one data set. Ties count against them, too.
func probeScores(all []scored) map[string]ProbeScore {
	var services, commits []scored
	for _, s := range all {
		if len(s.label.Culprits()) > 0 && !s.label.Abstain {
			services = append(services, s)
		}
		if s.label.Commit != "" {
			commits = append(commits, s)
		}
	}
	rate := func(list []scored, f func(scored) float64) *float64 {
		if len(list) == 0 {
			return nil
		}
		sum := 0.0
		for _, s := range list {
			sum += f(s)
		}
		v := round(sum / float64(len(list)))
		return &v
	}
	hit := func(ok bool) float64 { return float64(one(ok)) }
	top := func(s scored, m map[string]float64) float64 {
		culprits := s.label.Culprits()
		best, ok := 0.0, false
		for _, e := range culprits {
			if v, known := m[e]; known && (!ok || v > best) {
				best, ok = v, true
			}
		}
		for e, v := range m {
			ok = ok && (slices.Contains(culprits, e) || v < best)
		}
		return hit(ok)
	}
	commitOf := func(c *evidence.Change) string {
		if c == nil {
			return ""
		}
		return c.Commit
	}
	usualService := usual(services, func(s scored) []string { return s.label.Culprits() })
	usualCommit := usual(commits, func(s scored) []string { return []string{s.label.Commit} })
	named := func(s scored, entity string) float64 { return hit(slices.Contains(s.label.Culprits(), entity)) }
	return map[string]ProbeScore{
		probeChance:   {AC1: rate(services, chance)},
		probeConstant: {rate(services, func(s scored) float64 { return named(s, usualService) }), rate(commits, func(s scored) float64 { return hit(s.label.Commit == usualCommit) })},
		probeMaxZ:     {AC1: rate(services, func(s scored) float64 { return top(s, s.probes.maxZ) })},
		probeAlerts:   {AC1: rate(services, func(s scored) float64 { return top(s, s.probes.alerts) })},
		probeLatest: {rate(services, func(s scored) float64 {
			return hit(s.probes.latest != nil && named(s, s.probes.latest.Service) == 1)
		}),
			rate(commits, func(s scored) float64 { return hit(commitOf(s.probes.latest) == s.label.Commit) })},
		probeEarliest: {CommitAC1: rate(commits, func(s scored) float64 { return hit(commitOf(s.probes.earliest) == s.label.Commit) })},
		probeTFIDF:    {CommitAC1: rate(commits, func(s scored) float64 { return hit(s.probes.tfidf == s.label.Commit) })},
	}
}

// chance is the share of the candidates that are right; where a bundle names no
// candidates, those that the engine found are.
func chance(s scored) float64 {
	of := s.probes.candidates
	if of == 0 {
		of = len(s.result.Ranked)
	}
	return min(1, float64(len(s.label.Culprits()))/float64(max(1, of)))
}

// usual is the most frequent answer, the smallest of equals.
func usual(list []scored, of func(scored) []string) string {
	n := map[string]int{}
	for _, s := range list {
		for _, x := range of(s) {
			n[x]++
		}
	}
	keys := sortedKeys(n)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(n[b], n[a]) })
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}
