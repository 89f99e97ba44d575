package view

import "strings"

// represent finds the line that stands for each template.
func (v *View) represent() {
	type errorKey struct {
		template int
		text     string
	}
	type errorFact struct {
		template, line int
		count, alone   [2]int
	}
	l := &v.Logs
	var facts []errorFact // in order of first sight
	index, seen := map[errorKey]int{}, map[templateTrace]bool{}
	for i, t := range l.Line {
		if t < 0 || !l.Templates[t].varies {
			continue
		}
		ln := &v.Evidence.Logs[i]
		sd := SideOf(ln.Baseline)
		key := errorKey{t, withoutDigits(ln.Error)}
		n, ok := index[key]
		if !ok {
			n, index[key] = len(facts), len(facts)
			facts = append(facts, errorFact{template: t, line: -1})
		}
		f := &facts[n]
		if sd == 1 && f.line < 0 {
			f.line = i
		}
		if ln.TraceID != "" {
			k := templateTrace{n, ln.TraceID}
			if seen[k] {
				continue
			}
			seen[k] = true
		} else {
			f.alone[sd]++
		}
		f.count[sd]++
	}
	for t := range l.Templates {
		f := &l.Templates[t]
		f.Line, f.Saying, f.SayingAlone = f.Begin, f.Count, f.Alone
		if f.varies && f.Count[1] > 0 {
			f.Saying = [2]int{}
		}
	}
	for i := range facts {
		said := &facts[i]
		if f := &l.Templates[said.template]; said.line >= 0 && said.count[1] > f.Saying[1] || said.line >= 0 && said.count[1] == f.Saying[1] && said.line < f.Line {
			f.Line, f.Saying, f.SayingAlone = said.line, said.count, said.alone
		}
	}
}

// withoutDigits is an error without what tells one occurrence from another: ports,
// numbers, how long it took.
func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}
