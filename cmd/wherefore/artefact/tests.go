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
}

// Tests reads the events that "go test -json" writes.
func Tests(file string) (*maturity.Tests, error) {
	content, _, err := read(file)
	if err != nil {
		return nil, err
	}
	r := testReader{open: map[string]int{}, said: map[string]string{}}
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
	return &r.out, nil
}

type testReader struct {
	out  maturity.Tests
	open map[string]int    // packages under way, with the line where they began
	said map[string]string // what a test printed last that names a place
	race string            // test whose output reports a race that has no place yet
}

func (r *testReader) take(e event, line int) {
	if e.Time.After(r.out.At) {
		r.out.At = e.Time.UTC()
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		r.output(key, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			delete(r.open, e.Package)
			r.out.Packages++
			if e.Action == "fail" && r.out.Failed == 0 { // it did not build, or ended before its tests
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
			r.failed(key, e)
		}
	default:
		if _, ok := r.open[e.Package]; !ok && e.Package != "" {
			r.open[e.Package] = line
		}
	}
}

var (
	atLine = regexp.MustCompile(`^\s+([\w./-]+\.go):(\d+): ?(.*)`)
	inRace = regexp.MustCompile(`^\s+(\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?\s*$`)
)

func (r *testReader) output(key, text string) {
	if strings.Contains(text, "WARNING: DATA RACE") {
		r.out.Race, r.race = true, key
		return
	}
	if m := inRace.FindStringSubmatch(text); m != nil && r.race == key {
		n, _ := strconv.Atoi(m[2])
		add(&r.out.Races, casefile.CheckPlace{Path: m[1], Line: n, Message: "data race in " + key})
		r.race = ""
		return
	}
	if r.said[key] == "" && atLine.MatchString(text) {
		r.said[key] = text
	}
}

func (r *testReader) failed(key string, e event) {
	r.out.Failed++
	p := casefile.CheckPlace{Message: strings.TrimSpace(key) + " failed"}
	if m := atLine.FindStringSubmatch(r.said[key]); m != nil {
		n, _ := strconv.Atoi(m[2])
		p = casefile.CheckPlace{Path: m[1], Line: n, Message: strings.TrimSpace(e.Test + ": " + m[3])}
	}
	add(&r.out.Failures, p)
}
