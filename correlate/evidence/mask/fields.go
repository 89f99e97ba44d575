package mask

import (
	"regexp"
	"strings"
)

// names are what secrets are called, at the end of a name: db_password,
// clientSecret, X-Api-Key. The names in front keep what only contains them out,
// as token_count and passwordless.
const names = `passwords?|passwd|passphrase|passcode|pwd|secrets?|token|api[_.-]?keys?|apikeys?|access[_.-]?keys?|secret[_.-]?keys?|private[_.-]?keys?|signing[_.-]?keys?|encryption[_.-]?keys?|master[_.-]?keys?|account[_.-]?keys?|shared[_.-]?access[_.-]?keys?|sharedaccesskey|accountkey|client[_.-]?key[_.-]?data|auth[_.-]?keys?|credentials?|secret[_.-]?access[_.-]?key|client[_.-]?assertion|jsessionid|phpsessid|aspsessionid\w*|connect\.sid|sessionid|sid[_.-]?token|otp|totp[_.-]?seed`

// named finds a name with what stands between it and its value. The value is
// read by hand, since its end depends on how it is quoted.
var named = regexp.MustCompile(`(?i)(^|[^a-z0-9])([a-z0-9_.$-]*(?:` + names + `))(\\*["']?\]?\s*(?:=>|:=|=|:|%3d|%3a)\s*)`)

// passed finds the short name "pass", which counts with an equals sign only:
// tests pass.
var passed = regexp.MustCompile(`(?i)(^|[^a-z0-9])((?:[a-z0-9.-]*[_.-])?pass)(\\*["']?\s*=\s*)`)

// elements finds a value between tags, and one in a form.
var elements = regexp.MustCompile(`(?i)(<(?:\w+:)?\w*(?:` + names + `)(?:\s[^>]*)?>|\bname=\\*["']\w*(?:` + names + `)\\*["']\s+value=\\*["'])([^<"'\\]+)`)

var whole = regexp.MustCompile(`(?i)^[a-z0-9_.$/-]*(?:` + names + `|[_.-]pass)$|^pass$|^(?:[a-z0-9_./-]*[./])?(?:(?:set-)?cookies?|(?:proxy-)?authorization|x-api-key)$`)

// secretName reports whether a field of this name holds a secret.
func secretName(name string) bool {
	return len(name) < 200 && mayBeSecret(name) && !notSecret(name) && whole.MatchString(name)
}

var clients = regexp.MustCompile(`(?i)(?:^|[._-])(?:client|remote|visitor|user|peer|caller)[._-]?(?:ip|addr|address|host)$|^(?:client\.address|x-forwarded-for|x-real-ip|forwarded|net\.peer\.ip|http\.client_ip|net\.sock\.peer\.addr|network\.peer\.address)$`)

// clientName reports whether a field of this name holds a client's address.
func clientName(name string) bool {
	return len(name) < 200 && mayBeClient(name) && clients.MatchString(name)
}

// notSecret is what ends like the name of a secret and is none.
func notSecret(name string) bool {
	lower := strings.ToLower(name)
	for _, end := range []string{"next_token", "page_token", "pagetoken", "nexttoken", "continuation_token", "continuationtoken", "cancellationtoken", "unexpected token", "resume_token", "sync_token", "idempotency-token"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return false
}

// hideFields masks values behind the names of secrets.
func hideFields(s string, h hider) string {
	x := shape{kind: "field", re: elements, is: func(v string) bool { return !harmless(v) }}
	s = x.hide(s, h)
	s = hideNamed(s, h, named)
	return hideNamed(s, h, passed)
}

func hideNamed(s string, h hider, re *regexp.Regexp) string {
	var b strings.Builder
	at, from := 0, 0
	for {
		f := re.FindStringSubmatchIndex(s[from:])
		if f == nil {
			break
		}
		start := from + f[1]
		name, between := s[from+f[4]:from+f[5]], s[from+f[6]:from+f[7]]
		left, right := valueAt(s, start)
		from = max(start, from+1)
		if value := s[left:right]; right > left && !strings.Contains(value, Masked) && !notSecret(name) && isSecret(name, between, value, left > start) {
			b.WriteString(s[at:left])
			b.WriteString(Masked)
			at, from = right, right
			h("field")
		}
		if from >= len(s) {
			break
		}
	}
	if at == 0 {
		return s
	}
	return b.String() + s[at:]
}

// isSecret judges a value by how surely its name says that it is one. Behind a
// colon and a blank stands a word of the sentence more often than a token.
func isSecret(name, between, value string, quoted bool) bool {
	if harmless(value) {
		return false
	}
	lower := strings.ToLower(name)
	prose := strings.Contains(between, ":") && strings.HasSuffix(between, " ") && !quoted && !strings.ContainsAny(between, `"'`)
	if prose && !strings.Contains(lower, "pass") && !strings.Contains(lower, "pwd") {
		return credential(value) && len(value) >= 8
	}
	return true
}

// valueAt is where the value that begins at i stands: between its quotes, which
// may be escaped, or up to what ends a bare one.
func valueAt(s string, i int) (from, to int) {
	for i < len(s) && s[i] == '[' { // how Go prints a header's values
		i++
	}
	if strings.HasPrefix(s[i:], "%22") {
		return i + 3, i + 3 + before(s[i+3:], "%22", len(s)-i-3)
	}
	slashes := 0
	for i+slashes < len(s) && s[i+slashes] == '\\' {
		slashes++
	}
	if j := i + slashes; j < len(s) && (s[j] == '"' || s[j] == '\'' || s[j] == '`') {
		return j + 1, j + 1 + quotedLen(s[j+1:], s[j], slashes)
	}
	end := strings.IndexAny(s[i:], " \t\r\n\"'&,;)}]|<>\\")
	if end < 0 {
		end = len(s) - i
	}
	return i, i + min(end, before(s[i:], "%26", end))
}

// before is where what stands in s, at most is most. It looks no further, or a
// text of many fields would take time by its square.
func before(s, what string, most int) int {
	if at := strings.Index(s[:min(len(s), most+len(what))], what); at >= 0 {
		return min(at, most)
	}
	return most
}

// quotedLen is how far a quoted text goes whose quotes have so many backslashes
// before them.
func quotedLen(s string, quote byte, slashes int) int {
	run := 0
	for i := range len(s) {
		switch {
		case s[i] == '\\':
			run++
			continue
		case s[i] == quote && (run == slashes || slashes == 0 && run%2 == 0):
			return i - run*min(1, slashes)
		case s[i] == '\n' && slashes == 0:
			return i // a quote that is never closed ends with its line
		}
		run = 0
	}
	return len(s)
}
