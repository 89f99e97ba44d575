package view

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// dayLevel is what a measure did around this hour on an earlier day.
type dayLevel struct {
	days int
	by   evidence.CallID
	// before and usual are medians of the look-back's hour and of the incident's.
	before, usual float64
	// low and high are the levels that were kept for as long as the incident's
	// own extremes are measured over.
	low, high float64
}

// dayLevels are the earlier days that have enough values, nearest first; k is
// how many values an extreme is the mean of. Where a level changed over the days
// without a change of shape, as traffic that grows from week to week, it is
// scaled to today's.
func dayLevels(m *gathered.Series, full float64, k int, by *weights.Set) []dayLevel {
	least := by.View.Measure.Baseline
	var out []dayLevel
	for _, d := range m.Earlier {
		if len(d.During) < max(k, least) || len(d.Before) < least {
			continue
		}
		before, during := Lacking(metric.Values(d.Before), full), Lacking(metric.Values(d.During), full)
		sort.Float64s(before)
		sort.Float64s(during)
		out = append(out, dayLevel{
			days: d.Days, by: d.By, before: stat.QuantileSorted(before, 0.5), usual: stat.QuantileSorted(during, 0.5),
			low: stat.Mean(during[:k]), high: stat.Mean(during[len(during)-k:]),
		})
	}
	return out
}

// scaled is the day at today's level: its look-back's median becomes the given
// one. From another factor on it is another system, not growth.
func (d dayLevel) scaled(median, another float64) dayLevel {
	if d.before <= 0 || median <= 0 || median > another*d.before || d.before > another*median {
		return d
	}
	by := median / d.before
	return dayLevel{days: d.days, by: d.by, before: median, usual: d.usual * by, low: d.low * by, high: d.high * by}
}

// expect moves the normal level to what this hour brings on earlier days, where
// the incident keeps to the look-back's level and enough days say that it
// should not: a rise in the hour of the daily dip is seen by nothing else. inc
// are the incident's values in order of size.
func (f *Metric) expect(days []dayLevel, inc []float64) {
	by := f.by.View.Season
	if len(days) < by.Days {
		return
	}
	k := outermost(len(inc), f.by)
	low, high, now := stat.Mean(inc[:k]), stat.Mean(inc[len(inc)-k:]), stat.QuantileSorted(inc, 0.5)
	if max(high-f.Median, f.Median-low) > f.by.Scale.Noise*f.scale {
		return // it moved, which the look-back shows
	}
	least, most := math.Inf(1), math.Inf(-1)
	for _, d := range days {
		shift := d.scaled(f.Median, by.Another).usual - d.scaled(f.Median, by.Another).before
		least, most = min(least, shift), max(most, shift)
	}
	if least < 0 && most > 0 {
		return // the days do not agree
	}
	shift := least
	if math.Abs(most) < math.Abs(least) {
		shift = most
	}
	// Two days are never alike: their difference, and a share, are no deviation.
	scale := max(f.scale, most-least, by.Floor*math.Abs(f.Median+shift))
	if math.Abs(now-f.Median-shift) <= f.by.Scale.Noise*scale {
		return
	}
	f.Median, f.scale = f.Median+shift, scale
	f.Season = fmt.Sprintf("the former is what this hour usually brings, %s", daysWords(days))
}

// compareDays takes back what an earlier day at the same hour reached as well.
// One day may have had the same fault; several are a habit. Values are what they
// lack of full, if that is not 0.
func (f *Metric) compareDays(days []dayLevel, full float64) {
	if f.Season != "" || math.Abs(f.Z) <= f.by.Scale.Noise || f.Class == metric.ClassRestart {
		return
	}
	by := f.by.View.Season
	best, agree, at, level := 0.0, 0, dayLevel{}, 0.0
	for _, d := range days {
		reached := max(d.high, d.scaled(f.Median, by.Another).high) + f.scale
		if f.Z < 0 {
			reached = min(d.low, d.scaled(f.Median, by.Another).low) - f.scale
		}
		share := min(1, (reached-f.Median)/(f.Peak-f.Median))
		if share >= by.Alike {
			agree++
		}
		if share > best {
			best, at, level = share, d, d.high
			if f.Z < 0 {
				level = d.low
			}
		}
	}
	if best < by.Telling {
		return
	}
	trust := by.One
	if agree > 1 {
		trust = by.Several
	}
	how := "high"
	if (f.Z < 0) != (full > 0) {
		how = "low"
	}
	if full > 0 {
		level = full - level
	}
	if best < by.Full {
		how = fmt.Sprintf("%s up to %.0f %%", how, 100*best)
	}
	f.Discounts = append(f.Discounts, discount{
		Id: "explain/earlier-day", Share: best * trust,
		Why:  fmt.Sprintf("%s at this hour %s was as %s: %s", wording.DaysAgo(at.days), f.Series.Name, how, wording.Amount(level, f.Series.Unit)),
		Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: f.Series.Name, Service: f.Series.Entity, Text: fmt.Sprintf("%s, %s", wording.DaysAgo(at.days), wording.Amount(level, f.Series.Unit)), By: at.by}},
	})
}

// daysWords lists days, nearest first: "yesterday and 7 days ago".
func daysWords(days []dayLevel) string {
	var list []int
	for _, d := range days {
		list = append(list, d.days)
	}
	slices.Sort(list)
	text := ""
	for i, n := range list {
		switch {
		case i > 0 && i == len(list)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += wording.DaysAgo(n)
	}
	return text
}
