package signal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// TestWhatDoesNotRunIsWeighed has front call till, which calls ledger; other
// stands beside. The alert names front.
func TestWhatDoesNotRunIsWeighed(t *testing.T) {
	at := func(m int) time.Time { return casetest.Onset0.Add(time.Duration(m) * time.Minute) }
	state := func(workload string, r kube.Reason, from, until, count int) gathered.State {
		return gathered.State{State: kube.State{Reason: r, Workload: workload, From: at(from), Until: at(until), Count: count}}
	}
	onset := report.Onset{At: at(0), Earliest: at(0), Latest: at(0), From: "metrics"}
	guessed := report.Onset{At: at(0), Earliest: at(-2), Latest: at(3), From: "alert"}
	for name, c := range map[string]struct {
		onset  report.Onset
		states []gathered.State
		line   string
		// first must be stronger than second, which may be nobody, by a half.
		first, second string
	}{
		"an image beats the probe of who needs it":         {guessed, []gathered.State{state("ledger", kube.Image, 0, 3, 5), state("till", kube.Probe, 0, 3, 9)}, "", "ledger", "till"},
		"a crash below beats a crash above, a little":      {guessed, []gathered.State{state("ledger", kube.Crash, 0, 3, 9), state("till", kube.Crash, 0, 3, 9)}, "", "ledger", ""},
		"a probe that comes too early is nothing":          {guessed, []gathered.State{state("ledger", kube.Crash, 0, 3, 9), state("till", kube.Probe, 0, 0, 1)}, "", "ledger", "till"},
		"what nobody needs may be broken":                  {guessed, []gathered.State{state("ledger", kube.Mount, 0, 3, 5), state("other", kube.Mount, 0, 3, 5)}, "", "ledger", "other"},
		"what was so in normal time is not new":            {onset, []gathered.State{state("ledger", kube.Crash, 0, 3, 9), state("till", kube.Image, -25, 3, 90)}, "", "ledger", "till"},
		"without a normal time what is so counts":          {guessed, []gathered.State{state("till", kube.Image, -25, 3, 90), state("ledger", kube.NotReady, -25, 3, 1)}, "", "till", "ledger"},
		"what has lasted for hours is not new":             {guessed, []gathered.State{state("ledger", kube.Crash, 0, 3, 9), state("till", kube.Image, -200, 3, 900)}, "", "ledger", "till"},
		"whom the failing lines name goes before a second": {guessed, []gathered.State{state("ledger", kube.Image, 0, 3, 5), state("till", kube.Image, 0, 3, 5)}, "dial tcp ledger:5432: connection refused", "ledger", "till"},
	} {
		t.Run(name, func(t *testing.T) {
			ev := &gathered.Evidence{
				Entities: casetest.Entities("front", "ledger", "other", "till"), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>till", "till>ledger"),
				Onset: c.onset, FiredAt: at(3), States: c.states, Baselines: []evidence.Window{{Start: at(-30), End: at(0)}},
			}
			if c.line != "" {
				casetest.AddLines(ev, "front", false, 5, "ERROR "+c.line)
			}
			strength := map[string]float64{}
			v := view.New(ev)
			for _, f := range notRunning(v) {
				strength[v.Names[f.Entity]] = f.Strength
				if f.State == "" || !strings.Contains(f.Said, v.Names[f.Entity]) {
					t.Errorf("a finding without its reason or name: %+v", f)
				}
			}
			if strength[c.first] == 0 || strength[c.first] < 1.5*strength[c.second] {
				t.Errorf("got %v, want %s well before %q", strength, c.first, c.second)
			}
		})
	}
}

func TestEveryReasonHasAMeaning(t *testing.T) {
	for _, r := range kube.Reasons() {
		if m, ok := meanings[r]; !ok || m.said == "" || weights.Default().Signal.NotRunning.Reasons[string(r)] <= 0 || m.mechanism == "" {
			t.Errorf("%s: got %+v, want a strength, a mechanism and words", r, m)
		}
	}
}

// TestWhoAnswersDoesRun: a probe fails at the start and the end of each pod of a
// roll-out; what counts is whether the calls are answered.
func TestWhoAnswersDoesRun(t *testing.T) {
	strength := func(failing int) float64 {
		ev := &gathered.Evidence{Entities: casetest.Entities("front", "till"), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>till"),
			States: []gathered.State{{State: kube.State{Reason: kube.Probe, Workload: "till", From: casetest.Onset0, Until: casetest.Onset0.Add(time.Minute), Count: 6}}}}
		for i := range 20 {
			casetest.AddTrace(ev, casetest.TraceID(i), false, casetest.Call{Service: "front", Op: "GET /", Ms: 20, Calls: []casetest.Call{
				{Service: "till", Op: "read", At: 2, Ms: 10, Failed: i < failing}}})
		}
		for _, f := range notRunning(view.New(ev)) {
			return f.Strength
		}
		return 0
	}
	if all, half, none := strength(20), strength(10), strength(0); all == 0 || half > all/3 || none != 0 {
		t.Errorf("with all, half and none of the calls failing: got %v, %v, %v", all, half, none)
	}
}

// TestWhatMayRunIsNotSaidToBeDown: a certificate that is not there, or one replica of
// many, keeps nobody from running.
func TestWhatMayRunIsNotSaidToBeDown(t *testing.T) {
	for _, r := range kube.Reasons() {
		ev := &gathered.Evidence{Entities: casetest.Entities("till"), Alerting: []string{"till"},
			States: []gathered.State{{State: kube.State{Reason: r, Workload: "till", From: casetest.Onset0, Until: casetest.Onset0.Add(3 * time.Minute), Count: 9}}}}
		v := view.New(ev)
		f := stateFinding(v, 0, &v.Evidence.States[0])
		down := !slices.Contains([]kube.Reason{kube.NotReady, kube.Endpoints, kube.Node, kube.Certificate}, r)
		for _, said := range []string{f.Said, f.Why} {
			if strings.Contains(said, "does not run") != down || !strings.Contains(said, meanings[r].said) {
				t.Errorf("%s: got %q, want it to say that it does not run: %v", r, said, down)
			}
		}
	}
}
