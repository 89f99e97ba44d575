package decision

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
)

var (
	recordID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	// identity tolerates a missing middle part, which the samples that people
	// copy from leave out; strictIdentity is the pattern as it was specified.
	identity       = regexp.MustCompile(`^(iam|ci):([a-z]+:)?[a-z0-9-]+$`)
	strictIdentity = regexp.MustCompile(`^(iam|ci):[a-z]+:[a-z0-9-]+$`)
)

// minWhy is the fewest runes of a why: less is a slogan.
const minWhy = 20

// CheckTypes and Severities are what a check may say.
var (
	checkTypes = []string{"code-pattern", "must-exist", "forbid-path", "decision-required"}
	statuses   = []string{"", "proposed", "accepted", "rejected", "deprecated", "superseded"}
)

// Level maps a check's severity to SARIF's level; false for an unknown word.
func Level(severity string) (string, bool) {
	switch severity {
	case "critical", "blocker", "high", "error":
		return "error", true
	case "", "medium", "major", "warning", "warn":
		return "warning", true
	case "low", "minor", "info", "note":
		return "note", true
	}
	return "", false
}

func (r *Record) validate(v Vocabulary) {
	if !recordID.MatchString(r.ID) {
		if r.ID == "" {
			r.fault("decision_id", "decision_id", "the record has no decision_id")
		} else {
			r.fault("decision_id", "decision_id", "%q is not an identifier: letters, digits, dot, dash and underscore, at most 64", clip(r.ID))
		}
	}
	switch {
	case r.Kind == KindRule:
		r.validateRule()
	case r.Form != FormFive:
		r.validateForeign(v)
	default:
		r.validateWhy(v)
		r.validateWhat(v)
		r.validateWho()
		r.validateWhen()
		r.noteLateLog()
		r.validateHow()
	}
	r.validateScope()
	r.validateChecks()
	if !slices.Contains(statuses, r.Status) {
		say := r.fault
		if r.Form != FormFive {
			say = r.note // every team has words of its own
		}
		say("status", "status", "%q is not one of proposed, accepted, rejected, deprecated, superseded", clip(r.Status))
	}
	if r.Status == "superseded" && r.SupersededBy == "" {
		say := r.fault
		if r.Form != FormFive {
			say = r.note
		}
		say("status", "superseded_by", "the record is superseded and does not say by which")
	}
	if r.Kind == KindDecision {
		r.holdToForm(v.heldTo(r.Path))
	}
	SortFaults(r.Faults)
}

func (r *Record) validateRule() {
	if r.Title == "" {
		r.fault("title", "title", "the rule has no title")
	}
	if len(r.Scope) == 0 {
		r.fault("scope", "scope", "the rule has no scope: it covers nothing")
	}
	if len(r.Checks) == 0 {
		r.fault("checks", "checks", "the rule has no checks")
	}
}

func (r *Record) validateWhy(v Vocabulary) {
	switch n := utf8.RuneCountInString(r.Why); {
	case n == 0:
		r.fault("why", "why", "missing: the reason, with the metric that shows it")
	case n < minWhy:
		r.fault("why", "why", "%d characters; at least %d, with a metric, a percentage or a number and its unit", n, minWhy)
	case !v.measurable(r.Why):
		r.fault("why", "why", "names no number with a unit, no percentage and no configured metric or constraint")
	}
}

func (r *Record) validateWhat(v Vocabulary) {
	switch {
	case r.What == "":
		r.fault("what", "what", "missing: what changes, to which state")
	case !v.hasVerb(r.What):
		r.fault("what", "what", "has no verb that says what is done")
	case !v.hasTarget(r.What):
		r.fault("what", "what", "names no target value or state")
	}
}

