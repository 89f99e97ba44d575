package view

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// nodeAttributes tell on which machine a span's process ran, best first: OTel
// resource conventions.
var nodeAttributes = []string{"k8s.node.name", "host.name"}

// nodeLabels do so on a series of one replica.
var nodeLabels = []string{"node", "kubernetes_node", "k8s_node_name"}

// placement is what one entity did on one node, by side.
type placement struct {
	spans, Slow, Failed [2]int
	series, moved       int // of its replicas there, by metrics
	Example             int // span that went bad, -1 for none
}

// Bad is by how much the share of bad spans grew, of series where there are no
// spans; ok is false where too few are known.
func (r *placement) Bad(by *weights.Set) (share float64, ok bool) {
	if least := by.View.Placed.Spans; r.spans[1] < least || r.spans[0] < least {
		if r.series == 0 {
			return 0, false
		}
		return float64(r.moved) / float64(r.series), true
	}
	now := float64(r.Slow[1]+r.Failed[1]) / float64(r.spans[1])
	before := float64(r.Slow[0]+r.Failed[0]) / float64(r.spans[0])
	return max(0, now-before), true
}

// Nodes is who lives where: by node, then entity.
type Nodes map[string]map[int]*placement

func (n Nodes) at(node string, e int) *placement {
	if n[node] == nil {
		n[node] = map[int]*placement{}
	}
	if n[node][e] == nil {
		n[node][e] = &placement{Example: -1}
	}
	return n[node][e]
}

// Elsewhere tells whether an entity runs on other nodes too, and is well on all
// of them.
func (n Nodes) Elsewhere(node string, e int, by *weights.Set) (there, well bool) {
	well = true
	for other, residents := range n { // all are looked at, in any order
		r := residents[e]
		if other == node || r == nil {
			continue
		}
		if share, ok := r.Bad(by); ok {
			there = true
			well = well && share < by.View.Placed.Well
		}
	}
	return there, well && there
}

// Placed reads from spans and series who runs where and how it fares there. A
// span is bad by itself: for a failure with nothing failed below it, or for time
// of its own far outside its operation's normal range.
func (v *View) Placed() Nodes {
	all := Nodes{}
	limits := map[int]float64{}
	for j := range v.Traces.Nodes {
		n := &v.Traces.Nodes[j]
		node := firstOf(n.Span.Resource, nodeAttributes)
		if n.Entity < 0 || n.Edge >= 0 || node == "" {
			continue
		}
		limit, ok := limits[n.Op]
		if !ok {
			limit = v.slowFrom(v.Traces.Ops[n.Op].Self[0])
			limits[n.Op] = limit
		}
		r, sd := all.at(node, n.Entity), SideOf(v.Evidence.Traces[n.Trace].Baseline)
		r.spans[sd]++
		switch {
		case n.Failed && !slices.ContainsFunc(n.Children, func(c int) bool { return v.Traces.Nodes[c].Failed }):
			r.Failed[sd]++
		case limit > 0 && Millis(n.Self) > limit:
			r.Slow[sd]++
		default:
			continue
		}
		if sd == 1 && r.Example < 0 {
			r.Example = j
		}
	}
	v.placeSeries(all)
	return all
}

// placeSeries adds the series that say on which node their replica runs. Time
// and failures there may be a callee's: only an entity's own resources are not.
func (v *View) placeSeries(all Nodes) {
	for i := range v.Metrics {
		f := &v.Metrics[i]
		node := firstOf(f.Series.Labels, nodeLabels)
		if node == "" || !f.Usable || f.Node || !f.Class.Internal() {
			continue
		}
		r := all.at(node, f.Entity)
		r.series++
		if f.HarmfulDeviation() > v.By.Scale.Noise && f.Kept() > v.By.View.Placed.Kept && f.Growth() > v.By.View.Placed.Growth {
			r.moved++
		}
	}
}

// slowFrom is the own time in milliseconds from which a run of an operation is
// slow: far above the upper quartile and the median; 0 where too few normal runs
// are known.
func (v *View) slowFrom(normal []float64) float64 {
	by := v.By.View.Placed
	if len(normal) < by.Spans {
		return 0
	}
	b := stat.NewBaseline(normal, 0)
	return max(stat.Quantile(normal, 0.75)+by.FarOut*b.IQR, by.Times*b.Median, b.Median+by.Floors*v.By.View.Measure.DurationFloor)
}

func firstOf(m map[string]string, keys []string) string {
	for _, k := range keys {
		if x := m[k]; x != "" {
			return x
		}
	}
	return ""
}
