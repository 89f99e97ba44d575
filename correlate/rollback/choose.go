package rollback

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// Case is what the choice is made from.
type Case struct {
	Service string
	Trigger report.Trigger
	// Commit that is blamed, nil for none; Switch tells that all it does is to
	// turn a default over.
	Commit *evidence.Commit
	Switch bool
	// Change that is blamed, nil for none.
	Change *evidence.Change
	// Good and Now are the revisions of the service before and since the release
	// that brought the commit, empty when unknown.
	Good, Now string
	// Between are the commits from Good to Now, newest first; Counted tells that
	// they are all known. Decisions are those behind a commit, by its SHA.
	Between   []evidence.Commit
	Counted   bool
	Decisions map[string][]evidence.DecisionLink
	// Shipped tells that the release announced other commits beside the blamed one.
	Shipped bool
	// Changes are all that are known of the service, in order of time, and Since
	// is when the release came.
	Changes []evidence.Change
	Since   time.Time
	// Plan is the record's rollback plan by part, Verify its conditions, Source its
	// ID.
	Plan   map[string]string
	Verify []evidence.Condition
	Source string
}

// reverseParts are the parts of a plan that take a migration back.
var reverseParts = []string{"database", "down", "reverse"}

// Reverses tells that a recorded plan takes a migration back.
func Reverses(plan map[string]string) bool { return reverseOf(plan) != "" }

func reverseOf(plan map[string]string) string {
	if s := first(plan, reverseParts); s != "" || plan["kind"] != report.RollbackDatabase {
		return s
	}
	return first(plan, []string{"steps", "command"})
}

// Choose chooses how a cause is rolled back.
func Choose(c Case) report.Rollback {
	r := report.Rollback{Kind: report.RollbackNone}
	migrated, migrates := c.migrated()
	reverse := reverseOf(c.Plan)
	isCommit := c.Trigger == report.TriggerCode && c.Commit != nil
	switch {
	case c.Trigger == report.TriggerFlag || c.Trigger == report.TriggerConfig:
		r.Kind, r.Reason = report.RollbackConfig, "a changed value set it off, and it can be set back by itself"
		c.ruleOut(&r, report.RollbackBinary, "no commit is the cause: the same binary ran before")
	case isCommit && c.Switch:
		r.Kind, r.Reason = report.RollbackConfig, "the commit turned a switch, which can be set back by itself"
		c.ruleOut(&r, report.RollbackBinary, "it would take everything else back that was released")
	case isCommit && OnlyConfig(c.Commit.Files):
		r.Kind, r.Reason = report.RollbackConfig, "all that runs and that the commit touches is configuration"
		c.ruleOut(&r, report.RollbackBinary, "no code changed with it")
	case c.Trigger == report.TriggerMigration || isCommit && HasMigration(c.Commit.Files):
		c.database(&r, reverse)
	case c.Trigger == report.TriggerCode:
		r.Kind, r.Reason = report.RollbackBinary, "a release of code set it off"
		c.ruleOut(&r, report.RollbackConfig, "no value was changed that could be set back")
		if !migrates {
			c.ruleOut(&r, report.RollbackDatabase, "no migration is known to have run since the last good revision")
		}
		c.binary(&r, migrated, reverse)
	default:
		r.Reason = nothing(c.Trigger)
		for _, k := range []string{report.RollbackConfig, report.RollbackBinary, report.RollbackDatabase} {
			c.ruleOut(&r, k, "no change of this kind is the cause")
		}
		return r
	}
	if r.Kind != report.RollbackBinary && r.Kind != report.RollbackDatabase && c.Trigger != report.TriggerMigration {
		c.ruleOut(&r, report.RollbackDatabase, "no migration is the cause")
	}
	r.Target = c.target(r.Kind)
	r.Steps = c.steps(r.Kind)
	if len(r.Steps) > 0 {
		r.Source = c.Source
	}
	return r
}