func (r *Record) validateWho() {
	if r.lines["who"] == 0 {
		r.fault("who", "who", "missing: initiator, approver and executor")
		return
	}
	for _, p := range []struct{ name, id string }{
		{"initiator", r.Who.Initiator}, {"approver", r.Who.Approver}, {"executor", r.Who.Executor},
	} {
		field := "who." + p.name
		if r.lines[field] == 0 {
			r.lines[field] = r.lines["who"]
		}
		switch {
		case p.id == "":
			r.fault(field, "who", "%s is missing", p.name)
		case !identity.MatchString(p.id):
			r.fault(field, "who", "%s %q is not an identity such as iam:user:ada or ci:deploy-bot", p.name, clip(p.id))
		case !strictIdentity.MatchString(p.id):
			r.note(field, "who", "%s %q omits the middle part of iam:KIND:NAME", p.name, p.id)
		}
	}
	if w := r.Who; w.Initiator != "" && w.Initiator == w.Approver && w.Approver == w.Executor {
		r.note("who", "who", "%s proposed, approved and carried it out: nobody else looked at it", w.Initiator)
	}
}

func (r *Record) validateWhen() {
	if r.lines["when"] == 0 {
		r.fault("when", "when", "missing: effective_at and logged_at")
		return
	}
	for _, p := range []struct {
		name string
		zero bool
	}{{"effective_at", r.When.EffectiveAt.IsZero()}, {"logged_at", r.When.LoggedAt.IsZero()}} {
		field := "when." + p.name
		if p.zero && r.lines[field+"!"] == 0 {
			if r.lines[field] == 0 {
				r.lines[field] = r.lines["when"]
			}
			r.fault(field, "when", "%s is missing", p.name)
		}
	}
}

func (r *Record) noteLateLog() {
	w := r.When
	if !w.EffectiveAt.IsZero() && !w.LoggedAt.IsZero() && w.LoggedAt.After(w.EffectiveAt) {
		r.note("when.logged_at", "when", "it was logged %s after it took effect: until then nobody could know of it", w.LoggedAt.Sub(w.EffectiveAt))
	}
}

func (r *Record) validateHow() {
	h := r.How
	broken := slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Dimension == "how" && !f.Note })
	if h.ConfigDiff == "" && h.Rollout == "" && len(h.Verify) == 0 && len(h.Rollback) == 0 && len(h.Actions) == 0 && !broken {
		r.fault("how", "how", "missing: at least one of config_diff, rollout, verify and rollback")
	}
	r.validateActions()
}

// What a record may allow, and how far it may go.
var (
	allowedActions = []string{"degrade", "rollback"}
	allowedGrades  = []string{"automatic", "approval", "manual"}
)

// validateActions refuses permissions that mean nothing: a misspelt one would be
// taken for none, or for another.
func (r *Record) validateActions() {
	for _, k := range slices.Sorted(maps.Keys(r.How.Actions)) {
		switch g := r.How.Actions[k]; {
		case !slices.Contains(allowedActions, k):
			r.fault("actions", "how", "actions: %q is not one of degrade, rollback", clip(k))
		case !slices.Contains(allowedGrades, g):
			r.fault("actions", "how", "actions: %s is %q and not one of automatic, approval, manual", k, clip(g))
		}
	}
}

func (r *Record) validateScope() {
	for _, g := range r.Scope {
		if !pathglob.Valid(g) {
			r.fault("scope", "scope", "%q is not a glob", clip(g))
		}
	}
}

func (r *Record) validateChecks() {
	for i, c := range r.Checks {
		field := "checks." + strconv.Itoa(i)
		if !slices.Contains(checkTypes, c.Type) {
			r.fault(field, "checks", "type %q is not one of code-pattern, must-exist, forbid-path, decision-required", clip(c.Type))
		}
		if _, ok := Level(c.Severity); !ok {
			r.fault(field, "checks", "severity %q is not one of critical, high, medium, low", clip(c.Severity))
		}
		switch {
		case c.Type == "code-pattern":
			if _, err := regexp.Compile(c.Pattern); err != nil || c.Pattern == "" {
				r.fault(field, "checks", "pattern %q is not a regular expression", clip(c.Pattern))
			}
		case c.Type == "decision-required" && c.Pattern == "":
		case c.Pattern == "" || !pathglob.Valid(c.Pattern):
			r.fault(field, "checks", "pattern %q is not a glob", clip(c.Pattern))
		}
		if c.Message == "" {
			r.fault(field, "checks", "the check has no message: whoever runs into it needs one")
		}
	}
}
