package signal

import (
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// alertNamed gives the entity that the alert names a little: alerts stand where
// the symptom is, which is as often a victim as the culprit.
func alertNamed(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		if v.Alerting[e] {
			out = append(out, Finding{Entity: e, Strength: 1, Why: "the alert names " + v.Names[e]})
		}
	}
	return out
}
