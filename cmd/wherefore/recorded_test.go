package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/eval"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

var updateRanks = flag.Bool("update-ranks", false, "write testdata/recorded-ranks.txt anew")

// absent stands for a rank of 0, which is worse than any other.
const absent = 1 << 20

// asRecorded scores the recorded incidents under their own names, once for all
// tests.
var asRecorded = sync.OnceValues(func() ([]eval.Case, error) { return scores(context.Background(), 0) })

// scoreRecorded investigates every recorded incident as the command does.
func scoreRecorded(t *testing.T, seed int64) []eval.Case {
	t.Helper()
	var cases []eval.Case
	var err error
	if seed == 0 {
		cases, err = asRecorded()
	} else {
		cases, err = scores(t.Context(), seed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func scores(ctx context.Context, seed int64) ([]eval.Case, error) {
	results, err := eval.Run(ctx, []string{filepath.Join("..", "..", "fixtures", "recorded")},
		eval.Options{Onset: eval.OnsetDetected, Open: backend.OpenBundle, Investigate: investigateForEval, RenameSeed: seed, Parallel: 2, Timeout: 10 * time.Minute})
	var cases []eval.Case
	for _, r := range results {
		cases = append(cases, r.Cases...)
	}
	return cases, err
}

func commitRank(c eval.Case) int {
	if c.CommitTruth == "" {
		return 0
	}
	for i, sha := range c.CommitsRanked {
		if sha == c.CommitTruth {
			return i + 1
		}
	}
	return absent
}

// TestRecordedIncidentsKeepTheirRanks holds the rank of the right entity and the
// right commit of each recorded incident to a golden: getting worse fails,
// getting better is said and wants the golden renewed.
func TestRecordedIncidentsKeepTheirRanks(t *testing.T) {
	if testing.Short() {
		t.Skip("investigates all recordings")
	}
	t.Parallel() // with the other tests that are long
	const golden = "testdata/recorded-ranks.txt"
	var now strings.Builder
	ranks := map[string][2]int{}
	for _, c := range scoreRecorded(t, 0) {
		r := [2]int{cmp.Or(c.Rank, absent), commitRank(c)}
		ranks[c.ID] = r
		fmt.Fprintln(&now, c.ID, r[0], r[1])
	}
	want, renewed := held(t, golden, now.String(), *updateRanks)
	if renewed {
		return
	}
	for line := range strings.Lines(want) {
		var id string
		var entity, commit int
		if _, err := fmt.Sscan(line, &id, &entity, &commit); err != nil {
			t.Fatalf("%s: %q: %v", golden, line, err)
		}
		got, ok := ranks[id]
		switch {
		case !ok:
			t.Errorf("%s was not scored", id)
		case got[0] > entity || got[1] > commit:
			t.Errorf("%s: got entity rank %d and commit rank %d, want %d and %d or better", id, got[0], got[1], entity, commit)
		case got[0] < entity || got[1] < commit:
			t.Logf("%s is better than the golden: entity rank %d, commit rank %d; renew it with -update-ranks", id, got[0], got[1])
		}
	}
}

// held is what a golden file holds; with renew it is written anew instead.
func held(t *testing.T, golden, now string, renew bool) (want string, renewed bool) {
	t.Helper()
	if renew {
		if err := os.WriteFile(golden, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return now, true
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), false
}

// TestRenamingLeavesRecordedRanksAlone gives every service, trace and commit of
// the recorded incidents another name, in telemetry, code and decisions alike:
// an answer that changes by it was read off a name.
func TestRenamingLeavesRecordedRanksAlone(t *testing.T) {
	testenv.NeedsSets(t)
	t.Parallel() // with the other tests that are long
	type answer struct {
		entity, commit int
		verdict        string
	}
	answers := func(seed int64) map[string]answer {
		got := map[string]answer{}
		for _, c := range scoreRecorded(t, seed) {
			if c.Failure != "" {
				t.Errorf("%s with seed %d: %s", c.ID, seed, c.Failure)
			}
			got[c.ID] = answer{c.Rank, commitRank(c), c.Verdict}
		}
		return got
	}
	if d := gocmp.Diff(answers(0), answers(11), gocmp.AllowUnexported(answer{})); d != "" {
		t.Errorf("renamed (-as recorded +renamed):\n%s", d)
	}
}
