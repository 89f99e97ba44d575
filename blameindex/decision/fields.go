package decision

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// fromNode reads a mapping as a record; false when it is none. offset is added
// to line numbers, for front matter.
func fromNode(name string, n *yaml.Node, offset int) (Record, bool) {
	f := readFields(n, offset)
	idKey, id := f.pick("decision_id", "id")
	_, isRule := f.values["checks"]
	five := 0
	for _, k := range []string{"why", "rationale", "what", "who", "when", "how"} {
		if _, ok := f.values[k]; ok {
			five++
		}
	}
	if id == nil && five < 3 {
		return Record{}, false
	}
	if idKey == "id" && five == 0 && !isRule && text(f.values["kind"]) != KindRule {
		return Record{}, false // any YAML file with an id is not a decision
	}
	r := Record{Kind: KindDecision, Form: FormFive, lines: maps.Clone(f.lines)}
	r.Path, r.Line = name, offset+1
	if root := resolve(n); root != nil && root.Line > 0 {
		r.Line = root.Line + offset
	}
	r.ID = text(id)
	r.lines["decision_id"] = f.lines[idKey]
	if text(f.values["kind"]) == KindRule || five == 0 && isRule {
		r.Kind = KindRule
		if idKey == "decision_id" && f.values["id"] != nil {
			r.ID = text(f.values["id"])
		}
		r.Governs = text(f.values["decision_id"])
	}
	r.readPlain(f)
	r.readWho(f, offset)
	r.readWhen(f, offset)
	r.readHow(f, offset)
	r.readChecks(f, offset)
	for _, k := range slices.Sorted(maps.Keys(f.twice)) {
		r.Faults = append(r.Faults, Fault{Path: name, Line: f.twice[k], Dimension: "syntax", Message: fmt.Sprintf("key %q stands here a second time; the first counts", k)})
	}
	return r, true
}

func (r *Record) readPlain(f fields) {
	whyKey, why := f.pick("why", "rationale")
	r.Why, r.lines["why"] = text(why), f.lines[whyKey]
	r.What = text(f.values["what"])
	r.Title = text(f.values["title"])
	r.readStatus(text(f.values["status"]))
	if _, n := f.pick("superseded_by", "superseded-by", "supersededBy"); text(n) != "" {
		by := text(n)
		r.SupersededBy = by
		if l := link.FindStringSubmatch(by); l != nil {
			r.SupersededBy = l[2]
		}
	}
	scopeKey, scope := f.pick("scope", "impact_scope")
	r.Scope, r.lines["scope"] = texts(scope), f.lines[scopeKey]
	for _, k := range []string{"code", "references", "refs"} {
		for _, s := range texts(f.values[k]) {
			r.References = append(r.References, FindReferences(s)...)
		}
	}
	for _, s := range []string{r.Why, r.What} {
		r.References = append(r.References, FindReferences(s)...)
	}
}

func (r *Record) readWho(f fields, offset int) {
	who := f.values["who"]
	if who == nil || who.Kind != yaml.MappingNode {
		return
	}
	w := readFields(who, offset)
	r.Who = evidence.DecisionWho{Initiator: text(w.values["initiator"]), Approver: text(w.values["approver"]), Executor: text(w.values["executor"])}
	for k, line := range w.lines {
		r.lines["who."+k] = line
	}
}

func (r *Record) readWhen(f fields, offset int) {
	when := f.values["when"]
	if when == nil || when.Kind != yaml.MappingNode {
		return
	}
	w := readFields(when, offset)
	for _, part := range []struct {
		name string
		to   *time.Time
	}{{"effective_at", &r.When.EffectiveAt}, {"logged_at", &r.When.LoggedAt}} {
		n, there := w.values[part.name]
		if !there {
			continue
		}
		field := "when." + part.name
		r.lines[field] = w.lines[part.name]
		t, err := parseTime(text(n))
		if err != nil {
			r.fault(field, "when", "%s %q is not an ISO 8601 time with a zone, as 2024-06-15T14:30:00+08:00", part.name, clip(text(n)))
			// A wrong value is not a missing one as well.
			r.lines[field+"!"] = 1
			continue
		}
		*part.to = t
	}
}

func parseTime(s string) (time.Time, error) {
	var err error
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "20060102T150405Z0700"} {
		var t time.Time
		if t, err = time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, err
}

