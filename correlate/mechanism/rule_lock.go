package mechanism

import "strings"

func lockRule() Rule {
	return Rule{ID: "lock", Title: "A lock was removed, widened, or is not given back", find: findLock}
}

func findLock(s *scan) []Match {
	var out []Match
	takes := s.anyNet('+', takesLock)
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		switch {
		case takesLock(l) && !takes:
			out = append(out, at(f, l, Removed, "lock-removed", "the lock around shared state was removed: concurrent requests now race on it", DataRace, WrongResult, CrashLoop))
		case givesLock(l) && !s.anyNet('+', givesLock) && !s.anyNet('-', takesLock):
			out = append(out, at(f, l, Removed, "not-given-back", "a lock is taken and no longer given back", Deadlock, Hang, Contention))
		case concurrentType(l.lower()) && !s.anyNet('+', func(a *Line) bool { return concurrentType(a.lower()) }):
			out = append(out, at(f, l, Removed, "unsafe-type", "a type that is safe for concurrent use was replaced or removed", DataRace, WrongResult))
		}
	})
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if takesLock(l) && !s.anyNet('-', takesLock) {
			if slow := h.slowWithin(i); slow {
				out = append(out, at(f, l, Added, "around-slow-call", "a lock is now held around a slow call: requests queue behind it", Contention, Slow, Deadlock))
			} else {
				out = append(out, at(f, l, Added, "added", "a lock was added on a path that had none", Contention, Deadlock, Slow))
			}
		}
		if low := l.lower(); containsAny(low, "for update", "lock table", "serializable", "pessimistic_write", "select_for_update") && !s.mentions('-', "for update", "serializable", "pessimistic_write", "select_for_update") {
			out = append(out, at(f, l, Added, "rows", "rows are now locked for as long as the transaction lasts", Contention, Deadlock, Slow))
		}
	})
	out = append(out, lockOrder(s)...)
	out = append(out, locksHeldOn(s)...)
	return append(out, movedUnlocks(s)...)
}

// lockOrder finds locks that are taken in another order than before, which two
// requests that meet can turn into a deadlock.
func lockOrder(s *scan) []Match {
	var before, after []string
	s.visit('-', func(_ *File, h *Hunk, i int) {
		if takesLock(&h.Lines[i]) {
			before = append(before, h.Lines[i].Code)
		}
	})
	var file *File
	var line *Line
	s.visit('+', func(f *File, h *Hunk, i int) {
		if takesLock(&h.Lines[i]) {
			after = append(after, h.Lines[i].Code)
			file, line = f, &h.Lines[i]
		}
	})
	if len(before) < 2 || len(after) < 2 {
		return nil
	}
	return []Match{at(file, line, Changed, "order", "several locks are taken in another order than before", Deadlock, Hang, Contention)}
}

// locksHeldOn finds locks that used to be given back at one point and are now
// held to the end of the function, or the other way round with a way out
// between.
func locksHeldOn(s *scan) []Match {
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if !givesLock(l) {
			return
		}
		deferred := strings.HasPrefix(l.Code, "defer ")
		if !s.anyNet('-', func(r *Line) bool { return givesLock(r) && strings.HasPrefix(r.Code, "defer ") != deferred }) {
			return
		}
		if deferred && h.slowWithin(i) {
			out = append(out, at(f, l, Raised, "to-the-end", "the lock is now held to the end of the function, a slow call included", Contention, Slow, Deadlock))
		}
		if !deferred && h.leavesBefore(i) {
			out = append(out, at(f, l, Changed, "way-out", "a way out of the function now leaves the lock taken", Deadlock, Hang, Contention))
		}
	})
	return out
}

// leavesBefore reports whether the new file returns between the lock and line
// i.
func (h *Hunk) leavesBefore(i int) bool {
	for j := i - 1; j >= 0; j-- {
		l := &h.Lines[j]
		if l.Op == '-' {
			continue
		}
		if takesLock(l) {
			return false
		}
		if strings.HasPrefix(l.Code, "return") || strings.HasPrefix(l.Code, "throw") || strings.HasPrefix(l.Code, "raise") {
			return true
		}
	}
	return false
}

func takesLock(l *Line) bool {
	for _, n := range l.calls() {
		switch n {
		case "Lock", "RLock", "lock", "acquire", "acquire_lock", "TryLock", "tryLock", "readLock", "writeLock", "WaitAsync", "lockInterruptibly":
			return true
		}
	}
	c := l.Code
	return strings.HasPrefix(c, "synchronized") || strings.Contains(c, " synchronized ") || strings.HasPrefix(c, "lock (") || strings.HasPrefix(c, "with ") && strings.Contains(l.lower(), "lock") || strings.Contains(c, ".synchronize do")
}

func givesLock(l *Line) bool {
	for _, n := range l.calls() {
		switch n {
		case "Unlock", "RUnlock", "unlock", "release_lock", "unlockRead", "unlockWrite":
			return true
		}
	}
	return false
}

func concurrentType(low string) bool {
	return containsAny(low, "sync.mutex", "sync.rwmutex", "sync.map", "atomic.", "concurrenthashmap", "copyonwritearray", "atomicinteger", "atomiclong", "atomicreference", "concurrentdictionary", "synchronizedmap", "synchronizedlist", "volatile ", "interlocked.", "threading.lock", "sync.once")
}

// slowWithin reports whether what follows line i, in the new file and within
// the lock's block, leaves the process or sleeps.
func (h *Hunk) slowWithin(i int) bool {
	none := map[string]bool{}
	for j := i + 1; j < len(h.Lines); j++ {
		l := &h.Lines[j]
		if l.Op == '-' {
			continue
		}
		if givesLock(l) && !strings.HasPrefix(l.Code, "defer ") || l.Code == "}" && l.Indent < h.Lines[i].Indent {
			return false
		}
		if spins(l) {
			return true
		}
		if name, kind := remoteCall(l, none); name != "" && kind != awaited || containsAny(l.lower(), "sleep(") {
			return true
		}
	}
	return false
}

// movedUnlocks finds an unlock that was moved below a slow call: the line is
// the same, what lies between lock and unlock is not.
func movedUnlocks(s *scan) []Match {
	var out []Match
	for _, f := range s.Files {
		if f.Kind != Code {
			continue
		}
		for _, h := range f.Hunks {
			for i := range h.Lines {
				l := &h.Lines[i]
				if l.Op != '+' || l.Net || !givesLock(l) {
					continue
				}
				for j := range i {
					if r := &h.Lines[j]; r.Op == '-' && r.Code == l.Code && slowBetween(h, j, i) {
						out = append(out, at(f, l, Raised, "after-slow-call", "the lock is now given back only after a slow call", Contention, Slow, Deadlock))
						break
					}
				}
			}
		}
	}
	return out
}

func slowBetween(h *Hunk, from, to int) bool {
	for i := from + 1; i < to; i++ {
		if l := &h.Lines[i]; l.Op != '-' {
			if name, _ := remoteCall(l, nil); name != "" {
				return true
			}
		}
	}
	return false
}
