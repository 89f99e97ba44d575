package stacktrace

import (
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// javaPlaceless is a frame of the JVM without a line of source: generated code,
// native methods.
var javaPlaceless = regexp.MustCompile(`^\s*at\s+(?:[\w.$@\-]*/)*([\p{L}\w.$<>]+)\((?:Unknown Source|Native Method|<generated>|[\p{L}\w$\-]+\.java)\)`)

// nodePlaceless is a frame of Node.js itself, or without a place.
var nodePlaceless = regexp.MustCompile(`^\s*at (?:.*\()?(node:[\w/]+(?::\d+)*|<anonymous>)\)?$`)

// Filter is a text without the frames that are not to be kept: their lines, and
// what a runtime prints with them, a Go function above its place and Python's
// line of source below it. Everything else stays as it is.
func Filter(text string, keep func(evidence.Frame) bool) string {
	var out []string
	prev, below := "", -1 // below: columns before a Python frame that was dropped
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\r\n")
		f, lang := parseLine(bare, prev)
		if lang == Unknown {
			if m := javaPlaceless.FindStringSubmatch(bare); m != nil {
				f, lang = evidence.Frame{File: javaPath(m[1], "X.java"), Function: m[1]}, Java
			} else if m := nodePlaceless.FindStringSubmatch(bare); m != nil {
				f, lang = evidence.Frame{File: m[1]}, Node
			}
		}
		indent := len(bare) - len(strings.TrimLeft(bare, " \t|"))
		if below >= 0 && lang == Unknown && indent > below {
			continue
		}
		below = -1
		if lang == Unknown || f.File == "" || keep(f) {
			out = append(out, line)
			prev = bare
			continue
		}
		switch {
		case lang == Python:
			below = indent
		case lang == Go && f.Function != "" && len(out) > 0:
			out = out[:len(out)-1]
		}
		prev = bare
	}
	return strings.Join(out, "")
}

// Source are the lines of code that runtimes print with a trace: Python's below
// each frame, Node.js's above the caret that points into it.
func Source(text string) []string {
	var out []string
	prev, below := "", false
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(bare)
		_, lang := parseLine(bare, prev)
		switch {
		case below && lang == Unknown && trimmed != "":
			out = append(out, trimmed)
		case trimmed != "" && strings.Trim(trimmed, "^~") == "" && len(out) < maxFrames && strings.TrimSpace(prev) != "" && !(len(out) > 0 && out[len(out)-1] == strings.TrimSpace(prev)):
			out = append(out, strings.TrimSpace(prev))
		}
		below = lang == Python
		if len(out) == maxFrames {
			break
		}
		prev = bare
	}
	return out
}