func (r *Record) readHow(f fields, offset int) {
	how := f.values["how"]
	h := fields{values: f.values, lines: f.lines}
	switch {
	case how != nil && how.Kind == yaml.MappingNode:
		h = readFields(how, offset)
	case text(how) != "":
		r.How.Rollout = text(how)
		return
	case how == nil:
		return
	default:
		// "how:" with nothing under it and its parts at the margin is what is
		// left when a record went through something that eats indentation.
		for _, k := range []string{"config_diff", "rollout", "verify", "rollback"} {
			if f.values[k] != nil {
				r.note(k, "how", "%s stands at the margin; indent it under how", k)
			}
		}
	}
	r.How.ConfigDiff, r.How.Rollout = text(h.values["config_diff"]), text(h.values["rollout"])
	r.lines["verify"] = h.lines["verify"]
	r.readVerify(h.values["verify"], offset)
	r.How.Rollback = readRollback(h.values["rollback"])
	r.lines["actions"] = h.lines["actions"]
	r.How.Actions = readRollback(h.values["actions"])
	r.readDrills(resolve(h.values["rollback"]), offset)
}

func (r *Record) readVerify(n *yaml.Node, offset int) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for i, item := range items {
		field := "verify." + strconv.Itoa(i)
		r.lines[field] = item.Line + offset
		c, err := readCondition(resolve(item))
		if err != nil {
			r.fault(field, "how", "verify: %v", err)
			continue
		}
		r.How.Verify = append(r.How.Verify, c)
	}
}

func readCondition(n *yaml.Node) (evidence.Condition, error) {
	if n != nil && n.Kind == yaml.MappingNode {
		f := readFields(n, 0)
		c := evidence.Condition{Expr: text(f.values["expr"]), Op: text(f.values["op"]), Unit: text(f.values["unit"])}
		v, err := strconv.ParseFloat(text(f.values["value"]), 64)
		if err != nil || c.Expr == "" || !operator(c.Op) {
			return c, fmt.Errorf("a condition in parts needs expr, op (one of < <= > >= == !=) and a number as value")
		}
		c.Value = v
		c.Text = strings.Join(strings.Fields(c.Expr), " ") + " " + c.Op + " " + strconv.FormatFloat(v, 'g', -1, 64)
		return c, nil
	}
	return ParseCondition(text(n))
}

func readRollback(n *yaml.Node) map[string]string {
	switch {
	case n == nil || n.Tag == "!!null":
		return nil
	case n.Kind == yaml.MappingNode:
		out := map[string]string{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if s := partText(resolve(n.Content[i+1])); s != "" {
				out[n.Content[i].Value] = s
			}
		}
		return out
	case stepsText(n) != "":
		return map[string]string{"steps": stepsText(n)}
	}
	return nil
}

// stepsText is a scalar, or a sequence with one step a line.
func stepsText(n *yaml.Node) string {
	if n != nil && n.Kind == yaml.SequenceNode {
		return strings.Join(texts(n), "\n")
	}
	return text(n)
}

// partText is a part of the rollback plan as text; a part in parts keeps them
// as "name: value", by name.
func partText(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.MappingNode {
		return stepsText(n)
	}
	f := readFields(n, 0)
	var out []string
	for _, k := range slices.Sorted(maps.Keys(f.values)) {
		out = append(out, k+": "+text(f.values[k]))
	}
	return strings.Join(out, "; ")
}

func (r *Record) readChecks(f fields, offset int) {
	n := f.values["checks"]
	if n == nil || n.Kind != yaml.SequenceNode {
		return
	}
	for i, item := range n.Content {
		c := readFields(item, offset)
		if len(n.Content) == 1 && c.values["pattern"] == nil && f.values["pattern"] != nil {
			r.note("pattern", "checks", "pattern, severity and message stand at the margin; indent them under the check")
			for _, k := range []string{"pattern", "severity", "message"} {
				c.values[k] = f.values[k]
			}
		}
		r.lines["checks."+strconv.Itoa(i)] = item.Line + offset
		r.Checks = append(r.Checks, evidence.DecisionCheck{
			Type: text(c.values["type"]), Pattern: text(c.values["pattern"]),
			Severity: strings.ToLower(text(c.values["severity"])), Message: text(c.values["message"]),
		})
	}
}

// clip shortens hostile text for a message.
func clip(s string) string {
	const most = 80
	if rs := []rune(s); len(rs) > most {
		return string(rs[:most]) + "…"
	}
	return s
}
