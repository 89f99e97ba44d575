package mechanism

import "strings"

// Setting is one named value that a line sets: an assignment, a field of a
// literal, an argument of a call, a key of a configuration file.
type Setting struct {
	Key   string   // the nearest name, lower case, without separators
	Words []string // words of every name to the left of the value and of its parents
	Raw   string   // the value as written
	// Value is the number, durations in seconds, sizes in bytes; valid when
	// Number is true.
	Value  float64
	Number bool
	line   *Line
	file   *File
	hunk   *Hunk
}

// Edit is one setting before and after.
type Edit struct {
	Before, After Setting
}

// has reports whether any of the words occurs among the setting's words.
func (s Setting) has(words ...string) bool {
	for _, w := range s.Words {
		for _, x := range words {
			if w == x {
				return true
			}
		}
	}
	return false
}

// keyHas reports whether the nearest name itself contains any of the parts.
func (s Setting) keyHas(parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s.Key, p) {
			return true
		}
	}
	return false
}

// settings are what changed among the named values of a patch.
type settings struct {
	edits   []Edit
	dropped []Setting // removed without a successor
	gained  []Setting // added without a predecessor
}

// settings pairs the named values of net removed lines with those of net added
// ones: within the hunk first, then within the file.
func (p *Patch) settings() settings {
	var s settings
	for _, f := range p.Files {
		if f.Kind.Innocent() {
			continue
		}
		var removed, added []Setting
		for _, h := range f.Hunks {
			r, a := h.settings(f)
			edits, r, a := pair(r, a)
			s.edits = append(s.edits, edits...)
			removed, added = append(removed, r...), append(added, a...)
		}
		edits, removed, added := pair(removed, added)
		s.edits = append(s.edits, edits...)
		s.dropped, s.gained = append(s.dropped, removed...), append(s.gained, added...)
	}
	return s
}

// pair matches by key, each setting once, and leaves out pairs that are equal.
func pair(removed, added []Setting) (edits []Edit, restRemoved, restAdded []Setting) {
	byKey := map[string][]int{}
	for i, a := range added {
		byKey[a.Key] = append(byKey[a.Key], i)
	}
	used := make([]bool, len(added))
	for _, r := range removed {
		at := byKey[r.Key]
		if len(at) == 0 {
			restRemoved = append(restRemoved, r)
			continue
		}
		byKey[r.Key], used[at[0]] = at[1:], true
		a := added[at[0]]
		if r.Number && a.Number && r.Value == a.Value || r.Raw == a.Raw {
			continue
		}
		edits = append(edits, Edit{r, a})
	}
	for i, a := range added {
		if !used[i] {
			restAdded = append(restAdded, a)
		}
	}
	return edits, restRemoved, restAdded
}

func (h *Hunk) settings(f *File) (removed, added []Setting) {
	for i := range h.Lines {
		l := &h.Lines[i]
		if !l.Net {
			continue
		}
		for _, s := range f.settingsOf(l) {
			s.file, s.hunk = f, h
			if f.Kind == Config {
				s.Words = append(s.Words, h.parents(i)...)
			}
			if l.Op == '-' {
				removed = append(removed, s)
			} else {
				added = append(added, s)
			}
		}
	}
	return removed, added
}

// settingsOf reads a line of a configuration file whole, as "key: value" or
// "key = value", since values there need no quotes; other lines, and values with
// a structure of their own, token by token.
func (f *File) settingsOf(l *Line) []Setting {
	if f.Kind == Config || f.Kind == Manifest && strings.HasPrefix(l.Code, "ENV ") {
		if s, ok := configSetting(l); ok {
			return []Setting{s}
		}
	}
	return lineSettings(l)
}

func configSetting(l *Line) (Setting, bool) {
	c := strings.TrimPrefix(strings.TrimPrefix(l.Code, "- "), "ENV ")
	i := strings.IndexAny(c, "=:")
	if i <= 0 || strings.HasPrefix(c, "<") {
		return Setting{}, false
	}
	key := strings.Trim(c[:i], " \"'-")
	raw := strings.Trim(strings.TrimSuffix(strings.TrimLeft(c[i:], "=: "), ","), " \"'")
	if key == "" || raw == "" || strings.ContainsAny(raw[:1], "{[|>&*-(") || strings.ContainsAny(key, "{(") {
		return Setting{}, false
	}
	s := Setting{Key: foldKey(key[strings.LastIndexAny(key, " .")+1:]), Words: Words(key), Raw: raw, line: l}
	if toks := tokenise(raw); len(toks) > 0 {
		if v, unit, ok := numeric(toks, 0); ok {
			v, unit, last := product(toks, 0, v, unit)
			if last == len(toks)-1 {
				s.Value, s.Number = v*scale(unit), true
			}
		}
	}
	return s, true
}

