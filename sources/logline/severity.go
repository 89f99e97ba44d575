package logline

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// levels are the names that loggers give severities, in lower case, with the
// short ones of zerolog, Serilog, logrus and .NET's console. LOG, STATEMENT and
// the like are PostgreSQL's.
var levels = map[string]evidence.Severity{
	"trace": 1, "trc": 1, "trce": 1, "vrb": 1, "verbose": 1, "finest": 1, "finer": 1, "silly": 1,
	"debug": 5, "dbg": 5, "dbug": 5, "debu": 5, "fine": 5, "config": 5, "debug1": 5, "debug2": 5,
	"info": 9, "inf": 9, "information": 9, "informational": 9, "notice": 9, "log": 9, "system": 9, "note": 9, "http": 9,
	"statement": 9, "detail": 9, "hint": 9, "context": 9,
	"warn": 13, "warning": 13, "wrn": 13,
	"error": 17, "err": 17, "erro": 17, "eror": 17, "severe": 17, "fail": 17, "failure": 17,
	"fatal": 21, "fata": 21, "ftl": 21, "critical": 21, "crit": 21, "crt": 21, "panic": 21, "pani": 21, "pnc": 21, "dpanic": 21,
	"alert": 21, "emerg": 21, "emergency": 21,
}

// foreign are what PostgreSQL writes in other languages. Levels that a log store is
// asked for have English names.
var foreign = map[string]evidence.Severity{
	"fehler": 17, "warnung": 13, "hinweis": 9, "panik": 21, "erreur": 17, "attention": 13, "advertencia": 13, "errore": 17, "avviso": 13, "aviso": 13,
	"ОШИБКА": 17, "エラー": 17, "错误": 17,
}

// letters are the levels that klog, glog, Rails, Go's MongoDB and Android write
// as one letter.
var letters = [256]evidence.Severity{'V': 1, 'D': 5, 'I': 9, 'N': 9, 'W': 13, 'E': 17, 'F': 21, 'C': 21}

// slogLevels are those that slog writes with a distance.
var slogLevels = []string{"debug", "info", "warn", "error"}

// otelLevels are those that OpenTelemetry has four of each: ERROR, ERROR2, …
var otelLevels = []string{"trace", "debug", "info", "warn", "error", "fatal"}

// named reads a level's name; unknown words are SeverityUnknown. slog writes
// levels between as "INFO+2".
func named(s string) evidence.Severity {
	s = strings.Trim(s, " \t[]():")
	if len(s) == 1 {
		return letters[s[0]]
	}
	if i := strings.IndexAny(s, "+-"); i > 0 && len(s) < i+4 {
		if s = s[:i]; !slices.ContainsFunc(slogLevels, func(l string) bool { return strings.EqualFold(l, s) }) {
			return evidence.SeverityUnknown // the thread http-1
		}
	}
	if i := len(s) - 1; i > 3 && s[i] >= '2' && s[i] <= '4' && slices.ContainsFunc(otelLevels, func(l string) bool { return strings.EqualFold(l, s[:i]) }) {
		s = s[:i]
	}
	if len(s) < 2 || len(s) > 13 {
		return evidence.SeverityUnknown
	}
	var buf [13]byte
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	if l, ok := levels[string(buf[:len(s)])]; ok {
		return l
	}
	return foreign[string(buf[:len(s)])]
}

// Named reads a severity as people and loggers write it, without regard to
// case; unknown words are SeverityUnknown.
func Named(s string) evidence.Severity { return named(s) }

// Names are the names of severities from least upwards, in lower case and
// sorted by nothing: for a pattern that matches any of them.
func Names(least evidence.Severity) []string {
	var names []string
	for n, s := range levels {
		if s >= least {
			names = append(names, n)
		}
	}
	return names
}

// numbered reads a number: Python's levelno, one of five levels, or syslog's
// severity.
func numbered(n int, of field) evidence.Severity {
	switch {
	case of == fieldNumberPy:
		return python10(n)
	case of == fieldNumberFive && n >= 0 && n <= 4:
		return [...]evidence.Severity{evidence.SeverityDebug, evidence.SeverityInfo, evidence.SeverityWarn, evidence.SeverityError, evidence.SeverityFatal}[n]
	case n < 0 || n > 7:
		return evidence.SeverityUnknown
	case n <= 2:
		return evidence.SeverityFatal
	case n == 3:
		return evidence.SeverityError
	case n == 4:
		return evidence.SeverityWarn
	case n <= 6:
		return evidence.SeverityInfo
	default:
		return evidence.SeverityDebug
	}
}

func python10(n int) evidence.Severity {
	switch {
	case n >= 50:
		return evidence.SeverityFatal
	case n >= 40:
		return evidence.SeverityError
	case n >= 30:
		return evidence.SeverityWarn
	case n >= 20:
		return evidence.SeverityInfo
	case n > 0:
		return evidence.SeverityDebug
	default:
		return evidence.SeverityUnknown
	}
}

// pino reads the numbers of pino and bunyan.
func pino(n int) evidence.Severity { return python10(n - 10) }

// statuses are the values of a field called status that are levels; others say how
// a piece of work ended.
var statuses = set("emergency emerg alert critical error err warning warn notice info debug trace")

// severity is how bad a line is, once its parts are known: by the level that it names
// (severity.go), else by a stack or an error in it, else by what its text says
// (severity_words.go).
func (c *reading) severity(text string) evidence.Severity {
	if s := c.ofWindows(); s != evidence.SeverityUnknown {
		return s
	}
	switch {
	case c.request && c.fault: // an access log's line, at whatever level it is written
		return max(c.mark, evidence.SeverityError)
	case c.mark != evidence.SeverityUnknown:
		return c.mark
	case c.line.Stack != "":
		return evidence.SeverityError
	case c.structured:
		if c.cause.text != "" {
			return evidence.SeverityError
		}
	}
	if s := Words(text); s != evidence.SeverityUnknown {
		return s
	}
	// Somebody else's guess from the same words counts for anything but a
	// failure, which our reading of them denies.
	if c.guess < evidence.SeverityError {
		return c.guess
	}
	return evidence.SeverityUnknown
}
