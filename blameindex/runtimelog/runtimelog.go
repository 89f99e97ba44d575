// Package runtimelog scores how well services log the decisions that they take
// at run time: with which fields, and how soon the decision was carried out.
//
// A line counts as a decision when it carries any of decision_id, context_hash,
// confidence_score and ts_ms; all four are due. A line whose event is
// decision_executed closes the decision of the same ID. Lines are untrusted.
package runtimelog

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// fieldNames are the fields of a runtime decision, in the order of the tables.
var fieldNames = [...]string{"decision_id", "context_hash", "confidence_score", "ts_ms"}

// Thresholds are what a service has to reach. The zero value reaches nothing;
// start from DefaultThresholds.
type Thresholds struct {
	Completeness float64       // share of due fields that are there and well formed
	Hash         float64       // share of decisions with a context_hash
	Latency      time.Duration // median from decision to execution
}

// DefaultThresholds are the seed's: 99.97 %, 100 %, 800 ms.
func DefaultThresholds() Thresholds {
	return Thresholds{Completeness: 0.9997, Hash: 1, Latency: 800 * time.Millisecond}
}

// Score is one service's.
type Score struct {
	Service   string  `json:"service"`
	Decisions int     `json:"decisions"`
	Fields    int     `json:"fields"` // well formed
	Due       int     `json:"due"`
	Hashes    int     `json:"hashes"`
	Executed  int     `json:"executed"` // decisions whose execution was logged
	Complete  float64 `json:"completeness"`
	Hashed    float64 `json:"context_hash_coverage"`
	// Latency is the median from decision to execution; nil when no execution
	// was logged and nobody can know.
	Latency *time.Duration `json:"latency_median,omitempty"`
	// Missed names the thresholds that were missed.
	Missed []string `json:"missed,omitempty"`
}

var (
	uuid4  = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)
	sha256 = regexp.MustCompile(`^(?:sha256:)?[0-9a-fA-F]{64}$`)
)

// wellFormed reports whether a field has a value that it may have.
func wellFormed(name, value string) bool {
	switch name {
	case "decision_id":
		return uuid4.MatchString(value)
	case "context_hash":
		return sha256.MatchString(value)
	case "confidence_score":
		f, err := strconv.ParseFloat(value, 64)
		return err == nil && f >= 0 && f <= 1
	default:
		_, ok := millis(value)
		return ok
	}
}

// leastMillis is 1973 in milliseconds and the year 5138 in seconds: what is less
// counts seconds, which is the usual mistake.
const leastMillis = 1e11

func millis(value string) (time.Time, bool) {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f < leastMillis || f > 1e14 || f != math.Trunc(f) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(f)), true
}

// tally is what was counted of one service.
type tally struct {
	score    Score
	decided  map[string]time.Time
	executed map[string]time.Time
}

// Read scores the lines per service, by name.
func Read(lines []evidence.LogLine, limits Thresholds) []Score {
	tallies := map[string]*tally{}
	for _, l := range lines {
		fields, event := fieldsOf(l)
		if len(fields) == 0 {
			continue
		}
		t := tallies[l.Service]
		if t == nil {
			t = &tally{score: Score{Service: l.Service}, decided: map[string]time.Time{}, executed: map[string]time.Time{}}
			tallies[l.Service] = t
		}
		t.count(l, fields, event)
	}
	out := make([]Score, 0, len(tallies))
	for _, t := range tallies {
		out = append(out, t.finish(limits))
	}
	slices.SortFunc(out, func(a, b Score) int { return cmp.Compare(a.Service, b.Service) })
	return out
}

func (t *tally) count(l evidence.LogLine, fields map[string]string, event string) {
	at, ok := millis(fields["ts_ms"])
	if !ok {
		at = l.Time
	}
	id := fields["decision_id"]
	if event == "decision_executed" {
		if first, seen := t.executed[id]; id != "" && (!seen || at.Before(first)) {
			t.executed[id] = at
		}
		return
	}
	t.score.Decisions++
	for _, name := range fieldNames {
		if wellFormed(name, fields[name]) {
			t.score.Fields++
			if name == "context_hash" {
				t.score.Hashes++
			}
		}
	}
	if first, seen := t.decided[id]; id != "" && (!seen || at.Before(first)) {
		t.decided[id] = at
	}
}

func (t *tally) finish(limits Thresholds) Score {
	s := t.score
	s.Due = s.Decisions * len(fieldNames)
	if s.Decisions > 0 {
		s.Complete, s.Hashed = float64(s.Fields)/float64(s.Due), float64(s.Hashes)/float64(s.Decisions)
		if s.Complete < limits.Completeness {
			s.Missed = append(s.Missed, "completeness")
		}
		if s.Hashed < limits.Hash {
			s.Missed = append(s.Missed, "context_hash")
		}
	}
	var delays []time.Duration
	for id, decided := range t.decided {
		if done, ok := t.executed[id]; ok {
			delays = append(delays, done.Sub(decided))
		}
	}
	if s.Executed = len(delays); s.Executed > 0 {
		slices.Sort(delays)
		// Of an even number the upper of the two in the middle: the other flatters.
		s = s.WithLatency(delays[len(delays)/2], limits)
	}
	return s
}

// WithLatency is the score with a median latency, from logs or, where those do
// not tell, from a histogram that the service keeps.
func (s Score) WithLatency(median time.Duration, limits Thresholds) Score {
	s.Latency = &median
	if median > limits.Latency {
		s.Missed = append(s.Missed, "latency")
	}
	return s
}

// pair finds the fields in running text, which the reader of lines leaves as it
// is.
var pair = regexp.MustCompile(`(?:^|\s)(?:[\w-]+\.)*(decision_id|context_hash|confidence_score|ts_ms|event)=("[^"]*"|[^\s"]+)`)

// maxPairs bounds what is read of one line.
const maxPairs = 32

// groupOf is what stands before the names of a decision's fields where they were logged
// inside of a group, as slog has them: "app." or, as Loki writes it, "app_". Empty for
// none; one name alone may only end like a field.
func groupOf(attributes map[string]string) (group string) {
	fields := map[string]int{}
	for key := range attributes {
		for _, name := range fieldNames {
			before, found := strings.CutSuffix(key, name)
			if !found || before == "" || !strings.ContainsAny(before[len(before)-1:], "._") {
				continue
			}
			if fields[before]++; fields[before] > 1 && (group == "" || before < group) {
				group = before
			}
		}
	}
	return group
}

// fieldsOf are the decision's fields, as the reader of lines found them or as
// they stand in the line's text, and the event that it tells of.
func fieldsOf(l evidence.LogLine) (fields map[string]string, event string) {
	pairs := map[string]string{}
	for _, m := range pair.FindAllStringSubmatch(l.Text(), maxPairs) {
		pairs[m[1]] = strings.Trim(m[2], `"`)
	}
	group := groupOf(l.Attributes)
	get := func(name string) string {
		return cmp.Or(l.Attributes[name], l.Attributes[strings.ReplaceAll(name, "_", ".")], l.Attributes[group+name], pairs[name])
	}
	fields = map[string]string{}
	for _, name := range fieldNames {
		if v := get(name); v != "" {
			fields[name] = v
		}
	}
	event = cmp.Or(get("event"), get("event_name"))
	if event == "" && strings.Contains(l.Text(), "decision_executed") {
		event = "decision_executed"
	}
	return fields, event
}
