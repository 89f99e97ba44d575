package mechanism

import "strings"

func resourcesRule() Rule {
	return Rule{ID: "resources", Title: "Memory, CPU, replicas or a probe of a workload were cut", find: findResources}
}

func findResources(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		b, a := quantity(e.Before), quantity(e.After)
		lower := Edit{Before: b, After: a}
		switch {
		case !b.Number || !a.Number:
		case isMemory(a) && lower.lowered():
			out = append(out, edited(lower, Lowered, "memory", "the workload may use less memory than before", OutOfMemory, CrashLoop, MemoryGrowth).sized(lower))
		case isCPU(a) && lower.lowered():
			out = append(out, edited(lower, Lowered, "cpu", "the workload gets less CPU than before", CPUThrottled, Slow, Timeout).sized(lower))
		case isReplicas(a) && lower.lowered():
			out = append(out, edited(lower, Lowered, "instances", "fewer instances share the load", Overload, Slow, CPUThrottled).sized(lower))
		case isHeap(a) && isMemory(a) && lower.raised():
			out = append(out, edited(lower, Raised, "heap", "the heap may grow beyond what the container is given", OutOfMemory, CrashLoop))
		case a.has("probe", "liveness", "readiness", "startup") && lower.lowered() && a.has("threshold", "seconds", "delay", "timeout", "period"):
			out = append(out, edited(lower, Lowered, "probe", "a probe gives up sooner: instances are restarted or taken out while they still work", CrashLoop, Unreachable, Overload).sized(lower))
		}
	}
	for _, d := range s.settings.dropped {
		if isReplicas(d) && d.keyHas("minreplicas") {
			out = append(out, at(d.file, d.line, Removed, "least-removed", "the least number of instances is no longer set", Overload, Slow))
		}
	}
	return out
}

// quantity re-reads Kubernetes' suffixes, where "m" is a thousandth of a CPU and
// bare letters are powers of ten, and the JVM's -Xmx.
func quantity(s Setting) Setting {
	raw := strings.Trim(s.Raw, `"'`)
	if s.has("cpu") && strings.HasSuffix(raw, "m") && s.Number {
		s.Value = s.Value / 60 / 1000
	}
	if s.has("memory", "mem", "heap", "xmx") && strings.HasSuffix(raw, "m") && s.Number {
		s.Value = s.Value / 60 * 1e6
	}
	if i := strings.Index(s.line.Code, "-Xmx"); i >= 0 {
		toks := tokenise(s.line.Code[i+4:])
		if len(toks) > 0 {
			if v, unit, ok := numeric(toks, 0); ok {
				if unit == "m" {
					v *= 1e6
				} else {
					v *= scale(unit)
				}
				s.Value, s.Number, s.Words = v, true, append(s.Words, "heap", "memory")
			}
		}
	}
	return s
}

func isMemory(s Setting) bool {
	return s.has("memory", "mem", "heap", "xmx") && !s.has("cache", "buffer", "pool", "limiter")
}

func isCPU(s Setting) bool {
	return s.has("cpu", "cpus", "gomaxprocs", "vcpu", "millicores") && !s.has("target", "threshold", "utilization")
}

func isReplicas(s Setting) bool {
	return s.has("replicas", "replica", "instances", "minreplicas", "maxreplicas", "desired") && s.Number || s.keyHas("replicas", "mininstances", "desiredcount")
}

func isHeap(s Setting) bool { return s.has("heap", "xmx") }
