package stacktrace

import (
	"path"
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// form is how one more runtime prints a frame. All but Nim's print the innermost
// call first.
type form struct {
	lang Language
	// line has the place as its groups named file and line, and the function where
	// it says one.
	line *regexp.Regexp
	// above has the function where it stands on the line before.
	above *regexp.Regexp
	// runtime tells by file, function and module a frame of the runtime, whose file
	// alone looks like anybody's; nil where the path tells.
	runtime *regexp.Regexp
	// library is where the runtime's own sources have such a file.
	library string
}

// forms follow the printers themselves: Dart's VM, Swift's backtracer, the C and
// C++ sanitizers, GDB and Boost.Stacktrace, GHC's HasCallStack, OCaml's Printexc,
// Julia's Base, Zig's debug information, Crystal, Nim, Lua and PowerShell.
var forms = []form{
	{lang: Dart, line: regexp.MustCompile(`^#\d+ +(?P<fn>\S.*?) \((?P<file>(?:package|dart|file):[^\s()]+?):(?P<line>\d+)(?::\d+)?\)\s*$`)},
	{lang: Swift, line: regexp.MustCompile(`^\s*\d+ (?:\[[\w ]+\] )*0x[0-9a-f]+ (?P<fn>\S.*?) \+ \d+ in \S+ at (?P<file>\S+\.swift):(?P<line>\d+)(?::\d+)?\s*$`)},
	{lang: Swift, line: regexp.MustCompile(`^(?P<file>\S+\.swift):(?P<line>\d+): (?:Fatal error|Precondition failed|Assertion failed)\b`)},
	{lang: Cpp, line: regexp.MustCompile(`^\s*(?:#\d+|\d+[:#]) +(?:0x[0-9a-f]+ )?(?:in )?(?P<fn>\S.*?) (?:at )?(?P<file>[^\s()]+\.(?:c|cc|cpp|cxx|h|hh|hpp|m|mm)):(?P<line>\d+)(?::\d+)?\s*$`)},
	{lang: Haskell, line: regexp.MustCompile(`^\s+(?P<fn>\S+), called at (?P<file>\S+\.l?hs):(?P<line>\d+):\d+ in \S+\s*$`)},
	{lang: OCaml, line: regexp.MustCompile(`^(?:Raised|Re-raised|Called|Raised by primitive operation)(?: at| from)? (?P<fn>\S+ )?(?:in |at )?file "(?P<file>[^"]+\.ml)"(?: \(inlined\))?, line (?P<line>\d+), characters`),
		runtime: regexp.MustCompile(`^(?:stdlib|map|hashtbl|list|array|string|bytes|buffer|printf|scanf|filename|camlinternal\w*)\.ml |Stdlib`), library: "lib/ocaml/"},
	{lang: Julia, line: regexp.MustCompile(`^\s+@ (?P<module>[\w.]+ )?(?P<file>\S+\.jl):(?P<line>\d+)\s*$`), above: regexp.MustCompile(`^\s*\[\d+\] (\S.*?)(?:\(|\s*$)`),
		runtime: regexp.MustCompile(`^\./| (?:Base|Core)\b`), library: "share/julia/base/"},
	{lang: Zig, line: regexp.MustCompile(`^(?P<file>\S+\.zig):(?P<line>\d+):\d+: 0x[0-9a-f]+ in (?P<fn>\S+) \(`)},
	{lang: Crystal, line: regexp.MustCompile(`^\s+from (?P<file>\S+\.cr):(?P<line>\d+)(?::\d+)? in '(?P<fn>[^']+)'\s*$`)},
	{lang: PowerShell, line: regexp.MustCompile(`^At (?P<file>\S.*\.psm?1):(?P<line>\d+) char:\d+\s*$`)},
	{lang: PowerShell, line: regexp.MustCompile(`^at (?P<fn>\S+), (?P<file>\S.*\.psm?1): line (?P<line>\d+)\s*$`)},
	{lang: Nim, line: regexp.MustCompile(`^(?P<file>\S+\.nim)\((?P<line>\d+)\) (?P<fn>\S+)\s*$`)},
	{lang: Lua, line: regexp.MustCompile(`^\t(?P<file>[^\s:]+\.lua):(?P<line>\d+): in (?:function |upvalue |local |method |field )?(?P<fn>\S.*?)\s*$`)},
}

// furtherFrame is a frame in one of the further forms.
func furtherFrame(line, prev string) (evidence.Frame, Language) {
	for i := range forms {
		f := &forms[i]
		m := f.line.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		part := func(name string) string {
			if n := f.line.SubexpIndex(name); n >= 0 {
				return strings.TrimSpace(m[n])
			}
			return ""
		}
		file, function := part("file"), part("fn")
		if f.above != nil {
			if a := f.above.FindStringSubmatch(prev); a != nil {
				function = a[1]
			}
		}
		if f.runtime != nil && f.runtime.MatchString(file+" "+function+" "+part("module")) {
			file = f.library + path.Base(file)
		}
		if f.lang == Dart {
			file = dartFile(file)
		}
		return frame(file, part("line"), unquoted(function)), f.lang
	}
	return evidence.Frame{}, Unknown
}

// unquoted is a function's name without the quotes around it, empty for Lua's
// <cart.lua:12>, which is where a function without a name begins.
func unquoted(function string) string {
	function = strings.Trim(function, "'")
	if strings.HasPrefix(function, "<") && strings.HasSuffix(function, ">") {
		return ""
	}
	return function
}

// dartFile is where a package of Dart keeps a file: package:shop/till.dart is
// lib/till.dart of the package shop.
func dartFile(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "package:"); ok {
		if name, file, ok := strings.Cut(rest, "/"); ok {
			return name + "/lib/" + file
		}
	}
	return uri
}
