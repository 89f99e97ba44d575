// Package pathglob holds paths of a repository against patterns of them: the one
// answer for the scopes and checks of decisions, for where decisions are looked
// for, and for what an index covers.
//
// A pattern is a glob with **, {a,b} and character classes, counted from the top
// of the repository. As in CODEOWNERS and .gitignore, one that matches a folder
// means all that is in it: "docs", "docs/" and "docs/**" are the same, and so are
// "services/*/db" and "services/*/db/**". Only a last part of * stops there:
// "docs/*" are the files in docs and not those in folders of docs.
//
// It differs from both in one point: a pattern without a slash is counted from
// the top as well, so that "go.mod" is one file and not every file of that name.
package pathglob

import (
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4" // globs with **, as people write scopes
)

// Valid reports whether a pattern can be read. One that cannot matches nothing.
func Valid(pattern string) bool {
	return anchored(pattern) != "" && doublestar.ValidatePattern(pattern)
}

// Match reports whether a pattern matches the path of a file, or a folder that the
// file is in. Paths have slashes and no leading one.
func Match(pattern, file string) bool {
	p := anchored(pattern)
	if p == "" {
		return false
	}
	if base, rest := fixed(p); rest == "" { // most are names
		return file == base && !strings.HasSuffix(pattern, "/") || strings.HasPrefix(file, base+"/")
	} else if base != "" && !strings.HasPrefix(file, base+"/") {
		return false
	}
	ok, err := doublestar.Match(below(p, strings.HasSuffix(pattern, "/")), file)
	return ok && err == nil
}

// Any reports whether any of the patterns matches.
func Any(patterns []string, file string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return Match(p, file) })
}

// Root is the folder, or the file, that everything a pattern matches is in or is:
// "." for one that may match anywhere.
func Root(pattern string) string {
	base, _ := fixed(anchored(pattern))
	return path.Clean(base)
}

// Depth is how many folders or files a pattern names before it begins to match
// several: a narrower pattern has more of them.
func Depth(pattern string) int {
	if r := Root(pattern); r != "." {
		return strings.Count(r, "/") + 1
	}
	return 0
}

// anchored is a pattern without the slashes around it.
func anchored(pattern string) string { return strings.Trim(pattern, "/") }

// fixed cuts a pattern where it begins to match several names.
func fixed(p string) (base, rest string) {
	if !strings.ContainsAny(p, `*?[{\`) {
		return p, ""
	}
	base, rest = doublestar.SplitPattern(p)
	if base == "." {
		base = ""
	}
	return base, rest
}

// below lets a pattern that matches a folder match what is in it; with only, it
// matches nothing else.
func below(p string, only bool) string {
	last := path.Base(p)
	switch {
	case last == "**":
		return p
	case only:
		return p + "/**/*"
	case last == "*":
		return p
	}
	return p + "/**" // which matches no folder as well
}