// parents are the words of the keys above line i of a configuration file:
// less indented lines, or the section header of an INI file.
func (h *Hunk) parents(i int) []string {
	var out []string
	depth := h.Lines[i].Indent
	for j := i - 1; j >= 0; j-- {
		l := &h.Lines[j]
		if l.Code == "" || h.Lines[i].Op == '+' && l.Op == '-' || h.Lines[i].Op == '-' && l.Op == '+' {
			continue
		}
		if strings.HasPrefix(l.Code, "[") {
			return append(out, Words(l.Code)...)
		}
		if l.Indent < depth {
			depth = l.Indent
			key, _, _ := strings.Cut(l.Code, ":")
			out = append(out, Words(key)...)
		}
	}
	return append(out, Words(h.Header)...)
}

// lineSettings reads the named values of one line. A number belongs to the name
// nearest to its left, past operators, factors and constructors of units.
func lineSettings(l *Line) []Setting {
	toks := l.tokens()
	var out []Setting
	for i := 0; i < len(toks); i++ {
		v, unit, ok := numeric(toks, i)
		if !ok {
			if s, ok := literal(toks, i); ok {
				s.line = l
				out = append(out, s)
			}
			continue
		}
		first := i
		v, unit, i = product(toks, i, v, unit)
		k := nameLeftOf(toks, first)
		if k < 0 {
			continue
		}
		s := Setting{Key: foldKey(toks[k].text), Words: wordsLeftOf(toks, first), Raw: joinTokens(toks[first : i+1]), Number: true, line: l}
		if unit == "" {
			unit = constructorUnit(toks, first)
		}
		s.Value = v * scale(unit)
		out = append(out, s)
	}
	return out
}

func foldKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == '.':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// literal reads a value that is not a number: key = "text", key: true, and a
// bare word after a colon at the end of a configuration line.
func literal(toks []token, i int) (Setting, bool) {
	t := toks[i]
	if i < 2 && (i != 1 || t.kind != stringToken) {
		return Setting{}, false
	}
	prev := toks[i-1].text
	sets := prev == "=" || prev == ":" || prev == ":=" || prev == "=>" || prev == "(" || prev == ","
	if !sets || toks[i-1].kind != punctToken {
		return Setting{}, false
	}
	word := t.kind == identToken && (i == len(toks)-1 || isLiteral(t.text))
	if t.kind != stringToken && !word || prev == "(" && t.kind == identToken && !isLiteral(t.text) {
		return Setting{}, false
	}
	k := nameLeftOf(toks, i)
	if k < 0 {
		return Setting{}, false
	}
	return Setting{Key: foldKey(toks[k].text), Words: wordsLeftOf(toks, i), Raw: t.text}, true
}

func isLiteral(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "null", "nil", "none", "on", "off", "yes", "no":
		return true
	}
	return false
}

// nameLeftOf is the index of the name that the value at i is given to, or -1.
func nameLeftOf(toks []token, i int) int {
	for j := i - 1; j >= 0; j-- {
		t := toks[j]
		switch t.kind {
		case identToken:
			if isKeyword(t.text) || isUnit(t.text) || isType(t.text) || isLiteral(t.text) {
				continue
			}
			if j+1 < i && toks[j+1].text == "." && isUnitChain(toks, j, i) {
				continue
			}
			return j
		case stringToken:
			if t.text != "" && !strings.Contains(t.text, " ") && isLetter(t.text[0]) {
				return j
			}
		}
	}
	return -1
}

// isUnitChain reports whether the name at j only carries a unit, as the time of
// time.Duration(5) or the Duration of Duration.ofSeconds(5).
func isUnitChain(toks []token, j, i int) bool {
	return j+2 < i && toks[j+1].text == "." && (isUnit(toks[j+2].text) || isType(toks[j+2].text))
}

func isType(s string) bool {
	switch s {
	case "int", "int32", "int64", "uint", "uint32", "uint64", "long", "Long", "Integer", "float", "double", "float64", "string", "String", "str", "number", "bool", "boolean", "Boolean", "Duration", "duration", "TimeSpan", "timedelta", "void", "time", "Optional", "ENV", "ARG", "env":
		return true
	}
	return false
}

// mostText bounds the strings that are read as words of a key.
const mostText = 64

func wordsLeftOf(toks []token, i int) []string {
	var out []string
	for _, t := range toks[:i] {
		if t.kind == identToken || t.kind == stringToken && len(t.text) < mostText {
			out = append(out, Words(t.text)...)
		}
	}
	return out
}

func joinTokens(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		b.WriteString(t.text)
	}
	return b.String()
}
