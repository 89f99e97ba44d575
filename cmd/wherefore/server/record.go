package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/record"
)

// Limits of one recording. They are above what an investigation itself reads,
// and below what would hurt the server that records beside its work.
const (
	recordedSpans   = 200_000
	recordedLines   = 200_000
	recordedSamples = 4_000_000
)

// liveRecorder records the evidence of reports from the live sources: everything
// that they have of a report's windows, the changes that were announced, and the
// code and the decisions that the report weighed.
type liveRecorder struct {
	book       casebook.Reports
	sources    *backend.Sources
	version    string
	repository int64 // the most bytes of history that are carried
}

// record is a RecordBundle.
func (x liveRecorder) record(ctx context.Context, dir, incident string, revision int, out io.Writer, pause func(context.Context)) error {
	r, err := readReport(ctx, x.book, incident, revision)
	if err != nil {
		return err
	}
	into := filepath.Join(dir, "bundle")
	made, err := x.made(ctx, incident, revision)
	if err != nil {
		return err
	}
	coverage, err := x.write(ctx, into, dir, r, made, pause)
	if err != nil {
		return fmt.Errorf("recording %s: %w", incident, err)
	}
	if err := bundle.Pack(into, out); err != nil {
		return fmt.Errorf("packing the evidence of %s: %w", incident, err)
	}
	if source := silent(r.Coverage, coverage); source != "" {
		return fmt.Errorf("%s: %w", source, keep.ErrPartial)
	}
	return nil
}

// made is when a revision was made, zero when nobody knows.
func (x liveRecorder) made(ctx context.Context, incident string, revision int) (time.Time, error) {
	list, err := x.book.Revisions(ctx, incident)
	for _, r := range list {
		if r.Number == revision {
			return r.At, nil
		}
	}
	return time.Time{}, err
}

func readReport(ctx context.Context, book casebook.Reports, incident string, revision int) (report.Report, error) {
	var r report.Report
	body, err := book.Report(ctx, incident, revision)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("report of %s: %w", incident, err)
	}
	return r, nil
}

// write writes the bundle into a directory, with scratch for what is made on the
// way, and returns how the recording's own questions ended.
func (x liveRecorder) write(ctx context.Context, into, scratch string, r report.Report, made time.Time, pause func(context.Context)) ([]evidence.Coverage, error) {
	all := recordedWindow(r)
	windows := map[string]evidence.Window{"data": all, "incident": r.Window, "baseline": r.Baseline}
	if made.After(all.Start) {
		windows[bundle.WindowSeen] = evidence.Window{Start: all.Start, End: made.UTC()}
	}
	if r.Onset.From == report.OnsetGiven {
		windows[bundle.WindowChosen] = r.Window
	}
	w, err := bundle.NewWriter(into, bundle.Manifest{ID: r.Incident, Dataset: "recorded", Tool: "wherefore " + x.version, Windows: windows},
		bundle.WriterOptions{Gzip: true, Redact: bundle.NewRedactor()})
	if err != nil {
		return nil, err
	}
	if err := w.Alert(r.Alert); err != nil {
		return nil, err
	}
	said, err := x.code(ctx, scratch, r, w)
	if err != nil {
		return nil, err
	}
	_, coverage, err := record.Record(ctx, x.sources.Record, record.Options{
		Window:   evidence.Window{Start: all.Start, End: all.End.Add(time.Millisecond)}, // samples of the last instant count
		MaxSpans: recordedSpans, MaxLines: recordedLines, MaxSamples: recordedSamples,
		First: firstRecorded(r), MetricsBefore: lookedBack(r, all), EarlierDays: gather.EarlierDays(r.Coverage),
		Coverage: append(slices.Clone(r.Coverage), said...), Pause: pause,
	}, w)
	if err != nil {
		return nil, err
	}
	for _, source := range x.sources.Changes {
		changes, err := source.Changes(ctx, changesWindow(r))
		if err != nil {
			return nil, err
		}
		if err := w.Changes(changes...); err != nil {
			return nil, err
		}
	}
	return coverage, w.Close()
}

// silent is a source that answered the investigation and not the recording,
// empty when there is none.
func silent(report, recording []evidence.Coverage) string {
	gave := map[string]bool{}
	for _, c := range report {
		gave[c.Source] = gave[c.Source] || c.Status == evidence.CoverageAnswered || c.Status == evidence.CoverageTruncated
	}
	for _, c := range recording {
		if c.Status == evidence.CoverageFailed && gave[c.Source] {
			return c.Source
		}
	}
	return ""
}
