// Package stacktrace finds the frames in a stack trace as Go, Java, Python,
// Node.js, .NET, Rust, Ruby, PHP, Perl, Elixir, C and C++, Swift, Dart, Haskell,
// OCaml, Julia, Zig, Crystal, Lua, Nim and PowerShell print them, wherever it stands: in an
// exception event, a log line, or with other text around it. A trace of another
// language has no frames.
//
// Text is hostile: reading is bounded in lines, line length and frames, and
// uses only expressions that take linear time.
package stacktrace

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on what is read of one text.
const (
	maxLines  = 2000 // half of them from the end, where Python has the innermost call
	maxLine   = 4096
	maxText   = 256 << 10 // bytes, which many expressions go through; again half from the end
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
	Rust    Language = "rust"
	Ruby    Language = "ruby"
	PHP     Language = "php"
	Perl    Language = "perl"
	Elixir  Language = "elixir" // and Erlang
	Cpp     Language = "c++"    // and C
	Swift   Language = "swift"
	Dart    Language = "dart"
	Haskell Language = "haskell"
	OCaml   Language = "ocaml"
	Julia   Language = "julia"
	Zig     Language = "zig"
	Crystal Language = "crystal"
	Lua     Language = "lua"
	Nim     Language = "nim"
	// PowerShell prints one place with an error, and more in a ScriptStackTrace.
	PowerShell Language = "powershell"
)

var languages = []Language{Go, Java, Python, Node, DotNet, Rust, Ruby, PHP, Perl, Elixir, Cpp, Swift, Dart, Haskell, OCaml, Julia, Zig, Crystal, Lua, Nim, PowerShell}

var (
	goPlace = regexp.MustCompile(`^\s+(\S.*\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?[\s"'}\],]*$`)
	// A report of the race detector indents its calls.
	goCall    = regexp.MustCompile(`^((?:created by )?[\p{L}\w./\-~%·]+(?:\.|\[)[\p{L}\w.()*\[\]/·,\-…]*?)(?:\([^)]*\))?(?: in goroutine \d+)?\s*$`)
	javaFrame = regexp.MustCompile(`^\s*at\s+(?:[\w.$@\-]*/)*([\p{L}\w.$<>]+)\(([\p{L}\w$\-]+\.(?:java|kt|kts|scala|groovy|clj)):(\d+)\)`)
	pyFrame   = regexp.MustCompile(`^[\s|>]*File "([^"]+)", line (\d+)(?:,? in (.+?))?\s*$`)
	pyRich    = regexp.MustCompile(`^[\s│|]*(\S+\.py):(\d+) in (\S+)[\s│|]*$`)
	nodeNamed = regexp.MustCompile(`^\s*at (.+?) \(((?:[a-z-]+://+)?(?:[A-Za-z]:)?[^:]+):(\d+):\d+\)(?:\s*,?\s*[{]?\s*|["'}\],].*)$`)
	nodeBare  = regexp.MustCompile(`^\s*at (?:async )?((?:[a-z-]+://+)?(?:[A-Za-z]:)?[^():\s][^():]*):(\d+):\d+(?:\s*[{]?\s*|["'}\],].*)$`)
	netFrame  = regexp.MustCompile(`^\s*(?:at|bei|à|en|em|a|w|v|в|在|場所|위치:) (.+?) (?:in|dans|en|em|w|v|в|位置|場所|파일) (.+?):(?:line|Zeile|ligne|línea|linha|riga|wiersz|řádek|строка|行号|行|줄) ?(\d+)[.\s]*$`)
	// Mono has an offset instead of a word before the place.
	monoFrame = regexp.MustCompile(`^\s*at (.+?) \[0x[0-9a-f]+\] in ([^<\s].*?):(\d+)\s*$`)
	rustAt    = regexp.MustCompile(`^\s+at (\S+\.rs):(\d+)(?::\d+)?\s*$`)
	rustCall  = regexp.MustCompile(`^\s*\d+:\s+(?:0x[0-9a-f]+ - )?(\S.*?)\s*$`)
	rustPanic = regexp.MustCompile(`^thread '[^']*'(?: \(\d+\))? panicked at (?:'.*', )?(\S+\.rs):(\d+):\d+:?\s*$`)
	rubyFrame = regexp.MustCompile("^\\s*(?:from )?(\\S+\\.(?:rb|erb|rake|ru)):(\\d+):in [`']([^'`]+)'.*$")
	phpFrame  = regexp.MustCompile(`^\s*#\d+ (\S.*?\.php)\((\d+)\): (.+)$`)
	// Monolog's exception in a context, and the place that Rust's eyre names.
	phpObject = regexp.MustCompile(`\[object\] \(.*? at (\S+\.php):(\d+)\)`)
	rustPlace = regexp.MustCompile(`^\s+(\S+\.rs):(\d+)(?::\d+)?\s*$`)
	phpPlace  = regexp.MustCompile(`(?:\bin | at )(\S+\.php)(?::| on line )(\d+)\)?\s*$`)
	perlPlace = regexp.MustCompile(`^(?:\s+([\w:]+)\(.*\) called|.*\S) at (\S+\.(?:pl|pm|cgi|psgi|t)) line (\d+)[.,]?(?: .*)?$`)
)

