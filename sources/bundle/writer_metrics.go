package bundle

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// metricText collects series and writes them as OpenMetrics wants them: by
// family, one series after the other, samples in time order.
type metricText struct {
	byKey map[string]*textSeries
}

type textSeries struct {
	family, line string // line is name{labels}
	name         string
	kind         evidence.MetricKind
	samples      []evidence.Sample
	exemplars    []evidence.Exemplar
}

func newMetricText() *metricText      { return &metricText{byKey: map[string]*textSeries{}} }
func (t *metricText) empty() bool     { return len(t.byKey) == 0 }
func (x *textSeries) order() []string { return []string{x.family, x.name, x.line} }

func (t *metricText) series(name string, labels map[string]string, kind evidence.MetricKind) *textSeries {
	name = MetricName(name)
	var b strings.Builder
	b.WriteString(name)
	open := byte('{')
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		b.WriteByte(open)
		b.WriteString(LabelName(k) + "=" + quoteLabel(labels[k]))
		open = ','
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	x := t.byKey[b.String()]
	if x == nil {
		x = &textSeries{family: family(name, kind), line: b.String(), name: name, kind: kind}
		t.byKey[x.line] = x
	}
	return x
}

// quoteLabel escapes what OpenMetrics wants escaped and nothing else.
func quoteLabel(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(validText(s)) + `"`
}

// family is the name that TYPE lines use, without the suffix of the kind.
func family(name string, kind evidence.MetricKind) string {
	suffixes := map[evidence.MetricKind][]string{
		evidence.MetricCounter:   {"_total"},
		evidence.MetricHistogram: {"_bucket", "_count", "_sum"},
		evidence.MetricSummary:   {"_count", "_sum"},
	}[kind]
	for _, s := range suffixes {
		if base, ok := strings.CutSuffix(name, s); ok && base != "" {
			return base
		}
	}
	return name
}

// Series adds samples of one series; calls for the same series add up. Samples
// that are not numbers are left out, as no adapter would let them pass.
func (w *Writer) Series(s evidence.Series) error {
	if w.err != nil {
		return w.err
	}
	x := w.samples.series(s.Name, s.Labels, s.Kind)
	for _, v := range s.Samples {
		if usable(v.Value) {
			x.samples = append(x.samples, v)
		}
	}
	return nil
}

// Exemplars adds exemplars. Each goes to a sample of its series at the same
// instant, else to the next one; those without are left out.
func (w *Writer) Exemplars(es ...evidence.Exemplar) error {
	if w.err != nil {
		return w.err
	}
	for _, e := range es {
		x := w.samples.series(e.Series, e.Labels, evidence.MetricUnknown)
		x.exemplars = append(x.exemplars, e)
	}
	return nil
}

func (t *metricText) writeTo(out io.Writer) error {
	list := slices.SortedFunc(maps.Values(t.byKey), func(a, b *textSeries) int { return slices.Compare(a.order(), b.order()) })
	w := bufio.NewWriter(out)
	last := ""
	for _, x := range list {
		if len(x.samples) == 0 {
			continue
		}
		if x.family != last {
			last = x.family
			kind := cmp.Or(string(x.kind), "unknown")
			fmt.Fprintf(w, "# TYPE %s %s\n", x.family, kind)
		}
		x.write(w)
	}
	fmt.Fprintln(w, "# EOF")
	return w.Flush()
}

// write writes the samples in time order, one per millisecond: the last added
// stays. The error is kept by the buffer.
func (x *textSeries) write(w *bufio.Writer) {
	slices.SortStableFunc(x.samples, func(a, b evidence.Sample) int { return cmp.Compare(msOf(a.Time), msOf(b.Time)) })
	slices.SortStableFunc(x.exemplars, func(a, b evidence.Exemplar) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.TraceID, b.TraceID))
	})
	next := 0
	for i, s := range x.samples {
		ms := msOf(s.Time)
		if i+1 < len(x.samples) && msOf(x.samples[i+1].Time) == ms {
			continue
		}
		_, _ = w.WriteString(x.line + " " + strconv.FormatFloat(s.Value, 'g', -1, 64) + " " + seconds(ms))
		if next < len(x.exemplars) && msOf(x.exemplars[next].Time) <= ms {
			e := x.exemplars[next]
			next++
			fmt.Fprintf(w, " # {trace_id=%s", quoteLabel(e.TraceID))
			if e.SpanID != "" {
				fmt.Fprintf(w, ",span_id=%s", quoteLabel(e.SpanID))
			}
			fmt.Fprintf(w, "} %s %s", strconv.FormatFloat(e.Value, 'g', -1, 64), seconds(msOf(e.Time)))
		}
		_ = w.WriteByte('\n')
	}
}

// seconds writes milliseconds as seconds, exactly.
func seconds(ms int64) string {
	if ms%1000 == 0 {
		return strconv.FormatInt(ms/1000, 10)
	}
	return strconv.FormatFloat(math.Round(float64(ms))/1000, 'f', 3, 64)
}

func prometheusDuration(d time.Duration) string { return model.Duration(d).String() }
