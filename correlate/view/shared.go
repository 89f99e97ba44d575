package view

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// findShared discounts readings that several entities show alike: a counter of
// the machine or of the network namespace that every process on it exposes says
// nothing about any one of them. Two services never use the same amount of
// anything at every instant, noise included.
func (v *View) findShared() {
	groups := map[string][]*Metric{}
	for i := range v.Metrics {
		f := &v.Metrics[i]
		if f.Usable && f.HarmfulDeviation() > v.By.Scale.Noise && (f.Class.Internal() || f.Class == metric.ClassNetwork) && v.Kinds[f.Entity] != evidence.KindNode {
			key := f.Series.Name + "\x00" + f.Series.Stat
			groups[key] = append(groups[key], f)
		}
	}
	for _, facts := range groups { // each is looked at by itself
		for _, f := range facts {
			var with []int
			for _, g := range facts {
				if g.Entity != f.Entity && !slices.Contains(with, g.Entity) && sameReading(f.Series, g.Series, v.By.View.Shared) {
					with = append(with, g.Entity)
				}
			}
			if len(with) > 0 {
				f.Discounts = append(f.Discounts, v.sharedWith(f, with))
			}
		}
	}
}

// sharedWith is what is taken back from a reading that others show too: nearly
// all, since nothing of it is known to be the entity's own.
func (v *View) sharedWith(f *Metric, with []int) discount {
	slices.Sort(with)
	names := make([]string, len(with))
	for i, e := range with {
		names[i] = v.Names[e]
	}
	const most = 3
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return discount{
		Id: "explain/shared", Share: v.By.View.Shared.Share, Refs: MetricRefs([]*Metric{f}),
		Why: fmt.Sprintf("%s shows the same values at %s: it is of what they share, not of %s", f.Series.Name, strings.Join(names, ", "), v.Names[f.Entity]),
	}
}

// sameReading reports whether two series of two entities show the same values at
// the same time, before and during the incident.
func sameReading(a, b *gathered.Series, by weights.Shared) bool {
	var xs, ys []float64 // without the level of their part
	for _, part := range [][2][]evidence.Sample{{a.Baseline, b.Baseline}, {a.Incident, b.Incident}} {
		x, y := common(part[0], part[1])
		if len(x) == 0 || apart(x, y) > by.Apart {
			return false
		}
		mx, my := stat.Mean(x), stat.Mean(y)
		for i := range x {
			xs, ys = append(xs, x[i]-mx), append(ys, y[i]-my)
		}
	}
	return len(xs) >= by.Samples && stat.Pearson(xs, ys) >= by.Noise
}

// common are the values of two series at the instants that both have.
func common(a, b []evidence.Sample) (x, y []float64) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := cmp.Compare(a[i].Time.Unix(), b[j].Time.Unix()); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			x, y = append(x, a[i].Value), append(y, b[j].Value)
			i, j = i+1, j+1
		}
	}
	return x, y
}

// apart is the median of how far two series' values are apart, as a share of the
// larger.
func apart(x, y []float64) float64 {
	shares := make([]float64, len(x))
	for i := range x {
		if most := max(math.Abs(x[i]), math.Abs(y[i])); most > 0 {
			shares[i] = math.Abs(x[i]-y[i]) / most
		}
	}
	return stat.Median(shares)
}
