package eval_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/eval"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/importers"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

var update = flag.Bool("update", false, "write the goldens anew")

// replay is everything in a bundle as sources, as the command opens it.
func replay(_ context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	b, err := backend.OpenReplay(path, backend.Fired)
	if err != nil {
		return s, req, nil, err
	}
	m := b.Manifest()
	req = correlate.Request{Alert: b.Alert(), Now: b.Alert().FiredAt(), Revision: 1, Reference: m.Reference, Candidates: append([]string(nil), m.Entities...)}
	s = correlate.Sources{Traces: b, Graph: b, Logs: b, Metrics: b, Exemplars: b, Rules: b, Changes: []correlate.ChangeSource{b}, Code: b, Decisions: b}
	for source, drop := range map[string]func(){
		bundle.SourceTraces: func() { s.Traces = nil }, bundle.SourceLogs: func() { s.Logs = nil }, bundle.SourceMetrics: func() { s.Metrics = nil },
	} {
		if !b.Configured(source) {
			drop()
		}
	}
	return s, req, b.Close, nil
}

// engine has deadlines that a busy machine does not meet.
func engine(ctx context.Context, s correlate.Sources, req correlate.Request) (report.Report, error) {
	return correlate.New(s, correlate.Options{Version: "test", Deadline: 10 * time.Minute, SourceDeadline: 10 * time.Minute}).Investigate(ctx, req)
}

// TestDevelopmentScores compares the scores on the development data with what is
// checked in, known failures with their bad ranks included, so that each change
// of the engine shows what it does to them. Nezha takes minutes and gigabytes of
// disk: it is left out unless WHEREFORE_NEZHA is set.
func TestDevelopmentScores(t *testing.T) {
	if testing.Short() {
		t.Skip("scoring data sets takes minutes")
	}
	shared := testenv.Data(t)
	var all []eval.Result
	for _, format := range []string{"rootcausebench", "petshop", "nezha"} {
		t.Run(format, func(t *testing.T) {
			src := filepath.Join(shared, format)
			if format == "nezha" {
				src = nezha(t, src+".tar.xz")
			}
			all = append(all, compareScores(t, format, src)...)
		})
	}
	t.Run("foreign", func(t *testing.T) { // recordings, as the program replays them
		all = append(all, compareWith(t, "foreign", filepath.Join(shared, "foreign"), backend.OpenBundle)...)
	})
	holdWords(t, append(all, compareScores(t, "synthetic", "1")...))
}

// TestSyntheticScores does the same with the incidents that are our own.
func TestSyntheticScores(t *testing.T) { compareScores(t, "synthetic", "1") }

// holdWords holds what the words promise to what came of them, over all sets
// together, and asks that most right answers be said boldly: a word that is never
// said is never wrong.
func holdWords(t *testing.T, results []eval.Result) {
	t.Helper()
	said, right := map[string]int{}, map[string]int{}
	rightAll := 0
	for _, r := range results {
		for _, c := range r.Cases {
			if c.Truth == "" {
				continue // nobody can know
			}
			said[c.Verdict]++
			if c.Rank == 1 {
				right[c.Verdict]++
				rightAll++
			}
		}
	}
	for word, least := range map[report.VerdictWord]float64{report.Confirmed: 0.97, report.Likely: 0.85} {
		if n := said[string(word)]; n > 0 && float64(right[string(word)]) < least*float64(n) {
			t.Errorf("%s is right %d times of %d, want a share of %.2f", word, right[string(word)], n, least)
		}
	}
	if bold := right[string(report.Confirmed)] + right[string(report.Likely)]; float64(bold) < 0.6*float64(rightAll) {
		t.Errorf("%d of %d right answers are confirmed or likely, want a share of 0.60", bold, rightAll)
	}
}

// nezha unpacks the archive.
func nezha(t *testing.T, archive string) string {
	t.Helper()
	if os.Getenv("WHEREFORE_NEZHA") == "" {
		t.Skip("set WHEREFORE_NEZHA=1 to spend minutes and a gigabyte on Nezha")
	}
	dir := t.TempDir()
	if out, err := exec.Command("tar", "xJf", archive, "-C", dir).CombinedOutput(); err != nil {
		t.Skipf("tar cannot unpack %s: %v %s", archive, err, out)
	}
	return filepath.Join(dir, "nezha")
}

// compareScores imports a source and scores it as of each alert.
func compareScores(t *testing.T, format, src string) []eval.Result {
	t.Helper()
	dir := t.TempDir()
	if _, err := importers.Import(context.Background(), format, src, filepath.Join(dir, "b"), importers.Options{}); err != nil {
		t.Fatal(err)
	}
	return compareWith(t, format, dir, replay)
}

// compareWith scores what lies in a folder, and compares with the golden of a name.
func compareWith(t *testing.T, name, dir string, open eval.Opener) []eval.Result {
	t.Helper()
	results, err := eval.Run(context.Background(), []string{dir}, eval.Options{Open: open, Investigate: engine, Timeout: 10 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	sameAsGolden(t, name, results)
	return results
}
