package mechanism

import (
	"regexp"
	"strings"
)

func schemaRule() Rule {
	return Rule{ID: "schema", Title: "A field, column or message that others read or write changed its name, number or type", find: findSchema}
}

var (
	fieldTag   = regexp.MustCompile("(?:json|xml|yaml|bson|db|protobuf|avro|msgpack|gorm|column):\\\\?\"([^\"]+)|@(?:JsonProperty|SerializedName|Column|JsonPropertyName|JsonProperty)\\s*\\(\\s*(?:name\\s*=\\s*)?\"([^\"]+)|\\[JsonPropertyName\\(\"([^\"]+)")
	protoField = regexp.MustCompile(`^(?:optional |repeated |required )?(\w[\w.<>, ]*)\s+(\w+)\s*=\s*(\d+)\s*(?:\[.*\])?;$`)
	ddl        = regexp.MustCompile(`(?i)\b(?:drop\s+(?:column|table|view)|rename\s+(?:column|to|table)|alter\s+(?:column|table\s+\S+\s+(?:alter|modify|change|drop|rename))|set\s+not\s+null|modify\s+column|change\s+column|remove_column|rename_column|change_column|removefield|renamefield|alterfield|dropcolumn|renamecolumn)`)
)

func findSchema(s *scan) []Match {
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if changesTable(l) && !takesBack(f, h, i) {
			out = append(out, at(f, l, Changed, "table", "the table changes in a way that code which runs beside it does not expect", SchemaDrift, Decode, Unhandled))
		}
		if f.Kind == Code && locksTable(l.lower()) && (isSQL(f) || containsAny(l.lower(), "alter table", "create ")) && !takesBack(f, h, i) {
			out = append(out, at(f, l, Changed, "locks-table", "the migration locks the table while it rewrites or indexes it", Contention, Slow, Timeout, Hang))
		}
		if containsAny(l.Code, "additionalProperties: false", "DisallowUnknownFields", "FAIL_ON_UNKNOWN_PROPERTIES, true", "extra = \"forbid\"", "extra='forbid'", ".strict()") {
			out = append(out, at(f, l, Added, "strict", "fields that are not known are now refused", Decode, Rejected))
		}
	})
	out = append(out, changedTags(s)...)
	return append(out, changedProto(s)...)
}

// changesTable reports whether a line changes or drops part of a table.
func changesTable(l *Line) bool {
	return containsAny(l.lower(), "drop", "rename", "alter", "not null", "modify", "change", "remove") && ddl.MatchString(l.Code)
}

// locksTable reports whether a statement keeps writers out for as long as it
// takes: an index built in the foreground, a column that must be filled.
func locksTable(low string) bool {
	return strings.Contains(low, "create index") && !strings.Contains(low, "concurrently") || strings.Contains(low, "create unique index") && !strings.Contains(low, "concurrently") ||
		strings.Contains(low, "add column") && strings.Contains(low, "not null") || strings.Contains(low, "vacuum full") || strings.Contains(low, "add constraint") && !strings.Contains(low, "not valid")
}

func isSQL(f *File) bool { return strings.HasSuffix(f.Path, ".sql") }

var (
	// downPath is a file that takes a migration back and was not run: pool.down.sql of
	// golang-migrate, pool-down.sql of db-migrate, down.sql of Diesel, U2__pool.sql of
	// Flyway, and Sqitch's folder.
	downPath = regexp.MustCompile(`(?i)(?:^|[/._-])(?:down|rollback|undo)\.sql$|(?:^|/)U[\d._]+__[^/]*\.sql$|(?:^|/)revert/[^/]+\.sql$`)
	// direction begins a part of a file that has both ways: the comments of goose,
	// sql-migrate and dbmate, the methods of Rails, Laravel, Alembic, Knex, Sequelize
	// and Entity Framework.
	direction = regexp.MustCompile(`(?i)^\s*--\s*(?:\+(?:goose|migrate)\s+|migrate:)(up|down)\b|^\s*(?:[\w.]+\s+)*(?:[\w.]+\.)?(up|down|upgrade|downgrade)\s*(?:[(:=]|$)`)
)

// takesBack reports whether a line is in the part of a migration that takes it back:
// the change that came with it did not run that.
func takesBack(f *File, h *Hunk, i int) bool {
	if downPath.MatchString(f.Path) {
		return true
	}
	for j := i; j >= 0; j-- {
		if m := direction.FindStringSubmatch(h.Lines[j].Text); m != nil {
			return strings.HasPrefix(strings.ToLower(m[1]+m[2]), "down")
		}
	}
	return false
}

func tagOf(l *Line) string {
	if !strings.Contains(l.Code, "\"") {
		return ""
	}
	m := fieldTag.FindStringSubmatch(l.Code)
	for i := 1; i < len(m); i++ {
		if m[i] != "" {
			name, _, _ := strings.Cut(m[i], ",")
			return name
		}
	}
	return ""
}

// changedTags finds names on the wire that are gone or that were exchanged.
func changedTags(s *scan) []Match {
	added := map[string]bool{}
	fresh := false
	s.visit('+', func(_ *File, h *Hunk, i int) {
		if t := tagOf(&h.Lines[i]); t != "" {
			added[t] = true
			fresh = true
		}
	})
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		t := tagOf(l)
		switch {
		case t == "" || added[t] && !typeChanged(s, l, t):
		case added[t]:
			out = append(out, at(f, l, Changed, "field-type", "the field "+t+" changed its type on the wire", Decode, SchemaDrift, WrongResult))
		case fresh:
			out = append(out, at(f, l, Changed, "field-name", "the field "+t+" has another name on the wire: the other side neither reads nor writes it", Decode, SchemaDrift, WrongResult, NilDeref))
		default:
			out = append(out, at(f, l, Removed, "field-removed", "the field "+t+" is gone from the message", SchemaDrift, Decode, WrongResult, NilDeref))
		}
	})
	return out
}

// typeChanged reports whether the added line with the same tag has other type
// words before it.
func typeChanged(s *scan, removed *Line, tag string) bool {
	head, _, _ := strings.Cut(removed.Code, "`")
	return s.anyNet('+', func(l *Line) bool {
		h, _, _ := strings.Cut(l.Code, "`")
		a, b := strings.Fields(head), strings.Fields(h)
		return tagOf(l) == tag && len(a) == 2 && len(b) == 2 && a[0] == b[0] && a[1] != b[1]
	})
}

// protoOf takes a field of a protobuf message apart: type, name, number.
func protoOf(f *File, l *Line) []string {
	if !strings.HasSuffix(f.Path, ".proto") {
		return nil
	}
	return protoField.FindStringSubmatch(l.Code)
}

func changedProto(s *scan) []Match {
	before := map[string][]string{}
	s.visit('-', func(f *File, h *Hunk, i int) {
		if m := protoOf(f, &h.Lines[i]); m != nil {
			before[m[3]] = m
		}
	})
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if m := protoOf(f, l); m != nil && before[m[3]] != nil && before[m[3]][1] != m[1] {
			out = append(out, at(f, l, Changed, "number-type", "field number "+m[3]+" now carries another type", Decode, SchemaDrift))
		}
	})
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		m := protoOf(f, l)
		if m == nil {
			return
		}
		if s.anyNet('+', func(a *Line) bool {
			n := protoField.FindStringSubmatch(a.Code)
			return n != nil && n[2] == m[2] && n[3] != m[3]
		}) {
			out = append(out, at(f, l, Changed, "number", "field "+m[2]+" has another number: old and new versions misread each other", Decode, SchemaDrift, WrongResult))
		}
	})
	return out
}
