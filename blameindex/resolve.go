package blameindex

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// resolveFrame finds the file of a tree that a frame names. A build machine's
// prefix is mapped away by the longest common suffix of path components; table
// maps prefixes that cannot be guessed. prefix is the service's directory in
// the repository, empty for all of it. The error says why there is no answer.
func resolveFrame(f evidence.Frame, files []string, prefix string, table map[string]string) (string, error) {
	name := path.Clean(f.Slashed())
	if f.File == "" || name == "." || len(f.File) > 4096 || strings.ContainsAny(f.File, "\x00\n") {
		return "", fmt.Errorf("the frame names no file: %w", evidence.ErrNotFound)
	}
	name = mapPrefix(name, table)
	if slices.Contains(files, name) {
		return name, nil
	}
	if vendored := "vendor/" + moduleVersion.ReplaceAllString(name, "/"); vendored != "vendor/"+name && slices.Contains(files, vendored) {
		return vendored, nil // -trimpath names the module, although its copy was built
	}
	if own := installedFrom(f.Installed(), files); own != "" {
		return own, nil
	}
	if f.Foreign() {
		return "", fmt.Errorf("%s belongs to the runtime or a dependency: %w", clip(name), evidence.ErrNotFound)
	}
	best, length := bestSuffix(name, files)
	best = preferPrefix(best, prefix)
	best = preferFunction(best, f.Package())
	switch {
	case len(best) == 0:
		return "", fmt.Errorf("no file of the repository ends like %s: %w", clip(name), evidence.ErrNotFound)
	case len(best) > 1:
		return "", fmt.Errorf("%s could be any of %s: %w", clip(name), strings.Join(best[:min(3, len(best))], ", "), evidence.ErrNotFound)
	case isGo(name) && !path.IsAbs(name) && f.Rung != evidence.LocationCaller && length < components(best[0]) && length < components(name):
		// Built with -trimpath the file is its module's path and its own, whole.
		return "", fmt.Errorf("%s is of another module than %s: %w", clip(name), best[0], evidence.ErrNotFound)
	case length < 2 && length < components(best[0]) && length < components(name):
		// One name in common, different directories on both sides: a namesake.
		return "", fmt.Errorf("%s has only its name in common with %s: %w", clip(name), best[0], evidence.ErrNotFound)
	}
	return best[0], nil
}

// installedFrom is the file of the tree from which a file of an installed package
// was made; "" when the package is not of this tree: it is only where all of its
// path is there, at least a folder and a file, and what is above it is where a
// package begins.
func installedFrom(installed string, files []string) string {
	if components(installed) < 2 {
		return ""
	}
	var found []string
	for _, f := range files {
		if root, ok := strings.CutSuffix("/"+f, "/"+installed); ok && beginsPackage(strings.TrimPrefix(root, "/"), installed, files) {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// beginsPackage reports whether a package begins below root: one of Python whose
// parent is none, one of Node.js or Ruby that has its manifest.
func beginsPackage(root, installed string, files []string) bool {
	first, _, _ := strings.Cut(installed, "/")
	switch path.Ext(installed) {
	case ".py":
		return !slices.Contains(files, path.Join(root, "__init__.py")) && slices.Contains(files, path.Join(root, first, "__init__.py"))
	case ".rb":
		return slices.ContainsFunc(files, func(f string) bool { return path.Ext(f) == ".gemspec" && path.Dir(f) == path.Clean(root) })
	default:
		return slices.Contains(files, path.Join(root, first, "package.json"))
	}
}

// moduleVersion stands in paths of a binary built with -trimpath.
var moduleVersion = regexp.MustCompile(`@v\d[^/]*/`)

// isGo reports a Go file on no drive of Windows, where paths are not trimmed.
func isGo(name string) bool {
	return strings.HasSuffix(name, ".go") && (len(name) < 2 || name[1] != ':')
}

// mapPrefix applies the longest matching entry of the table.
func mapPrefix(name string, table map[string]string) string {
	longest := ""
	for from := range table {
		if strings.HasPrefix(name, from) && len(from) > len(longest) {
			longest = from
		}
	}
	if longest == "" {
		return strings.TrimPrefix(name, "./")
	}
	return path.Clean(strings.TrimPrefix(path.Join(table[longest], name[len(longest):]), "/"))
}

func components(p string) int { return strings.Count(strings.Trim(p, "/"), "/") + 1 }

// bestSuffix returns the files that share the most trailing components with
// name, and how many those are.
func bestSuffix(name string, files []string) (best []string, length int) {
	base := path.Base(name)
	for _, f := range files {
		if path.Base(f) != base {
			continue
		}
		n := commonSuffix(f, name)
		switch {
		case n > length:
			best, length = []string{f}, n
		case n == length:
			best = append(best, f)
		}
	}
	// A file that is matched whole beats one that goes on upwards.
	if len(best) > 1 {
		whole := slices.DeleteFunc(slices.Clone(best), func(f string) bool { return components(f) != length })
		if len(whole) == 1 && components(name) > length {
			best = whole
		}
	}
	return best, length
}

func commonSuffix(a, b string) int {
	as, bs := strings.Split(strings.Trim(a, "/"), "/"), strings.Split(strings.Trim(b, "/"), "/")
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// preferPrefix narrows several candidates to those in the service's directory.
func preferPrefix(candidates []string, prefix string) []string {
	if len(candidates) < 2 || prefix == "" {
		return candidates
	}
	in := slices.DeleteFunc(slices.Clone(candidates), func(f string) bool {
		return !strings.HasPrefix(f, strings.TrimSuffix(prefix, "/")+"/")
	})
	if len(in) == 0 {
		return candidates
	}
	return in
}

// preferFunction narrows several candidates by the package path of a Go
// function.
func preferFunction(candidates []string, pkg string) []string {
	if len(candidates) < 2 || !strings.Contains(pkg, "/") {
		return candidates
	}
	best, most := candidates, 0
	for _, c := range candidates {
		switch n := commonSuffix(path.Dir(c), pkg); {
		case n > most:
			best, most = []string{c}, n
		case n == most && most > 0:
			best = append(best, c)
		}
	}
	return best
}

func clip(s string) string {
	if rs := []rune(s); len(rs) > 120 {
		return "…" + string(rs[len(rs)-119:])
	}
	return s
}
