package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/eval"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

var fired = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newCase writes a small labelled bundle.
func newCase(t *testing.T, dir, id, dataset string, l bundle.Label) string {
	t.Helper()
	dir = filepath.Join(dir, id)
	w, err := bundle.NewWriter(dir, bundle.Manifest{ID: id, Dataset: dataset, Entities: []string{"bank", "shop", "web"}}, bundle.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"alertname": "Slow", "service": "shop"}
	err = errors.Join(
		w.Alert(evidence.Alert{Status: "firing", Labels: labels, Instances: []evidence.AlertInstance{{Status: "firing", Labels: labels, StartsAt: fired}}}),
		w.Spans(evidence.Span{TraceID: strings.Repeat("ab", 16), SpanID: strings.Repeat("cd", 8), Service: "bank", Operation: "pay", Start: fired.Add(-time.Minute), Duration: time.Second, Failed: true}),
		w.Logs(evidence.LogLine{Time: fired.Add(-time.Minute), Service: "bank", Severity: evidence.SeverityError, Body: "bank refused " + strings.Repeat("ab", 16), TraceID: strings.Repeat("ab", 16)}),
		w.Commits(evidence.Commit{SHA: strings.Repeat("ef", 20), Time: fired.Add(-time.Hour), Message: "bank: refuse", Files: []string{"services/bank/main.go"}}),
		w.Changes(evidence.Change{ID: "1", Kind: evidence.ChangeDeploy, Service: "bank", Time: fired.Add(-10 * time.Minute), Commit: strings.Repeat("ef", 20)}),
	)
	for i := range 20 {
		v := 1 + float64(i%2)/10
		if i == 19 {
			v = 9
		}
		err = errors.Join(err, w.Series(evidence.Series{Name: "cpu", Labels: map[string]string{"service": "bank"}, Samples: []evidence.Sample{{Time: fired.Add(time.Duration(i-20) * time.Minute), Value: v}}}))
	}
	if err := errors.Join(err, w.Close(), bundle.WriteLabel(dir, l)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func opener(ctx context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	b, err := bundle.Open(path)
	if err != nil {
		return s, req, nil, err
	}
	req = correlate.Request{Alert: b.Alert(), Now: b.Alert().FiredAt(), Candidates: slices.Clone(b.Manifest().Entities)}
	return correlate.Sources{Traces: b, Logs: b, Metrics: b, Code: b, Changes: []correlate.ChangeSource{b}}, req, b.Close, nil
}

// blame answers that an entity did it, with a verdict.
func blame(entity string, word report.VerdictWord) eval.Investigator {
	return func(_ context.Context, _ correlate.Sources, req correlate.Request) (report.Report, error) {
		r := report.Report{Verdict: report.Verdict{Word: word}, Causes: []report.Cause{{Entity: evidence.Entity{Name: entity}, Score: 100}}}
		for _, c := range req.Candidates {
			if c != entity {
				r.Ranked = append(r.Ranked, report.EntityScore{Entity: c})
			}
		}
		return r, nil
	}
}

func TestDataSetsAreNeverPooled(t *testing.T) {
	dir := t.TempDir()
	newCase(t, dir, "case-001", "one", bundle.Label{Service: "bank"})
	newCase(t, dir, "case-002", "two", bundle.Label{Service: "shop"})
	var seen []string
	results, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Investigate: blame("bank", report.Likely), Progress: func(done, total int) { seen = append(seen, fmt.Sprint(done, "/", total)) }})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, fmt.Sprintf("%s n=%d ac1=%.0f rank=%d", r.Dataset, r.N, r.AC1.Value(), r.Cases[0].Rank))
	}
	if d := cmp.Diff([]string{"one n=1 ac1=1 rank=1", "two n=1 ac1=0 rank=3"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"1/2", "2/2"}, seen); d != "" {
		t.Errorf("progress (-want +got):\n%s", d)
	}
	p := results[0].Probes
	if *p["max_abs_z"].AC1 != 1 || *p["alert_count"].AC1 != 1 || *p["latest_change"].AC1 != 1 || *p["chance"].AC1 != .3333 {
		t.Errorf("got probes %v, want those that look at the data to find bank", p)
	}
}

func TestWhatGoesWrongIsAMissWithItsReason(t *testing.T) {
	dir := t.TempDir()
	newCase(t, dir, "case-001", "d", bundle.Label{Service: "bank"})
	late := make(chan struct{})
	defer close(late)
	for say, f := range map[string]eval.Investigator{
		"crashed: boom": func(context.Context, correlate.Sources, correlate.Request) (report.Report, error) { panic("boom") },
		"no answer within": func(ctx context.Context, _ correlate.Sources, _ correlate.Request) (report.Report, error) {
			<-late
			return report.Report{}, nil
		},
		"sorry": func(context.Context, correlate.Sources, correlate.Request) (report.Report, error) {
			return report.Report{}, errors.New("sorry")
		},
	} {
		timeout := 10 * time.Minute
		if say == "no answer within" {
			timeout = 100 * time.Millisecond
		}
		r, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Investigate: f, Timeout: timeout})
		if err != nil {
			t.Fatalf("%s: %v", say, err)
		}
		if c := r[0].Cases[0]; c.Rank != 0 || c.Truth != "bank" || !strings.Contains(c.Failure, say) || r[0].AC1.Value() != 0 {
			t.Errorf("got %+v, want a miss that says %q", c, say)
		}
	}
}

