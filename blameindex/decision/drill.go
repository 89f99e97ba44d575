package decision

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// What a rollback is held to: it takes no longer than this, and has been tried
// within this time.
const (
	MaxRollback = 90 * time.Second
	MaxDrillAge = 90 * 24 * time.Hour
)

// maxDrills is how many drills of a record are read, the first ones.
const maxDrills = 200

// readDrills reads how.rollback.drill and max_seconds.
func (r *Record) readDrills(n *yaml.Node, offset int) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	f := readFields(n, offset)
	r.lines["rollback.drill"] = f.lines["drill"]
	r.noteParts(f)
	if said := text(f.values["max_seconds"]); said != "" {
		x, err := strconv.ParseFloat(said, 64)
		if err != nil || !(x > 0) || math.IsInf(x, 0) {
			r.lines["rollback.max_seconds"] = f.lines["max_seconds"]
			r.note("rollback.max_seconds", "how", "max_seconds %q is no number of seconds above 0: write one as 90", clip(said))
		} else {
			r.MaxSeconds = x
		}
	}
	drills := resolve(f.values["drill"])
	if drills == nil || drills.Kind != yaml.SequenceNode {
		return
	}
	for _, item := range drills.Content[:min(len(drills.Content), maxDrills)] {
		item = resolve(item)
		if item == nil || item.Kind != yaml.MappingNode {
			r.note("rollback.drill", "how", "a drill is written as {at: 2026-05-01T10:00:00Z, seconds: 41, result: done}")
			continue
		}
		d := readFields(item, offset)
		at, errAt := time.Parse(time.RFC3339, text(d.values["at"]))
		seconds, errSeconds := strconv.ParseFloat(text(d.values["seconds"]), 64)
		if errAt != nil || errSeconds != nil || !(seconds >= 0) || math.IsInf(seconds, 0) {
			r.note("rollback.drill", "how", "a drill needs at, with date, time and zone, and seconds, a number of 0 or more")
			continue
		}
		r.How.Drills = append(r.How.Drills, evidence.Drill{At: at, Seconds: seconds, Result: text(d.values["result"])})
	}
}

// rollbackParts are what a plan may consist of, and rollbackKinds what its kind may be,
// in the words of reports.
var (
	rollbackParts = []string{"kind", "target", "config", "binary", "database", "down", "reverse", "migration", "command", "steps", "idempotency_guard", "drill", "max_seconds"}
	rollbackKinds = []string{"config", "binary", "database"}
)

// mostUnread is how many parts that nobody reads are told of a plan, each by itself:
// more are no slips of the pen.
const mostUnread = 10

// noteParts notes what nobody would read: a part that there is not, as a guard that is
// misspelt, and a kind that there is not.
func (r *Record) noteParts(f fields) {
	unread := slices.DeleteFunc(slices.Sorted(maps.Keys(f.values)), func(k string) bool { return slices.Contains(rollbackParts, k) })
	for i, k := range unread {
		r.lines["rollback."+k] = f.lines[k]
		if i == mostUnread {
			r.note("rollback."+k, "how", "rollback: %d more are none of its parts", len(unread)-i)
			break
		}
		r.note("rollback."+k, "how", "rollback: %q is none of its parts, which are %s", clip(k), strings.Join(rollbackParts, ", "))
	}
	if kind := text(f.values["kind"]); kind != "" && !slices.Contains(rollbackKinds, kind) {
		r.lines["rollback.kind"] = f.lines["kind"]
		r.note("rollback.kind", "how", "rollback: the kind %q is not one of %s, so that nobody knows when its steps fit", clip(kind), strings.Join(rollbackKinds, ", "))
	}
}

// Rollbacks are notes on how far the rollbacks of the records that stand can be
// trusted at a time: none at all, never tried, tried too long ago or too slowly,
// and steps that do harm when they are repeated. Records in forms without the
// five dimensions promise no rollback.
func Rollbacks(records []Record, now time.Time) []Fault {
	var out []Fault
	for i := range records {
		r := &records[i]
		if r.Kind != KindDecision || r.Form != FormFive || r.Refused() || r.Deleted || r.SupersededBy != "" || slices.Contains([]string{"superseded", "deprecated", "rejected"}, r.Status) {
			continue
		}
		for _, message := range r.doubts(now) {
			line := r.lines["rollback.drill"]
			if line == 0 {
				line = r.at("how")
			}
			out = append(out, Fault{Path: r.Path, Line: line, Dimension: "how", Message: message, Note: true})
		}
	}
	return out
}

