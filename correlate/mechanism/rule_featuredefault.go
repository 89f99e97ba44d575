package mechanism

import "strings"

func featureDefaultRule() Rule {
	return Rule{ID: "feature-default", Title: "The default of a switch was turned over", find: findFeatureDefault}
}

func findFeatureDefault(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		b, a := switchState(e.Before.Raw), switchState(e.After.Raw)
		if b == 0 || a == 0 || a == b {
			continue
		}
		d, verb := Added, "on"
		if a < 0 {
			d, verb = Removed, "off"
		}
		kind := "switch"
		if e.After.has("enabled", "enable", "disabled", "feature", "flag", "flags", "default", "toggle", "experimental", "use") {
			kind = "named-switch"
		}
		out = append(out, edited(e, d, kind, "the switch "+e.After.Key+" was turned "+verb+": another path of the code runs", Unhandled, Slow, WrongResult, Rejected))
	}
	for _, e := range s.settings.edits {
		if e.After.has("rollout", "percentage", "percent", "canary", "weight") && e.raised() {
			out = append(out, edited(e, Raised, "larger-share", "a larger share of the traffic takes the new path", Unhandled, Slow, WrongResult, Overload).sized(e))
		}
	}
	return out
}

func switchState(raw string) int {
	switch strings.ToLower(raw) {
	case "true", "on", "yes", "enabled":
		return 1
	case "false", "off", "no", "disabled":
		return -1
	}
	return 0
}
