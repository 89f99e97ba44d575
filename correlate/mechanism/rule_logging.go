package mechanism

import "strings"

func loggingRule() Rule {
	return Rule{ID: "logging", Title: "Much more is logged", find: findLogging}
}

func findLogging(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		b, a := logRank(e.Before.Raw), logRank(e.After.Raw)
		if isLogLevel(e.After) && b > noLevel && a > noLevel && a < b && a <= debugLevel {
			out = append(out, edited(e, Lowered, "level", "the log level was lowered to "+strings.ToLower(e.After.Raw)+": every request writes many more lines", LogVolume, Slow, DiskFull, CPUBurn))
		}
		if e.After.has("sampling", "sample", "sampler") && e.raised() && e.After.has("log", "trace", "rate", "ratio") {
			out = append(out, edited(e, Raised, "larger-share", "a larger share is recorded", LogVolume, CPUBurn, Slow).sized(e))
		}
	}
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			inside := h.loopsAround('+')
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Net && l.Op == '+' && logs(l) && (inside[i] || dumpsPayload(l)) {
					out = append(out, at(f, l, Added, "per-element", "a line is logged for every element, or with the whole payload", LogVolume, DiskFull, CPUBurn, Slow))
				}
			}
		}
	}
	return out
}

func isLogLevel(s Setting) bool {
	return s.has("level", "loglevel", "verbosity", "logging", "log", "setlevel")
}

// Log levels in order, the most talkative first.
const (
	noLevel = iota
	traceLevel
	debugLevel
	infoLevel
	warnLevel
	errorLevel
)

// logRank is the log level that a value names.
func logRank(raw string) int {
	w := Words(raw)
	if len(w) == 0 {
		return noLevel
	}
	switch w[len(w)-1] {
	case "trace", "all", "finest", "verbose", "silly":
		return traceLevel
	case "debug", "fine":
		return debugLevel
	case "info", "information":
		return infoLevel
	case "warn", "warning":
		return warnLevel
	case "error", "fatal", "critical", "off", "none":
		return errorLevel
	}
	return noLevel
}

func logs(l *Line) bool {
	toks := l.tokens()
	for i := range toks {
		name := strings.ToLower(callName(toks, i))
		if name == "" || i < 3 || toks[i-2].text != "." {
			if name == "println" || name == "print" || name == "printf" {
				return true
			}
			continue
		}
		on := strings.ToLower(toks[i-3].text)
		if containsAny(on, "log", "console", "slog") {
			switch name {
			case "debug", "debugf", "info", "infof", "warn", "warnf", "warning", "error", "errorf", "log", "trace", "printf", "println", "print", "debugw", "infow":
				return true
			}
		}
	}
	return false
}

func dumpsPayload(l *Line) bool {
	return containsAny(l.lower(), "payload", "body", "dump", "%+v", "json.stringify", "marshal", "tostring()", "to_json", "json.dumps")
}
