package evidence

import (
	"regexp"
	"slices"
	"strings"
)

// moduleCache is a module of Go as the toolchain keeps it, up to its root.
var moduleCache = regexp.MustCompile(`^.*@v\d[^/]*/`)

// Below is the path of a file below the root of the module or package that it was
// installed with, "" for one that was not installed.
func (f Frame) Below() string {
	if name := f.Slashed(); moduleCache.MatchString(name) {
		return name[len(moduleCache.FindString(name)):]
	}
	_, below, _ := strings.Cut(f.Installed(), "/")
	return below
}

// ChangedBy reports whether a commit touches a frame's file, which telemetry names
// with a build machine's folders before it or with the package's alone. A module
// that was installed may have been made from the repository: then the whole path
// below its root counts. A base name is enough nowhere, but in such a root where
// the diff speaks of the frame's function as well; so it is with a vendored one.
func (f Frame) ChangedBy(c *Commit) bool {
	name := strings.TrimPrefix(f.Slashed(), "./")
	base := name[strings.LastIndexByte(name, '/')+1:]
	return slices.ContainsFunc(c.Files, func(file string) bool {
		return strings.HasSuffix(file, base) && f.isOf(name, file, c.Diff)
	})
}

// isOf reports whether a file of the repository is a frame's.
func (f Frame) isOf(name, file, diff string) bool {
	below, installed := f.Below(), f.Installed()
	switch {
	case strings.Contains(installed, "/") && tailOf(file, installed):
		return true
	case below != "" && !strings.Contains(below, "/"):
		return file == below && speaksOf(diff, f.Function)
	case below != "":
		return tailOf(file, below)
	case f.Origin() == OriginVendored && !strings.Contains(file, "/"):
		// The root of a vendored module is its package's folder.
		return tailOf(name, f.Package()+"/"+file) && f.Package() != "" && speaksOf(diff, f.Function)
	case f.Foreign():
		return strings.Contains(name, "/") && tailOf(file, name)
	}
	return strings.Contains(file, "/") && tailOf(name, file) || strings.Contains(name, "/") && tailOf(file, name)
}

// tailOf reports whether a path ends in another, which may be empty.
func tailOf(path, tail string) bool { return tail != "" && strings.HasSuffix("/"+path, "/"+tail) }

// named is a name in the notation of a function.
var named = regexp.MustCompile(`[A-Za-z_]\w{3,}`)

// speaksOf reports whether a diff names a function or what it belongs to, its
// package left out.
func speaksOf(diff, function string) bool {
	function = function[strings.LastIndexByte(function, '/')+1:]
	_, own, ok := strings.Cut(function, ".")
	if !ok {
		own = function
	}
	return slices.ContainsFunc(named.FindAllString(own, 8), func(n string) bool { return strings.Contains(diff, n) })
}
