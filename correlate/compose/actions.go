package compose

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Remediation ids of the bundle format.
const (
	remedyRollback    = "rollback"
	remedyRollForward = "roll-forward"
	remedyConfig      = "config-revert"
	remedyScale       = "scale"
	remedyFailover    = "failover"
	remedyReschedule  = "reschedule"
	remedyRotate      = "rotate-cert"
	remedyPurge       = "purge-bad-data"
	remedyEscalate    = "escalate-upstream"
	remedyFlag        = "feature-flag-disable"
)

// StandardMove is the source of an action that no decision record prescribes.
const StandardMove = "standard move"

// actionsFor are the standard moves against the first cause, best first.
func actionsFor(b *Basis) []report.Action {
	if len(b.Causes) == 0 {
		return nil
	}
	if a, ok := actionFor(b, &b.Causes[0]); ok {
		return []report.Action{a}
	}
	return nil
}

// actionFor is the standard move against a cause: undo what set it off where
// something did, else meet the operational fault, else relieve the entity. It
// is empty when there is nothing to recommend.
func actionFor(b *Basis, cause *report.Cause) (report.Action, bool) {
	kind, title := remedy(b, cause)
	if kind == "" {
		return report.Action{}, false
	}
	a := report.Action{Kind: kind, Title: wording.Say("action/"+kind, title), Source: StandardMove}
	if !migrated(b, cause) {
		a.Command = commandFor(kind, cause.Entity)
	}
	if where := goesBackTo(a.Command, lastGood(b.Evidence, cause)); where != "" {
		a.Freshness = []string{where}
	}
	return a, true
}

func remedy(b *Basis, cause *report.Cause) (kind, title string) {
	name := cause.Entity.Name
	switch cause.Trigger {
	case report.TriggerCode:
		return remedyForCommit(b, cause)
	case report.TriggerFlag:
		if !isSwitch(b.Evidence, cause.Change) {
			return remedyConfig, "Set the value back that was changed on " + name
		}
		return remedyFlag, "Turn the flag back on " + name
	case report.TriggerConfig:
		return remedyConfig, "Take the configuration change on " + name + " back"
	case report.TriggerMigration:
		if reverses(b, cause) {
			return remedyRollback, "Take the migration on " + name + " back by its recorded script"
		}
		return remedyRollForward, "Repair the migration on " + name + " forward: what was written since does not fit the old schema"
	}
	if kind, title = remedyForState(cause); kind != "" {
		return kind, title
	}
	if kind, title = remedyForFault(b.Suspects.Fault, serving(b, name)); kind != "" {
		return kind, title
	}
	return remedyForMechanism(cause)
}

// serving names what a move is about: of the traffic itself it is who receives it.
func serving(b *Basis, name string) string {
	if name == evidence.Workload {
		return cmp.Or(b.Evidence.Service, "what serves the traffic")
	}
	return name
}

// remedyForCommit undoes a commit the way that loses least: a configuration
// file or a switch is set back by itself; a migration cannot be undone by going
// back; a release that announced several commits together is repaired forward
// by reverting the one; anything else is rolled back, the fastest way out.
func remedyForCommit(b *Basis, cause *report.Cause) (kind, title string) {
	name, commit := cause.Entity.Name, b.Suspects.Commit
	if commit == nil {
		return remedyRollback, "Roll " + name + " back to what ran before"
	}
	rule := cause.Commits[0].RuleID()
	subject := fmt.Sprintf("%s (“%s”)", evidence.ShortRevision(commit.SHA), commit.Subject())
	switch {
	case rule == "feature-default":
		return remedyFlag, "Set the switch back that " + subject + " turned"
	case rollback.OnlyConfig(commit.Files):
		return remedyConfig, "Take the configuration change of " + subject + " back"
	case rollback.HasMigration(commit.Files) && reverses(b, cause):
		return remedyRollback, "Take the migration of " + subject + " back by its recorded script"
	case rollback.HasMigration(commit.Files):
		return remedyRollForward, "Repair " + subject + " forward: what its migration wrote does not fit the version before"
	case releasedWithOthers(b):
		return remedyRollForward, "Revert " + subject + " alone and release: the same release carries other commits"
	}
	return remedyRollback, "Roll back the deployment of " + subject
}

