package mechanism

import (
	"regexp"
	"strings"
)

func growthRule() Rule {
	return Rule{ID: "growth", Title: "Something grows with every request and never shrinks, or is allocated again each time", find: findGrowth}
}

var (
	goAppend    = regexp.MustCompile(`^((?:\w+\.)*\w+) = append\(((?:\w+\.)*\w+),`)
	adds        = regexp.MustCompile(`\b((?:self\.|this\.|\w+::)?[A-Za-z_]\w*(?:\.\w+)?)\.(?:add|push|append|put|set|Add|push_back|offer|addAll|extend|unshift|Enqueue|Append|TryAdd|computeIfAbsent|setdefault)\(`)
	mapWrite    = regexp.MustCompile(`^((?:self\.|this\.|@)?[A-Za-z_]\w*(?:\.\w+)?)\[[^\]]+\] (?:=|\+=|\|\|=) `)
	positional  = regexp.MustCompile(`^[^\[]*\[(?:[ijn]|\d+|[ijn] ?[-+%] ?\d+)\]`) // a slot of an array, not a key
	globalDecl  = regexp.MustCompile(`^(?:var|let|const|export const|export let|private static|public static|static|private static final|public static final|protected static|internal static)\b.*?\b([A-Za-z_]\w*)\s*(?:=|;|\[|map\[|:|\s\[\]|\smap)`)
	goGlobal    = regexp.MustCompile(`^(?:var )?([A-Za-z_]\w*)\s*(?:=\s*)?(?:\[\]|map\[|make\((?:map|\[\]))`)
	pyGlobal    = regexp.MustCompile(`^([A-Za-z_]\w*)\s*(?::[^=]+)?=\s*(?:\[\]|\{\}|list\(\)|dict\(\)|set\(\)|defaultdict\(|deque\(\)|\[\s*$|\{\s*$)`)
	everReaders = regexp.MustCompile(`\b(?:io\.ReadAll|ioutil\.ReadAll|readAllBytes|readlines\(\)|\.read\(\)|File\.ReadAllBytes|File\.ReadAllText|fs\.readFileSync|toList\(\)|\.ToList\(\)|collect\(Collectors)`)
)

func findGrowth(s *scan) []Match {
	var out []Match
	bounded := s.anyNet('+', boundsGrowth)
	globals := s.globals()
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if name := grownBy(l); name != "" && f.Kind == Code && !bounded {
			if kind := s.lives(name, globals, h); kind != "" {
				out = append(out, at(f, l, Added, kind, name+" outlives the request and only ever grows", MemoryGrowth, OutOfMemory, Slow))
			}
		}
		if leak := s.leaks(l); leak != "" {
			out = append(out, at(f, l, Added, "leak", leak, MemoryGrowth, HandleLeak, CPUBurn))
		}
		if containsAny(l.Code, "ead", "oList") && everReaders.MatchString(l.Code) && !s.anyNet('-', func(r *Line) bool { return everReaders.MatchString(r.Code) }) && !containsAny(l.Code, "LimitReader", "MaxBytesReader") {
			out = append(out, at(f, l, Added, "whole-input", "the whole of an input is held in memory at once", MemoryGrowth, OutOfMemory))
		}
	})
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if shrinks(l) && !s.anyNet('+', shrinks) && !bounded {
			out = append(out, at(f, l, Removed, "unbounded", "what kept it bounded was removed: it grows from now on", MemoryGrowth, OutOfMemory, Slow))
		}
		if containsAny(l.Code, "LimitReader", "MaxBytesReader", "maxRequestSize", "client_max_body_size") && !s.mentions('+', "limitreader", "maxbytes", "max") {
			out = append(out, at(f, l, Removed, "unlimited-input", "an input is read without a limit", MemoryGrowth, OutOfMemory))
		}
		if poolReuse(l) && !s.anyNet('+', poolReuse) {
			out = append(out, at(f, l, Removed, "not-reused", "buffers are allocated each time instead of being used again", CPUBurn, MemoryGrowth))
		}
	})
	return out
}

