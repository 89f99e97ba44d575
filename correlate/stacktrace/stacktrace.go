// Package stacktrace finds the frames in a stack trace as Go, Java, Python,
// Node.js and .NET print them, wherever it stands: in an exception event, a
// log line, or with other text around it.
//
// Text is hostile: reading is bounded in lines, line length and frames, and
// uses only expressions that take linear time.
package stacktrace

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on what is read of one text.
const (
	maxLines  = 2000
	maxLine   = 4096
	maxFrames = 200
)

// Language is the runtime that printed a trace.
type Language string

// The languages that are understood.
const (
	Unknown Language = ""
	Go      Language = "go"
	Java    Language = "java" // and other languages on the JVM
	Python  Language = "python"
	Node    Language = "node"
	DotNet  Language = "dotnet"
)

var (
	goPlace   = regexp.MustCompile(`^\s+(\S.*\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?[\s"'}\],]*$`)
	goCall    = regexp.MustCompile(`^((?:created by )?[\p{L}\w./\-~%·]+(?:\.|\[)[\p{L}\w.()*\[\]/·,\-…]*?)(?:\([^)]*\))?(?: in goroutine \d+)?\s*$`)
	javaFrame = regexp.MustCompile(`^\s*at\s+(?:[\w.$@\-]*/)*([\p{L}\w.$<>]+)\(([\p{L}\w$\-]+\.(?:java|kt|kts|scala|groovy|clj)):(\d+)\)`)
	pyFrame   = regexp.MustCompile(`^[\s|]*File "([^"]+)", line (\d+)(?:, in (.+?))?\s*$`)
	nodeNamed = regexp.MustCompile(`^\s*at (.+?) \(((?:[a-z-]+://+)?(?:[A-Za-z]:)?[^():]+):(\d+):\d+\)\s*,?\s*[{]?\s*$`)
	nodeBare  = regexp.MustCompile(`^\s*at (?:async )?((?:[a-z-]+://+)?(?:[A-Za-z]:)?[^():\s][^():]*):(\d+):\d+\s*[{]?\s*$`)
	netFrame  = regexp.MustCompile(`^\s*at (.+?) in (.+?):line (\d+)\s*$`)
)

// Parse returns the frames of a text, innermost first whatever the language's
// habit, and the language that most frames are in. Of exceptions that caused one
// another the first one comes first. A text without frames gives none. Frames of
// the runtime itself are kept: Own tells them apart.
func Parse(text string) ([]evidence.Frame, Language) {
	parts := [][]evidence.Frame{nil} // by exception, as printed
	votes := map[Language]int{}
	prev, n := "", 0
	for i, line := range splitLines(text) {
		if i >= maxLines || n >= maxFrames {
			break
		}
		if len(line) > maxLine {
			prev = ""
			continue
		}
		if cause.MatchString(line) {
			parts = append(parts, nil)
		}
		f, lang := parseLine(line, prev)
		prev = line
		if lang == Unknown {
			continue
		}
		n++
		votes[lang]++
		parts[len(parts)-1] = append(parts[len(parts)-1], f)
	}
	lang := Unknown
	for _, l := range []Language{Go, Java, Python, Node, DotNet} {
		if votes[l] > votes[lang] {
			lang = l
		}
	}
	return innermostFirst(parts, lang), lang
}

// cause begins the trace of another exception of a chain: in Java and Node.js
// of the one that caused those before, in Python of one that came of it.
var cause = regexp.MustCompile(`^\s*(?:Caused by: |\[cause\]: )|^[\s|+]*(?:Exception Group )?Traceback \(most recent call last\):`)

func innermostFirst(parts [][]evidence.Frame, lang Language) []evidence.Frame {
	if lang == Python { // Python alone prints the innermost call last
		for _, p := range parts {
			slices.Reverse(p)
		}
	} else {
		slices.Reverse(parts)
	}
	return slices.Concat(parts...)
}

