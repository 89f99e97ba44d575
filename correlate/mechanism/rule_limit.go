package mechanism

import (
	"regexp"
	"strings"
)

func limitRule() Rule {
	return Rule{ID: "limit", Title: "A query or page lost its bound, its filter or its index", find: findLimit}
}

func findLimit(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		if isPageSize(e.After) && e.raised() {
			out = append(out, edited(e, Raised, "more-rows", "a query or page may return many more rows", SlowQuery, Slow, MemoryGrowth).sized(e))
		}
	}
	for _, d := range s.settings.dropped {
		if isPageSize(d) && d.Number && !s.boundsStill() {
			out = append(out, at(d.file, d.line, Removed, "setting-removed", "the bound on how many rows are read was removed", SlowQuery, Slow, MemoryGrowth))
		}
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		low := l.lower()
		switch {
		case boundsRows(low) && !s.boundsStill():
			if !matchedLine(out, f, l) {
				out = append(out, at(f, l, Removed, "bound-removed", "the bound on how many rows are read was removed", SlowQuery, Slow, MemoryGrowth))
			}
		case conditions(low) > 0 && s.fewerConditions(low):
			out = append(out, at(f, l, Removed, "condition-removed", "a condition of a query was removed: it reads more rows than before", SlowQuery, Slow, WrongResult))
		case definesIndex(low) && !s.anyNet('+', func(a *Line) bool { return definesIndex(a.lower()) }):
			out = append(out, at(f, l, Removed, "index-removed", "an index was removed: queries that used it read the whole table", SlowQuery, Slow))
		case filtersRows(low) && inQuery(h) && !s.anyNet('+', func(a *Line) bool { return filtersRows(a.lower()) }):
			out = append(out, at(f, l, Removed, "filter-removed", "a filter of a query was removed: it reads more rows than before", SlowQuery, Slow, WrongResult))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		low := l.lower()
		switch {
		case strings.Contains(low, "drop index"):
			out = append(out, at(f, l, Removed, "index-dropped", "an index is dropped: queries that used it read the whole table", SlowQuery, Slow))
		case defeatsIndex(low) && !s.anyNet('-', func(r *Line) bool { return defeatsIndex(r.lower()) }):
			out = append(out, at(f, l, Changed, "index-unusable", "the condition cannot use an index: the whole table is read", SlowQuery, Slow))
		}
	})
	return out
}

// conditions counts the conditions of a query that stands on one line.
func conditions(low string) int {
	if !containsAny(low, "select ", "from ") || !strings.Contains(low, "where ") {
		return 0
	}
	return 1 + strings.Count(low, " and ")
}

// fewerConditions reports whether an added line holds the same query with fewer
// conditions, or with none.
func (s *scan) fewerConditions(before string) bool {
	_, after, _ := strings.Cut(before, "from ")
	table, _, _ := strings.Cut(after, " ")
	if table == "" {
		return false
	}
	return s.anyNet('+', func(l *Line) bool {
		low := l.lower()
		return strings.Contains(low, "from "+table) && conditions(low) < conditions(before) && !boundsRows(low)
	})
}

func isPageSize(s Setting) bool {
	if s.has("pool", "conns", "connections", "rate", "memory", "cpu", "cache", "retry", "upload", "body") {
		return false
	}
	return s.has("page", "fetch", "batch", "result", "results", "rows") && s.has("size", "limit", "max", "count", "per") && !s.has("chunk", "batch") ||
		s.Key == "limit" || s.Key == "pagesize" || s.Key == "perpage" || s.Key == "top" || s.Key == "maxresults" || s.Key == "setmaxresults" || s.Key == "take"
}

func matchedLine(ms []Match, f *File, l *Line) bool {
	for _, m := range ms {
		if m.File == f.Path && m.Line == l.No && strings.HasSuffix(m.Hunk, clip(l.Text)) {
			return true
		}
	}
	return false
}

// boundsStill reports whether an added line bounds a number of rows.
func (s *scan) boundsStill() bool {
	return s.anyNet('+', func(l *Line) bool { return boundsRows(l.lower()) })
}

var rowBound = regexp.MustCompile(`\blimit\s+(\d|\$|\?|:|%|@|\{)|\bfetch (first|next)\b|\brownum\b|\btop\s*\(?\d|\.(limit|take|setmaxresults|paginate|page|per)\(`)

// boundsRows reports whether a line, in lower case, bounds how many rows a query
// returns.
func boundsRows(low string) bool {
	return containsAny(low, "limit", "fetch", "rownum", "top", "take", "setmaxresults", "page", "per(") && rowBound.MatchString(low)
}

func definesIndex(low string) bool {
	return containsAny(low, "create index", "create unique index", "@index", "db_index=true", "add_index", "index: true", ".createindex(", ".ensureindex(", "hasindex(", "use index", "force index") ||
		strings.HasPrefix(low, "index(") || strings.HasPrefix(low, "key ") && strings.Contains(low, "(")
}

func filtersRows(low string) bool {
	return containsAny(low, "where ", " and ", ".where(", ".filter(") && !strings.HasPrefix(low, "if ") && containsAny(low, "=", "<", ">", " in ", "like", "between", "(")
}

// inQuery reports whether a hunk holds a piece of SQL or a query builder.
func inQuery(h *Hunk) bool {
	for i := range h.Lines {
		if low := h.Lines[i].lower(); containsAny(low, "select ", "from ", ".where(", "queryset", ".query(") {
			return true
		}
	}
	return false
}

var functionOnColumn = regexp.MustCompile(`where\s.*\b(lower|upper|date|cast|trim|substr|coalesce|to_char|date_trunc)\s*\(`)

func defeatsIndex(low string) bool {
	return containsAny(low, "like '%", `like "%`, "__icontains", "ilike '%", `$regex`) || strings.Contains(low, "where") && functionOnColumn.MatchString(low)
}
