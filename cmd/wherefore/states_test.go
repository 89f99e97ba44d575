package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// silent is a backend that answers every question with nothing.
type silent struct{}

func (silent) Trace(context.Context, string) (evidence.Trace, error) {
	return evidence.Trace{}, evidence.ErrNotFound
}
func (silent) FindTraces(context.Context, evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	return nil, false, nil
}
func (silent) Services(context.Context) ([]string, error) { return nil, nil }
func (silent) Dependencies(context.Context, evidence.Window) ([]evidence.Edge, error) {
	return nil, nil
}
func (silent) Logs(context.Context, evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return nil, false, nil
}
func (silent) ListSeries(context.Context, []string, evidence.Window) ([]evidence.Series, bool, error) {
	return nil, false, nil
}
func (silent) QueryRange(context.Context, string, evidence.Window, time.Duration) ([]evidence.Series, error) {
	return nil, nil
}
func (silent) Exemplars(context.Context, string, evidence.Window) ([]evidence.Exemplar, error) {
	return nil, nil
}
func (silent) Rules(context.Context) ([]evidence.Rule, error) { return nil, nil }
func (silent) Changes(context.Context, evidence.Window) ([]evidence.Change, error) {
	return nil, nil
}
func (silent) Commits(context.Context, evidence.CommitQuery) ([]evidence.Commit, error) {
	return nil, evidence.ErrNotFound
}
func (silent) Blame(context.Context, string, evidence.Frame, string) (evidence.Blame, error) {
	return evidence.Blame{}, evidence.ErrNotFound
}

func (down) Changes(context.Context, evidence.Window) ([]evidence.Change, error) {
	return nil, errDown
}
func (down) Commits(context.Context, evidence.CommitQuery) ([]evidence.Commit, error) {
	return nil, errDown
}
func (down) Blame(context.Context, string, evidence.Frame, string) (evidence.Blame, error) {
	return evidence.Blame{}, errDown
}

// without is one way in which a source does not speak.
type without struct {
	name string
	take func(*correlate.Sources)
}

// waysWithout are all ways in which each source may not speak: it fails, answers
// with nothing, or is not configured.
func waysWithout() [][]without {
	return [][]without{
		{
			{"traces failed", func(s *correlate.Sources) { s.Traces, s.Graph = down{}, down{} }},
			{"traces silent", func(s *correlate.Sources) { s.Traces, s.Graph = silent{}, silent{} }},
			{"no traces", func(s *correlate.Sources) { s.Traces, s.Graph = nil, nil }},
		}, {
			{"logs failed", func(s *correlate.Sources) { s.Logs = down{} }},
			{"logs silent", func(s *correlate.Sources) { s.Logs = silent{} }},
			{"no logs", func(s *correlate.Sources) { s.Logs = nil }},
		}, {
			{"metrics failed", func(s *correlate.Sources) { s.Metrics, s.Exemplars, s.Rules = down{}, down{}, down{} }},
			{"metrics silent", func(s *correlate.Sources) { s.Metrics, s.Exemplars, s.Rules = silent{}, silent{}, silent{} }},
			{"no metrics", func(s *correlate.Sources) { s.Metrics, s.Exemplars, s.Rules = nil, nil, nil }},
		}, {
			{"changes failed", func(s *correlate.Sources) { s.Changes = []correlate.ChangeSource{down{}} }},
			{"changes silent", func(s *correlate.Sources) { s.Changes = []correlate.ChangeSource{silent{}} }},
			{"no changes", func(s *correlate.Sources) { s.Changes = nil }},
		}, {
			{"code failed", func(s *correlate.Sources) { s.Code, s.Decisions = down{}, nil }},
			{"code silent", func(s *correlate.Sources) { s.Code, s.Decisions = silent{}, nil }},
			{"no code", func(s *correlate.Sources) { s.Code, s.Decisions = nil, nil }},
		},
	}
}

// statesWithout are all single ways and all pairs of ways of two sources.
func statesWithout() [][]without {
	var list [][]without
	ways := waysWithout()
	for i := range ways {
		for _, a := range ways[i] {
			list = append(list, []without{a})
			for _, others := range ways[i+1:] {
				for _, b := range others {
					list = append(list, []without{a, b})
				}
			}
		}
	}
	return list
}

// boldness orders the words.
var boldness = []report.VerdictWord{report.Inconclusive, report.LeadOnly, report.Likely, report.Confirmed}

// statesInARun is how many states of recordings a run draws; all of them where
// WHEREFORE_STATES is "all".
const statesInARun = 64

// TestLessEvidenceMakesNoBolderWord lets one or two sources of the recorded
// incidents fail, fall silent or not be there. The word may rise to the right
// entity alone and at most to Likely; a wrong entity is never above a lead.
func TestLessEvidenceMakesNoBolderWord(t *testing.T) {
	testenv.NeedsSets(t)
	t.Parallel() // with the other tests that are long
	dirs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "recorded", "lab", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	truths := map[string]string{}
	for _, c := range scoreRecorded(t, 0) {
		truths[c.ID] = c.Truth
	}
	whole := map[string]report.Report{}
	states := statesWithout()
	picked := rand.New(rand.NewPCG(1, 2)).Perm(len(dirs) * len(states))
	if os.Getenv("WHEREFORE_STATES") != "all" {
		picked = picked[:statesInARun]
	}
	slices.Sort(picked)
	for _, n := range picked {
		dir, state := dirs[n/len(states)], states[n%len(states)]
		if _, ok := whole[dir]; !ok {
			whole[dir] = investigateWithout(t, dir, func(*correlate.Sources) {})
		}
		r := investigateWithout(t, dir, func(s *correlate.Sources) {
			for _, w := range state {
				w.take(s)
			}
		})
		if why := bolder(whole[dir], r, truths["lab-"+filepath.Base(dir)]); why != "" {
			t.Errorf("%s, %s: %s", filepath.Base(dir), namesOf(state), why)
		}
	}
}

// bolder says what is wrong with a report on less evidence, nothing where it is
// bold enough.
func bolder(whole, less report.Report, truth string) string {
	first, word := less.Causes[0].Entity.Name, slices.Index(boldness, less.Verdict.Word)
	likely := slices.Index(boldness, report.Likely)
	switch {
	case first != truth && word >= likely:
		return fmt.Sprintf("%s is %s, and wrong", first, less.Verdict.Word)
	case word > slices.Index(boldness, whole.Verdict.Word) && word > likely:
		return fmt.Sprintf("%s, with all of the evidence %s", less.Verdict.Word, whole.Verdict.Word)
	}
	return ""
}

func namesOf(state []without) string {
	var names []string
	for _, w := range state {
		names = append(names, w.name)
	}
	return strings.Join(names, ", ")
}
