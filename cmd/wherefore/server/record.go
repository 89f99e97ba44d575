package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/record"
	"github.com/wherefore-dev/wherefore/ui"
)

// recordIncident is a ui.ExportBundle: everything that the sources still have
// of a report's windows, the changes that were announced, and the commits that
// the report weighed.
func recordIncident(book *casebook.Book, sources record.Sources, version string) ui.ExportBundle {
	return func(ctx context.Context, incident string, revision int, w io.Writer) (err error) {
		r, err := readReport(ctx, book, incident, revision)
		if err != nil {
			return err
		}
		dir, err := os.MkdirTemp("", "wherefore-bundle-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		dir = filepath.Join(dir, "bundle")
		if err := writeIncident(ctx, dir, r, book, sources, version); err != nil {
			return fmt.Errorf("recording %s: %w", incident, err)
		}
		return bundle.Pack(dir, w)
	}
}

func readReport(ctx context.Context, book *casebook.Book, incident string, revision int) (correlate.Report, error) {
	var r correlate.Report
	body, err := book.Report(ctx, incident, revision)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("report of %s: %w", incident, err)
	}
	return r, nil
}

func writeIncident(ctx context.Context, dir string, r correlate.Report, book *casebook.Book, sources record.Sources, version string) error {
	all := evidence.Window{Start: r.Baseline.Start, End: r.Window.End}
	redact := bundle.NewRedactor()
	w, err := bundle.NewWriter(dir, bundle.Manifest{
		ID: r.Incident, Dataset: "recorded", Tool: "wherefore " + version,
		Windows: map[string]evidence.Window{"data": all, "incident": r.Window, "baseline": r.Baseline},
	}, bundle.WriterOptions{Gzip: true, Redact: redact})
	if err != nil {
		return err
	}
	if err := w.Alert(r.Alert); err != nil {
		return err
	}
	if _, _, err := record.Record(ctx, sources, record.Options{Window: all, EarlierDays: correlate.EarlierDays(r.Coverage), Coverage: r.Coverage}, w); err != nil {
		return err
	}
	changes, err := book.Changes(ctx, evidence.Window{Start: all.Start.AddDate(0, 0, -1), End: all.End})
	if err != nil {
		return err
	}
	if err := w.Changes(changes...); err != nil {
		return err
	}
	return w.Close()
}
