package rollback_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

func TestReadiness(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	trial := func(daysAgo int, seconds float64) rollback.Trial {
		return rollback.Trial{At: now.AddDate(0, 0, -daysAgo), Seconds: seconds}
	}
	again := trial(1, 10)
	again.Again = true
	failed := trial(2, 10)
	failed.Failed = true
	seen := rollback.Telemetry{Asked: true, Moved: []string{"rollback_duration"}, Span: "binary"}
	for _, c := range []struct {
		name   string
		trials []rollback.Trial
		guard  string
		seen   rollback.Telemetry
		want   [3]string
		says   string
	}{
		{"nothing is known", nil, "", rollback.Telemetry{}, [3]string{"unknown", "unknown", "unknown"}, "never tried"},
		{"all of it", []rollback.Trial{again, trial(1, 10)}, "", seen, [3]string{"yes", "yes", "yes"}, "the slowest of the last 1 took 10 s"},
		{"a guard", []rollback.Trial{trial(1, 10)}, "version = 7", seen, [3]string{"yes", "yes", "yes"}, "guarded by: version = 7"},
		{"the worst of three", []rollback.Trial{trial(1, 10), trial(2, 91), trial(3, 10)}, "", seen, [3]string{"no", "unknown", "yes"}, "90 s are allowed"},
		{"the fourth is too old", []rollback.Trial{trial(1, 10), trial(2, 10), trial(3, 10), trial(4, 91)}, "", seen, [3]string{"yes", "unknown", "yes"}, ""},
		{"one failed", []rollback.Trial{trial(1, 10), failed}, "", seen, [3]string{"no", "unknown", "yes"}, "it failed on 2026-04-29"},
		{"repeated thrice after a slow one", []rollback.Trial{again, again, again, trial(9, 400)}, "", seen, [3]string{"no", "yes", "yes"}, "took 400 s"},
		{"only repeated", []rollback.Trial{again}, "", seen, [3]string{"unknown", "yes", "yes"}, "found it done already"},
		{"in words that say neither", []rollback.Trial{{At: now, Seconds: 3, Unclear: "see the wiki"}}, "", seen, [3]string{"unknown", "unknown", "yes"}, `"see the wiki" of 2026-05-01`},
		{"one in the future", []rollback.Trial{trial(-1, 10)}, "", seen, [3]string{"unknown", "unknown", "yes"}, ""},
		{"no metric", nil, "", rollback.Telemetry{Asked: true, Absent: []string{"rollback_duration"}}, [3]string{"unknown", "unknown", "no"}, "there is no rollback_duration"},
		{"a metric that stood still", nil, "", rollback.Telemetry{Asked: true, Still: []string{"rollback_retried"}, Span: "x"}, [3]string{"unknown", "unknown", "no"}, "did not change"},
		{"no span", nil, "", rollback.Telemetry{Asked: true}, [3]string{"unknown", "unknown", "no"}, "no span rollback.execute"},
	} {
		r := rollback.Ready(c.trials, c.guard, c.seen, now)
		level := strings.Count(strings.Join(c.want[:], " "), "yes")
		said := r.Timely.Because + "; " + r.Idempotent.Because + "; " + r.Observable.Because
		if got := [3]string{r.Timely.Holds, r.Idempotent.Holds, r.Observable.Holds}; got != c.want || r.Level != level || !strings.Contains(said, c.says) {
			t.Errorf("%s: got level %d, %v: %s; want %v, %q", c.name, r.Level, got, said, c.want, c.says)
		}
	}
}

func TestRulesPassPrometheusOwnChecks(t *testing.T) {
	testenv.NeedsServers(t)
	promtool, err := servers.Find("promtool")
	if err != nil {
		t.Skip(err)
	}
	o := rollback.RuleOptions{Window: 60 * time.Minute, Interval: 15 * time.Second}
	rules, err1 := rollback.Rules(o)
	tests, err2 := rollback.RuleTests("rules.yml", o)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"rules.yml": rules, "tests.yml": tests} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", "rules.yml"}, {"test", "rules", "tests.yml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestTheNewestTrialIsOneThatDidSomething: of one that found it done already nothing is
// to be seen.
func TestTheNewestTrialIsOneThatDidSomething(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	at := func(daysAgo int, again bool) rollback.Trial {
		return rollback.Trial{At: now.AddDate(0, 0, -daysAgo), Again: again}
	}
	for _, c := range []struct {
		trials []rollback.Trial
		want   int // days ago, below 0 for none
	}{
		{nil, -1}, {[]rollback.Trial{at(-1, false)}, -1}, {[]rollback.Trial{at(3, false), at(2, false), at(4, false)}, 2},
		{[]rollback.Trial{at(1, true), at(3, false), at(5, false)}, 3}, {[]rollback.Trial{at(5, false), at(3, true)}, 5}, {[]rollback.Trial{at(2, true), at(1, true)}, 1},
	} {
		got, ok := rollback.NewestTrial(c.trials, now)
		if ok != (c.want >= 0) || ok && !got.At.Equal(now.AddDate(0, 0, -c.want)) {
			t.Errorf("%v: got %v, %v, want %d days ago", c.trials, got, ok, c.want)
		}
	}
}
