package compose

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestWhatAnAnswerLacksIsSaidBesideWhatHasNone(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC) }
	part := []evidence.Window{{Start: at(5), End: at(10)}, {Start: at(20), End: at(25)}}
	got := notChecked(&gathered.Evidence{Coverage: []evidence.Coverage{
		{Source: "logs", Query: "whole", Status: evidence.CoverageAnswered, Count: 9},
		{Source: "logs", Query: "cut", Status: evidence.CoverageAnswered, Cut: 2},
		{Source: "logs", Query: "gone", Status: evidence.CoverageFailed, Missing: part, Detail: "no answer in time"},
	}})
	var texts []string
	for _, f := range got[:len(got)-1] { // the last says that no source reads profiles
		texts = append(texts, f.Text)
	}
	want := []string{
		"logs: cut: 2 lines had more in them than is kept of one line, and the rest was not read",
		"logs: gone: no answer for 12:05:00 to 12:10:00, 12:20:00 to 12:25:00",
		"logs: gone failed: no answer in time",
	}
	if d := cmp.Diff(want, texts); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestProfilesAreNotCheckedWhereNobodyAskedForThem(t *testing.T) {
	for says, coverage := range map[string][]evidence.Coverage{
		"profiles: no source reads them":   {{Source: "logs", Query: "whole", Status: evidence.CoverageAnswered, Count: 9}},
		"":                                 {{Source: "profiles", Query: "shop", Status: evidence.CoverageAnswered, Count: 24}},
		"profiles: shop failed: no answer": {{Source: "profiles", Query: "shop", Status: evidence.CoverageFailed, Detail: "no answer"}},
	} {
		got := ""
		for _, f := range notChecked(&gathered.Evidence{Coverage: coverage}) {
			got += f.Text
		}
		if got != says {
			t.Errorf("got %q, want %q", got, says)
		}
	}
}

// TestASuspectedChangeIsNotRuledOut has two deployments after the onset, of which one
// brought the commit that is blamed, and one before it.
func TestASuspectedChangeIsNotRuledOut(t *testing.T) {
	c := &gathered.Evidence{Onset: report.Onset{At: casetest.Onset0, Earliest: casetest.Onset0, Latest: casetest.Onset0}}
	for id, after := range map[string]time.Duration{"blamed": 5 * time.Minute, "late": 6 * time.Minute, "before": -time.Minute} {
		sha := casetest.Sha(len(id))
		c.Changes = append(c.Changes, evidence.Change{ID: id, Kind: evidence.ChangeDeploy, Service: id, To: sha, Commit: sha, Time: casetest.Onset0.Add(after)})
	}
	cause := casetest.CauseWith("blamed")
	cause.Trigger, cause.Commits = report.TriggerCode, []report.CommitScore{{SHA: casetest.Sha(len("blamed")), Subject: "Try again"}}
	for name, want := range map[string]struct {
		causes []report.Cause
		out    []string
	}{
		"its commit is blamed": {[]report.Cause{cause}, []string{"late"}},
		"nobody is":            {nil, []string{"blamed", "late"}},
	} {
		var out []string
		for _, f := range ruledOut(c, want.causes, nil, nil) {
			out = append(out, f.Entity)
		}
		slices.Sort(out)
		if !slices.Equal(out, want.out) {
			t.Errorf("%s: got %v ruled out, want %v", name, out, want.out)
		}
	}
}
