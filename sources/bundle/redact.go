package bundle

import (
	"regexp"
	"strings"
)

// Redactor masks secrets in text and counts what it masked, by kind. It is not
// safe for concurrent use. A nil Redactor changes nothing.
type Redactor struct {
	counts map[string]int
}

// NewRedactor makes a redactor that has masked nothing yet.
func NewRedactor() *Redactor { return &Redactor{counts: map[string]int{}} }

// Counts is what was masked so far, by kind; the map is the redactor's own.
func (r *Redactor) Counts() map[string]int {
	if r == nil {
		return nil
	}
	return r.counts
}

// secret is one shape of secret. Text without any of the hints cannot have it,
// which spares the expression on nearly every line. What group 1 matches stays.
type secret struct {
	kind  string
	hints []string
	shape *regexp.Regexp
}

// tokens are secrets by their own shape, wherever they stand.
var tokens = []secret{
	{"private-key", []string{"private key-----"}, regexp.MustCompile(`()-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`)},
	{"authorization", []string{"bearer ", "basic "}, regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{12,}`)},
	{"jwt", []string{"eyj"}, regexp.MustCompile(`()\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*`)},
	{"cloud-key", []string{"akia", "asia", "aiza", "ghp_", "gho_", "ghs_", "github_pat_", "xox", "sk_live_", "rk_live_", "glpat-"},
		regexp.MustCompile(`()\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|gh[pos]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|[sr]k_live_[A-Za-z0-9]{16,}|glpat-[A-Za-z0-9_-]{20,})`)},
	{"url-credentials", []string{"://"}, regexp.MustCompile(`(://[^\s/:@"']*:)[^\s/@"']+(?:@)`)},
}

// fields are secrets by the name before them. They are looked for in telemetry
// but not in code, where "token := parse(x)" is what the diff is about.
var fields = []secret{
	{"field", []string{"password", "passwd", "token", "secret", "api_key", "apikey", "api-key"},
		regexp.MustCompile(`(?i)(\b[\w.-]*(?:password|passwd|token|secret|api[_-]?key)["']?(?:=|["']\s*:\s*)["']?)[^\s"'&,;}\]]{3,}`)},
}

const masked = "[redacted]"

// Text masks secrets in telemetry and prose.
func (r *Redactor) Text(s string) string {
	if r == nil || s == "" {
		return s
	}
	return r.mask(r.mask(s, tokens), fields)
}

// Code masks secrets in code and diffs: only those with a shape of their own.
func (r *Redactor) Code(s string) string {
	if r == nil || s == "" {
		return s
	}
	return r.mask(s, tokens)
}

func (r *Redactor) mask(s string, list []secret) string {
	lower := strings.ToLower(s)
	for _, x := range list {
		if !anyOf(lower, x.hints) {
			continue
		}
		n := 0
		out := x.shape.ReplaceAllStringFunc(s, func(m string) string {
			if strings.Contains(m, masked) {
				return m
			}
			n++
			kept := x.shape.FindStringSubmatch(m)[1]
			if x.kind == "url-credentials" {
				return kept + masked + "@"
			}
			return kept + masked
		})
		if n > 0 {
			r.counts[x.kind] += n
			s, lower = out, strings.ToLower(out)
		}
	}
	return s
}

func anyOf(s string, hints []string) bool {
	for _, h := range hints {
		if strings.Contains(s, h) {
			return true
		}
	}
	return false
}

// textMap masks the values of a map in a copy; the map itself is shared and
// stays as it is.
func (r *Redactor) textMap(m map[string]string) map[string]string {
	if r == nil || len(m) == 0 {
		return m
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		if w := r.Text(k + "=" + v); w != k+"="+v {
			v = strings.TrimPrefix(w, k+"=")
		}
		out[k] = v
	}
	return out
}