func nothing(t report.Trigger) string {
	switch t {
	case report.TriggerInfra:
		return "infrastructure failed: nothing that was changed here brings it back"
	case report.TriggerLoad:
		return "the load changed, not the system: going back would not lessen it"
	}
	return "no change is known to have set it off"
}

func (c Case) ruleOut(r *report.Rollback, kind, why string) {
	if kind != r.Kind {
		r.RuledOut = append(r.RuledOut, report.RuledOut{Kind: kind, Why: why})
	}
}

// database takes a migration back only where a script for it is recorded.
func (c Case) database(r *report.Rollback, reverse string) {
	if reverse == "" {
		r.Reason = "repair the migration forward: no script that takes it back is recorded, and what was written since does not fit the old schema"
		c.ruleOut(r, report.RollbackDatabase, "no reverse script is recorded")
	} else {
		r.Kind, r.Reason = report.RollbackDatabase, "a migration is the cause, and a script that takes it back is recorded"
	}
	c.ruleOut(r, report.RollbackBinary, "the binary before does not know the new schema")
	c.ruleOut(r, report.RollbackConfig, "no value is the cause")
}

// incident is the ID of an incident, as this program gives them.
var incident = regexp.MustCompile(`\bINC-[0-9a-f]{10}\b`)

// binary says what else goes back with a release, and what forbids it.
func (c Case) binary(r *report.Rollback, migrated, reverse string) {
	for i := range c.Between {
		k := &c.Between[i]
		if c.Commit != nil && k.SHA == c.Commit.SHA {
			continue
		}
		with := report.GoesBack{SHA: k.SHA, Subject: k.Subject()}
		for _, l := range c.Decisions[k.SHA] {
			with.Decisions = append(with.Decisions, l.DecisionID)
		}
		r.With = append(r.With, with)
		if id := incident.FindString(k.Message); id != "" && r.Refused == "" {
			r.Refused = fmt.Sprintf("%.10s, which would go back with it, mends %s", k.SHA, id)
		}
	}
	r.AllKnown = c.Counted
	switch {
	case r.Refused != "":
	case migrated != "" && reverse == "":
		r.Refused = "a migration lies between: " + migrated + ", and no script that takes it back is recorded"
	case migrated != "":
		r.Refused = "a migration lies between: " + migrated + "; take it back first, by the script that is recorded"
	case c.Shipped:
		r.Refused = "the same release carries other commits: revert the one and release"
	}
}

// migrated names a migration between the last good revision and now.
func (c Case) migrated() (string, bool) {
	for i := range c.Changes {
		ch := &c.Changes[i]
		if ch.Kind == evidence.ChangeMigration && !c.Since.IsZero() && !ch.Time.Before(c.Since) && (ch.Service == "" || ch.Service == c.Service) {
			return cmp.Or(ch.Summary, ch.ID), true
		}
	}
	for i := range c.Between {
		if k := &c.Between[i]; HasMigration(k.Files) {
			return fmt.Sprintf("%.10s (%s)", k.SHA, k.Subject()), true
		}
	}
	return "", false
}

// target resolves the rollback from revision to revision, never to "the one
// before".
func (c Case) target(kind string) *report.RollbackTarget {
	t := report.RollbackTarget{Service: c.Service}
	// Of code that is blamed the change is the deployment that brought it, whose
	// revisions are neither a value's nor a schema's.
	changed := c.Change != nil && (kind == report.RollbackConfig && c.Trigger != report.TriggerCode || kind == report.RollbackDatabase && c.Change.Kind == evidence.ChangeMigration)
	switch {
	case changed:
		ch := c.Change
		t.Of, t.From, t.To = Part(ch), ch.To, ch.From
		t.Service = cmp.Or(ch.Service, c.Service)
		t.Revision = c.heldAt(ch)
		if oldest := c.oldest(ch); gone(t.Revision, oldest) {
			t.Compacted = fmt.Sprintf("%.20s is compacted, oldest is %d", t.Revision, oldest)
			t.Revision = ""
		}
	case kind == report.RollbackConfig && c.Commit != nil:
		if len(c.Commit.Files) > 0 {
			at := slices.IndexFunc(c.Commit.Files, func(f string) bool { return mechanism.KindOf(f) == mechanism.Config })
			t.Of = c.Commit.Files[max(at, 0)]
		}
		t.From = c.Commit.SHA
		if len(c.Commit.Parents) == 1 {
			t.To = c.Commit.Parents[0]
		}
	case kind == report.RollbackBinary:
		t.From, t.To = c.Now, c.Good
		t.Image = c.imageOf(c.Good)
	default:
		return nil
	}
	switch t.To {
	case "":
		t.Unknown = "nobody said what ran or held before"
	case t.From:
		t.To, t.Unknown = "", "before and after are told as the same"
	}
	return &t
}

