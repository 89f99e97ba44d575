package mechanism

import (
	"regexp"
	"strconv"
	"strings"
)

func dependencyRule() Rule {
	return Rule{ID: "dependency", Title: "A dependency or base image changed its version", find: findDependency}
}

var version = regexp.MustCompile(`v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-.+]?[\w.]+)?`)

func findDependency(s *scan) []Match {
	before := map[string]*Line{}
	s.visit('-', func(f *File, h *Hunk, i int) {
		if f.Kind == Manifest {
			if n := dependencyName(h, i); n != "" {
				before[n] = &h.Lines[i]
			}
		}
	})
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		if f.Kind != Manifest || len(before) == 0 {
			return
		}
		l := &h.Lines[i]
		name := dependencyName(h, i)
		r := before[name]
		if name == "" || r == nil {
			return
		}
		kind, size := versionStep(r.Code, l.Code)
		if kind == "" {
			return
		}
		m := at(f, l, Changed, kind, name+" moved by a "+size+" version", Unhandled, Slow, Decode, NilDeref, MemoryGrowth, Timeout)
		m.Hunk = "-" + clip(r.Text) + "\n" + m.Hunk
		out = append(out, m)
	})
	return out
}

// section opens a table of a manifest: "devDependencies": {, [dev-dependencies],
// <build>.
var section = regexp.MustCompile(`^"?(\w+)"?\s*:\s*\{$|^\[+([\w.-]+)\]+$|^<(build|dependencies|properties)>$`)

// development are sections of what is not there when a program runs.
var development = regexp.MustCompile(`(?i)^(?:dev|test|script|engine|lint|build)|[-_.](?:dev|test)`)

// markAside finds the lines of a manifest in sections of what is not there when the
// program runs, as far as each hunk tells.
func (f *File) markAside() {
	for _, h := range f.Hunks {
		aside := development.MatchString(h.Header)
		for i := range h.Lines {
			if m := section.FindStringSubmatch(strings.TrimSpace(h.Lines[i].Text)); m != nil {
				aside = development.MatchString(m[1] + m[2] + m[3])
			}
			h.Lines[i].aside = aside
		}
	}
}

// dependencyName is what stands before the version on a line of a manifest, or,
// in a Maven file, in the artifactId above it; the module's own version is none.
func dependencyName(h *Hunk, i int) string {
	c := h.Lines[i].Code
	if h.Lines[i].aside {
		return ""
	}
	if rest, ok := strings.CutPrefix(c, "FROM "); ok {
		image, _, _ := strings.Cut(rest, ":")
		return image
	}
	at := version.FindStringIndex(c)
	if at == nil {
		return ""
	}
	if strings.HasPrefix(c, "<version>") {
		const mostUp = 5
		for j := i - 1; j >= 0 && j > i-mostUp; j-- {
			if _, after, ok := strings.Cut(h.Lines[j].Code, "<artifactId>"); ok {
				name, _, _ := strings.Cut(after, "<")
				return name
			}
		}
		return ""
	}
	name := strings.TrimPrefix(strings.Trim(c[:at[0]], " \"':=^~<>@,("), "require ")
	if name == "version" {
		return ""
	}
	return name
}

// imageVersion is the version in an image's tag, with zeroes for what it leaves
// out.
func imageVersion(from string) string {
	_, tag, _ := strings.Cut(from, ":")
	n := 0
	for n < len(tag) && (isDigit(tag[n]) || tag[n] == '.') {
		n++
	}
	if n == 0 {
		return ""
	}
	return strings.Trim(tag[:n], ".") + ".0.0"
}

// The numbers of a version in order, in what its pattern finds.
const (
	_ = iota
	majorStep
	minorStep
)

// versionStep says how far apart two versions are. By the rules of semantic
// versioning only a major step may break, in practice a minor one does at times;
// below 1.0 every step counts one level higher.
func versionStep(before, after string) (kind, words string) {
	if strings.HasPrefix(before, "FROM ") && strings.HasPrefix(after, "FROM ") {
		before, after = imageVersion(before), imageVersion(after)
	}
	b, a := version.FindStringSubmatch(before), version.FindStringSubmatch(after)
	if b == nil || a == nil || b[0] == a[0] {
		return "", ""
	}
	part := func(m []string, i int) int {
		n, err := strconv.Atoi(m[i])
		if err != nil {
			return 0
		}
		return n
	}
	switch {
	case part(b, majorStep) != part(a, majorStep):
		return "major", "major"
	case part(b, minorStep) != part(a, minorStep) && part(a, majorStep) == 0:
		return "minor-below-1", "minor (below 1.0)"
	case part(b, minorStep) != part(a, minorStep):
		return "minor", "minor"
	default:
		return "patch", "patch"
	}
}
