package rollback_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
)

var at = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

func commit(sha, message string, files ...string) evidence.Commit {
	return evidence.Commit{SHA: strings.Repeat(sha, 40), Parents: []string{strings.Repeat("0", 40)}, Message: message, Files: files}
}

func TestTheWayBack(t *testing.T) {
	code, settings, schema := commit("a", "Hurry", "stock/reserve.go"), commit("b", "Set", "deploy/stock.yaml"), commit("c", "Widen", "stock/migrations/3.up.sql", "stock/reserve.go")
	flag := evidence.Change{ID: "f", Kind: evidence.ChangeFlag, Service: "stock", From: "off", To: "on", Attributes: map[string]string{"flag": "smooth"}}
	migration := evidence.Change{ID: "m", Kind: evidence.ChangeMigration, Service: "stock", Time: at.Add(time.Minute), Summary: "add column"}
	versioned := migration
	versioned.From, versioned.To, versioned.Attributes = "2", "3", map[string]string{"name": "stock-db"}
	deploy := evidence.Change{ID: "d", Kind: evidence.ChangeDeploy, Service: "stock", Time: at, From: "2b2ee83", To: "98e8513"}
	elsewhere := migration
	elsewhere.Service = "cart"
	earlier := migration
	earlier.Time = at.Add(-time.Hour)
	release := func(c rollback.Case) rollback.Case {
		c.Service, c.Good, c.Now, c.Since, c.Counted = "stock", "2b2ee83", "98e8513", at, true
		return c
	}
	for _, x := range []struct {
		name           string
		c              rollback.Case
		kind, says     string // of the reason
		to, refused    string
		otherwise, why string // a kind that was ruled out, and why
	}{
		{"code", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Between: []evidence.Commit{code}}),
			"binary", "a release of code", "2b2ee83", "", "database", "no migration is known"},
		{"code, revision before unknown", rollback.Case{Trigger: report.TriggerCode, Commit: &code}, "binary", "a release of code", "", "", "config", "no value"},
		{"configuration in a commit", release(rollback.Case{Trigger: report.TriggerCode, Commit: &settings}),
			"config", "is configuration", strings.Repeat("0", 40), "", "binary", "no code changed"},
		{"a default turned over", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Switch: true}),
			"config", "turned a switch", strings.Repeat("0", 40), "", "binary", "everything else"},
		{"flag", rollback.Case{Service: "stock", Trigger: report.TriggerFlag, Change: &flag}, "config", "a changed value", "off", "", "binary", "same binary"},
		{"value without its old one", rollback.Case{Trigger: report.TriggerConfig, Change: &evidence.Change{To: "9"}}, "config", "a changed value", "", "", "binary", "same binary"},
		{"migration", release(rollback.Case{Trigger: report.TriggerMigration, Change: &migration}), "none", "forward: no script", "", "", "database", "no reverse script"},
		{"migration in a commit", release(rollback.Case{Trigger: report.TriggerCode, Commit: &schema}), "none", "forward: no script", "", "", "binary", "new schema"},
		{"migration with its rollback", release(rollback.Case{Trigger: report.TriggerMigration, Change: &migration, Plan: map[string]string{"database": "migrate down 1"}}),
			"database", "a script that takes it back is recorded", "", "", "binary", "new schema"},
		{"migration that says its versions", release(rollback.Case{Trigger: report.TriggerMigration, Change: &versioned, Plan: map[string]string{"database": "migrate goto 2"}}),
			"database", "a script that takes it back is recorded", "2", "", "binary", "new schema"},
		{"commit with a migration, a deployment as Change, a plan", release(rollback.Case{Trigger: report.TriggerCode, Commit: &schema, Change: &deploy, Plan: map[string]string{"database": "migrate goto 2"}}),
			"database", "a script that takes it back is recorded", "", "", "binary", "new schema"},
		{"configuration in a commit, a deployment as Change", release(rollback.Case{Trigger: report.TriggerCode, Commit: &settings, Change: &deploy}),
			"config", "is configuration", strings.Repeat("0", 40), "", "binary", "no code changed"},
		{"a migration between", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Changes: []evidence.Change{migration}}),
			"binary", "code", "2b2ee83", "a migration lies between: add column", "config", "no value"},
		{"a migration between, in a commit", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Between: []evidence.Commit{code, schema}}),
			"binary", "code", "2b2ee83", "a migration lies between: cccccccccc (Widen)", "config", "no value"},
		{"migrations elsewhere and before", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Changes: []evidence.Change{earlier, elsewhere}}),
			"binary", "code", "2b2ee83", "", "database", "no migration is known"},
		{"a mended incident goes back", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Between: []evidence.Commit{code, commit("d", "Keep alive\n\nFixes INC-0123456789", "x.go")}}),
			"binary", "code", "2b2ee83", "mends INC-0123456789", "config", "no value"},
		{"released with others", release(rollback.Case{Trigger: report.TriggerCode, Commit: &code, Shipped: true}), "binary", "code", "2b2ee83", "revert the one", "config", "no value"},
		{"infrastructure", release(rollback.Case{Trigger: report.TriggerInfra}), "none", "infrastructure", "", "", "database", "no change of this kind"},
		{"load", release(rollback.Case{Trigger: report.TriggerLoad}), "none", "the load", "", "", "binary", "no change of this kind"},
		{"nothing known", rollback.Case{Trigger: report.TriggerNone}, "none", "no change is known", "", "", "config", "no change of this kind"},
	} {
		got := rollback.Choose(x.c)
		if got.Kind != x.kind || !strings.Contains(got.Reason, x.says) {
			t.Errorf("%s: got %s since %q, want %s since %q", x.name, got.Kind, got.Reason, x.kind, x.says)
		}
		to, unknown := "", false
		if got.Target != nil {
			to, unknown = got.Target.To, got.Target.Unknown != ""
		}
		if to != x.to || got.Target != nil && unknown != (to == "") {
			t.Errorf("%s: got the target %+v, want %q or a word on why not", x.name, got.Target, x.to)
		}
		if !strings.Contains(got.Refused, x.refused) || (got.Refused == "") != (x.refused == "") {
			t.Errorf("%s: refused since %q, want %q", x.name, got.Refused, x.refused)
		}
		found := false
		for _, r := range got.RuledOut {
			found = found || r.Kind == x.otherwise && strings.Contains(r.Why, x.why)
			if r.Kind == got.Kind {
				t.Errorf("%s: %s is chosen and ruled out", x.name, r.Kind)
			}
		}
		if !found {
			t.Errorf("%s: got ruled out %v, want %s since %q", x.name, got.RuledOut, x.otherwise, x.why)
		}
	}
}