// otherFiles are files of which no Python trace tells: Rollbar writes traces of
// other languages in Python's form, in another order.
var otherFiles = regexp.MustCompile(`\.(?:rb|php|js|mjs|ts|tsx|java|kt|go|rs|ex|exs|cs)$`)

// Parse returns the frames of a text, innermost first whatever the language's
// habit, and the language that most frames are in. Of exceptions that caused one
// another the first one comes first. A text without frames gives none. Frames of
// the runtime itself are kept: Own tells them apart.
func Parse(text string) ([]evidence.Frame, Language) {
	parts := []part{{}} // by exception, as printed
	votes := map[Language]int{}
	var bare unplaced
	prev := ""
	aside := -1 // columns before what was suppressed
	died := false
	for _, line := range splitLines(text) {
		if len(line) > maxLine {
			prev = ""
			continue
		}
		if begins := cause.MatchString(line) || suppressed.MatchString(line); begins {
			depth := strings.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune(" \t|+", r) })
			if suppressed.MatchString(line) {
				aside = depth
			} else if depth < aside {
				aside = -1
			}
			parts = append(parts, part{depth: depth, aside: aside >= 0})
		}
		if strings.HasSuffix(line, "(most recent call first):") { // Python that dies below its own code prints all threads
			died = died || strings.HasPrefix(line, "Current thread ")
			parts = append(parts, part{inward: true, aside: strings.HasPrefix(line, "Thread ")})
		}
		line = strings.TrimPrefix(line, "  | ") // what holds an error prints its trace so
		f, lang := parseLine(line, prev)
		prev = line
		if lang == Unknown || f.File == "" {
			bare.add(line, &parts[len(parts)-1])
			continue
		}
		votes[lang]++
		last := &parts[len(parts)-1]
		last.frames = append(last.frames, f)
	}
	lang := Unknown
	for _, l := range languages {
		if votes[l] > votes[lang] {
			lang = l
		}
	}
	if lang == Unknown {
		lang = bare.lang
	}
	// Java's libraries come with lines, so that frames without are of code that was
	// built without them, mostly the service's; .NET's libraries come without.
	if lang == bare.lang && (lang == Java || len(votes) == 0) {
		lined := map[string]bool{}
		for i := range parts {
			for _, f := range parts[i].frames {
				lined[f.File] = true
			}
		}
		for i := range parts {
			parts[i].frames = parts[i].withBare(lined)
		}
	}
	if lang == Python && !died { // nobody died: all threads are of one rank
		for i := range parts {
			parts[i].aside = false
		}
	}
	frames := innermostFirst(parts, lang)
	return frames[:min(len(frames), maxFrames)], lang
}

// part is the trace of one exception of a chain or a group.
type part struct {
	depth  int  // columns before it, more in a group than outside
	inward bool // Python's, innermost call first
	aside  bool // Java's suppressed, which failed on the way out and caused nothing; Python's other threads
	frames []evidence.Frame
	// bare are those without file and line, by how many of frames come before.
	bare []bareFrame
}

type bareFrame struct {
	evidence.Frame
	behind int
}

// withBare are all frames of a trace in the order in which they were printed, but
// for those without a line of files that have lines elsewhere in the trace: they
// are of generated code, as proxies are.
func (p *part) withBare(lined map[string]bool) []evidence.Frame {
	var all []evidence.Frame
	from := 0
	for _, b := range p.bare {
		if lined[b.File] {
			continue
		}
		all = append(append(all, p.frames[from:b.behind]...), b.Frame)
		from = b.behind
	}
	return append(all, p.frames[from:]...)
}

// suppressed begins the trace of an exception that Java kept beside another.
var suppressed = regexp.MustCompile(`^\s*Suppressed: `)

// cause begins the trace of another exception of a chain: in Java and Node.js
// of the one that caused those before, in Python of one that came of it.
var cause = regexp.MustCompile(`^\s*(?:Caused by: |\[cause\]: )|^[\s|+]*(?:Exception Group )?Traceback \(most recent call last\):`)

// order puts what was suppressed last.
func order(aside bool) int {
	if aside {
		return 1
	}
	return 0
}

func innermostFirst(parts []part, lang Language) []evidence.Frame {
	if lang == Python || lang == Nim { // these alone print the innermost call last, and Python what a group holds behind the group
		for _, p := range parts {
			if !p.inward {
				slices.Reverse(p.frames)
			}
		}
		slices.SortStableFunc(parts, func(a, b part) int { return cmp.Or(order(a.aside)-order(b.aside), b.depth-a.depth) })
	} else {
		slices.Reverse(parts)
		slices.SortStableFunc(parts, func(a, b part) int { return order(a.aside) - order(b.aside) })
	}
	var frames []evidence.Frame
	for _, p := range parts {
		frames = append(frames, p.frames...)
	}
	return frames
}

