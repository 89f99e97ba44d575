package suspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// signs are the signatures seen, each with its strength in thousandths and what
// it rests on.
type signs struct {
	strength map[mechanism.Signature]int
	refs     map[mechanism.Signature][]evidence.Ref
}

func newSigns() signs {
	return signs{strength: map[mechanism.Signature]int{}, refs: map[mechanism.Signature][]evidence.Ref{}}
}

// add notes a signature; the strongest sighting counts, references are kept up
// to three.
func (s signs) add(sig mechanism.Signature, strength int, refs ...evidence.Ref) {
	if strength > s.strength[sig] {
		s.strength[sig] = strength
	}
	const most = 3
	if room := most - len(s.refs[sig]); room > 0 {
		s.refs[sig] = append(s.refs[sig], refs[:min(room, len(refs))]...)
	}
}

// merge adds another's signs at a share of their strength.
func (s signs) merge(o signs, share int) {
	for _, sig := range o.inOrder() {
		s.add(sig, o.strength[sig]*share/1000, o.refs[sig]...)
	}
}

// inOrder are the signatures, strongest first.
func (s signs) inOrder() []mechanism.Signature {
	out := make([]mechanism.Signature, 0, len(s.strength))
	for sig := range s.strength {
		out = append(out, sig)
	}
	slices.SortFunc(out, func(a, b mechanism.Signature) int {
		return cmp.Or(cmp.Compare(s.strength[b], s.strength[a]), cmp.Compare(a, b))
	})
	return out
}

// fit is how well what a diff produces explains the signs, with the sign that it
// explains best.
func (s *Scorer) fit(seen signs, produced mechanism.Signature) (int, mechanism.Signature) {
	best, at := 0, mechanism.Signature("")
	for _, sig := range seen.inOrder() {
		if f := s.vocabulary.Fit(produced, sig) * seen.strength[sig] / 1000 * s.specificity(sig) / 1000; f > best {
			best, at = f, sig
		}
	}
	return best, at
}

// specificity is how much it tells that a diff explains a sign: nearly any fault
// ends in errors, slowness or time-outs.
func (s *Scorer) specificity(sig mechanism.Signature) int {
	if x, ok := s.by.Commit.Signs.Specific[string(sig)]; ok {
		return x
	}
	return 1000
}

// SeenAt are the signs that a cause at an entity must explain: the entity's own
// and the alert's, less of those of its callers and callees, since they may be
// consequences, and what the mechanism itself says.
func (s *Scorer) SeenAt(cause *report.Cause) signs {
	out, by := newSigns(), &s.by.Commit.Signs
	for _, e := range s.failure.said {
		switch {
		case e.entity == "" || e.entity == cause.Entity.Name:
			out.merge(e.signs, by.Own)
		case isPlatform(e.entity):
			out.merge(e.signs, by.Platform)
		case s.calls.Reaches(e.entity, cause.Entity.Name) || s.calls.Reaches(cause.Entity.Name, e.entity):
			out.merge(e.signs, by.Connected)
		default:
			out.merge(e.signs, by.Others)
		}
	}
	for _, sig := range signsOfMechanism(cause.Mechanism) {
		out.add(sig, by.Mechanism)
	}
	return out
}

// isPlatform reports whether a name is that of a part of the platform, which
// speaks about all workloads rather than for itself. The whole name decides, an
// instance's number left out: a job-scheduler is a workload.
func isPlatform(name string) bool {
	words := mechanism.Words(name)
	if len(words) > 0 && words[0] == "kube" {
		return true
	}
	switch strings.Join(words, "-") {
	case "kubelet", "coredns", "kubernetes", "etcd", "containerd", "dockerd", "systemd", "kernel", "karpenter", "cluster-autoscaler", "autoscaler", "cadvisor", "cloudwatch", "node-problem-detector", "cri-o":
		return true
	}
	return false
}

func signsOfMechanism(m report.Mechanism) []mechanism.Signature {
	switch m {
	case report.MechanismLatency:
		return []mechanism.Signature{mechanism.Slow}
	case report.MechanismError:
		return []mechanism.Signature{mechanism.Unhandled}
	case report.MechanismSaturation:
		return []mechanism.Signature{mechanism.PoolExhausted}
	case report.MechanismAbsence:
		return []mechanism.Signature{mechanism.CrashLoop, mechanism.Unreachable}
	case report.MechanismSurge:
		return []mechanism.Signature{mechanism.Overload}
	}
	return nil
}
