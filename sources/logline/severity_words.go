package logline

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// failing are words that tell of a failure in running text. The value is what
// may not follow them, see nouns: "error" tells of one, "error log" does not.
var failing = map[string]bool{
	"error": true, "errors": true, "exception": true, "failure": true, "failures": true, "timeout": true, "timeouts": true,
	"failed": false, "fails": false, "failing": false, "fatal": false, "panic": false, "panicked": false, "refused": false,
	"unavailable": false, "denied": false, "invalid": false, "cannot": false, "can't": false, "couldn't": false, "unable": false,
	"killed": false, "traceback": false, "exhausted": false, "aborted": false, "aborting": false, "unreachable": false, "rejected": false,
	"crashed": false, "corrupt": false, "corrupted": false, "unhandled": false, "uncaught": false, "exceeded": false,
}

// nouns make of the word before them the name of a thing or of a setting.
var nouns = map[string]bool{
	"log": true, "logs": true, "logging": true, "handler": true, "handlers": true, "handling": true, "page": true, "pages": true, "rate": true,
	"rates": true, "level": true, "budget": true, "reporting": true, "reporter": true, "threshold": true, "thresholds": true, "limit": true,
	"limits": true, "channel": true, "channels": true, "file": true, "files": true, "output": true, "stream": true, "count": true, "counter": true,
	"policy": true, "policies": true, "mode": true, "of": true, "is": true, "set": true, "to": true, "value": true, "values": true,
	"middleware": true, "callback": true, "tracking": true, "mapper": true, "resolver": true, "translator": true, "period": true, "interval": true,
}

// deny make what follows no failure: "no error", "0 failed", "on failure".
var deny = map[string]bool{
	"no": true, "without": true, "zero": true, "0": true, "on": true, "if": true, "not": true, "any": true, "max": true, "maximum": true,
	"default": true, "connect": true, "connection": true, "read": true, "write": true, "idle": true, "request": true, "query": true, "session": true,
}

// denying are words after which, within so many words of their clause, nothing
// tells of a failure: none of them is there, it is supposed, or it is over.
var denying = map[string]int{
	"none": 5, "no": 3, "zero": 4, "0": 4, "never": 3, "neither": 4, "nothing": 3, "without": 3,
	"if": 6, "unless": 6, "whether": 6,
	"recovered": 4, "recovery": 4, "resumed": 4, "succeeded": 4,
}

// Words tells a severity from the words of running text: SeverityError where it
// tells of a failure, else unknown. A setting and its value, a hyphenated or
// joined word, a path, a count of none are no failure.
func Words(text string) evidence.Severity {
	const most = 400
	text, _, _ = strings.Cut(evidence.Cut(text, most), "\n")
	if setting(text) {
		return evidence.SeverityUnknown
	}
	before, denied := "", 0
	for rest := text; rest != ""; {
		word, after := nextWord(rest)
		if word == "" {
			break
		}
		rest = after
		if denied == 0 && tells(word, before, after) {
			return evidence.SeverityError
		}
		before, denied = strings.ToLower(strings.Trim(word, ",;()")), max(0, denied-1)
		if n, ok := denying[strings.Trim(before, ".:")]; ok {
			denied = n
		}
		if strings.HasSuffix(word, ",") || strings.HasSuffix(word, ";") || strings.HasSuffix(word, ".") || strings.HasSuffix(word, ":") {
			denied = 0 // another clause
		}
	}
	return evidence.SeverityUnknown
}

// nextLower is the next word in lower case, without what stands around it.
func nextLower(s string) string {
	w, _ := nextWord(s)
	return strings.ToLower(strings.Trim(w, ".,;:"))
}

func nextWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// tells reports whether a word, with its neighbours, tells of a failure.
func tells(word, before, after string) bool {
	bare := strings.Trim(word, "\"'`([{<>}]),.;:!?*#")
	if bare == "" || len(bare) > 200 {
		return false
	}
	if thrown(bare) {
		return strings.HasSuffix(word, ":") || before == "" || strings.TrimSpace(after) == "" || before == "by" || before == "exception"
	}
	lower := strings.ToLower(bare)
	weak, known := failing[lower]
	if !known {
		return lower == "timed" && strings.HasPrefix(after, " out") || lower == "reset" && strings.HasPrefix(after, " by peer") ||
			lower == "deadline" && strings.HasPrefix(after, " exceeded") || lower == "broken" && strings.HasPrefix(after, " pipe")
	}
	next, more := nextWord(after)
	next = strings.ToLower(next)
	if (next == "no" || next == "none") && strings.TrimSpace(more) != "" { // "error: no such table" sets nothing
		return true
	}
	if valueLike(strings.Trim(next, "\"'()=:,;")) && (weak || strings.HasSuffix(word, ":")) || strings.HasPrefix(next, "=") || strings.HasPrefix(next, "(") && weak && setting(after) {
		return false
	}
	if !weak {
		return !deny[before] || before == "connection" || before == "request" || before == "query" || before == "read" || before == "write" || before == "session" || before == "connect"
	}
	if nouns[strings.Trim(next, ".,;:")] {
		return false
	}
	switch before {
	case "no", "without", "zero", "0", "on", "if", "any", "max", "maximum", "default":
		return false
	}
	return true
}

// thrown reports whether a word is the name of an exception's type, in upper
// camel case as all runtimes write them: java.io.IOException, KeyError.
func thrown(word string) bool {
	if i := strings.LastIndexAny(word, ".\\/:"); i >= 0 {
		word = word[i+1:]
	}
	if word == "" || word[0] < 'A' || word[0] > 'Z' || strings.ContainsAny(word, "-_=") {
		return false
	}
	for _, end := range []string{"Exception", "Error"} {
		if rest, ok := strings.CutSuffix(word, end); ok && rest != "" && (rest[len(rest)-1] >= 'a' && rest[len(rest)-1] <= 'z' || rest[len(rest)-1] <= 'Z') {
			return true
		}
	}
	return false
}

// setting reports whether a text is nothing but a name and its value, as a
// start-up banner and a table of settings have them.
func setting(text string) bool {
	i := strings.IndexAny(text, ":=")
	if i < 0 || strings.IndexByte(text[:i], ':') >= 0 {
		return false
	}
	name := strings.TrimSpace(text[:i])
	if len(name) > 60 || strings.Count(name, " ") > 5 {
		return false
	}
	value := strings.Trim(strings.TrimSpace(text[i+1:]), "\"'`,;")
	if value == "" {
		return text[i] == '='
	}
	return valueLike(value)
}

// valueLike reports whether a text is a number with or without a unit, a switch,
// or a path: what a setting is set to.
func valueLike(v string) bool {
	if v == "" || strings.IndexByte(v, ' ') >= 0 {
		return false
	}
	switch strings.ToLower(v) {
	case "true", "false", "on", "off", "yes", "no", "none", "null", "nil", "enabled", "disabled", "default", "always", "never", "auto", "0":
		return true
	}
	if v[0] == '/' || strings.HasPrefix(v, "./") {
		return true
	}
	digits := 0
	for digits < len(v) && (v[digits] >= '0' && v[digits] <= '9' || v[digits] == '.' || digits == 0 && (v[0] == '-' || v[0] == '+')) {
		digits++
	}
	return digits > 0 && v[0] != '.' && len(v)-digits <= 5 && !strings.ContainsAny(v[digits:], ":/")
}