func (r *Record) doubts(now time.Time) []string {
	if len(r.How.Rollback) == 0 {
		return []string{"no rollback: say under how.rollback how this is taken back"}
	}
	var list []string
	past := slices.DeleteFunc(slices.Clone(r.How.Drills), func(d evidence.Drill) bool { return d.At.After(now) })
	if len(past) < len(r.How.Drills) {
		list = append(list, "a drill lies in the future: write when it was carried out")
	}
	if len(past) == 0 {
		list = append(list, "its rollback was never tried: record one under how.rollback.drill")
	} else {
		newest := slices.MaxFunc(past, func(a, b evidence.Drill) int { return a.At.Compare(b.At) })
		if i := slices.IndexFunc(past, func(d evidence.Drill) bool { return d.Outcome() == evidence.DrillUnclear }); i >= 0 {
			list = append(list, fmt.Sprintf("the result %q of a drill does not tell whether it was done or failed: write done, already done or failed", clip(past[i].Result)))
		}
		if age := now.Sub(newest.At); age > MaxDrillAge {
			list = append(list, fmt.Sprintf("its rollback was last tried %d days ago, on %s: try it every 90 days", int(age/(24*time.Hour)), newest.At.UTC().Format(time.DateOnly)))
		}
		most := MaxRollback.Seconds()
		if r.MaxSeconds > 0 {
			most = r.MaxSeconds
		}
		// One that found it done already tells neither how long it takes nor that it works.
		past = slices.DeleteFunc(past, func(d evidence.Drill) bool { return d.Outcome() == evidence.DrillAgain })
		if len(past) > 0 {
			newest = slices.MaxFunc(past, func(a, b evidence.Drill) int { return a.At.Compare(b.At) })
		}
		switch {
		case newest.Outcome() == evidence.DrillFailed:
			list = append(list, "its rollback failed when it was last tried, on "+newest.At.UTC().Format(time.DateOnly))
		case newest.Seconds > most:
			list = append(list, fmt.Sprintf("its rollback took %v s when it was last tried, more than %v s", newest.Seconds, most))
		}
	}
	if strings.TrimSpace(r.How.Rollback["idempotency_guard"]) == "" {
		list = append(list, r.unrepeatable()...)
	}
	return list
}

// repeats are steps that do something else when they are carried out again.
var repeats = []struct {
	step *regexp.Regexp
	but  *regexp.Regexp // what makes it safe
	why  string
}{
	{regexp.MustCompile(`(?i)\brollout undo\b`), regexp.MustCompile(`--to-revision`), "undo goes forth again when it is repeated: name the revision with --to-revision"},
	{regexp.MustCompile(`(?i)\bhelm rollback\b`), regexp.MustCompile(`(?i)\bhelm rollback(?: -\S+(?:[ =]\S+)?)* [^\s;-]\S*(?: -\S+(?:[ =]\S+)?)* \d+`), "without a revision it goes forth again when it is repeated: name one"},
	{regexp.MustCompile(`(?i)\bgit revert\b.*\bHEAD\b`), nil, "repeated, it takes its own revert back: name the commit"},
	{regexp.MustCompile(`(?i)\b(?:migrate|goose|flyway|alembic|dbmate|rake)\b[^;\n]*\b(?:down|undo|downgrade|rollback)(?:\b|:)(?:[^;\n]*[\s-]1\b|\s*(?:;|$))`), nil, "repeated, it takes one more migration back: name the version to end at"},
	{regexp.MustCompile(`(?i)\b(?:toggle|flip|increment|decrement|append)\b|\binsert into\b|\badd (?:one|another)\b`), regexp.MustCompile(`(?i)\bon conflict\b|\bif not exists\b`), "repeated, it does not end where it ended before: set a value instead"},
}

func (r *Record) unrepeatable() []string {
	var list []string
	for _, part := range []string{"config", "binary", "database", "migration", "command", "steps"} {
		for _, p := range repeats {
			if at := p.step.FindString(r.How.Rollback[part]); at != "" && (p.but == nil || !p.but.MatchString(r.How.Rollback[part])) {
				list = append(list, fmt.Sprintf("%q in %s is not safe to repeat: %s, or name a guard under idempotency_guard", clip(at), part, p.why))
			}
		}
	}
	return list
}
