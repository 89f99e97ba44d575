package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// metricStore holds all series in order of name, then labels.
type metricStore struct {
	series    []storedSeries
	kinds     map[string]evidence.MetricKind // by metric family
	exemplars []evidence.Exemplar            // in order of time, trace ID, series
	exemplarL []labels.Labels                // labels with __name__ of each exemplar
	engine    *promql.Engine
}

type storedSeries struct {
	labels  labels.Labels
	samples []chunks.Sample // in time order, one per instant
}

func (b *Bundle) metricStore() (*metricStore, error) {
	return b.metrics.get(b.readMetrics)
}

func (b *Bundle) readMetrics() (*metricStore, error) {
	text, err := b.all(MetricsFile)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return &metricStore{engine: promql.NewEngine(engineOptions())}, nil
	}
	lost := b.tally(SourceMetrics)
	r := b.newMetricReader(lost)
	if err := r.read(text); errors.Is(err, errUnparsed) {
		lost.fault = err
		text = readable(text, lost)
		r = b.newMetricReader(lost)
		err = r.read(text)
		if err = cmp.Or(err, lost.end()); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	r.tell()
	r.store.settle()
	return r.store, nil
}

func (b *Bundle) newMetricReader(lost *tally) *metricReader {
	return &metricReader{b: b, lost: lost, index: map[uint64][]int{}, store: &metricStore{kinds: map[string]evidence.MetricKind{}, engine: promql.NewEngine(engineOptions())}}
}

// metricReader collects samples by series while the text is parsed.
type metricReader struct {
	b     *Bundle
	store *metricStore
	index map[uint64][]int // label hash to series
	count int
	lost  *tally
	// untimed and noNumber are samples that were left out.
	untimed, noNumber int
	cur               labels.Labels // the last sample's
	curAt             int
	curB              string // the last sample's series as text
}

func (r *metricReader) read(text []byte) error {
	p := textparse.NewOpenMetricsParser(text, labels.NewSymbolTable())
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w%w", errUnparsed, fault(MetricsFile, 0, "after %d samples: %s", r.count, brief(err)))
		}
		switch entry {
		case textparse.EntryType:
			name, kind := p.Type()
			r.store.kinds[string(name)] = metricKind(kind)
		case textparse.EntrySeries:
			if err := r.sample(p); err != nil {
				return err
			}
		}
	}
}

func (r *metricReader) sample(p textparse.Parser) error {
	name, ts, v := p.Series()
	if ts == nil {
		r.untimed++
		return nil
	}
	if r.count++; r.count > r.b.limits.Samples {
		return fault(MetricsFile, 0, "bundle has more than %d samples", r.b.limits.Samples)
	}
	if r.b.hidden(timeOf(*ts)) {
		return nil
	}
	if string(name) != r.curB { // samples of one series mostly stand together
		r.cur = labels.Labels{}
		p.Labels(&r.cur)
		r.curB, r.curAt = string(name), r.find()
	}
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		s := &r.store.series[r.curAt]
		s.samples = append(s.samples, floatSample{*ts, v})
	} else if !value.IsStaleNaN(v) && !r.cur.Has(model.QuantileLabel) { // both say that there is nothing to tell
		r.noNumber++
	}
	for e := (exemplar.Exemplar{}); p.Exemplar(&e); e = (exemplar.Exemplar{}) {
		r.exemplar(e, *ts)
	}
	return nil
}

// find is the index of the current labels' series, which is made when new.
func (r *metricReader) find() int {
	h := r.cur.Hash()
	for _, i := range r.index[h] {
		if labels.Equal(r.store.series[i].labels, r.cur) {
			return i
		}
	}
	i := len(r.store.series)
	r.store.series = append(r.store.series, storedSeries{labels: r.cur})
	r.index[h] = append(r.index[h], i)
	return i
}

func (r *metricReader) exemplar(e exemplar.Exemplar, ts int64) {
	if e.HasTs {
		ts = e.Ts
	}
	id := cmp.Or(e.Labels.Get("trace_id"), e.Labels.Get("traceID"))
	if id == "" || math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
		return
	}
	name, ls := splitName(r.cur)
	r.store.exemplars = append(r.store.exemplars, evidence.Exemplar{
		Series: name, Labels: ls, TraceID: strings.ToLower(id), SpanID: strings.ToLower(cmp.Or(e.Labels.Get("span_id"), e.Labels.Get("spanID"))),
		Value: e.Value, Time: timeOf(ts),
	})
	r.store.exemplarL = append(r.store.exemplarL, r.cur)
}

// settle gives everything its order. Of samples at one instant the last in the
// file stays.
func (s *metricStore) settle() {
	s.series = slices.DeleteFunc(s.series, func(x storedSeries) bool { return len(x.samples) == 0 })
	slices.SortFunc(s.series, func(a, b storedSeries) int { return compareLabels(a.labels, b.labels) })
	for i := range s.series {
		l := s.series[i].samples
		if !slices.IsSortedFunc(l, byTime) {
			slices.SortStableFunc(l, byTime)
		}
		keep := l[:0]
		for j, x := range l {
			if j+1 < len(l) && l[j+1].T() == x.T() {
				continue
			}
			keep = append(keep, x)
		}
		s.series[i].samples = slices.Clip(keep)
	}
	order := make([]int, len(s.exemplars))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := s.exemplars[i], s.exemplars[j]
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.TraceID, b.TraceID), compareLabels(s.exemplarL[i], s.exemplarL[j]), cmp.Compare(a.Value, b.Value))
	})
	es, ls := make([]evidence.Exemplar, len(order)), make([]labels.Labels, len(order))
	for k, i := range order {
		es[k], ls[k] = s.exemplars[i], s.exemplarL[i]
	}
	s.exemplars, s.exemplarL = es, ls
}

func byTime(a, b chunks.Sample) int { return cmp.Compare(a.T(), b.T()) }

// compareLabels orders by metric name, then by all labels.
func compareLabels(a, b labels.Labels) int {
	return cmp.Or(cmp.Compare(a.Get(labels.MetricName), b.Get(labels.MetricName)), labels.Compare(a, b))
}

func metricKind(t model.MetricType) evidence.MetricKind {
	switch t {
	case model.MetricTypeCounter:
		return evidence.MetricCounter
	case model.MetricTypeGauge:
		return evidence.MetricGauge
	case model.MetricTypeHistogram:
		return evidence.MetricHistogram
	case model.MetricTypeSummary:
		return evidence.MetricSummary
	}
	return evidence.MetricUnknown
}

// kind is the type of a series by its family's TYPE line, else by its suffix,
// as backfilled blocks carry no metadata.
func (s *metricStore) kind(name string) evidence.MetricKind {
	if k := s.kinds[name]; k != evidence.MetricUnknown {
		return k
	}
	for _, x := range []struct {
		suffix string
		kind   evidence.MetricKind
	}{{"_total", evidence.MetricCounter}, {"_bucket", evidence.MetricHistogram}, {"_count", evidence.MetricHistogram}, {"_sum", evidence.MetricHistogram}} {
		if base, ok := strings.CutSuffix(name, x.suffix); ok {
			if k := s.kinds[base]; k != evidence.MetricUnknown {
				return k
			}
			return x.kind
		}
	}
	return evidence.MetricUnknown
}
