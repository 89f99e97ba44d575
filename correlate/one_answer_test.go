package correlate

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestAFailureIsOneToAllWhoAsk has spans fail by their status, and by no more than
// the protocol's code: cause, impact, timeline, the trace shown and the places in code
// are the same. Lines are left out, which would tell of the failure without spans.
func TestAFailureIsOneToAllWhoAsk(t *testing.T) {
	want := investigate(t, unspoken(casetest.NewWorld(), ""), gather.Options{})
	if !strings.Contains(want.Impact.Headline, "100 %") || want.Trace == nil || len(want.Code) == 0 {
		t.Fatalf("got %s with %d places: nothing to compare", want.Impact.Headline, len(want.Code))
	}
	for _, attribute := range []string{"http.response.status_code=503", "http.status_code=500", "rpc.grpc.status_code=14"} {
		r := investigate(t, unspoken(casetest.NewWorld(), attribute), gather.Options{})
		first := func(r *report.Report) (e report.TimelineEvent) {
			if i := slices.IndexFunc(r.Timeline, func(e report.TimelineEvent) bool { return e.First }); i >= 0 {
				e = r.Timeline[i]
			}
			return e
		}
		for what, is := range map[string]bool{
			"the first cause":       len(r.Causes) > 0 && r.Causes[0].Entity == want.Causes[0].Entity && r.Causes[0].Mechanism == want.Causes[0].Mechanism,
			"the impact":            r.Impact.Headline == want.Impact.Headline,
			"the first symptom":     first(&r).Time.Equal(first(&want).Time) && first(&r).Entity == first(&want).Entity,
			"the trace shown fails": r.Trace != nil && slices.ContainsFunc(r.Trace.Trace.Spans, func(s evidence.Span) bool { return s.Failed }),
			"the places in code":    len(r.Code) == len(want.Code),
		} {
			if !is {
				t.Errorf("%s: %s differs", attribute, what)
			}
		}
	}
}

// unspoken is a world without lines whose spans fail by an attribute alone, or by
// their status where none is given.
func unspoken(w *casetest.World, attribute string) *casetest.World {
	w.Lines = nil
	key, value, _ := strings.Cut(attribute, "=")
	for i := range w.Traces {
		for j := range w.Traces[i].Spans {
			if s := &w.Traces[i].Spans[j]; s.Failed && key != "" {
				s.Failed = false
				s.Attributes = maps.Clone(s.Attributes)
				if s.Attributes == nil {
					s.Attributes = map[string]string{}
				}
				s.Attributes[key] = value
			}
		}
	}
	return w
}

// deployedAt answers for changes with one deployment.
type deployedAt time.Time

func (d deployedAt) Changes(context.Context, evidence.Window) ([]evidence.Change, error) {
	return []evidence.Change{{ID: "d1", Kind: evidence.ChangeDeploy, Service: "stock", Time: time.Time(d), From: "v1", To: "v2", Commit: strings.Repeat("a", 40)}}, nil
}

// TestAChangeIsTooLateToAllWhoAsk deploys the commit that has the failing line before
// the onset, within the slack of clocks after its latest time, and 75 s after it: its
// change is suspected, the commit blamed and nothing ruled out, or none of it.
func TestAChangeIsTooLateToAllWhoAsk(t *testing.T) {
	w := casetest.NewWorld()
	onset := investigate(t, w, gather.Options{}).Onset
	for name, c := range map[string]struct {
		at    time.Time
		blame bool
	}{
		"before":           {onset.Earliest.Add(-time.Minute), true},
		"within the slack": {onset.Latest.Add(45 * time.Second), true},
		"75 s after":       {onset.Latest.Add(75 * time.Second), false},
	} {
		s := w.Sources()
		s.Changes = []port.ChangeSource{deployedAt(c.at)}
		r, err := New(s, gather.Options{}).Investigate(t.Context(), w.Request())
		if err != nil || len(r.Causes) == 0 || len(r.Changes) != 1 {
			t.Fatalf("%s: got %d causes, %d changes (%v)", name, len(r.Causes), len(r.Changes), err)
		}
		first := r.Causes[0]
		for what, is := range map[string]bool{
			"the commit is blamed":       len(first.Commits) > 0 && first.Commits[0].SHA != report.NoCommit,
			"the change set it off":      first.Change == "d1",
			"the change is suspected":    r.Changes[0].Suspect,
			"the change is not late":     !strings.Contains(r.Changes[0].Why, "after the onset"),
			"the change is not excluded": !slices.ContainsFunc(r.RuledOut, func(f report.Finding) bool { return f.ID == "change/after-onset" }),
		} {
			if is != c.blame {
				t.Errorf("%s: %s: got %v, want %v", name, what, is, c.blame)
			}
		}
	}
}

// TestOneFileReadsHowACallEnded: the attributes that hold a status of HTTP or of gRPC
// have several names, and each code of gRPC three spellings. Who reads them by themselves
// forgets one.
func TestOneFileReadsHowACallEnded(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == filepath.Join("evidence", "status.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range []string{"http.response.status_code", "http.status_code", "rpc.response.status_code", "rpc.grpc.status_code", "grpc.status_code"} {
			if strings.Contains(string(b), strconv.Quote(name)) {
				t.Errorf("%s reads %s: ask the span for its status", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
