package signal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// notRunning finds workloads of which the platform says that they do not run,
// and why. A pod that waits for an image is in trouble whatever was normal, so
// that no baseline is needed; where there is one that the state was part of, it
// is not what is new.
func notRunning(v *view.View) []Finding {
	best := make([]Finding, len(v.Names))
	for e := range best {
		best[e].Entity = e
	}
	for i := range v.Evidence.States {
		s := &v.Evidence.States[i]
		e := v.Entity(s.Workload)
		if e < 0 || s.From.After(v.Evidence.Survey.End) && !v.Evidence.Survey.End.IsZero() {
			continue
		}
		if f := stateFinding(v, e, s); f.Strength > best[e].Strength {
			f.Refs = append(f.Refs, best[e].Refs...)
			best[e] = f
		} else {
			best[e].Refs = append(best[e].Refs, s.Refs...)
		}
	}
	blamed := blamedByLines(v, best)
	var out []Finding
	for e := range best {
		if f := best[e]; f.Strength > 0 {
			f.Strength *= ownShare(v, e, best, blamed)
			f.Refs = f.Refs[:min(len(f.Refs), view.MaxRefs)]
			out = append(out, f)
		}
	}
	return out
}

// meanings say how a reason hurts, and how a person says it.
var meanings = map[kube.Reason]struct {
	mechanism report.Mechanism
	said      string
}{
	kube.Image:       {report.MechanismAbsence, "its image cannot be pulled"},
	kube.Config:      {report.MechanismAbsence, "its container cannot be made"},
	kube.Quota:       {report.MechanismSaturation, "the quota of its namespace is used up"},
	kube.Denied:      {report.MechanismAbsence, "the cluster refuses its pods"},
	kube.Mount:       {report.MechanismAbsence, "a volume of it cannot be mounted"},
	kube.Scheduling:  {report.MechanismResource, "no node takes its pods"},
	kube.Sandbox:     {report.MechanismAbsence, "its node cannot set its pods up"},
	kube.Certificate: {report.MechanismError, "its certificate is not ready, or cannot be renewed"},
	kube.Node:        {report.MechanismResource, "the node is not ready, or short of something"},
	kube.OOM:         {report.MechanismResource, "it is killed at its memory limit"},
	kube.Evicted:     {report.MechanismResource, "it was taken off its node"},
	kube.Crash:       {report.MechanismAbsence, "it exits again and again"},
	kube.Probe:       {report.MechanismAbsence, "its probes fail"},
	kube.Endpoints:   {report.MechanismAbsence, "no pod stands behind its service"},
	kube.NotReady:    {report.MechanismAbsence, "replicas of it are not ready"},
}

// stateFinding weighs one state of one entity.
func stateFinding(v *view.View, e int, s *gathered.State) Finding {
	m := meanings[s.Reason]
	said, says := v.Names[e]+" does not run: "+m.said, "that "+v.Names[e]+" does not run: "+m.said
	if slices.Contains([]kube.Reason{kube.NotReady, kube.Endpoints, kube.Node, kube.Certificate}, s.Reason) { // it may run
		said, says = v.Names[e]+": "+m.said, "of "+v.Names[e]+": "+m.said
	}
	f := Finding{
		Entity: e, Mechanism: m.mechanism, Strength: v.By.Signal.NotRunning.Reasons[string(s.Reason)] * sureness(v, s), State: s.Reason, Refs: s.Refs, Seen: s.Count, Said: said,
		Why: fmt.Sprintf("Kubernetes says %s%s, from %s on", says, inBrackets(s.Detail), s.From.UTC().Format("15:04:05")),
	}
	const most = 110 // bytes of a sentence
	if d := cause(s.Detail); d != "" && len(f.Said)+len(d) < most {
		f.Said += " (" + d + ")"
	}
	if followsOthers(s.Reason) {
		silent := 1 - answersSince(v, e, s)
		f.Strength *= silent * silent // half of them answered is far from gone
	}
	if stood(v, s) {
		f.Strength *= v.By.Signal.NotRunning.Stood
		f.Why += ", as in normal time"
	}
	return f
}

