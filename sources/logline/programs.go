package logline

import (
	"encoding/csv"
	"regexp"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Heads of programs that follow no pattern of a logging library.

// csvlog takes a line of PostgreSQL's csvlog, whose columns its manual lists: the
// time is the first, the severity the 12th, the message the 14th.
func (c *reading) csvlog(s string) bool {
	n := stampLength(s)
	if n == 0 || n >= len(s) || s[n] != ',' {
		return false
	}
	const (
		mostBytes                = 64 << 10
		fewest                   = 23
		severity, code, text, by = 11, 12, 13, 2
	)
	row, err := csv.NewReader(strings.NewReader(s[:min(len(s), mostBytes)])).Read()
	if err != nil || len(row) < fewest || named(row[severity]) == evidence.SeverityUnknown {
		return false
	}
	c.time, c.mark = row[0], named(row[severity])
	c.message.take(row[text], "", 1)
	c.keep("db.namespace", row[by])
	c.keep("db.response.status_code", row[code])
	return true
}

// program takes the head of a program that has one of its own.
func (h *head) program() bool {
	h.powershell()
	return h.klog() || h.redis() || h.cockroach() || h.logcat() || h.ceph() || h.minio()
}

// powershell marks an error record, which bears no level: it ends with a category.
func (h *head) powershell() {
	const mostBytes = 8 << 10
	if strings.Contains(h.s[:min(len(h.s), mostBytes)], "\n    + CategoryInfo ") {
		h.mark(evidence.SeverityError)
	}
}

// ceph takes the head of Ceph's daemons: a time, the thread's address, and a level
// of which -1 is an error and 0 and above say how much detail a line is.
func (h *head) ceph() bool {
	s := strings.TrimPrefix(h.s, "debug ")
	n := stampLength(s)
	const thread = 12 // hexadecimal digits
	if n == 0 || len(s) < n+thread+len("  -1 ") || s[n] != ' ' || s[n+1+thread] != ' ' || strings.Trim(s[n+1:n+1+thread], "0123456789abcdef") != "" {
		return false
	}
	level, rest := nextWord(s[n+1+thread:])
	switch detail := len(level) <= len("20") && isNumber(level); {
	case level == "-1":
		h.mark(evidence.SeverityError)
	case detail && len(level) == 1 && level <= "5":
		h.mark(evidence.SeverityInfo)
	case detail:
		h.mark(evidence.SeverityDebug)
	default:
		return false
	}
	h.c.time, h.s = s[:n], strings.TrimLeft(rest, " ")
	return true
}

// minio takes what stands before an error of MinIO, on lines of its own: API, time,
// deployment.
func (h *head) minio() bool {
	if !strings.HasPrefix(h.s, "API: ") {
		return false
	}
	_, rest, ok := strings.Cut(h.s[:min(len(h.s), maxBody)], "\nError: ")
	if !ok {
		return false
	}
	h.mark(evidence.SeverityError)
	h.s = rest
	return true
}

// klog takes the head of klog and glog: E0910 11:23:28.000000 4711 file.go:64].
func (h *head) klog() bool {
	s := h.s
	if len(s) < 26 || letters[s[0]] < 9 {
		return false
	}
	day := 5
	if isNumber(s[1:9]) {
		day = 9 // with the year
	}
	if !isNumber(s[1:day]) || s[day] != ' ' || s[day+3] != ':' || s[day+6] != ':' {
		return false
	}
	end := strings.Index(s[:min(len(s), 300)], "] ")
	if end < 0 {
		return false
	}
	at := s[strings.LastIndexByte(s[:end], ' ')+1 : end]
	if !hasPlace(at) {
		return false
	}
	h.mark(letters[s[0]])
	h.c.caller.take(at, "", 3)
	h.s = s[end+2:]
	return true
}

// redis takes the head of Redis: 1:M 01 Jan 2026 00:00:00.000 # …, whose mark
// is . for debug, - for verbose, * for a notice and # for a warning.
func (h *head) redis() bool {
	colon := strings.IndexByte(h.s[:min(len(h.s), 12)], ':')
	if colon < 1 || !isNumber(h.s[:colon]) || len(h.s) < colon+4 || !strings.ContainsRune("XCSM", rune(h.s[colon+1])) || h.s[colon+2] != ' ' {
		return false
	}
	rest := h.s[colon+3:]
	n := stampLength(rest)
	if n == 0 || len(rest) < n+3 {
		return false
	}
	marks := map[byte]evidence.Severity{'.': evidence.SeverityDebug, '-': evidence.SeverityDebug, '*': evidence.SeverityInfo, '#': evidence.SeverityWarn}
	l, ok := marks[rest[n+1]]
	if !ok {
		return false
	}
	h.mark(l)
	h.c.time = rest[:n]
	h.s = rest[n+2:]
	return true
}

// cockroach takes the head of CockroachDB: E260511 08:21:07.482113 71
// kv/replica.go:12 ⋮ [T1,n1] 88  message.
func (h *head) cockroach() bool {
	s := h.s
	if len(s) < 26 || letters[s[0]] < 9 || !isNumber(s[1:7]) || s[7] != ' ' || s[10] != ':' || s[13] != ':' {
		return false
	}
	_, rest := nextWord(s[8:])
	_, rest = nextWord(rest) // the goroutine
	at, rest := nextWord(rest)
	if !hasPlace(at) {
		return false
	}
	h.mark(letters[s[0]])
	h.c.caller.take(at, "", 3)
	rest = strings.TrimPrefix(strings.TrimLeft(rest, " "), "⋮ ")
	if strings.HasPrefix(rest, "[") {
		if _, after, ok := strings.Cut(rest, "] "); ok {
			rest = after
		}
	}
	if n, after := nextWord(rest); isNumber(n) { // counts the lines of the file
		rest = after
	}
	h.s = rest
	return true
}

// logcat takes the head of Android's log, whose time has no year: 05-11
// 08:21:07.482  1234  1260 E Tag: message.
func (h *head) logcat() bool {
	s := h.s
	if len(s) < 24 || s[2] != '-' || s[5] != ' ' || digits(s, 0, 2) != 2 || digits(s, 3, 2) != 2 {
		return false
	}
	end := clock(s, 6)
	if end == 0 {
		return false
	}
	process, rest := nextWord(s[end:])
	thread, rest := nextWord(rest)
	letter, rest := nextWord(rest)
	tag, message, ok := strings.Cut(strings.TrimLeft(rest, " "), ": ")
	if !isNumber(process) || !isNumber(thread) || len(letter) != 1 || letters[letter[0]] == 0 || !ok || strings.IndexByte(tag, '\n') >= 0 {
		return false
	}
	h.mark(letters[letter[0]])
	h.c.logger.take(strings.TrimSpace(tag), "", 1)
	h.s = message
	return true
}

// sqlServer is how SQL Server's log begins an error; severities up to 10 inform.
var sqlServer = regexp.MustCompile(`^(?:\w+ +)?Error: \d+, Severity: (\d+), State: \d+`)

// graded takes a severity that stands as a number in the message.
func (h *head) graded() {
	if h.level || !h.timed || !strings.Contains(h.s[:min(len(h.s), 100)], "Severity: ") {
		return
	}
	if m := sqlServer.FindStringSubmatch(strings.TrimLeft(h.s, " ")); m != nil {
		const informs, kills = 10, 20
		switch n, _ := strconv.Atoi(m[1]); {
		case n <= informs:
			h.mark(evidence.SeverityInfo)
		case n < kills:
			h.mark(evidence.SeverityError)
		default:
			h.mark(evidence.SeverityFatal)
		}
	}
}

// verbs begin what systemd says of a unit that goes as it should; what follows is
// the unit's description.
var verbs = set("Starting Started Stopping Stopped Reached Finished Listening Mounting Mounted Unmounting Unmounted Created Removed Closed Reloading Reloaded Activating Activated Condition Set")

// ofUnit reports whether systemd says of a unit, by its description, that it goes
// as it should.
func ofUnit(head, said string) bool {
	i := strings.Index(head, "systemd[")
	if i < 0 || i > 0 && head[i-1] != ' ' {
		return false
	}
	verb, _ := nextWord(said)
	return verbs[verb]
}

// uptime reports whether a text is the seconds since the start that the kernel and
// Linkerd's proxy put before a line, to the microsecond.
func uptime(s string) bool {
	whole, part, ok := strings.Cut(strings.TrimSuffix(s, "s"), ".")
	const micro = 6
	return ok && len(part) == micro && isNumber(part) && isNumber(whole)
}

// windows are the levels of an event of Windows.
var windows = [...]evidence.Severity{evidence.SeverityInfo, evidence.SeverityFatal, evidence.SeverityError, evidence.SeverityWarn, evidence.SeverityInfo, evidence.SeverityDebug}

// ofWindows is the severity of an event of Windows by its number, which counts
// otherwise than syslog's; unknown for another line.
func (c *reading) ofWindows() evidence.Severity {
	if c.number == "" {
		return evidence.SeverityUnknown
	}
	said := func(names ...string) string {
		for _, n := range names {
			if v := c.own[n]; v != "" {
				return v
			}
		}
		return ""
	}
	n, err := strconv.Atoi(c.number)
	if err != nil || n < 0 || n >= len(windows) || !isNumber(said("EventID", "EventId", "event_id", "eventID")) || said("Channel", "channel") == "" {
		return evidence.SeverityUnknown
	}
	return windows[n]
}
