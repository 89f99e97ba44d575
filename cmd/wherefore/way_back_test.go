package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// waysBack are the recorded incidents with the way back that fits, by what was done
// to make them.
var waysBack = []struct{ name, kind, to string }{
	{"a-avalanche", report.RollbackBinary, "2b2ee83"}, {"b-statements", report.RollbackBinary, ""}, {"c-hurry", report.RollbackConfig, "250"},
	{"d-phones", report.RollbackBinary, ""}, {"e-memory", report.RollbackBinary, ""}, {"f-smoothing", report.RollbackBinary, ""},
	{"g-distance", report.RollbackNone, ""}, {"h-outage", report.RollbackNone, ""}, {"i-rush", report.RollbackNone, ""},
	{"j-decoy", report.RollbackBinary, ""}, {"k-layout", report.RollbackBinary, "a47b7fe"}, {"l-ceiling", report.RollbackConfig, `{"ceiling":80000}`},
	{"m-interests", report.RollbackDatabase, ""},
}

// TestTheWayBackFitsEachRecordedIncident and goes to what ran or held before.
func TestTheWayBackFitsEachRecordedIncident(t *testing.T) {
	reports := recordedReports(t)
	if len(reports) != len(waysBack) {
		t.Errorf("got %d recordings, want %d", len(reports), len(waysBack))
	}
	for _, c := range waysBack {
		r := reports[c.name]
		b := r.Rollback
		if b == nil || b.Kind != c.kind || b.Refused != "" && b.Kind == report.RollbackNone {
			t.Errorf("%s: got %+v, want %s", c.name, b, c.kind)
			continue
		}
		if c.to != "" && (b.Target == nil || !strings.HasPrefix(b.Target.To, c.to)) {
			t.Errorf("%s: got the target %+v, want %s", c.name, b.Target, c.to)
		}
		if b.Kind != report.RollbackNone && len(b.RuledOut) == 0 {
			t.Errorf("%s: nothing is ruled out", c.name)
		}
	}
}

// TestRecoveryIsToldFromTelemetryAlone of the recorded incidents that were taken
// back while it was recorded.
func TestRecoveryIsToldFromTelemetryAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("investigates three recordings")
	}
	for _, c := range []struct{ name, of, inferred string }{
		{"k-layout", "", "build_info"}, {"l-ceiling", "/settings/bidder/limits", ""}, {"m-interests", "profile-db", ""},
	} {
		b, err := bundle.Open(filepath.Join("../../fixtures/recorded/lab", c.name))
		if err != nil {
			t.Fatal(err)
		}
		end := b.Manifest().Data().End
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		r := seenUntil(t, c.name, end).Recovery
		if r == nil || r.Verdict != report.Recovered || r.Seconds <= 0 || r.Seconds > 90 || r.Of != c.of || r.Inferred != c.inferred {
			t.Errorf("%s: got %+v, want it recovered within 90 s", c.name, r)
		}
		if r := recordedReports(t)[c.name].Recovery; r != nil {
			t.Errorf("%s: got %+v when the alert came, before anything was taken back", c.name, r)
		}
	}
}

// seenUntil is the report of a recorded incident as of an instant.
func seenUntil(t *testing.T, name string, until time.Time) report.Report {
	t.Helper()
	path := filepath.Join("../../fixtures/recorded/lab", name)
	b, err := backend.OpenReplay(path, func(*bundle.Bundle) time.Time { return until })
	if err != nil {
		t.Fatal(err)
	}
	s, req, done, err := backend.BundleSources(t.Context(), path, b)
	if err != nil {
		t.Fatal(err)
	}
	req.Now = until
	o := patientOptions(config.Default())
	r, err := correlate.New(s, o).Investigate(context.WithoutCancel(t.Context()), req)
	if err := errors.Join(err, done()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}