func TestWhatGoesBackWithARelease(t *testing.T) {
	blamed, other := commit("a", "Hurry", "x.go"), commit("d", "Keep connections alive\n\nbody", "y.go")
	got := rollback.Choose(rollback.Case{Service: "stock", Trigger: report.TriggerCode, Commit: &blamed, Good: "1", Now: "2", Counted: true,
		Between:   []evidence.Commit{blamed, other},
		Decisions: map[string][]evidence.DecisionLink{other.SHA: {{DecisionID: "DEC-7"}}}})
	if diff := cmp.Diff([]report.GoesBack{{SHA: other.SHA, Subject: "Keep connections alive", Decisions: []string{"DEC-7"}}}, got.With); diff != "" || !got.AllKnown {
		t.Errorf("all known %v (-want +got):\n%s", got.AllKnown, diff)
	}
}

func TestStepsAreTyped(t *testing.T) {
	for _, c := range []struct {
		text string
		want []report.Step
	}{
		{"kubectl rollout undo deployment/ad; sleep 5", []report.Step{{Kind: "command", Text: "kubectl rollout undo deployment/ad; sleep 5"}}},
		{"no state to undo; check pool_in_use falls to 0", []report.Step{{Kind: "words", Text: "no state to undo"}, {Kind: "check", Text: "check pool_in_use falls to 0"}}},
		{"1. Tell the team\n2. `etcdctl put k v`\n- $ helm rollback ad 3\n* Verify that errors stop", []report.Step{
			{Kind: "words", Text: "Tell the team"}, {Kind: "command", Text: "etcdctl put k v"}, {Kind: "command", Text: "helm rollback ad 3"}, {Kind: "check", Text: "Verify that errors stop"}}},
		{"make sure nobody deploys", []report.Step{{Kind: "check", Text: "make sure nobody deploys"}}},
		{"git has the old file", []report.Step{{Kind: "words", Text: "git has the old file"}}},
		{"MODE=safe ./scripts/back.sh now", []report.Step{{Kind: "command", Text: "MODE=safe ./scripts/back.sh now"}}},
		{"", nil},
		{strings.Repeat("x", 3000), nil},
	} {
		if diff := cmp.Diff(c.want, rollback.Steps(c.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
	got := rollback.Choose(rollback.Case{Trigger: report.TriggerFlag, Source: "DEC-1", Verify: []evidence.Condition{{Text: "errors < 1%"}},
		Plan: map[string]string{"config": "ldcli flags off", "binary": "kubectl rollout undo x", "idempotency_guard": "the flag is on"}})
	want := []report.Step{{Kind: "check", Text: "the flag is on"}, {Kind: "command", Text: "ldcli flags off"}, {Kind: "check", Text: "errors < 1%"}}
	if diff := cmp.Diff(want, got.Steps); diff != "" || got.Source != "DEC-1" {
		t.Errorf("source %q (-want +got):\n%s", got.Source, diff)
	}
}

// TestOnlyAMigrationIsOne: SQL that a program asks with goes back with it.
func TestOnlyAMigrationIsOne(t *testing.T) {
	for file, want := range map[string]bool{
		"stock/migrations/3.up.sql": true, "db/migrate/20260101_add.rb": true, "app/migrations/0002_pool.py": true, "alembic/versions/a.py": true, "sql/V2__pool.sql": true, "sql/R__views.sql": true, "sql/V1.2__pool.sql": true,
		"db/0003_pool.sql": true, "db/003-pool.sql": true, "db/pool.down.sql": true, "db/schema.sql": true, "db/2026.sql": true,
		"internal/db/queries.sql": false, "reports/top10.sql": false, "db/query/orders.sql": false, "stock/reserve.go": false, "docs/migration.md": false, "seed.sql": false,
	} {
		if got := rollback.HasMigration([]string{"README.md", file}); got != want {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
	}
}
