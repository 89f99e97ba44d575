package alertmanager

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// DefaultIgnore are the alerts that fire by design: the dead man's switch, the one that
// only inhibits others, and whatever says that nobody is to be told.
// kube-prometheus ships all three. The list is the caller's own to write into.
func DefaultIgnore() []map[string]string {
	return []map[string]string{{"alertname": "Watchdog"}, {"alertname": "InfoInhibitor"}, {"severity": "none"}}
}

// WithoutIgnored leaves the instances out that have all labels of one of the given sets;
// false when none is left.
func WithoutIgnored(a evidence.Alert, ignored []map[string]string) (evidence.Alert, bool) {
	matches := func(i evidence.AlertInstance) bool {
		return slices.ContainsFunc(ignored, func(labels map[string]string) bool {
			for k, want := range labels {
				have, ok := i.Labels[k]
				if !ok {
					have = a.Labels[k]
				}
				if have != want {
					return false
				}
			}
			return len(labels) > 0
		})
	}
	if !slices.ContainsFunc(a.Instances, matches) {
		return a, true
	}
	a.Instances = slices.DeleteFunc(slices.Clone(a.Instances), matches)
	return a, len(a.Instances) > 0
}