// grownBy is the container that a line adds to.
func grownBy(l *Line) string {
	if strings.Contains(l.Code, "= append(") {
		if m := goAppend.FindStringSubmatch(l.Code); m != nil && m[1] == m[2] {
			return m[1]
		}
	}
	if strings.Contains(l.Code, "] ") {
		if m := mapWrite.FindStringSubmatch(l.Code); m != nil && !positional.MatchString(l.Code) {
			return m[1]
		}
	}
	if containsAny(l.Code, ".") {
		if m := adds.FindStringSubmatch(l.Code); m != nil {
			return m[1]
		}
	}
	return ""
}

// globals are the containers that the diff, context included, declares outside
// of functions.
func (s *scan) globals() map[string]bool {
	out := map[string]bool{}
	for _, f := range s.Files {
		for _, h := range f.Hunks {
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Op == '-' || l.Code == "" {
					continue
				}
				static := strings.Contains(l.Code, "static ") && !strings.Contains(l.Code, "(") || strings.Contains(l.Code, "static ") && strings.Contains(l.Code, "new ")
				if l.Indent > 0 && !static {
					continue
				}
				for _, re := range []*regexp.Regexp{globalDecl, goGlobal, pyGlobal} {
					if m := re.FindStringSubmatch(l.Code); m != nil {
						out[m[1]] = true
					}
				}
			}
		}
	}
	return out
}

// lives says by what a container outlives a request, empty for one that does not:
// one declared outside of functions does; a field of the object may; a local one
// does not.
func (s *scan) lives(name string, globals map[string]bool, h *Hunk) string {
	head, _, field := strings.Cut(name, ".")
	switch {
	case globals[name] || globals[head]:
		return "global"
	case head == "self" || head == "this" || strings.HasPrefix(name, "@"):
		return "field"
	case field && len(head) <= s.by.Spelled.Receiver:
		return "receiver" // a short receiver, as Go has them
	case !field && !localIn(h, name) && strings.ToUpper(name) == name && len(name) >= s.by.Spelled.Name:
		return "constant" // a constant's spelling: a module's own container
	}
	return ""
}

func localIn(h *Hunk, name string) bool {
	for i := range h.Lines {
		c := h.Lines[i].Code
		if containsAny(c, name+" :=", "var "+name, "let "+name, "const "+name, name+" = ", name+": ") {
			return true
		}
	}
	return false
}

// boundsGrowth reports whether a line keeps a container bounded.
func boundsGrowth(l *Line) bool {
	low := l.lower()
	return shrinks(l) || containsAny(low, "lru", "maxsize", "max_size", "maxlen", "maxentries", "max_entries", "capacity", "[:0]", "expireafter", "ttl", "ringbuffer", "ring_buffer", "if len(", ".length >", ".size() >", "len(self.")
}

func shrinks(l *Line) bool {
	for _, n := range l.calls() {
		switch w := splitWords(n); {
		case len(w) == 0:
		case w[0] == "evict" || w[0] == "prune" || w[0] == "trim" || w[0] == "expire" || w[0] == "cleanup" || w[0] == "purge" || w[0] == "shift" || w[0] == "poll" || w[0] == "popleft" || w[0] == "clear" || w[0] == "reset":
			return true
		case n == "delete" || n == "pop" || n == "removeEldestEntry" || n == "maximumSize" || n == "removeOldest" || n == "Remove" || n == "remove":
			return true
		}
	}
	return containsAny(l.Code, "= nil", "[:0]", "lru.New", "new LRU", "maxlen=", "maxsize=", "removeEldestEntry") && !strings.Contains(l.Code, "==") && !strings.Contains(l.Code, "!= nil")
}

// leaks says how a line starts something that is never stopped.
func (s *scan) leaks(l *Line) string {
	switch {
	case containsAny(l.Code, "time.NewTicker(", "time.Tick(", "setInterval(") && !s.mentions('+', ".stop()", "clearinterval"):
		return "a ticker is started and never stopped"
	case containsAny(l.Code, "addEventListener(", ".addListener(", ".on(\"", ".on('") && !s.mentions('+', "removeeventlistener", "removelistener", ".off(", ".once("):
		return "a listener is added each time and never removed"
	case containsAny(l.Code, "new Thread(", "Executors.new", "ThreadPoolExecutor(") && l.Indent >= s.by.Nearby.Inside && !strings.Contains(l.Code, "static"):
		return "a thread or pool is made each time"
	}
	return ""
}

func poolReuse(l *Line) bool {
	return containsAny(l.Code, "Pool.Get()", "pool.Get()", "ArrayPool", ".borrow(")
}
