package correlate

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// dataPoison finds one bad input that comes again and again: the same error
// line, down to the identifier of the record, over and over. A fault in code
// hits different records; a poisonous record hits the same code.
func dataPoison(v *view) []finding {
	var out []finding
	for e := range v.names {
		best := finding{}
		for _, t := range v.logs.byEnt[e] {
			tf := &v.logs.templates[t]
			if tf.severity < evidence.SeverityWarn || tf.count[1] < 3 || v.rateGain(t) == 0 {
				continue
			}
			id, same := v.recurring(t)
			if id == "" {
				continue
			}
			s := same * v.rateGain(t) * stat.Squash(float64(tf.count[1]), 3)
			if s > best.strength {
				best = finding{
					entity: e, mechanism: MechanismData, strength: s, seen: tf.count[1], total: tf.count[0] + tf.count[1],
					why:  fmt.Sprintf("%s fails on the same input again and again (%s): %q", v.names[e], id, shorten(v.c.Logs[tf.line].Body)),
					refs: []evidence.Ref{v.lineRef(tf.line)}, loci: []Locus{v.templateLocus(t)},
				}
			}
		}
		if best.strength > 0 {
			out = append(out, best)
		}
	}
	return out
}

// recurring is an identifier of an input that nearly all lines of a template
// share in the incident, and how nearly.
func (v *view) recurring(t int) (id string, share float64) {
	counts := map[string]int{}
	lines := 0
	for i, lt := range v.logs.line {
		if lt != t || v.c.Logs[i].Baseline {
			continue
		}
		lines++
		for _, x := range inputIDs(v.c.Logs[i].Body) {
			counts[x]++
		}
	}
	best := 0
	for x, n := range counts {
		if n > best || n == best && x < id {
			id, best = x, n
		}
	}
	if lines == 0 || float64(best) < 0.8*float64(lines) {
		return "", 0
	}
	return id, float64(best) / float64(lines)
}

// inputWords are the keys under which software logs what it was working on.
var inputWords = []string{"record", "offset", "message", "msg", "event", "row", "key", "document", "doc", "item", "job", "task", "batch", "payload", "order", "entity", "object", "file", "line"}

// inputIDs are the parts of a line that identify an input: key=value, key:value,
// or the key as a word with the value after it, as in "record 1003:".
func inputIDs(body string) []string {
	var out []string
	before := ""
	for _, f := range strings.FieldsFunc(body, func(r rune) bool { return r == ' ' || r == ';' || r == ',' || r == '"' || r == '{' || r == '}' }) {
		k, val, ok := strings.Cut(f, "=")
		if !ok {
			k, val, ok = strings.Cut(f, ":")
		}
		if !ok || val == "" {
			k, val = before, strings.TrimRight(f, ":.)")
		}
		before = f
		if len(val) < 3 || !strings.ContainsAny(val, "0123456789") {
			continue
		}
		for _, w := range nameWords(k) {
			if containsWord(inputWords, w) {
				out = append(out, k+"="+val)
				break
			}
		}
	}
	return out
}

func containsWord(words []string, w string) bool {
	for _, x := range words {
		if x == w {
			return true
		}
	}
	return false
}
