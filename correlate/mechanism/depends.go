package mechanism

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// lockEntry is the key under which a lock file keeps a dependency's version:
// "node_modules/NAME", NAME = "..." after name, NAME@range.
var lockEntry = regexp.MustCompile(`"(?:[^"]*node_modules/)?((?:@[\w.-]+/)?[\w.-]+)": ?\{|^name = "([^"]+)"|^"?((?:@[\w.-]+/)?[\w.-]+)@[^:]*:$`)

// major is the end of a Go module's path from its second version on.
var major = regexp.MustCompile(`^v\d+$`)

// Dependencies are the names of the dependencies whose versions a diff changes,
// by manifests and by what is generated from them, each once, as stacks name
// them: a Go module by its path, others by their package. A name has the least
// number of bytes at least.
func Dependencies(least int, diff string, files ...string) []string {
	var out []string
	for _, f := range Parse(diff, files...).Files {
		if f.Kind != Manifest && f.Kind != Lock {
			continue
		}
		for _, h := range f.Hunks {
			for i := range h.Lines {
				if h.Lines[i].Op == ' ' || h.Lines[i].Code == "" {
					continue
				}
				name := packageName(dependencyName(h, i))
				if f.Kind == Lock && (name == "" || name == "version" || name == "resolved" || name == "integrity") {
					name = lockedName(h, i)
				}
				if len(name) >= least && name != "version" && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// packageName is what a manifest's line calls a dependency, without the words
// around it and without the group of a Java artifact.
func packageName(s string) string {
	if i := strings.LastIndexAny(s, " \"'(:"); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimSuffix(strings.TrimSpace(s), "/go.mod")
	if dir, last := path.Split(s); major.MatchString(last) && dir != "" {
		s = strings.TrimSuffix(dir, "/")
	}
	return s
}

// lockedName looks above a line of a lock file for the entry that it is in.
func lockedName(h *Hunk, i int) string {
	const mostUp = 6
	for j := i; j >= 0 && j > i-mostUp; j-- {
		m := lockEntry.FindStringSubmatch(strings.TrimSpace(h.Lines[j].Text))
		for _, name := range m[min(1, len(m)):] {
			if name != "" {
				return name
			}
		}
	}
	return ""
}
