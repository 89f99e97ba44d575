package signal

import (
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// changeBeforeOnset gives an entity a little for having been changed before the
// trouble began. It is capped and decays slowly: the newest change hits a decoy
// more often than the culprit, and leaks and growing tables surface hours after
// the deployment that brought them.
func changeBeforeOnset(v *view.View) []Finding {
	best := map[int]Finding{}
	for i := range v.Evidence.Changes {
		ch := &v.Evidence.Changes[i]
		e := v.Entity(ch.Service)
		if e < 0 || ch.Kind == evidence.ChangeDecision {
			continue
		}
		age := v.Evidence.Onset.At.Sub(ch.Time)
		if !v.Evidence.MayBeDueTo(ch.Time) {
			continue
		}
		s := 1 / (1 + max(0, age.Hours())/v.By.Signal.Change.HalfLife.Hours())
		if ch.Kind == evidence.ChangeFlag {
			s *= v.By.Signal.Change.Flag
		}
		if s > best[e].Strength {
			best[e] = Finding{
				Entity: e, Strength: s,
				Why:  changedBefore(ch, age, v.Evidence.Onset.At.Sub(evidence.Earlier(v.Evidence.Onset.Earliest, v.Evidence.Onset.At))),
				Refs: []evidence.Ref{{Kind: evidence.RefChange, ID: ch.ID, Service: ch.Service, Time: ch.Time, Text: ch.Summary, By: announced(ch)}},
				By:   seenBy(v, e, ch),
			}
		}
	}
	var out []Finding
	for e := range v.Names {
		if f, ok := best[e]; ok {
			out = append(out, f)
		}
	}
	return out
}

// announced is the call that brought a change, the zero value for one that nobody
// told of.
func announced(ch *evidence.Change) evidence.CallID {
	if ch.Inferred != "" {
		return evidence.CallID{}
	}
	return evidence.CallID{Source: "changes", Row: evidence.TopicChanges}
}

// seenBy are the calls that showed the two versions from which a change is inferred.
func seenBy(v *view.View, e int, ch *evidence.Change) []evidence.CallID {
	switch evidence.RevisionRung(ch.Inferred) {
	case "":
		return nil
	case evidence.RevisionBuild:
		return []evidence.CallID{{Source: "metrics", Row: evidence.TopicVersions}}
	}
	return slices.Concat(v.CallsOf(e, "traces"), v.CallsOf(e, "logs"))
}

// changedBefore says how long before the onset a change came; one inside the
// onset's own uncertainty, which begins unsure before its best instant, came with
// it, as far as anybody can tell.
func changedBefore(ch *evidence.Change, age, unsure time.Duration) string {
	what := map[evidence.ChangeKind]string{
		evidence.ChangeDeploy: "was deployed", evidence.ChangeFlag: "had a flag switched", evidence.ChangeConfig: "was reconfigured",
		evidence.ChangeMigration: "had a migration run", evidence.ChangeScale: "was scaled", evidence.ChangeExperiment: "had a fault injected",
	}[ch.Kind]
	if what == "" {
		what = "was changed (" + string(ch.Kind) + ")"
	}
	if age < time.Second || age <= unsure {
		return fmt.Sprintf("%s %s as it began", ch.Service, what)
	}
	return fmt.Sprintf("%s %s %s before the onset", ch.Service, what, wording.Approximately(age))
}
