package mechanism

import "strings"

func cacheRule() Rule {
	return Rule{ID: "cache", Title: "A cache keeps less, keeps it for a shorter time, or is passed by", find: findCache}
}

func findCache(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		switch {
		case isCacheTime(e.After) && e.lowered():
			out = append(out, edited(e, Lowered, "lives-shorter", "cached values live shorter: more look-ups reach what is behind the cache", CacheMiss, Slow, Overload).sized(e))
		case isCacheTime(e.After) && e.raised() && e.factor() >= s.by.Larger:
			out = append(out, edited(e, Raised, "lives-longer", "cached values live longer: readers may see old ones", Stale, MemoryGrowth))
		case isCacheSize(e.After) && e.lowered():
			out = append(out, edited(e, Lowered, "smaller", "the cache holds fewer entries: more look-ups miss", CacheMiss, Slow, Overload).sized(e))
		case isCacheSize(e.After) && e.raised() && e.factor() >= s.by.MuchLonger:
			out = append(out, edited(e, Raised, "larger", "the cache may hold many more entries", MemoryGrowth))
		case isCacheSwitch(e.After) && isOff(e.After.Raw) && !isOff(e.Before.Raw):
			out = append(out, edited(e, Removed, "off", "a cache was switched off", CacheMiss, Slow, Overload))
		case e.After.has("cache") && e.After.keyHas("key", "prefix", "namespace", "version"):
			out = append(out, edited(e, Changed, "setting-key", "the key of a cache changed: everything that was cached is missed", CacheMiss, Slow, Stale))
		}
	}
	out = append(out, cacheKeys(s)...)
	out = append(out, herds(s)...)
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch use := cacheUse(l, s.by.Nearby.Receiver); {
		case use == "" || s.anyNet('+', func(a *Line) bool { return cacheUse(a, s.by.Nearby.Receiver) == use }):
		case use == "drop":
			out = append(out, at(f, l, Removed, "no-invalidation", "an invalidation of the cache was removed: readers see old values", Stale, MemoryGrowth))
		default:
			out = append(out, at(f, l, Removed, "no-read", "a read or fill of a cache was removed: every request goes to what is behind it", CacheMiss, Slow, Overload))
		}
	})
	return out
}

// herds finds what kept many look-ups of one value from being made at once.
func herds(s *scan) []Match {
	var out []Match
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		low := l.lower()
		switch {
		case containsAny(low, "jitter", "rand") && containsAny(low, "ttl", "expir") && !s.mentions('+', "jitter", "rand"):
			out = append(out, at(f, l, Removed, "expire-together", "cached values now expire together: all of them are looked up again at once", CacheMiss, Overload, Slow))
		case sharesLookups(low) && !s.anyNet('+', func(a *Line) bool { return sharesLookups(a.lower()) }):
			out = append(out, at(f, l, Removed, "not-shared", "look-ups of the same value are no longer shared: a miss sends every request to what is behind", CacheMiss, Overload, Slow))
		}
	})
	return out
}

func sharesLookups(low string) bool {
	return containsAny(low, "singleflight", "group.do(", ".flight.", "sync = true", "coalesc", "request_coalescing", "dogpile", "proxy_cache_lock")
}

func isCacheTime(s Setting) bool {
	return s.has("ttl", "expiry", "expiration", "expire", "expires", "maxage") && !s.has("token", "session", "cert", "jwt", "dns", "lease") ||
		s.has("cache", "cached") && s.has("ttl", "age", "duration", "expiry", "seconds", "minutes", "hours", "write", "access")
}

func isCacheSize(s Setting) bool {
	return s.has("cache", "lru", "cached") && s.has("size", "entries", "max", "capacity", "maximum", "items", "limit") && !isCacheTime(s)
}

func isCacheSwitch(s Setting) bool { return s.has("cache", "caching", "cached") }

func isOff(raw string) bool {
	switch strings.ToLower(raw) {
	case "false", "off", "no", "0", "none", "disabled":
		return true
	}
	return false
}

// cacheUse says what a line does with a cache: "read" (a fill counts as one),
// "drop", or nothing.
func cacheUse(l *Line, before int) string {
	low := l.lower()
	if strings.HasPrefix(low, "@cacheable") || strings.HasPrefix(low, "@lru_cache") || strings.HasPrefix(low, "@cache") && !strings.Contains(low, "evict") || strings.HasPrefix(low, "@functools.") {
		return "read"
	}
	if strings.HasPrefix(low, "@cacheevict") {
		return "drop"
	}
	toks := l.tokens()
	for i := range toks {
		name := callName(toks, i)
		if name == "" || !cacheReceiver(toks, i, before) {
			continue
		}
		switch w := splitWords(name); {
		case len(w) == 0:
		case w[0] == "get" || w[0] == "set" || w[0] == "put" || w[0] == "fetch" || w[0] == "lookup" || w[0] == "load" || w[0] == "add" || w[0] == "store" || w[0] == "read" || w[0] == "remember":
			return "read"
		case w[0] == "invalidate" || w[0] == "delete" || w[0] == "del" || w[0] == "evict" || w[0] == "remove" || w[0] == "purge" || w[0] == "clear" || w[0] == "flush":
			return "drop"
		}
	}
	return ""
}

// cacheReceiver reports whether the call opening at i is made on a cache, which
// stands so many tokens before at most, or is itself named after one.
func cacheReceiver(toks []token, i, before int) bool {
	for j := i - 1; j >= 0 && j >= i-before; j-- {
		if toks[j].kind == identToken {
			for _, w := range splitWords(toks[j].text) {
				if w == "cache" || w == "memo" || w == "memcache" || w == "memcached" {
					return true
				}
			}
		} else if toks[j].text != "." && toks[j].text != "?." {
			return false
		}
	}
	return false
}

// cacheKeys finds lines that build a cache key and now build another one.
func cacheKeys(s *scan) []Match {
	removed := map[string]*Line{}
	s.visit('-', func(_ *File, h *Hunk, i int) {
		if k := keyBuilt(&h.Lines[i]); k != "" {
			removed[k] = &h.Lines[i]
		}
	})
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		k := keyBuilt(l)
		if r := removed[k]; k != "" && r != nil {
			m := at(f, l, Changed, "built-key", "a cache key is built differently: what was cached is missed, or values of different things are mixed", CacheMiss, Stale, Slow)
			m.Hunk = "-" + clip(r.Text) + "\n" + m.Hunk
			out = append(out, m)
		}
	})
	return out
}

// keyBuilt is the variable that a line gives a cache key to.
func keyBuilt(l *Line) string {
	toks := l.tokens()
	for i := 1; i < len(toks); i++ {
		if toks[i].text == "=" || toks[i].text == ":=" {
			name := toks[i-1].text
			if toks[i-1].kind == identToken && containsAny(strings.ToLower(name), "cachekey", "cache_key", "memokey") {
				return name
			}
			return ""
		}
	}
	return ""
}
