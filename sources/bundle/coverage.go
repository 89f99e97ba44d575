package bundle

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Names of the sources as coverage spells them.
const (
	SourceTraces    = "traces"
	SourceGraph     = "graph"
	SourceLogs      = "logs"
	SourceMetrics   = "metrics"
	SourceExemplars = "exemplars"
	SourceRules     = "rules"
	SourceChanges   = "changes"
	SourceCode      = "code"
	SourceDecisions = "decisions"
	SourceProfiles  = "profiles"
)

var allSources = []string{SourceTraces, SourceGraph, SourceLogs, SourceMetrics, SourceExemplars, SourceRules, SourceChanges, SourceCode, SourceDecisions, SourceProfiles}

// Configured reports whether a source was there to be asked. What the manifest
// does not declare missing was.
func (b *Bundle) Configured(source string) bool {
	return !slices.Contains(b.manifest.NotConfigured, source)
}

// Keeps reports whether the bundle has the member that holds a source's spans,
// lines or samples; true for a source that needs none.
func (b *Bundle) Keeps(source string) bool {
	member := map[string]string{SourceTraces: SpansFile, SourceLogs: LogsFile, SourceMetrics: MetricsFile}[source]
	return member == "" || b.Has(member)
}

func (b *Bundle) readCoverage() ([]evidence.Coverage, error) {
	raw, err := b.all(CoverageFile)
	if err != nil || raw == nil {
		return nil, err
	}
	var c []evidence.Coverage
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fault(CoverageFile, 0, "is not a list of coverage entries: %s", brief(err))
	}
	return partClocks(c), nil
}

// Recorded returns how the recording's question to a source ended. Query is the
// text that the …QueryText functions give, or the key of the engine's own row.
func (b *Bundle) Recorded(source, query string) (evidence.Coverage, bool) {
	for _, c := range b.coverage {
		if c.Source == source && (c.Query == query || c.Key != "" && string(c.Key) == query) {
			return c, true
		}
	}
	return evidence.Coverage{}, false
}

// Gaps are the windows of which the recording says that a source had no answer.
func (b *Bundle) Gaps(source string) []evidence.Window {
	var list []evidence.Window
	for _, c := range b.coverage {
		if c.Source == source {
			list = append(list, c.Missing...)
		}
	}
	slices.SortFunc(list, func(a, b evidence.Window) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	return slices.Compact(list)
}

func (b *Bundle) recordedAs(source, query string, s evidence.CoverageStatus) bool {
	c, ok := b.Recorded(source, query)
	return ok && c.Status == s
}

// replay ends a call as the recording's did: evidence.ErrUnavailable for a
// question that failed then, and for any question to a source of which every
// question failed. It also ends a call whose context did.
func (b *Bundle) replay(ctx context.Context, source, query string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	asked, failed, detail := 0, 0, ""
	for _, c := range b.coverage {
		if c.Source != source {
			continue
		}
		if c.Query == query {
			if c.Status == evidence.CoverageFailed {
				return unavailable(source, c.Detail)
			}
			return nil
		}
		asked++
		if c.Status == evidence.CoverageFailed {
			failed++
			detail = c.Detail
		}
	}
	if asked > 0 && failed == asked {
		return unavailable(source, detail)
	}
	return nil
}

func unavailable(source, detail string) error {
	if detail == "" {
		detail = "no reason was recorded"
	}
	return fmt.Errorf("%s failed when the bundle was recorded: %s: %w", source, detail, evidence.ErrUnavailable)
}

// The texts below name a question in coverage.json, so that what was recorded
// finds the same question on replay.

// ServicesQueryText names the question for all services.
const ServicesQueryText = "services"

// TraceQueryText names the question for one trace.
func TraceQueryText(id string) string { return "trace " + id }

// FindTracesQueryText names a search for traces.
func FindTracesQueryText(q evidence.TraceQuery) string {
	t := "traces of " + q.Service
	if q.Operation != "" {
		t += " operation=" + q.Operation
	}
	for _, k := range slices.Sorted(maps.Keys(q.Tags)) {
		t += " " + k + "=" + q.Tags[k]
	}
	if q.MinDuration > 0 {
		t += " at least " + q.MinDuration.String()
	}
	return t + windowText(q.Window)
}

// LogsQueryText names a search for log lines.
func LogsQueryText(q evidence.LogQuery) string {
	t := "logs"
	if q.Expr != "" {
		t += " " + q.Expr
	}
	if len(q.Services) > 0 {
		t += " of " + strings.Join(q.Services, ",")
	}
	if q.TraceID != "" {
		t += " trace " + q.TraceID
	}
	if q.MinSeverity > 0 {
		t += " from " + q.MinSeverity.String()
	}
	return t + windowText(q.Window)
}

// SeriesQueryText names a listing of series.
func SeriesQueryText(selectors []string, w evidence.Window) string {
	return "series " + strings.Join(selectors, " ") + windowText(w)
}

// RangeQueryText names a range query.
func RangeQueryText(expr string, w evidence.Window, step time.Duration) string {
	return expr + " step " + step.String() + windowText(w)
}

// WindowQueryText names a question that has nothing but a window.
func WindowQueryText(what string, w evidence.Window) string { return what + windowText(w) }

func windowText(w evidence.Window) string {
	if w.IsZero() {
		return ""
	}
	return " " + w.Start.UTC().Format(time.RFC3339Nano) + "/" + w.End.UTC().Format(time.RFC3339Nano)
}
