package mechanism

import "strings"

func wiringRule() Rule {
	return Rule{ID: "wiring", Title: "A call that sets something up is no longer made", find: findWiring}
}

func findWiring(s *scan) []Match {
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if f.Kind != Code && f.Kind != Config {
			return
		}
		name := setupCall(l)
		switch {
		case name != "" && !s.callsNow(name) && !blockRemoved(h, i):
			out = append(out, at(f, l, Removed, "set-up", name+" is no longer called: what it set up is missing from the next start on", NotRegistered, NilDeref, Unhandled, NoConfig))
		case isAnnotation(l) && !s.anyNet('+', isAnnotation):
			out = append(out, at(f, l, Removed, "annotation", "the annotation that wires it in was removed", NotRegistered, NilDeref, Unhandled))
		case f.Kind == Code && name == "" && loneCall(l) != "" && !s.callsNow(loneCall(l)) && !s.addsStatement(h, i):
			out = append(out, at(f, l, Removed, "call", loneCall(l)+" is no longer called", NotRegistered, WrongResult, Unhandled, Stale))
		}
	})
	for _, e := range s.settings.edits {
		if e.After.file.Kind == Manifest {
			continue
		}
		if e.After.has("getenv", "environ", "env", "getproperty", "lookupenv", "config", "viper", "secret") && e.Before.Raw != e.After.Raw && isEnvName(e.Before.Raw, s.by.Spelled.Variable) && isEnvName(e.After.Raw, s.by.Spelled.Variable) {
			out = append(out, edited(e, Changed, "setting-name", "the setting is read under another name: where only the old one is set it is empty", NoConfig, NotRegistered, Rejected))
		}
	}
	out = append(out, movedRoutes(s)...)
	for _, d := range s.settings.dropped {
		if d.file.Kind == Config && isEnvEntry(d) {
			out = append(out, at(d.file, d.line, Removed, "setting-removed", "a setting is no longer given to the service", NoConfig, NotRegistered, CrashLoop))
		}
	}
	return out
}

// movedRoutes finds paths, topics and names under which something is offered and
// that changed.
func movedRoutes(s *scan) []Match {
	before := map[string]string{}
	s.visit('-', func(_ *File, h *Hunk, i int) {
		if call, path := routeOf(&h.Lines[i]); path != "" {
			before[call] = path
		}
	})
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		call, path := routeOf(&h.Lines[i])
		if was := before[call]; path != "" && was != "" && was != path {
			out = append(out, at(f, &h.Lines[i], Changed, "offered-name", "it is offered under "+path+" instead of "+was+": who asks for the old one finds nothing", NotRegistered, Unhandled))
		}
	})
	return out
}

// routeOf is the call or annotation of a line that offers something under a
// path, and the path.
func routeOf(l *Line) (call, path string) {
	toks := l.tokens()
	for i := range toks {
		name := callName(toks, i)
		if name == "" || i+1 >= len(toks) || toks[i+1].kind != stringToken || !strings.HasPrefix(toks[i+1].text, "/") {
			continue
		}
		last := ""
		for _, t := range toks[i+2:] {
			if t.kind == identToken {
				last = t.text
			}
		}
		switch strings.ToLower(name) {
		case "handle", "handlefunc", "get", "post", "put", "delete", "patch", "route", "use", "path", "all", "getmapping", "postmapping", "putmapping", "requestmapping", "deletemapping", "mapget", "mappost", "group":
			return name + " " + last, toks[i+1].text
		}
	}
	return "", ""
}

// setupCall is the name of a call that registers, starts or initialises
// something, made as a statement of its own.
func setupCall(l *Line) string {
	name := loneCall(l)
	w := splitWords(name)
	if len(w) == 0 {
		return ""
	}
	switch w[0] {
	case "register", "subscribe", "init", "initialize", "initialise", "bind", "mount", "seed", "install", "attach", "bootstrap", "configure", "setup", "preload", "warmup", "warm", "handle", "route", "use", "provide", "start", "schedule", "migrate", "bootstrapped", "enable", "load", "include", "wire":
		return name
	case "set":
		if len(w) > 1 && w[1] == "up" {
			return name
		}
	case "add":
		if len(w) > 1 {
			switch w[len(w)-1] {
			case "handler", "handlers", "route", "routes", "middleware", "interceptor", "interceptors", "filter", "service", "scoped", "singleton", "transient", "provider", "plugin", "codec", "converter", "module":
				return name
			}
		}
	}
	return ""
}