func TestTheOnsetComesFromWhereItWasAsked(t *testing.T) {
	dir := t.TempDir()
	onset := fired.Add(-5 * time.Minute)
	newCase(t, dir, "case-001", "d", bundle.Label{Service: "bank", Onset: onset.Format(time.RFC3339)})
	for o, want := range map[eval.Onset]time.Time{"detected": {}, "oracle": onset, "oracle+60s": onset.Add(time.Minute), "oracle-60s": onset.Add(-time.Minute)} {
		var got time.Time
		r, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Onset: o, Investigate: func(_ context.Context, _ correlate.Sources, req correlate.Request) (report.Report, error) {
			got = req.Onset
			return report.Report{}, nil
		}})
		if err != nil || !got.Equal(want) || (r[0].OnsetGiven == 1) != (o != "detected") {
			t.Errorf("%s: the engine was told %v (%v), want %v", o, got, err, want)
		}
	}
	if _, err := eval.Run(context.Background(), []string{dir}, eval.Options{Onset: "guess"}); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestArchivesAreCasesToo(t *testing.T) {
	dir := t.TempDir()
	src := newCase(t, t.TempDir(), "case-001", "d", bundle.Label{Service: "bank"})
	var packed bytes.Buffer
	if err := bundle.Pack(src, &packed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.tgz"), packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	// Pack leaves the label behind, so an archive of it is no labelled case.
	if _, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Investigate: blame("bank", "")}); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want nothing to score", err)
	}
	scored := func(where string) {
		r, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Investigate: blame("bank", "")})
		if err != nil || len(r) != 1 || r[0].AC1.Value() != 1 {
			t.Errorf("got %+v and %v, want the archive scored with its label %s", r, err, where)
		}
	}
	beside := filepath.Join(dir, "x.label.json")
	if err := os.WriteFile(beside, []byte(`{"service":"bank"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	scored("beside it")
	if err := errors.Join(os.Remove(beside), os.WriteFile(filepath.Join(dir, "x.tgz"), tarball(t, src), 0o600)); err != nil {
		t.Fatal(err)
	}
	scored("within")
}

// TestRenamingIsABijectionEverywhere reads a renamed case as an engine would.
func TestRenamingIsABijectionEverywhere(t *testing.T) {
	dir := t.TempDir()
	newCase(t, dir, "case-001", "d", bundle.Label{Service: "bank", Commit: strings.Repeat("ef", 20)})
	for _, seed := range []int64{1, 2} {
		r, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, RenameSeed: seed, Investigate: func(ctx context.Context, s correlate.Sources, req correlate.Request) (report.Report, error) {
			lines, _, err := s.Logs.Logs(ctx, evidence.LogQuery{Services: req.Candidates, Window: evidence.Window{Start: fired.Add(-time.Hour), End: fired}})
			if err != nil {
				return report.Report{}, err
			}
			commits, err := s.Code.Commits(ctx, evidence.CommitQuery{})
			if err != nil {
				return report.Report{}, err
			}
			l := lines[0]
			_, err = s.Traces.Trace(ctx, l.TraceID)
			changes, _ := s.Changes[0].Changes(ctx, evidence.Window{})
			all := strings.Join(append(req.Candidates, l.Service, l.Body, req.Alert.Label("service"), commits[0].Files[0]), " ")
			for _, old := range []string{"bank", "shop", "web", strings.Repeat("ab", 16)} {
				if strings.Contains(all, old) {
					return report.Report{}, fmt.Errorf("%q survived in %s", old, all)
				}
			}
			if !strings.HasSuffix(l.Body, l.TraceID) || !strings.HasPrefix(l.Body, l.Service+" ") || commits[0].Files[0] != "services/"+l.Service+"/main.go" || changes[0].Commit != commits[0].SHA {
				return report.Report{}, fmt.Errorf("not renamed alike: %v %v %v", l, commits[0], changes[0])
			}
			return report.Report{Causes: []report.Cause{{Entity: evidence.Entity{Name: l.Service}, Score: 1, Trigger: report.TriggerCode, Commits: []report.CommitScore{{SHA: commits[0].SHA}}}}}, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		if c := r[0].Cases[0]; c.Failure != "" || c.Rank != 1 || r[0].CommitAC1.Value() != 1 {
			t.Errorf("got %+v, want the renamed truth ranked first", c)
		}
	}
}

func TestJSONHasTheContractsFields(t *testing.T) {
	dir := t.TempDir()
	newCase(t, dir, "case-001", "d", bundle.Label{Service: "bank", Commit: "none"})
	r, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: opener, Investigate: blame("bank", report.Confirmed)})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields("dataset n ac1 ac3 ac5 avg5 mrr locus_ac1 commit_ac1 commit_ac3 none_recall none_precision remediation_acc blast_jaccard decoys_blamed seconds_median peak_mb verdicts probes cases") {
		if _, ok := got[0][f]; !ok {
			t.Errorf("no field %q in %s", f, raw)
		}
	}
	c := got[0]["cases"].([]any)[0].(map[string]any)
	for _, f := range strings.Fields("id truth ranked rank loci commit_truth commits_ranked verdict seconds") {
		if _, ok := c[f]; !ok {
			t.Errorf("no field %q in %v", f, c)
		}
	}
	if got[0]["ac1"] != 1. || got[0]["locus_ac1"] != nil {
		t.Errorf("got ac1 %v and locus_ac1 %v, want 1 and null", got[0]["ac1"], got[0]["locus_ac1"])
	}
}
