package correlate

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// nodeAttributes tell on which machine a span's process ran, best first: OTel
// resource conventions.
var nodeAttributes = []string{"k8s.node.name", "host.name"}

// nodeLabels do so on a series of one replica.
var nodeLabels = []string{"node", "kubernetes_node", "k8s_node_name"}

// Bars of an entity's state on one node.
const (
	residentSpans = 5    // the least to tell anything
	hurtShare     = 0.25 // of its spans that go bad there and did not before
	wellShare     = 0.1  // the most of a replica that is well
)

// resident is what one entity did on one node, by side.
type resident struct {
	spans, slow, failed [2]int
	series, moved       int // of its replicas there, by metrics
	example             int // span that went bad, -1 for none
}

// bad is by how much the share of bad spans grew, of series where there are no
// spans; ok is false where too few are known.
func (r *resident) bad() (share float64, ok bool) {
	if r.spans[1] < residentSpans || r.spans[0] < residentSpans {
		if r.series == 0 {
			return 0, false
		}
		return float64(r.moved) / float64(r.series), true
	}
	now := float64(r.slow[1]+r.failed[1]) / float64(r.spans[1])
	before := float64(r.slow[0]+r.failed[0]) / float64(r.spans[0])
	return max(0, now-before), true
}

// nodes is who lives where: by node, then entity.
type nodes map[string]map[int]*resident

func (n nodes) at(node string, e int) *resident {
	if n[node] == nil {
		n[node] = map[int]*resident{}
	}
	if n[node][e] == nil {
		n[node][e] = &resident{example: -1}
	}
	return n[node][e]
}

// elsewhere tells whether an entity runs on other nodes too, and is well on all
// of them.
func (n nodes) elsewhere(node string, e int) (there, well bool) {
	well = true
	for other, residents := range n { // all are looked at, in any order
		r := residents[e]
		if other == node || r == nil {
			continue
		}
		if share, ok := r.bad(); ok {
			there = true
			well = well && share < wellShare
		}
	}
	return there, well && there
}

// placed reads from spans and series who runs where and how it fares there. A
// span is bad by itself: for a failure with nothing failed below it, or for time
// of its own far outside its operation's normal range.
func (v *view) placed() nodes {
	all := nodes{}
	limits := map[int]float64{}
	for j := range v.traces.nodes {
		n := &v.traces.nodes[j]
		node := firstOf(n.span.Resource, nodeAttributes)
		if n.entity < 0 || n.edge >= 0 || node == "" {
			continue
		}
		limit, ok := limits[n.op]
		if !ok {
			limit = slowFrom(v.traces.ops[n.op].self[0])
			limits[n.op] = limit
		}
		r, sd := all.at(node, n.entity), sideOf(v.c.Traces[n.trace].Baseline)
		r.spans[sd]++
		switch {
		case n.failed && !slices.ContainsFunc(n.children, func(c int) bool { return v.traces.nodes[c].failed }):
			r.failed[sd]++
		case limit > 0 && millis(n.self) > limit:
			r.slow[sd]++
		default:
			continue
		}
		if sd == 1 && r.example < 0 {
			r.example = j
		}
	}
	v.placeSeries(all)
	return all
}

// placeSeries adds the series that say on which node their replica runs. Time
// and failures there may be a callee's: only an entity's own resources are not.
func (v *view) placeSeries(all nodes) {
	for i := range v.metrics {
		f := &v.metrics[i]
		node := firstOf(f.m.Labels, nodeLabels)
		if node == "" || !f.usable || f.node || !f.class.internal() {
			continue
		}
		r := all.at(node, f.entity)
		r.series++
		if f.badness() > noiseZ && f.kept() > 0.5 && f.growth() > 0.5 {
			r.moved++
		}
	}
}

// slowFrom is the own time in milliseconds from which a run of an operation is
// slow: three quartile ranges above the upper quartile, which Tukey calls far
// out, and twice the median; 0 where too few normal runs are known.
func slowFrom(normal []float64) float64 {
	if len(normal) < residentSpans {
		return 0
	}
	b := stat.NewBaseline(normal)
	return max(stat.Quantile(normal, 0.75)+3*b.IQR, 2*b.Median, b.Median+2*durationFloor)
}

func firstOf(m map[string]string, keys []string) string {
	for _, k := range keys {
		if x := m[k]; x != "" {
			return x
		}
	}
	return ""
}
