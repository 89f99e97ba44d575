package logline

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/leodido/go-syslog/v4/rfc5424" // the well-kept parser of the one form of syslog that has a grammar

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// peel takes one wrapping off a line: that of a container's runtime, of syslog,
// or a file's time before JSON. It is false when there is none.
func (c *reading) peel(s string) (string, bool) {
	if s == "" {
		return s, false
	}
	if inner, _, ok := cri(s); ok {
		return inner, true
	}
	if inner, ok := labelled(s); ok {
		return inner, true
	}
	if s[0] == '<' {
		return c.syslog(s)
	}
	if n := stampLength(s); n > 0 {
		rest := strings.TrimLeft(s[n:], " \t")
		// Oct 11 22:14:15 host prog[123]: …, 2026-10-11T22:14:15+00:00 app[web.1]: …
		if inner, ok := tagged(rest, s[0] >= 'A'); ok {
			c.time = s[:n]
			if ofUnit(rest[:len(rest)-len(inner)], inner) {
				c.mark = evidence.SeverityInfo
			}
			return inner, true
		}
		if strings.HasPrefix(rest, "{\"") && strings.HasSuffix(strings.TrimRight(rest, " \r\n"), "}") {
			c.time = s[:n]
			return rest, true
		}
	}
	return s, false
}

// labelled takes off what tools that show several programs' lines together write
// before each: docker compose "api-1  | ", kubectl logs --prefix
// "[pod/api-7d9/api] ", stern "api-5c7b8d9f4-x2v4q api ", and PHP-FPM's "child 31
// said into stderr".
func labelled(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, "[pod/"); ok {
		if _, inner, ok := strings.Cut(rest, "] "); ok {
			return inner, true
		}
	}
	if _, said, ok := strings.Cut(s, "] WARNING: [pool "); ok {
		if _, inner, ok := strings.Cut(said, ` said into stderr: "`); ok {
			inner, _, _ = strings.Cut(inner, `", pipe is closed`)
			return strings.TrimPrefix(strings.TrimSuffix(inner, `"`), "NOTICE: PHP message: "), true
		}
	}
	name, rest := nextWord(s)
	if len(name) < 3 || name[0] < 'a' || name[0] > 'z' || len(name) > 253 {
		return s, false
	}
	if i := strings.LastIndexAny(name, "-_"); i > 0 && isNumber(name[i+1:]) {
		if inner, ok := strings.CutPrefix(strings.TrimLeft(rest, " "), "| "); ok {
			return inner, true
		}
	}
	if podName.MatchString(name) {
		if container, inner := nextWord(rest); container != "" && strings.Contains(name, "-") && !strings.ContainsAny(container, ":=[") && inner != "" && strings.HasPrefix(name, container+"-") {
			return inner[1:], true
		}
	}
	return s, false
}

// podName is a pod of a Deployment: its name, the hash of its template, its own.
var podName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*-[a-f0-9bcdfghjklmnpqrstvwxz]{5,10}-[a-z0-9]{5}$`)

// cri takes off what containerd and CRI-O write before a line: time, stream and
// whether it is whole. full is false for a piece of a longer line.
func cri(s string) (inner string, full, ok bool) {
	if len(s) < 30 || s[4] != '-' || s[10] != 'T' {
		return s, false, false
	}
	sp := strings.IndexByte(s[:min(len(s), 40)], ' ')
	if sp < 20 {
		return s, false, false
	}
	rest := s[sp+1:]
	if !strings.HasPrefix(rest, "stdout ") && !strings.HasPrefix(rest, "stderr ") || len(rest) < 9 {
		return s, false, false
	}
	rest = rest[len("stdout "):]
	tag, inner, found := strings.Cut(rest, " ")
	if tag != "F" && tag != "P" && !strings.HasPrefix(tag, "F:") && !strings.HasPrefix(tag, "P:") || !found && len(rest) > 1 {
		return s, false, false
	}
	return inner, tag[0] == 'F', true
}

// syslog takes off RFC 5424's head, or a priority and RFC 3164's, which has no
// grammar that senders keep to.
func (c *reading) syslog(s string) (string, bool) {
	end := strings.IndexByte(s[:min(len(s), 6)], '>')
	if end < 2 || !isNumber(s[1:end]) {
		return s, false
	}
	priority, _ := strconv.Atoi(s[1:end])
	if priority > 191 {
		return s, false
	}
	rest := s[end+1:]
	c.mark = numbered(priority%8, fieldNumberUnix)
	if strings.HasPrefix(rest, "1 ") {
		if inner, ok := c.modern(s); ok {
			return inner, true
		}
	}
	if n := stampLength(rest); n > 0 {
		c.time = rest[:n]
		rest = strings.TrimLeft(rest[n:], " ")
		if inner, ok := tagged(rest, true); ok {
			return inner, true
		}
	}
	if inner, ok := tagged(rest, false); ok {
		return inner, true
	}
	return strings.TrimLeft(rest, " "), true
}

func (c *reading) modern(s string) (string, bool) {
	first, more, several := strings.Cut(s, "\n")
	m, err := rfc5424.NewParser(rfc5424.WithBestEffort()).Parse([]byte(first))
	if m == nil || err != nil && !m.Valid() {
		return "", false
	}
	msg, ok := m.(*rfc5424.SyslogMessage)
	if !ok || msg.Message == nil {
		return "", false
	}
	if msg.Timestamp != nil {
		c.time = msg.Timestamp.Format("2006-01-02T15:04:05.999999999Z07:00")
	}
	if msg.StructuredData != nil {
		for _, params := range *msg.StructuredData {
			for k, v := range params {
				c.field(k, v)
			}
		}
	}
	inner := strings.TrimPrefix(*msg.Message, "\ufeff")
	if several {
		inner += "\n" + more
	}
	return inner, true
}

// tagged takes off "host prog[12]: " or "prog[12]: ".
func tagged(s string, host bool) (string, bool) {
	if host {
		_, after, ok := strings.Cut(s, " ")
		if !ok {
			return s, false
		}
		s = after
	}
	end := strings.IndexByte(s[:min(len(s), 100)], ':')
	if end < 1 || strings.ContainsAny(s[:end], " \t\n\"{=") || len(s) > end+1 && s[end+1] != ' ' {
		return s, false
	}
	if !host && !strings.HasSuffix(s[:end], "]") || named(s[:end]) != evidence.SeverityUnknown {
		return s, false
	}
	return strings.TrimPrefix(s[end+1:], " "), true
}
