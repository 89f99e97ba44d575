package casebooktest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

func testTheNewestResultOfEachCheckCounts(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	result := func(id, status string, after time.Duration) casefile.CheckResult {
		return casefile.CheckResult{ID: id, Level: 1, Service: "shop", Status: status, Message: "é", ExecutedAt: start.Add(after), Places: []casefile.CheckPlace{{Path: "a.go", Line: 3, Message: "x"}}}
	}
	runs := [][]casefile.CheckResult{
		{result("tests-pass", "FAIL", 0), result("lint-clean", "PASS", 0)},
		{result("tests-pass", "PASS", time.Minute)},
	}
	for _, run := range runs {
		if err := b.AddChecks(t.Context(), "shop", "ann", run); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.AddChecks(t.Context(), "cart", "ann", []casefile.CheckResult{result("tests-pass", "FAIL", time.Hour)}); err != nil {
		t.Fatal(err)
	}
	got, err := b.Checks(t.Context(), "shop")
	if diff := cmp.Diff([]casefile.CheckResult{runs[0][1], runs[1][0]}, got); err != nil || diff != "" {
		t.Errorf("newest: %v %s", err, diff)
	}
	got, err = b.CheckHistory(t.Context(), "shop", 2)
	if diff := cmp.Diff([]casefile.CheckResult{runs[1][0], runs[0][1]}, got); err != nil || diff != "" {
		t.Errorf("history: %v %s", err, diff)
	}
	if got, err := b.Checks(t.Context(), "nobody"); err != nil || len(got) > 0 {
		t.Errorf("of nobody: got %v, %v", got, err)
	}
}

func testOldResultsOfAChecksMakeRoom(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	for i := range 21 {
		var run []casefile.CheckResult
		for j := range 10 {
			run = append(run, casefile.CheckResult{ID: "smoke", Message: fmt.Sprint(i*10 + j), ExecutedAt: start})
		}
		if err := b.AddChecks(t.Context(), "shop", "ann", run); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.CheckHistory(t.Context(), "shop", 1000)
	if err != nil || len(got) != 200 || got[0].Message != "209" || got[199].Message != "10" {
		t.Errorf("got %d results (%v), want the newest 200", len(got), err)
	}
}