// splitLines splits at line ends, real ones or, in a trace that was written
// into one log line, escaped ones.
func splitLines(text string) []string {
	if len(text) > maxText {
		text = text[:maxText/2] + "\n" + text[len(text)-maxText/2:]
	}
	if !strings.Contains(text, "\n") && strings.Contains(text, `\n`) {
		text = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t", `\"`, `"`).Replace(text)
	}
	text = strings.ReplaceAll(text, "\u00a0", " ") // AWS indents Python's with it
	text = termLines(text)
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		lines = append(lines[:maxLines/2:maxLines/2], lines[len(lines)-maxLines/2:]...)
	}
	return lines
}

func parseLine(line, prev string) (evidence.Frame, Language) {
	if !strings.ContainsAny(line, "0123456789") { // a frame has the number of a line
		return evidence.Frame{}, Unknown
	}
	if m := goPlace.FindStringSubmatch(line); m != nil {
		fn := ""
		if c := goCall.FindStringSubmatch(strings.TrimSpace(prev)); c != nil {
			fn = strings.TrimPrefix(c[1], "created by ")
		}
		return frame(m[1], m[2], fn), Go
	}
	if m := javaFrame.FindStringSubmatch(line); m != nil {
		return frame(javaPath(m[1], m[2]), m[3], m[1]), Java
	}
	if m := firstOf(line, pyFrame, pyRich); m != nil && !otherFiles.MatchString(m[1]) {
		return frame(m[1], m[2], m[3]), Python
	}
	if m := firstOf(line, netFrame, monoFrame); m != nil {
		return frame(m[2], m[3], netFunction(m[1])), DotNet
	}
	if f, lang := parseYounger(line, prev); lang != Unknown {
		return f, lang
	}
	if m := nodeNamed.FindStringSubmatch(line); m != nil {
		return frame(m[2], m[3], strings.TrimPrefix(m[1], "async ")), Node
	}
	if m := nodeBare.FindStringSubmatch(line); m != nil {
		return frame(m[1], m[2], ""), Node
	}
	return furtherFrame(line, prev)
}

// parseYounger reads Rust, Ruby, PHP and Elixir. They come before Node.js, of
// whose frames Rust's are a special case.
func parseYounger(line, prev string) (evidence.Frame, Language) {
	if m := rustAt.FindStringSubmatch(line); m != nil {
		fn := ""
		if c := rustCall.FindStringSubmatch(prev); c != nil {
			fn = c[1]
		}
		return frame(m[1], m[2], fn), Rust
	}
	if m := rustPanic.FindStringSubmatch(line); m != nil {
		return frame(m[1], m[2], ""), Rust
	}
	if m := rustPlace.FindStringSubmatch(line); m != nil && strings.TrimSpace(prev) == "Location:" {
		return frame(m[1], m[2], ""), Rust
	}
	if m := rubyFrame.FindStringSubmatch(line); m != nil {
		return frame(m[1], m[2], m[3]), Ruby
	}
	if m := firstOf(line, phpFrame, phpPlace, phpObject); m != nil { // what #n calls is no function that the line is in
		return frame(m[1], m[2], ""), PHP
	}
	if m := perlPlace.FindStringSubmatch(line); m != nil {
		return frame(m[2], m[3], m[1]), Perl
	}
	return parseBeam(line)
}

// firstOf is the first expression's match.
func firstOf(line string, expressions ...*regexp.Regexp) []string {
	for _, e := range expressions {
		if m := e.FindStringSubmatch(line); m != nil {
			return m
		}
	}
	return nil
}

func frame(file, line, function string) evidence.Frame {
	n, err := strconv.Atoi(line)
	if err != nil || n > 1<<30 {
		n = 0
	}
	if i := strings.LastIndexByte(file, '?'); i > 0 && strings.Contains(file[i:], "=") { // a development server's file.ts?t=17
		file = file[:i]
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
		s = strings.TrimRight(s[:i], " ")
	}
	if m := netMade.FindStringSubmatch(s); m != nil {
		return m[1] + m[2]
	}
	return s
}

// netMade are Shop.Cart.<AddAsync>d__5.MoveNext and Shop.Cart.<>c.<Add>b__1_0.
var netMade = regexp.MustCompile(`^(.*?)(?:<>c[\w]*\.)?<(\w+)>[bdg]__[\w|]+(?:\.MoveNext)?$`)

// Own reports whether a frame may be in the service's own repository, judged
// by its path and function alone.
func Own(f evidence.Frame) bool { return f.File != "" && !f.Foreign() }
