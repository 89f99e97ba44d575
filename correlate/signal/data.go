package signal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// dataPoison finds one bad input that comes again and again: the same error
// line, down to the identifier of the record, over and over. A fault in code
// hits different records; a poisonous record hits the same code.
func dataPoison(v *view.View) []Finding {
	var out []Finding
	by := &v.By.Signal.Poison
	for e := range v.Names {
		best := Finding{}
		for _, t := range v.Logs.ByEnt[e] {
			tf := &v.Logs.Templates[t]
			if tf.Severity < evidence.SeverityWarn || tf.Count[1] < by.Lines || rateGain(v, t) == 0 {
				continue
			}
			id, same := recurring(v, t)
			if id == "" {
				continue
			}
			s := same * rateGain(v, t) * stat.Squash(float64(tf.Count[1]), float64(by.Lines))
			if s > best.Strength {
				best = Finding{
					Entity: e, Mechanism: report.MechanismData, Strength: s, Seen: tf.Count[1], Total: tf.Count[0] + tf.Count[1], Counts: linesCounted,
					Said: fmt.Sprintf("%s fails on the same input again and again (%s)", v.Names[e], id),
					Why:  fmt.Sprintf("%s fails on the same input again and again (%s): %q", v.Names[e], id, wording.Excerpt(v.Evidence.Logs[tf.Line].Said())),
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
// share in the incident, and how nearly. It must be told apart from other
// inputs: what never has another value is a constant.
func recurring(v *view.View, t int) (id string, share float64) {
	counts := map[inputID]int{}
	lines := 0
	for i, lt := range v.Logs.Line {
		if lt != t || v.Evidence.Logs[i].Baseline {
			continue
		}
		lines++
		for _, x := range lineInputs(&v.Evidence.Logs[i], &v.By.Signal.Poison) {
			counts[x]++
		}
	}
	var best inputID
	for x, n := range counts {
		if n > counts[best] || n == counts[best] && x.String() < best.String() {
			best = x
		}
	}
	if n := float64(counts[best]); lines > 0 && n >= v.By.Signal.Poison.Same*float64(lines) && varies(v, v.Logs.Templates[t].Entity, best) {
		return best.String(), n / float64(lines)
	}
	return "", 0
}

// varies tells whether a service's lines name other inputs under the same key.
// Where they name none at all, an identifier as only a machine makes them is
// taken for one of many.
func varies(v *view.View, e int, id inputID) bool {
	others, normal := map[string]bool{}, false
	for i, lt := range v.Logs.Line {
		if lt < 0 || v.Logs.Templates[lt].Entity != e {
			continue
		}
		for _, x := range lineInputs(&v.Evidence.Logs[i], &v.By.Signal.Poison) {
			if x.key != id.key {
				continue
			}
			normal = normal || v.Evidence.Logs[i].Baseline
			if x.value != id.value {
				others[x.value] = true
			}
		}
		if len(others) >= v.By.Signal.Poison.Others {
			return true
		}
	}
	return !normal && id.machineMade(&v.By.Signal.Poison)
}

// machineMade tells whether a value is longer than any port, line, version or
// number of a message, and most of it digits.
func (x inputID) machineMade(by *weights.Poison) bool {
	digits, letters := 0, 0
	for _, r := range x.value {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			letters++
		}
	}
	return digits >= by.Digits && digits+letters >= by.Characters && digits >= letters
}

// inputWords are the keys under which software logs what it was working on.
var inputWords = []string{"record", "offset", "message", "msg", "event", "row", "key", "document", "doc", "item", "job", "task", "batch", "payload", "order", "entity", "object", "file"}

// carrierWords name what carries work out, whatever it works on.
var carrierWords = []string{"pool", "thread", "worker", "executor", "consumer", "producer", "scheduler", "queue", "exec", "node", "shard", "partition"}

// inputID is an input as a line names it.
type inputID struct{ key, value string }

func (x inputID) String() string { return x.key + "=" + x.value }

// lineInputs are the inputs that a line names in its message, its error and its
// fields. A stack names places, never inputs.
func lineInputs(l *gathered.Line, by *weights.Poison) []inputID {
	var out []inputID
	for _, text := range []string{l.Text(), l.Error} {
		text, _, _ = strings.Cut(strings.TrimLeft(text, " \t\r\n"), "\n")
		out = append(out, inputIDs(text, by)...)
	}
	for _, k := range slices.Sorted(maps.Keys(l.Attributes)) {
		if id, ok := inputOf(k, l.Attributes[k], by); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// inputIDs are the parts of a text that identify an input: key=value, key:value,
// or the key as a word with the value after it, as in "record 1003:". Places in
// code and addresses are none.
func inputIDs(text string, by *weights.Poison) []inputID {
	var out []inputID
	before := ""
	for _, f := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ;,\"{}()[]\t", r) }) {
		if drain.IsPlace(strings.TrimRight(f, ":.")) {
			before = ""
			continue
		}
		k, val, ok := strings.Cut(f, "=")
		if !ok {
			if k, val, ok = strings.Cut(f, ":"); ok && val != "" && strings.ContainsAny(k, "-./") {
				before = "" // a host and its port
				continue
			}
		}
		if !ok || val == "" {
			k, val = before, f
		}
		before = f
		if id, is := inputOf(k, val, by); is {
			out = append(out, id)
		}
	}
	return out
}

// inputOf is the input that a key and its value name. The value must look like
// one of many: a number or an identifier with digits in it, no name, no file of
// source code and nothing that carries out work.
func inputOf(key, value string, by *weights.Poison) (inputID, bool) {
	const most = 200 // bytes
	value = strings.Trim(value, ":.'`")
	if len(value) < by.Letters || len(value) > most || drain.Mask(value) == value || drain.IsPlace(value+":1") {
		return inputID{}, false
	}
	isOne := func(words []string) func(string) bool {
		return func(w string) bool { return slices.Contains(words, strings.TrimSuffix(w, "s")) }
	}
	if !slices.ContainsFunc(metric.NameWords(key), isOne(inputWords)) ||
		slices.ContainsFunc(append(metric.NameWords(value), lastOf(metric.NameWords(key))), isOne(carrierWords)) {
		return inputID{}, false
	}
	return inputID{key, value}, true
}

func lastOf(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}
