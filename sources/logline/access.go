package logline

import (
	"cmp"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// access reads a line of a web server's or proxy's access log: somewhere in it
// a quoted request, and behind it the status. An answer of the 500s is an error,
// any other line is not.
func (c *reading) access(s string) bool {
	http := strings.Index(s[:min(len(s), 8<<10)], " HTTP/")
	if http < 0 {
		return c.shortAccess(s)
	}
	open := strings.LastIndexByte(s[:http], '"')
	if open < 0 {
		return false
	}
	method, target, ok := strings.Cut(s[open+1:http], " ")
	if !ok || len(method) > 10 || method == "" || method != strings.ToUpper(method) {
		return false
	}
	quote := strings.IndexByte(s[http:], '"')
	if quote < 0 {
		return false
	}
	after := strings.TrimLeft(s[http+quote+1:], " ")
	var status string
	if m := haproxy.FindStringSubmatch(s[:open]); m != nil {
		status = m[1]
	} else if m := balancer.FindStringSubmatch(s[:open]); m != nil {
		status = m[1]
	} else if digits(after, 0, 4) != 3 || len(after) > 3 && after[3] != ' ' {
		return false
	} else {
		status = after[:3]
	}
	c.answered(method, target, status)
	if i := strings.IndexByte(s, '['); i >= 0 && i < open {
		if n := stampLength(s[i+1:]); n > 0 {
			c.time = s[i+1 : i+1+n]
		}
	}
	c.accessIDs(after)
	return true
}

// haproxy is what stands before the status in HAProxy's lines: five times.
var haproxy = regexp.MustCompile(` -?\d+/-?\d+/-?\d+/-?\d+/\+?\d+ (\d{3}) `)

// balancer is what stands before the request in the lines of AWS' load balancers:
// the status sent, the target's, and bytes.
var balancer = regexp.MustCompile(` (\d{3}) (?:\d{3}|-) \d+ \d+ $`)

// iis is a line of W3C's extended form with the fields that IIS is set to.
var iis = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ ([A-Z]{3,7}) (/\S*) \S+ \d+ \S+ \S+ \S+ \S+ (\d{3}) \d+ \d+`)

// short are the access logs without a protocol: Gin's, which begins with its name,
// and morgan's short forms.
var short = regexp.MustCompile(`^(?:\[GIN\][^|]*\| *(\d{3}) *\|[^|]*\|[^|]*\| *([A-Z]{3,7}) +"?(/[^"\s]*)|([A-Z]{3,7}) (/\S*) (\d{3}) [\d.]+ ms\b)`)

// cloudFront is a line of AWS' network of caches: date, time, place, bytes, client,
// method, host, path and status, with tabs between.
var cloudFront = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)\t(\d\d:\d\d:\d\d)\t\S+\t\d+\t\S+\t([A-Z]{3,10})\t\S+\t(/\S*)\t(\d{3})\t`)

// squid is a line of Squid's own form: time, milliseconds, client, what was done
// and the status, bytes, method, address.
var squid = regexp.MustCompile(`^(\d{10}\.\d{3}) +\d+ \S+ [A-Z_]+/(\d{3}) \d+ ([A-Z]{3,10}) (\S+)`)

// shortAccess reads a line of an access log that names no protocol.
func (c *reading) shortAccess(s string) bool {
	s = s[:min(len(s), 8<<10)]
	if m := iis.FindStringSubmatch(s); m != nil {
		c.time = s[:len(time.DateTime)]
		c.answered(m[1], m[2], m[3])
		return true
	}
	if m := cloudFront.FindStringSubmatch(s); m != nil {
		c.time = m[1] + " " + m[2]
		c.answered(m[3], m[4], m[5])
		return true
	}
	if m := squid.FindStringSubmatch(s); m != nil {
		c.time = m[1]
		c.answered(m[3], m[4], m[2])
		return true
	}
	m := short.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	c.answered(m[2]+m[4], m[3]+m[5], m[1]+m[6])
	return true
}

// answered takes what an access log says of a request.
func (c *reading) answered(method, target, status string) {
	target, _, _ = strings.Cut(target, "?")
	c.message.take(method+" "+target+" "+status, "", 1)
	c.keep("http.request.method", method)
	host, path := proxied(method, target)
	if host != "" {
		c.keep("server.address", host)
	}
	if path != "" {
		c.keep("url.path", path)
	}
	c.keep("http.response.status_code", status)
	if c.mark = evidence.SeverityInfo; status[0] == '5' {
		c.mark = evidence.SeverityError
	}
}

// proxied splits what a proxy was asked for, a whole URL or with CONNECT a host and
// a port, into host and path; any other target is a path.
func proxied(method, target string) (host, path string) {
	if method == "CONNECT" {
		if h, _, err := net.SplitHostPort(target); err == nil {
			return h, ""
		}
		return target, ""
	}
	if _, _, ok := strings.Cut(target, "://"); !ok || target[0] == '/' {
		return "", target
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", target
	}
	return u.Hostname(), cmp.Or(u.Path, "/")
}

// accessIDs looks for a trace behind the status: name=value, a traceparent, or
// bare IDs, as an operator's own log format adds them at the end.
func (c *reading) accessIDs(s string) {
	c.pairs(s)
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '"' || r == '|' || r == ',' || r == '[' || r == ']' }) {
		switch {
		case c.trace == "" && len(word) == 32:
			if id, err := evidence.ParseTraceID(word); err == nil {
				c.trace = id
			}
		case c.trace != "" && c.span == "" && len(word) == 16:
			c.span = evidence.ReadSpanID(word)
		case c.trace == "" && strings.HasPrefix(word, "Root=1-"):
			c.seeTrace("x-amzn-trace-id", word, 7)
		case c.trace == "" && isTraceparent(word):
			c.seeTrace("traceparent", word, 7)
		}
	}
}