// reverses tells that the plan behind a cause takes a migration back.
func reverses(b *Basis, cause *report.Cause) bool {
	d := planOf(b.Evidence, cause)
	return d != nil && rollback.Reverses(d.How.Rollback)
}

// migrated reports whether a migration set a cause off. The binary before does not
// know the schema after, so no command that only goes back to it is a move against it.
func migrated(b *Basis, cause *report.Cause) bool {
	return cause.Trigger == report.TriggerMigration ||
		cause.Trigger == report.TriggerCode && b.Suspects.Commit != nil && rollback.HasMigration(b.Suspects.Commit.Files)
}

// isSwitch reports whether a flag was turned on or off, rather than given
// another value.
func isSwitch(c *gathered.Evidence, id string) bool {
	for _, ch := range c.Changes {
		if ch.ID == id {
			return !startsWithDigit(ch.From) && !startsWithDigit(ch.To)
		}
	}
	return true
}

func startsWithDigit(v string) bool {
	return v != "" && v[0] >= '0' && v[0] <= '9' && v != "0" && v != "1"
}

// releasedWithOthers reports whether the release that brought the first suspect
// announced another commit as well.
func releasedWithOthers(b *Basis) bool {
	release := b.Suspects.Release
	for _, d := range b.Evidence.Deployments {
		if release.To != "" && d.Service == release.Service && d.Change.To == release.To && d.Change.Commit != release.Commit {
			return true
		}
	}
	return false
}

// remedyForFault is the move against an operational fault.
func remedyForFault(sig mechanism.Signature, name string) (kind, title string) {
	switch sig {
	case mechanism.CertExpired:
		return remedyRotate, "Renew the certificate that " + name + " meets, and reload who serves it"
	case mechanism.CredsExpired:
		return remedyRotate, "Renew the credentials that " + name + " uses"
	case mechanism.NodePressure:
		return remedyReschedule, "Move " + name + " off the node that is short of resources"
	case mechanism.HostFailure:
		return remedyReschedule, "Move " + name + " off the host that failed"
	case mechanism.ZoneFailure:
		return remedyFailover, "Fail " + name + " over to what still works"
	case mechanism.Provider, mechanism.NameFailure, mechanism.Quota:
		return remedyEscalate, "Escalate to who runs what " + name + " depends on, and fall back meanwhile"
	case mechanism.PoisonRecord:
		return remedyPurge, "Set the bad record aside that " + name + " fails on, and tell its producer"
	case mechanism.Surge:
		return remedyScale, "Scale " + name + " out, or shed load"
	case mechanism.DiskFull:
		return remedyScale, "Free or add disk for " + name
	}
	return "", ""
}

// remedyForMechanism relieves an entity about whose trigger nothing is known.
func remedyForMechanism(cause *report.Cause) (kind, title string) {
	name := cause.Entity.Name
	switch cause.Entity.Kind {
	case evidence.KindDatabase, evidence.KindQueue:
		switch cause.Mechanism {
		case report.MechanismAbsence:
			return remedyFailover, "Bring " + name + " back up, or fail over to a replica"
		case report.MechanismLatency, report.MechanismError, report.MechanismExternal, report.MechanismBehaviour:
			return remedyFailover, "Fail over from " + name + " to a member that answers"
		}
	case evidence.KindExternal:
		return remedyEscalate, "Escalate to who runs " + name
	}
	switch cause.Mechanism {
	case report.MechanismSurge, report.MechanismResource, report.MechanismSaturation:
		if cause.Entity.Kind == evidence.KindNode {
			return remedyReschedule, "Move work off " + name
		}
		return remedyScale, "Give " + name + " more of what it is short of, or scale it out"
	case report.MechanismExternal:
		return remedyEscalate, "Escalate to who runs " + name
	case report.MechanismData:
		return remedyPurge, "Set the bad input aside that " + name + " fails on"
	case report.MechanismAbsence:
		return remedyReschedule, "Restart " + name + ", on another host if it does not come back"
	}
	return "", ""
}

var plainName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// commandFor is a command that can be copied, for names that need no quoting.
func commandFor(kind string, e evidence.Entity) string {
	if !plainName.MatchString(e.Name) || e.Kind != evidence.KindService {
		return ""
	}
	switch kind {
	case remedyRollback:
		return "kubectl rollout undo deployment/" + e.Name
	case remedyReschedule:
		return "kubectl rollout restart deployment/" + e.Name
	}
	return ""
}
