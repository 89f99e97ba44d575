package artefact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// event is one line of "go test -json" (cmd/test2json).
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
	// ImportPath is of the output of a build, and FailedBuild the one whose build
	// failed.
	ImportPath  string
	FailedBuild string
}

// Tests reads the events that "go test -json" writes.
func Tests(file string) (*maturity.Tests, error) {
	content, at, err := read(file)
	if err != nil {
		return nil, err
	}
	r := testReader{open: map[string]int{}, said: map[string]casefile.CheckPlace{}, racing: map[string]bool{}, broken: map[string]bool{}}
	n := 0
	for line := range bytes.Lines(content) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var e event
		if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
			if n > 1 && !bytes.HasSuffix(content, []byte("\n")) {
				return nil, fmt.Errorf("%s:%d: the file ends in the midst of an event: run go test -json again", file, n)
			}
			return nil, fmt.Errorf("%s:%d: no event of go test -json: %.60q", file, n, line)
		}
		r.take(e, n)
	}
	if n == 0 {
		return nil, fmt.Errorf("%s: the file is empty: run go test -json again", file)
	}
	for _, p := range slices.Sorted(maps.Keys(r.open)) {
		return nil, fmt.Errorf("%s:%d: the file ends in the midst of package %s, which began at line %d: the run was cut off", file, n, p, r.open[p])
	}
	for _, key := range slices.Sorted(maps.Keys(r.racing)) {
		r.raced(key, casefile.CheckPlace{})
	}
	if r.out.At.IsZero() { // test2json without -t
		r.out.At = at
	}
	return &r.out, nil
}

type testReader struct {
	out    maturity.Tests
	open   map[string]int                 // packages under way, with the line where they began
	said   map[string]casefile.CheckPlace // the first place that a test, or a build, printed
	racing map[string]bool                // tests whose output reports a race that has no place yet
	broken map[string]bool                // packages of which a test failed
}

func (r *testReader) take(e event, line int) {
	if e.Time.After(r.out.At) {
		r.out.At = e.Time.UTC()
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		r.output(key, e.Output)
	case "build-output":
		r.say("build "+e.ImportPath, atBuild.FindStringSubmatch(e.Output))
	case "pass", "fail", "skip":
		if e.Test == "" {
			delete(r.open, e.Package)
			r.out.Packages++
			if e.Action == "fail" && !r.broken[e.Package] { // it did not build, or ended outside of a test
				if e.FailedBuild != "" {
					key = "build " + e.FailedBuild
				}
				r.failed(key, e)
			}
			return
		}
		switch e.Action {
		case "pass":
			r.out.Passed++
		case "skip":
			r.out.Skipped++
		case "fail":
			r.broken[e.Package] = true
			r.failed(key, e)
		}
	default:
		if _, ok := r.open[e.Package]; !ok && e.Package != "" {
			r.open[e.Package] = line
		}
	}
}

var (
	atLine  = regexp.MustCompile(`^\s+([\w./-]+\.go):(\d+): ?(.*)`)
	atBuild = regexp.MustCompile(`^([\w./-]+\.go):(\d+):(?:\d+:)? ?(.*)`)
	inRace  = regexp.MustCompile(`^\s+(\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?\s*$`)
)

func (r *testReader) output(key, text string) {
	if strings.Contains(text, "WARNING: DATA RACE") {
		if r.racing[key] { // the one before has none
			r.raced(key, casefile.CheckPlace{})
		}
		r.out.Race, r.racing[key] = true, true
		return
	}
	if m := inRace.FindStringSubmatch(text); m != nil && r.racing[key] {
		n, _ := strconv.Atoi(m[2])
		r.raced(key, casefile.CheckPlace{Path: m[1], Line: n})
		delete(r.racing, key)
		return
	}
	r.say(key, atLine.FindStringSubmatch(text))
}

// raced notes a race, whose place may be lost.
func (r *testReader) raced(key string, p casefile.CheckPlace) {
	p.Message = "data race in " + strings.TrimSpace(key)
	add(&r.out.Races, p)
}

// say keeps the first place that is printed, as file, line and text.
func (r *testReader) say(key string, place []string) {
	if _, said := r.said[key]; !said && place != nil {
		n, _ := strconv.Atoi(place[2])
		r.said[key] = casefile.CheckPlace{Path: place[1], Line: n, Message: place[3]}
	}
}

func (r *testReader) failed(key string, e event) {
	r.out.Failed++
	what := strings.TrimSpace(e.Package + " " + e.Test)
	p, said := r.said[key]
	switch {
	case !said:
		p.Message = what + " failed"
	case e.Test == "":
		p.Message = what + ": " + strings.TrimSpace(p.Message)
	default:
		p.Message = strings.TrimSpace(e.Test + ": " + p.Message)
	}
	add(&r.out.Failures, p)
}