// heldAt is the mod_revision at which a key held what a change took away: as the
// change says, or as the newest one before it does.
func (c Case) heldAt(ch *evidence.Change) string {
	if r := ch.Attributes["previous_mod_revision"]; r != "" {
		return r
	}
	held := ""
	for i := range c.Changes {
		if e := &c.Changes[i]; e.Time.Before(ch.Time) && e.Service == ch.Service && Part(e) == Part(ch) && same(e.To, ch.From) && e.Attributes["mod_revision"] != "" {
			held = e.Attributes["mod_revision"]
		}
	}
	return held
}

// oldest is the oldest revision that etcd keeps, as the changes of a key tell of its
// last compaction; 0 when none does.
func (c Case) oldest(ch *evidence.Change) (oldest int) {
	told := func(e *evidence.Change) {
		if r, err := strconv.Atoi(e.Attributes["compact_revision"]); err == nil {
			oldest = max(oldest, r)
		}
	}
	told(ch)
	for i := range c.Changes {
		if e := &c.Changes[i]; e.Service == ch.Service && Part(e) == Part(ch) {
			told(e)
		}
	}
	return oldest
}

// gone tells that etcd dropped a revision when it compacted to the oldest.
func gone(revision string, oldest int) bool {
	r, err := strconv.Atoi(revision)
	return err == nil && r < oldest
}

// imageOf is the image of a revision, as the newest deployment of it announced:
// name with digest where there is one, which names the same bytes for ever.
func (c Case) imageOf(revision string) string {
	image := ""
	for i := range c.Changes {
		e := &c.Changes[i]
		name := e.Attributes["image"]
		if e.Kind != evidence.ChangeDeploy || name == "" || !same(e.To, revision) && !same(e.Commit, revision) {
			continue
		}
		if image = name; e.Attributes["digest"] != "" && !strings.Contains(name, "@") {
			image += "@" + e.Attributes["digest"]
		}
	}
	return image
}

// OnlyConfig reports whether everything that a commit touches and that runs is
// configuration.
func OnlyConfig(files []string) bool {
	found := false
	for _, f := range files {
		switch k := mechanism.KindOf(f); {
		case k == mechanism.Config:
			found = true
		case !k.Innocent():
			return false
		}
	}
	return found
}

// migrationPath is a folder of migrations, or SQL whose name has a version as the tools
// that carry it out want it (V2__pool.sql, 0003_pool.sql, pool.up.sql), or is the schema
// itself. Other SQL is queries of the program, which go back with it.
var migrationPath = regexp.MustCompile(`(?i)(?:^|/)(?:migrations?|migrate|flyway|liquibase|alembic)/|(?:^|/)(?:(?:[VUR][\d._]*__|[^/]*schema)[^/]*|\d+(?:[_.-][^/]*)?)\.sql$|\.(?:up|down)\.sql$`)

// HasMigration reports whether a commit touches a migration of a schema.
func HasMigration(files []string) bool { return slices.ContainsFunc(files, migrationPath.MatchString) }

func first(plan map[string]string, keys []string) string {
	for _, k := range keys {
		if plan[k] != "" {
			return plan[k]
		}
	}
	return ""
}
