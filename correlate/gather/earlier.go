package gather

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// mostSeasonal bounds what is asked about one earlier day.
const mostSeasonal = 10

// earlierDays asks what the measures that speak did at the same hour on earlier
// days, and those of the alerting entities whatever they do. The first question
// tells whether the source remembers that day at all; where it does not, no
// other is put.
func (v *Investigation) earlierDays(ctx context.Context, c *gathered.Evidence) func() {
	queries := v.seasonalQueries(c)
	days := v.daysWithSamples(c)
	got := make([][][]evidence.Series, len(days))
	var steps []func()
	for i, n := range days {
		got[i] = make([][]evidence.Series, len(queries))
		steps = append(steps, func() { v.askDay(ctx, n, queries, got[i]) })
	}
	v.Together(steps...)
	return func() {
		for i, n := range days {
			for q, series := range got[i] {
				addEarlierDay(c, n, v.measured(queries[q], [][]evidence.Series{series}))
			}
		}
	}
}

// daysWithSamples are the days back that there may be samples of, nearest first.
func (v *Investigation) daysWithSamples(c *gathered.Evidence) []int {
	if v.sources.Metrics == nil || c.Incident.IsZero() {
		return nil
	}
	past, limited := v.sources.Metrics.(port.PastSource)
	days := slices.DeleteFunc(slices.Clone(v.options.EarlierDays), func(n int) bool {
		return n < 1 || n > mostDays || limited && !past.Holds(v.span.DaysBefore(n))
	})
	slices.Sort(days)
	return slices.Compact(days)
}

// sameHour is the topic of the questions about an earlier day.
func sameHour(days int) evidence.Topic { return evidence.TopicSameHour.Of(strconv.Itoa(days)) }

// EarlierDays are the days before of which an investigation with this coverage
// had metrics.
func EarlierDays(coverage []evidence.Coverage) []int {
	var days []int
	for _, c := range coverage {
		if c.Source == "metrics" && c.Days > 0 && c.Count > 0 {
			days = append(days, c.Days)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// mostDays is how far back an earlier day may lie.
const mostDays = 366

// askDay puts the queries for one day, the first alone.
func (v *Investigation) askDay(ctx context.Context, days int, queries []metricQuery, got [][]evidence.Series) {
	if len(queries) == 0 {
		return
	}
	topic, w := sameHour(days), v.span.DaysBefore(days)
	put := func(i int) {
		got[i], _ = ask.Put(ctx, v.Asker, ask.Question{Source: "metrics", Topic: topic, Words: evidence.TopicSameHour.Sentence() + " " + wording.DaysAgo(days), Window: w, Days: days, Exact: queries[i].expr}, func(ctx context.Context) ask.Answer[[]evidence.Series] {
			series, err := v.sources.Metrics.QueryRange(ctx, queries[i].expr, w, metric.StepOver(w, v.answers.step))
			if err == nil && len(series) == 0 && i == 0 {
				err = fmt.Errorf("no samples: they are not kept for so long, or the series are younger: %w", evidence.ErrNotFound)
			}
			return ask.Many(plainSeries(series), false, err)
		})
	}
	if put(0); len(got[0]) == 0 {
		return
	}
	var steps []func()
	for i := range queries[1:] {
		steps = append(steps, func() { put(i + 1) })
	}
	v.Together(steps...)
}

// seasonalQueries are the queries behind the measures that earlier days may
// explain or condemn, those that deviate most first, each narrowed to the
// metrics that are wanted.
func (v *Investigation) seasonalQueries(c *gathered.Evidence) []metricQuery {
	type wish struct {
		names []string
		z     float64
	}
	wanted := map[string]*wish{}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		f := view.Measure(m, 0, c.By())
		if !f.Usable || f.Class == metric.ClassLimit || f.Class == metric.ClassExpiry || f.Class == metric.ClassRestart || m.Stat == gathered.StatExpr {
			continue
		}
		if math.Abs(f.Z) <= c.By().Scale.Noise && (f.Class == metric.ClassOther || !slices.Contains(c.Alerting, m.Entity)) {
			continue
		}
		w := wanted[m.Expr]
		if w == nil {
			w = &wish{}
			wanted[m.Expr] = w
		}
		w.z = max(w.z, math.Abs(f.Z))
		if !slices.Contains(w.names, m.Name) {
			w.names = append(w.names, m.Name)
		}
	}
	var list []metricQuery
	for _, q := range v.answers.queries {
		if wanted[q.expr] != nil {
			list = append(list, q)
		}
	}
	slices.SortStableFunc(list, func(a, b metricQuery) int {
		return cmp.Or(cmp.Compare(wanted[b.expr].z, wanted[a.expr].z), cmp.Compare(a.expr, b.expr))
	})
	list = slices.CompactFunc(list, func(a, b metricQuery) bool { return a.expr == b.expr })
	list = list[:min(len(list), mostSeasonal)]
	for i, q := range list {
		list[i] = v.narrowed(q, wanted[q.expr].names)
	}
	return list
}

// addEarlierDay adds an earlier day to the series that it is of.
func addEarlierDay(c *gathered.Evidence, days int, list []measuredSeries) {
	type key struct{ entity, name, stat, labels string }
	byKey := map[key]measuredSeries{}
	for _, m := range list {
		byKey[key{m.entity, m.name, m.stat, metric.LabelsText(m.labels)}] = m
	}
	ahead := time.Duration(days) * 24 * time.Hour
	for i := range c.Metrics {
		m := &c.Metrics[i]
		then, ok := byKey[key{m.Entity, m.Name, m.Stat, metric.LabelsText(m.Labels)}]
		if !ok || m.Stat == gathered.StatExpr {
			continue
		}
		d := gathered.EarlierDay{Days: days, By: evidence.CallID{Source: "metrics", Row: sameHour(days), Query: then.expr}}
		for _, s := range then.samples {
			at := s.Time.Add(ahead)
			if w := c.Lookback(); w.Contains(at) && at.Before(c.Incident.Start.Add(-evidence.SeasonMargin)) {
				d.Before = append(d.Before, s)
			}
			if !at.Before(c.Incident.Start.Add(-evidence.SeasonMargin)) && !at.After(c.Incident.End.Add(evidence.SeasonMargin)) {
				d.During = append(d.During, s)
			}
		}
		m.Earlier = append(m.Earlier, d)
	}
}