// answersSince is the share of the calls to an entity, from when a state began,
// that it answers well, 0 where too few were seen: each roll-out has probes that
// fail while a pod starts or stops, and who answers does run.
func answersSince(v *view.View, e int, s *gathered.State) float64 {
	calls, well := 0, 0
	for _, i := range v.Traces.ByEntity[e] {
		n := &v.Traces.Nodes[i]
		if v.Traces.Ranges[n.Rng].Baseline || n.Span.Start.Before(s.From) || n.Parent >= 0 && v.Traces.Nodes[n.Parent].Entity == e {
			continue
		}
		calls++
		well += b2i(!n.Failed)
	}
	if calls < v.By.View.Calls.Least {
		return 0
	}
	return float64(well) / float64(calls)
}

// sureness is how surely a state is more than a moment's, 0 to 1: every start has
// a probe that comes too early, and many a process exits once.
func sureness(v *view.View, s *gathered.State) float64 {
	half := v.By.Signal.NotRunning.MinutesHalf
	if followsOthers(s.Reason) {
		half = v.By.Signal.NotRunning.FollowingHalf
	}
	return stat.Squash(float64(s.Count)+s.Until.Sub(s.From).Minutes(), half)
}

// stood tells whether a state was part of normal time: it began in a baseline
// that was known as such, long before the onset. Where the onset is only guessed
// from the alert, nobody knows what was normal.
func stood(v *view.View, s *gathered.State) bool {
	if fired := v.Evidence.FiredAt; !fired.IsZero() && fired.Sub(s.From) > v.By.Signal.NotRunning.Old {
		return true
	}
	o := v.Evidence.Onset
	if o.At.IsZero() || o.From == report.OnsetAlert || !s.From.Before(o.Earliest.Add(-v.By.Signal.NotRunning.Standing)) {
		return false
	}
	for _, w := range v.Evidence.Baselines {
		if w.Contains(s.From) {
			return true
		}
	}
	return false
}

// ownShare is how much of a state is the entity's own, 0 to 1. Who crashes, or
// answers no probe, while something that it calls does not run for a graver
// reason, mostly waits for it. What nobody who alerts depends on may be broken
// for weeks.
func ownShare(v *view.View, e int, all []Finding, blamed []bool) float64 {
	by, share := &v.By.Signal.NotRunning, 1.0
	if !blamed[e] && slices.Contains(blamed, true) {
		share = by.Unnamed // lines about failures name another that does not run
	}
	if v.Linked && len(v.Alerting) > 0 && !v.Alerting[e] && v.Distance[e] < 0 {
		share *= by.Unneeded
	}
	if !followsOthers(all[e].State) {
		return share
	}
	for o := range all {
		if o == e || all[o].Strength == 0 || !v.Reaches(e, o) || v.Reaches(o, e) {
			continue
		}
		if !followsOthers(all[o].State) {
			return share * by.Follows
		}
		share = min(share, by.Alike)
	}
	return share
}

// blamedByLines tells of which of those that do not run the failing lines of
// others speak.
func blamedByLines(v *view.View, all []Finding) []bool {
	blamed := make([]bool, len(all))
	for i := range v.Logs.Templates {
		t := &v.Logs.Templates[i]
		if t.Names >= 0 && t.Count[1] > 0 && t.Severity >= evidence.SeverityWarn && all[t.Names].Strength > 0 {
			blamed[t.Names] = true
		}
	}
	return blamed
}

// followsOthers tells reasons that something else may have brought about.
func followsOthers(r kube.Reason) bool {
	return r == kube.Crash || r == kube.Probe || r == kube.Endpoints || r == kube.NotReady
}

// cause is the part of Kubernetes' words that tells most, short enough for a
// title.
func cause(detail string) string {
	detail, _, _ = strings.Cut(detail, "\n")
	if i := strings.LastIndex(detail, "rpc error: "); i >= 0 {
		detail = detail[i:]
	}
	return wording.Excerpt(strings.TrimSpace(detail))
}

func inBrackets(s string) string {
	if s = cause(s); s == "" {
		return ""
	}
	return " (" + s + ")"
}
