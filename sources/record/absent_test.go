package record_test

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/record"
)

// TestWhatIsNotConfiguredIsDeclared holds the manifest to what a replay has to
// know: that a source was not there, not that it had nothing.
func TestWhatIsNotConfiguredIsDeclared(t *testing.T) {
	dir := t.TempDir()
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: "x"}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if _, _, err := record.Record(t.Context(), record.Sources{}, record.Options{Window: evidence.Window{Start: at, End: at.Add(time.Minute)}}, w); err != nil {
		t.Fatal(err)
	}
	if err := w.Alert(evidence.Alert{Status: evidence.StatusFiring, Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: at}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got := slices.Sorted(slices.Values(b.Manifest().NotConfigured))
	want := []string{bundle.SourceExemplars, bundle.SourceGraph, bundle.SourceLogs, bundle.SourceMetrics, bundle.SourceRules, bundle.SourceTraces}
	if !slices.Equal(got, want) || b.Configured(bundle.SourceLogs) || !b.Configured(bundle.SourceCode) {
		t.Errorf("got %q declared missing, want %q", got, want)
	}
}
