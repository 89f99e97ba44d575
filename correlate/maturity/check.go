package maturity

import (
	"cmp"

	"fmt"

	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Levels is how many levels there are.
const Levels = 5

// The statuses of a check.
const (
	Pass         = "PASS"
	Warn         = "WARN"
	Fail         = "FAIL"
	Inconclusive = "INCONCLUSIVE"
)

// Check is one question of a level.
type Check struct {
	ID    string
	Name  string // what holds when it passes
	Level int
	judge func(*Input) Outcome
}

// Outcome is the answer of a check.
type Outcome struct {
	Status, Message string
	Evidence        string // URL path, or where it was found
	Places          []casefile.CheckPlace
	Calls           []casefile.CheckCall
	Pending         bool // the answer may be another one soon
}

// Request asks for the checks of a level.
type Request struct {
	casefile.CheckRequest

	// Revision of the service that the facts are of, and when it was made; results
	// that are older are of another one.
	Revision   string    `json:"revision,omitempty"`
	RevisionAt time.Time `json:"revision_at,omitzero"`
	Facts      Facts     `json:"facts,omitzero"`
}

// Input is what checks judge.
type Input struct {
	Request

	Cases []Case // incidents, for those that are about them
	Now   time.Time
}

// Checks are all checks, by level, in the order in which they are told.
func Checks() []Check {
	return []Check{
		testsPass, raceClean, lintClean, decisionsComplete,
		covered, mainContract, noBarePrint, reproducible, smoke,
		sloAttained, chaosSurvived,
		indicatorsLive, healthDegrades, selfHealing, logsTraced, statusLabelled, healthHonest, versionSent, environmentSent, disruptionBudget, serverTimeouts,
		rootCause,
	}
}

// Run judges the checks of a level.
func Run(in *Input) []casefile.CheckResult {
	var out []casefile.CheckResult
	for _, c := range Checks() {
		if c.Level != in.Level {
			continue
		}
		o := c.judge(in)
		if c.Level >= 3 && in.Facts.Telemetry != nil && in.Facts.Telemetry.Unknown != "" && o.Status != Pass {
			o = Outcome{Status: Inconclusive, Message: in.Facts.Telemetry.Unknown}
		}
		out = append(out, casefile.CheckResult{
			ID: c.ID, Name: c.Name, Level: c.Level, Status: o.Status, Message: o.Message, Evidence: o.Evidence, Places: o.Places, Calls: o.Calls, Pending: o.Pending,
			Service: in.Service, Revision: in.Revision, ExecutedAt: in.Now.UTC(),
		})
	}
	return out
}

// Whole is the result of a level: its worst check's, and how many there are of
// each status.
func Whole(level int, service string, checks []casefile.CheckResult, now time.Time) casefile.CheckResult {
	if len(checks) == 1 {
		return checks[0]
	}
	out := casefile.CheckResult{ID: fmt.Sprintf("level-%d", level), Name: fmt.Sprintf("Level %d", level), Level: level, Service: service, Status: Pass, Checks: checks, ExecutedAt: now.UTC()}
	good := 0
	for _, c := range checks {
		if passes(c.Status) {
			good++
		}
		if rank(c.Status) > rank(out.Status) {
			out.Status = c.Status
		}
	}
	out.Message = fmt.Sprintf("%d of %d checks passed", good, len(checks))
	return out
}

func passes(status string) bool { return status == Pass || status == Warn }

func rank(status string) int {
	return slices.Index([]string{Pass, Warn, Inconclusive, Fail}, status)
}

// Reached is the highest level of which, and of all below, every check's newest
// result passes or warns; 0 when not even the first is.
func Reached(results []casefile.CheckResult) int {
	newest := map[string]casefile.CheckResult{}
	for _, r := range results {
		if have, ok := newest[r.ID]; !ok || r.ExecutedAt.After(have.ExecutedAt) {
			newest[r.ID] = r
		}
	}
	reached := Levels
	for _, c := range Checks() {
		if r, ok := newest[c.ID]; !ok || !passes(r.Status) {
			reached = min(reached, c.Level-1)
		}
	}
	return reached
}

// Validate says what is wrong with a request, evidence.ErrInvalid in its chain.
func Validate(r *Request) error {
	switch {
	case r.Level < 1 || r.Level > Levels:
		return fmt.Errorf("there is no level %d, only 1 to %d: %w", r.Level, Levels, evidence.ErrInvalid)
	case r.Level == rootCause.Level:
		return validateIncidents(r.CheckRequest)
	case r.Service == "":
		return fmt.Errorf("name the service that is checked: %w", evidence.ErrInvalid)
	}
	return r.Facts.possible()
}

// missing is the outcome of a check whose facts were not looked at.
func missing(what string) Outcome { return Outcome{Status: Inconclusive, Message: what} }

// pending is the outcome of a check that it is worth while to make again soon.
func pending(why string) Outcome {
	return Outcome{Status: Inconclusive, Message: why, Pending: true}
}

// outdated is the outcome of results that are older than the revision they should
// be of; ok is false when they are not.
func (in *Input) outdated(what string, at time.Time) (Outcome, bool) {
	switch {
	case at.After(in.Now.Add(time.Minute)):
		return missing(fmt.Sprintf("the %s are of %s, which is in the future: set the clock of the machine that made them", what, stamp(at))), true
	case !in.RevisionAt.IsZero() && !at.IsZero() && at.Before(in.RevisionAt):
		return missing(fmt.Sprintf("the %s are of %s and revision %.12s of %s: run them again", what, stamp(at), cmp.Or(in.Revision, "it"), stamp(in.RevisionAt))), true
	}
	return Outcome{}, false
}

// tests are the results of the tests, if they were given and are of the revision;
// else ok is false and the outcome says why not.
func (in *Input) tests() (t *Tests, o Outcome, ok bool) {
	if t = in.Facts.Tests; t == nil {
		return nil, missing("no results of tests were given"), false
	}
	o, old := in.outdated("results of the tests", t.At)
	return t, o, !old
}

// drill is the same for the drill that breaks something on purpose.
func (in *Input) drill() (d *Drill, o Outcome, ok bool) {
	if d = in.Facts.Drill; d == nil {
		return nil, missing("no drill was made: check --drill breaks something on purpose and polls health"), false
	}
	if d.Unknown != "" {
		return d, missing(d.Unknown), false
	}
	o, old := in.outdated("drill", d.At)
	return d, o, !old
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// first words the first of some places.
func firstOf(places []casefile.CheckPlace) string {
	if len(places) == 0 {
		return ""
	}
	p := places[0]
	if p.Path == "" {
		return ": " + p.Message
	}
	return fmt.Sprintf(": %s:%d: %s", p.Path, p.Line, p.Message)
}
