package correlate

// alertNamed gives the entity that the alert names a little: alerts stand where
// the symptom is, which is as often a victim as the culprit.
func alertNamed(v *view) []finding {
	var out []finding
	for e := range v.names {
		if v.alerting[e] {
			out = append(out, finding{entity: e, strength: 1, why: "the alert names " + v.names[e]})
		}
	}
	return out
}