// loneCall is the name of the call that a line consists of, empty when the line
// does anything with the result, returns, branches, logs or releases.
func loneCall(l *Line) string {
	c := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(l.Code, "await "), "go "), ";")
	if !strings.HasSuffix(c, ")") && !strings.HasSuffix(c, "(") && !strings.HasSuffix(c, "{") {
		return ""
	}
	toks := l.tokens()
	depth := 0
	for i, t := range toks {
		if t.kind == punctToken {
			switch t.text {
			case "(", "[":
				if depth == 0 && t.text == "(" {
					name := callName(toks, i)
					if name == "" || isKeyword(name) || isRelease(name) || logs(l) || takesLock(l) || givesLock(l) || functionDefined(l) != "" && strings.HasSuffix(c, "{") && !strings.Contains(c, "=>") {
						return ""
					}
					return name
				}
				depth++
			case ".", "::", "?.":
			default:
				return ""
			}
		}
		if t.kind == identToken && isKeyword(t.text) && t.text != "await" && t.text != "go" {
			return ""
		}
	}
	return ""
}

// callsNow reports whether an added line calls the same name.
func (s *scan) callsNow(name string) bool {
	return s.anyNet('+', func(l *Line) bool {
		for _, n := range l.calls() {
			if n == name {
				return true
			}
		}
		return false
	})
}

// addsStatement reports whether the removed call at line i is replaced by an
// added one next to it.
func (s *scan) addsStatement(h *Hunk, i int) bool {
	for j := i + 1; j < len(h.Lines) && h.Lines[j].Op != ' '; j++ {
		if h.Lines[j].Net && h.Lines[j].Op == '+' {
			return true
		}
	}
	for j := i - 1; j >= 0 && h.Lines[j].Op != ' '; j-- {
		if h.Lines[j].Net && h.Lines[j].Op == '+' {
			return true
		}
	}
	return false
}

// blockRemoved reports whether the function around line i was removed with it,
// its head included: then nobody calls it, or the compiler would say.
func blockRemoved(h *Hunk, i int) bool {
	for j := i - 1; j >= 0; j-- {
		l := &h.Lines[j]
		if l.Op == '-' && l.Indent < h.Lines[i].Indent && functionDefined(l) != "" && !isCondition(l) {
			return true
		}
		if l.Op == ' ' && l.Code != "" {
			return false
		}
	}
	return false
}

func isAnnotation(l *Line) bool {
	for _, a := range []string{"@Bean", "@Component", "@Service", "@Repository", "@Autowired", "@Inject", "@Transactional", "@Scheduled", "@EventListener", "@KafkaListener", "@RabbitListener", "@RestController", "@Valid", "@Injectable", "@Module", "@app.route", "@router.", "@shared_task", "@receiver"} {
		if strings.HasPrefix(l.Code, a) {
			return true
		}
	}
	return false
}

// isEnvName reports whether a value is spelt as an environment variable or a
// dotted property is.
func isEnvName(s string, least int) bool {
	if len(s) < least || strings.ContainsAny(s, " /:") {
		return false
	}
	return strings.ToUpper(s) == s && strings.Contains(s, "_") || strings.Count(s, ".") > 0
}

func isEnvEntry(s Setting) bool {
	return s.has("env", "environment", "secretkeyref", "configmapkeyref", "secret") || strings.ToUpper(s.line.Code[:min(3, len(s.line.Code))]) == s.line.Code[:min(3, len(s.line.Code))] && strings.Contains(s.line.Code, "_")
}
