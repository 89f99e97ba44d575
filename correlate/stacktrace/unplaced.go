package stacktrace

import (
	"cmp"
	"regexp"
	"strings"
)

// Frames of .NET and the JVM without file and line, as a program prints them whose
// symbols were left out of its build, in part or as a whole. Mono adds an offset.
var (
	netBare  = regexp.MustCompile("^\\s*at ([\\p{L}_][\\w`.+<>|$\\[\\],]*\\.[\\w`.+<>|$\\[\\],]+) ?\\(([^()]*)\\)(?: \\[0x[0-9a-f]+\\] in <[^>]*>:0)?\\s*$")
	javaBare = regexp.MustCompile(`^\s*at\s+(?:[\w.$@\-]*/)*([\p{L}\w.$<>]+)\((?:Unknown Source|([\p{L}\w$\-]+\.(?:java|kt|scala)))\)`)
	// netRuntime are the namespaces of the runtime and its framework.
	netRuntime = regexp.MustCompile(`^(?:System|Microsoft|Mono|MS|Interop)\.`)
)

// unplaced are the frames of a trace that say no file and line. By the habit of
// both languages a class stands in a file of its name; which line of it nothing
// says.
type unplaced struct {
	n    int
	lang Language
}

// add takes a line's frame to the part of the trace that it stands in.
func (u *unplaced) add(line string, p *part) {
	if u.n == maxFrames {
		return
	}
	if m := javaBare.FindStringSubmatch(line); m != nil && u.lang != DotNet {
		if class := classOf(m[1]); class != "" && !strings.Contains(m[1], "$$") { // Shop$$Lambda and its like are made while it runs
			u.lang = Java
			u.n++
			p.bare = append(p.bare, bareFrame{frame(javaPath(m[1], cmp.Or(m[2], class+".java")), "0", m[1]), len(p.frames)})
		}
		return
	}
	if m := netBare.FindStringSubmatch(line); m != nil && u.lang != Java && !netRuntime.MatchString(m[1]) && !strings.HasPrefix(m[2], "<") && m[2] != "native" && !strings.HasPrefix(m[2], "Unknown Source") && !strings.HasPrefix(m[2], "Native Method") {
		name := netFunction(m[1])
		if class := classOf(name); class != "" {
			u.lang = DotNet
			u.n++
			p.bare = append(p.bare, bareFrame{frame(class+".cs", "0", name), len(p.frames)})
		}
	}
}

// classOf is the outermost class that a function's full name says, "" when none.
func classOf(function string) string {
	parts := strings.Split(function, ".")
	if len(parts) < 2 {
		return ""
	}
	class := parts[len(parts)-2]
	if i := strings.IndexAny(class, "$+`<["); i >= 0 {
		class = class[:i]
	}
	if class == "" || class[0] < 'A' || class[0] > 'Z' {
		return ""
	}
	return class
}