// splitLines splits at line ends, real ones or, in a trace that was written
// into one log line, escaped ones.
func splitLines(text string) []string {
	if !strings.Contains(text, "\n") && strings.Contains(text, `\n`) {
		text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t", `\"`, `"`).Replace(text)
	}
	return strings.SplitN(strings.ReplaceAll(text, "\r\n", "\n"), "\n", maxLines+1)
}

func parseLine(line, prev string) (evidence.Frame, Language) {
	if m := goPlace.FindStringSubmatch(line); m != nil {
		fn := ""
		if c := goCall.FindStringSubmatch(strings.TrimRight(prev, " \t")); c != nil {
			fn = strings.TrimPrefix(c[1], "created by ")
		}
		return frame(m[1], m[2], fn), Go
	}
	if m := javaFrame.FindStringSubmatch(line); m != nil {
		return frame(javaPath(m[1], m[2]), m[3], m[1]), Java
	}
	if m := pyFrame.FindStringSubmatch(line); m != nil {
		return frame(m[1], m[2], m[3]), Python
	}
	if m := netFrame.FindStringSubmatch(line); m != nil {
		return frame(m[2], m[3], netFunction(m[1])), DotNet
	}
	if m := nodeNamed.FindStringSubmatch(line); m != nil {
		return frame(m[2], m[3], strings.TrimPrefix(m[1], "async ")), Node
	}
	if m := nodeBare.FindStringSubmatch(line); m != nil {
		return frame(m[1], m[2], ""), Node
	}
	return evidence.Frame{}, Unknown
}

func frame(file, line, function string) evidence.Frame {
	n, err := strconv.Atoi(line)
	if err != nil || n > 1<<30 {
		n = 0
	}
	f := evidence.Frame{File: strings.TrimSpace(file), Line: n, Function: function, Rung: evidence.LocationStack}
	f.File = f.Slashed()
	return f
}

// javaPath puts the package before a Java file's bare name, since the trace
// leaves it out: com.shop.Cart.add(Cart.java:3) is com/shop/Cart.java.
func javaPath(method, file string) string {
	parts := strings.Split(method, ".")
	var dirs []string
	for _, p := range parts[:len(parts)-1] {
		if p == "" || p[0] >= 'A' && p[0] <= 'Z' {
			break
		}
		dirs = append(dirs, p)
	}
	if len(dirs) == len(parts)-1 && len(dirs) > 0 { // all lower case: the last is the class
		dirs = dirs[:len(dirs)-1]
	}
	return strings.Join(append(dirs, file), "/")
}

// netFunction is a .NET method without its parameters, and for a method that
// the compiler made of an async one, an iterator or a lambda, that one.
func netFunction(s string) string {
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	if m := netMade.FindStringSubmatch(s); m != nil {
		return m[1] + m[2]
	}
	return s
}

// netMade are Shop.Cart.<AddAsync>d__5.MoveNext and Shop.Cart.<>c.<Add>b__1_0.
var netMade = regexp.MustCompile(`^(.*?)(?:<>c[\w]*\.)?<(\w+)>[bdg]__[\w|]+(?:\.MoveNext)?$`)

// Caller reads a log line's caller field, "file.go:118" or "pkg/file.go:118",
// as zap, zerolog and logback write it; false when it is none.
func Caller(s string) (evidence.Frame, bool) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexByte(s, ':')
	if i <= 0 || len(s) > maxLine || strings.ContainsAny(s[:i], " \t\n\"") {
		return evidence.Frame{}, false
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 || !strings.Contains(s[:i], ".") {
		return evidence.Frame{}, false
	}
	f := frame(s[:i], s[i+1:], "")
	f.Rung = evidence.LocationCaller
	return f, true
}

// Own reports whether a frame may be in the service's own repository, judged
// by its path and function alone.
func Own(f evidence.Frame) bool { return f.File != "" && !f.Foreign() }
