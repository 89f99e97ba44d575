package checkpoint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

// Log is the decision log on one side of a change.
type Log struct {
	Records []decision.Record // sound ones
	Refused []decision.Record // those with faults, as far as they could be read
	Broken  []decision.Fault  // files that could not be read at all
}

// Guard finds what a change does to the decisions themselves: records of the new
// log that are refused although they would govern it, rules over its own files
// that it retires or weakens, and tags and trailers that name no record. strict
// makes the weakening of a rule an error.
func Guard(c Change, before, after Log, strict bool) []decision.Finding {
	out := refused(c, before, after)
	out = append(out, weakened(c, before, after, strict)...)
	return append(out, dangling(c, before, after)...)
}

// Merge adds findings in the order of a result.
func (r Result) Merge(more []decision.Finding) Result {
	r.Findings = append(r.Findings, more...)
	sortFindings(r.Findings)
	r.Findings = slices.Compact(r.Findings)
	return r
}

func covered(c Change, r decision.Record) bool {
	return slices.ContainsFunc(c.Files, func(f File) bool { return covers(r, f.Path) })
}

// refused finds records that would govern the change, by what they say now or said
// before it: one that is broken must not get out of the way by that.
func refused(c Change, before, after Log) []decision.Finding {
	var out []decision.Finding
	say := func(f decision.Fault) {
		out = append(out, decision.Finding{Rule: "decision/refused", About: "A record that governs a change can be read.", Level: "error",
			Message: "this record governs the change and is refused, so that none of its checks ran: " + f.Dimension + ": " + f.Message, Path: f.Path, Line: max(f.Line, 1), Record: f.Path})
	}
	governs := func(r decision.Record) bool { return inForce(r) && covered(c, r) }
	for _, r := range after.Refused {
		i := slices.IndexFunc(r.Faults, func(f decision.Fault) bool { return !f.Note })
		if i < 0 {
			continue
		}
		was := slices.ContainsFunc(before.Records, func(old decision.Record) bool { return old.ID == r.ID && governs(old) })
		// Where a record's scope cannot be read it may govern anything.
		if was || governs(r) || inForce(r) && len(r.Scope) == 0 && r.Kind == decision.KindRule {
			say(r.Faults[i])
		}
	}
	for _, f := range after.Broken {
		say(f)
	}
	return out
}

func weakened(c Change, before, after Log, strict bool) []decision.Finding {
	level := "warning"
	if strict {
		level = "error"
	}
	var out []decision.Finding
	for _, old := range before.Records {
		if !inForce(old) || !covered(c, old) || len(old.Checks) == 0 {
			continue
		}
		why := ""
		now := decision.Record{}
		if i := slices.IndexFunc(after.Records, func(r decision.Record) bool { return r.ID == old.ID }); i >= 0 {
			now = after.Records[i]
			why = weaker(c, old, now)
		} else if !slices.ContainsFunc(after.Refused, func(r decision.Record) bool { return r.ID == old.ID }) && !slices.ContainsFunc(after.Broken, func(f decision.Fault) bool { return f.Path == old.Path }) {
			why = "deletes it"
		}
		if why == "" {
			continue
		}
		path := cmp.Or(now.Path, old.Path)
		out = append(out, decision.Finding{Rule: old.ID + "/weakened", About: old.ID + " is not weakened by a change that it governs.", Level: level,
			Message: "the change touches files that " + old.ID + " governs and " + why + "; let it stand here and retire it in a change of its own", Path: path, Line: max(now.Line, 1), Record: path})
	}
	return out
}

// weaker says how a record asks less of a change than it did, empty when it does
// not.
func weaker(c Change, old, now decision.Record) string {
	if !inForce(now) {
		return fmt.Sprintf("sets its status to %q", cmp.Or(now.Status, "superseded"))
	}
	for _, f := range c.Files {
		if covers(old, f.Path) && !covers(now, f.Path) {
			return "takes " + f.Path + " out of its scope"
		}
	}
	for _, was := range old.Checks {
		i := slices.IndexFunc(now.Checks, func(x decisionCheck) bool { return x.Type == was.Type && x.Pattern == was.Pattern })
		if i < 0 {
			return fmt.Sprintf("removes or rewrites its check %s %q", was.Type, was.Pattern)
		}
		a, _ := decision.Level(was.Severity)
		b, _ := decision.Level(now.Checks[i].Severity)
		if rank(b) < rank(a) {
			return fmt.Sprintf("lowers the severity of its check %s %q from %s to %s", was.Type, was.Pattern, a, b)
		}
	}
	return ""
}

// dangling finds tags on added lines, and trailers of commits, that name no record of
// either side.
func dangling(c Change, before, after Log) []decision.Finding {
	known := map[string]bool{}
	for _, l := range []Log{before, after} {
		for _, rs := range [][]decision.Record{l.Records, l.Refused} {
			for _, r := range rs {
				known[decision.SameNumber(r.ID)] = true
			}
		}
	}
	var out []decision.Finding
	say := func(id, tag, path string, line int) {
		if !known[decision.SameNumber(id)] {
			out = append(out, decision.Finding{Rule: "decision/dangling", About: "A tag names a record that exists.", Level: "warning",
				Message: tag + id + " names no record of this repository", Path: path, Line: max(line, 1)})
		}
	}
	for _, f := range c.Files {
		for _, l := range f.Added {
			for _, id := range decision.Tags(l.Text) {
				say(id, "decision:", f.Path, l.Number)
			}
		}
	}
	for _, m := range c.Messages {
		for _, id := range decision.Trailers(m) {
			if len(c.Files) > 0 { // a message has no line: it is said at the first file
				say(id, "the commit's trailer Decision: ", c.Files[0].Path, 1)
			}
		}
	}
	return out
}
