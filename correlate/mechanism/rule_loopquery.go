package mechanism

import "strings"

func loopQueryRule() Rule {
	return Rule{ID: "loop-query", Title: "A query or remote call is now made once per element", find: findLoopQuery}
}

func findLoopQuery(s *scan) []Match {
	var out []Match
	before := s.callsInLoops()
	queried := s.definesQuery()
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			inside := h.loopsAround('+')
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Op != '+' || !inside[i] {
					continue
				}
				name, kind := remoteCall(l, queried)
				if name == "" || before[name] {
					continue
				}
				out = append(out, at(f, l, Added, kind, "within a loop, "+name+" is called once per element: one request fans out into many", QueryFanOut, SlowQuery, Slow))
			}
		}
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if loadsTogether(l.lower()) && !s.anyNet('+', func(a *Line) bool { return loadsTogether(a.lower()) }) {
			out = append(out, at(f, l, Removed, "not-together", "what loaded related rows together was removed: each is now loaded on its own", QueryFanOut, SlowQuery, Slow))
		}
	})
	return out
}

// callsInLoops are the names called within loops before the change.
func (s *scan) callsInLoops() map[string]bool {
	names := map[string]bool{}
	for _, f := range s.Files {
		for _, h := range f.Hunks {
			inside := h.loopsAround('-')
			for i := range h.Lines {
				if l := &h.Lines[i]; l.Op == '-' && inside[i] {
					for _, n := range l.calls() {
						names[n] = true
					}
				}
			}
		}
	}
	return names
}

// definesQuery are the functions whose body, as far as the diff shows it, talks
// to a store or another service.
func (s *scan) definesQuery() map[string]bool {
	names := map[string]bool{}
	for _, f := range s.Files {
		for _, h := range f.Hunks {
			current := ""
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Op == '-' {
					continue
				}
				if n := functionDefined(l); n != "" {
					current = n
				}
				if current != "" && talksToStore(l) {
					names[current] = true
				}
			}
		}
	}
	return names
}

// functionDefined is the name of the function that a line begins.
func functionDefined(l *Line) string {
	c := l.Code
	if !strings.HasPrefix(c, "func ") && !strings.HasPrefix(c, "def ") && !strings.HasPrefix(c, "async ") && !strings.HasSuffix(c, "{") && !strings.HasPrefix(c, "export ") && !strings.HasPrefix(c, "function ") {
		return ""
	}
	if isLoopHeader(l) || strings.HasPrefix(c, "if ") || strings.HasPrefix(c, "} ") {
		return ""
	}
	names := l.calls()
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// mostBare is how many tokens a line has at most that only names a store.
const mostBare = 2

// talksToStore reports whether a line asks a database or another service, by its words.
func talksToStore(l *Line) bool {
	low := l.lower()
	return containsAny(low, "select ", "insert into", "update ", "delete from", "queryrow", "querycontext", ".query(", "execute(", "http.get(", "client.do(", "requests.", "fetch(", "axios.", "redis", "httpclient", "resttemplate", "webclient") &&
		len(l.tokens()) > mostBare
}

// remoteCall is the name of a call that leaves the process, and what tells that
// it does: the diff itself shows the query; the call is awaited or takes a context;
// the receiver is named as a store or client is.
func remoteCall(l *Line, queried map[string]bool) (name, kind string) {
	toks := l.tokens()
	for i := range toks {
		name := callName(toks, i)
		if name == "" || isKeyword(name) || isHarmless(name) {
			continue
		}
		if queried[name] {
			return name, "queried"
		}
		if talksToStore(l) {
			return name, "store"
		}
		if i+1 < len(toks) && (toks[i+1].text == "ctx" || toks[i+1].text == "context") && i > 1 && toks[i-2].text == "." {
			return name, "context"
		}
		if i > 1 && toks[i-2].text == "." && onStore(toks, i-3) && isQueryVerb(name) {
			return name, "verb"
		}
		if strings.Contains(l.Code, "await ") && i > 1 && toks[i-2].text == "." {
			return name, awaited
		}
	}
	return "", ""
}

// awaited is the least sure sign that a call leaves the process: it is awaited.
const awaited = "awaited"

func isHarmless(name string) bool {
	switch strings.ToLower(name) {
	case "append", "len", "push", "log", "info", "debug", "printf", "errorf", "debugf", "infof", "warnf", "sleep", "err", "done", "add", "wait", "all", "println":
		return true
	}
	return false
}

// onStore reports whether the receiver that ends at token i is named as a store,
// a repository or a client is.
func onStore(toks []token, i int) bool {
	for ; i >= 0; i-- {
		switch {
		case toks[i].kind == identToken:
			for _, w := range splitWords(toks[i].text) {
				switch w {
				case "db", "repo", "repository", "dao", "client", "store", "session", "cursor", "conn", "objects", "collection", "redis", "api", "gateway", "service", "svc", "stub", "table", "model", "mapper", "tx", "em", "prisma", "catalog", "query":
					return true
				}
			}
		case toks[i].text != "." && toks[i].text != ")" && toks[i].text != "(":
			return false
		}
	}
	return false
}

func isQueryVerb(name string) bool {
	w := splitWords(name)
	if len(w) == 0 {
		return false
	}
	switch w[0] {
	case "get", "find", "fetch", "load", "query", "select", "lookup", "list", "search", "read", "exec", "execute", "count", "exists", "call", "send", "post", "put", "save", "update", "insert", "delete", "resolve", "check":
		return true
	}
	return false
}

// loadsTogether reports whether a line loads many related things at once.
func loadsTogether(low string) bool {
	return containsAny(low, "select_related", "prefetch_related", "joinedload", "selectinload", "join fetch", "@entitygraph", ".include(", ".includes(", ".preload(", ".eager_load(", "findallbyid", "findbyidin", ".mget(", "multiget", "dataloader", "getmany(", "get_many(", "batchget", "bulkget", "fetchall(", "findbyids", "getbyids", "batch_get")
}
