package signal

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// dataPoison finds one bad input that comes again and again: the same error
// line, down to the identifier of the record, over and over. A fault in code
// hits different records; a poisonous record hits the same code.
func dataPoison(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		best := Finding{}
		for _, t := range v.Logs.ByEnt[e] {
			tf := &v.Logs.Templates[t]
			if tf.Severity < evidence.SeverityWarn || tf.Count[1] < 3 || rateGain(v, t) == 0 {
				continue
			}
			id, same := recurring(v, t)
			if id == "" {
				continue
			}
			s := same * rateGain(v, t) * stat.Squash(float64(tf.Count[1]), 3)
			if s > best.Strength {
				best = Finding{
					Entity: e, Mechanism: report.MechanismData, Strength: s, Seen: tf.Count[1], Total: tf.Count[0] + tf.Count[1],
					Said: fmt.Sprintf("%s fails on the same input again and again (%s)", v.Names[e], id),
					Why:  fmt.Sprintf("%s fails on the same input again and again (%s): %q", v.Names[e], id, wording.Shorten(v.Evidence.Logs[tf.Line].Said())),
					Refs: []evidence.Ref{lineRef(v, tf.Line)}, Loci: []report.Locus{templateLocus(v, t)},
				}
			}
		}
		if best.Strength > 0 {
			out = append(out, best)
		}
	}
	return out
}

// recurring is an identifier of an input that nearly all lines of a template
// share in the incident, and how nearly.
func recurring(v *view.View, t int) (id string, share float64) {
	counts := map[string]int{}
	lines := 0
	for i, lt := range v.Logs.Line {
		if lt != t || v.Evidence.Logs[i].Baseline {
			continue
		}
		lines++
		for _, x := range InputIDs(v.Evidence.Logs[i].Text()) {
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

// InputIDs are the parts of a line that identify an input: key=value, key:value,
// or the key as a word with the value after it, as in "record 1003:".
func InputIDs(body string) []string {
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
		for _, w := range metric.NameWords(k) {
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
