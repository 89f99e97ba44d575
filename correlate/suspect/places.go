package suspect

import (
	"path"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// suspectFrames are the failing places in code that concern a cause, in order.
func (s *Scorer) suspectFrames(cause *report.Cause) []*gathered.Frame {
	var out []*gathered.Frame
	for i := range s.Evidence.Frames {
		f := &s.Evidence.Frames[i]
		if (f.Service == cause.Entity.Name || s.calls.Reaches(cause.Entity.Name, f.Service)) && f.Suspect() {
			out = append(out, f)
		}
	}
	return out
}

// touchesPackage reports whether a commit changes code in the folder of a frame's
// file. Stacks carry the folders of a build machine before it, and some leave
// those of the sources out, so the longest common tail counts; one folder alone
// is too little where both have more, and folders that hold everything are none.
func touchesPackage(cm evidence.Commit, file string) bool {
	dir := path.Dir(file)
	if dir == "." || dir == "/" {
		return false
	}
	return slices.ContainsFunc(cm.Files, func(f string) bool {
		own := path.Dir(f)
		if own == "." || path.Ext(f) != path.Ext(file) {
			return false
		}
		a, b := strings.Split(strings.Trim(own, "/"), "/"), strings.Split(strings.Trim(dir, "/"), "/")
		n, named := 0, false
		for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
			named = named || !slices.Contains(wholeTrees, a[len(a)-1-n])
			n++
		}
		return named && (n > 1 || n == min(len(a), len(b)))
	})
}

// wholeTrees are folders in which languages and builds keep all of a program.
var wholeTrees = []string{"src", "lib", "app", "source", "sources", "main", "pkg", "internal", "cmd", "java", "kotlin", "scala", "python"}

// packageFeature asks whether it touches the folder of a failing place: nats of
// surprise as fileFeature, which comes on top.
func (s *Scorer) packageFeature(cd *Candidate, frames []*gathered.Frame) feature {
	best := feature{id: "commit/package"}
	for rank, f := range frames {
		file := f.Frame.Slashed()
		if !touchesPackage(cd.Commit, file) {
			continue
		}
		touching := 0
		for i := range s.candidates {
			if touchesPackage(s.candidates[i].Commit, file) {
				touching++
			}
		}
		if v := s.furtherOut(s.names.rarity(touching), rank); v > best.value {
			best.value, best.why, best.refs = v, "it touches "+path.Dir(file)+", in which the failure happens", f.Refs
		}
	}
	return best
}

// nearPlace is how much a commit alone touches the file or the folder of a failing
// place: 1 where no other does, 0 where it does not.
func (s *Scorer) nearPlace(cd *Candidate, frames []*gathered.Frame) float64 {
	best := 0.0
	for _, f := range frames {
		for _, touches := range []func(evidence.Commit) bool{
			func(cm evidence.Commit) bool { return touchesFile(cm, f.Frame.File) },
			func(cm evidence.Commit) bool { return touchesPackage(cm, f.Frame.Slashed()) },
		} {
			if !touches(cd.Commit) {
				continue
			}
			n := 0
			for i := range s.candidates {
				if touches(s.candidates[i].Commit) {
					n++
				}
			}
			best = max(best, s.names.rarity(n)/s.names.rarity(1))
		}
	}
	return best
}

// dependencyFeature asks whether the failure goes through a dependency whose
// version it changes: 1000 where the message or the innermost frames name it.
func (s *Scorer) dependencyFeature(i int, cd *Candidate) feature {
	value, name := s.dependencyNamed(i)
	return feature{id: "commit/dependency", value: value, why: "it changes the version of " + name + ", which the failure goes through", refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// dependencyNamed is how plainly the failure names a dependency whose version a
// candidate changes, in thousandths, with its name.
func (s *Scorer) dependencyNamed(i int) (int, string) {
	best, at := 0, ""
	for _, name := range s.names.of[i].depends {
		if isFiller(name) {
			continue
		}
		for _, t := range s.failure.texts {
			if t.weight < 1 {
				continue
			}
			if v := namedAt(t.whole, name, &s.by.Commit.Places); v > best {
				best, at = v, name
			}
		}
	}
	return best, at
}

// namedAt is 1000 where the message or the innermost frames of a text name a
// dependency whole, less where a frame further out does.
func namedAt(text, name string, by *weights.Places) int {
	const most = 80 // lines of a text that are read
	lines := slices.Collect(strings.Lines(strings.ToLower(text)))
	if strings.Contains(text, "Traceback (most recent call last)") {
		slices.Reverse(lines) // Python alone prints them last
	}
	for i, l := range lines[:min(len(lines), most)] {
		if namesWhole(l, strings.ToLower(name)) {
			if i < by.Innermost {
				return 1000
			}
			return by.Passing
		}
	}
	return 0
}

// namesWhole reports whether a line has a name that no letter or digit goes on
// from; an underscore stands for a dash, as Python's packages have it.
func namesWhole(line, name string) bool {
	line, name = strings.ReplaceAll(line, "_", "-"), strings.ReplaceAll(name, "_", "-")
	part := func(i int) bool {
		return i >= 0 && i < len(line) && (line[i] >= 'a' && line[i] <= 'z' || line[i] >= '0' && line[i] <= '9' || line[i] == '-')
	}
	for from := 0; ; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			return false
		}
		i += from
		// A dash and a digit begin a version: NAME-1.2.jar.
		after := i + len(name)
		version := after+1 < len(line) && line[after] == '-' && line[after+1] >= '0' && line[after+1] <= '9'
		if !part(i-1) && (!part(after) || version) {
			return true
		}
		from = i + 1
	}
}
