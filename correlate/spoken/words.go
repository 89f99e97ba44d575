package spoken

import (
	"regexp"
	"strings"
)

// Gap stands in a list of words for what was left out, so that no phrase is
// found across it.
const Gap = "#"

// Words are the lower-case words of a text in order. Identifiers are split at
// camel humps, underscores and dashes: ModuleNotFoundError is module, not,
// found, error. Of a qualified name only the last part of an exception's class
// counts. HTTP status codes are words where the text says that they are one.
// Everything else that nobody said stands as Gap. Time is linear in the text.
func Words(text string) []string {
	r := reader{}
	text = agents.ReplaceAllString(escapes.Replace(text), " # ")
	for line := range strings.SplitSeq(text, "\n") {
		r.line(line)
	}
	r.codes()
	return r.words
}

// escapes are line ends as JSON writes them.
var escapes = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\t`, "\t", "\r", "\n")

// agents are user agents, by the field that holds one or by how all of them
// begin.
var agents = regexp.MustCompile(`(?i)\buser[-_ ]?agent["']?\s*[:=]\s*(?:"[^"]*"|'[^']*'|\S+)|\bMozilla/\d[^"\n]*`)

// frame is a line of a stack: of Java, .NET and JavaScript by its "at", of Go by
// its head, of Python by its File.
var frame = regexp.MustCompile(`^\s*(?:at (?:async |new )?[\w$.<>/@\[\] -]*[(:].*|goroutine \d+ \[.*|created by \S+.*|\.\.\. \d+ (?:more|common frames omitted).*)$`)

var pythonFrame = regexp.MustCompile(`^\s*File "[^"]*", line \d+`)

type reader struct {
	words []string
	// quoted is true when the line before was a Python frame, under which the
	// line of source stands.
	quoted bool
}

func (r *reader) line(line string) {
	indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
	quoted := r.quoted && indented
	r.quoted = pythonFrame.MatchString(line)
	if quoted || r.quoted || frame.MatchString(line) {
		r.gap()
		return
	}
	for i := 0; i < len(line); {
		if !inChunk(line[i]) {
			if strings.IndexByte(".;!?", line[i]) >= 0 {
				r.gap()
			}
			i++
			continue
		}
		j := i
		for j < len(line) && inChunk(line[j]) {
			j++
		}
		r.chunk(line[i:j], j < len(line) && line[j] == '(')
		i = j
	}
}

func inChunk(c byte) bool {
	return letter(c) || digit(c) || strings.IndexByte(`/\.:-_@+#$%~`, c) >= 0
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// gap notes that something was left out, once.
func (r *reader) gap() {
	if n := len(r.words); n > 0 && r.words[n-1] != Gap {
		r.words = append(r.words, Gap)
	}
}

// place is a file with its line or a host with its port.
var place = regexp.MustCompile(`^[\w.$-]*\w:\d+(?::\d+)?:?$`)

// chunk takes a run of characters without blanks, quotes or brackets; called says
// that an opening bracket follows.
func (r *reader) chunk(s string, called bool) {
	switch {
	case strings.HasPrefix(s, "HTTP/"):
		r.words = append(r.words, "http")
		return
	case strings.EqualFold(strings.Trim(s, ":"), "i/o"):
		r.words = append(r.words, "io")
		return
	case strings.ContainsAny(s, `/\@`), strings.Contains(s, ".") && place.MatchString(s):
		r.gap()
		return
	}
	for part := range strings.SplitSeq(s, ":") {
		r.part(strings.Trim(part, "-_.$#%~+"), called)
	}
	if strings.HasSuffix(s, ".") {
		r.gap() // a sentence ends
	}
}

// extensions are those of files that messages name without a folder.
var extensions = regexp.MustCompile(`\.(?:go|py|java|kt|scala|js|jsx|mjs|cjs|ts|tsx|rb|cs|php|rs|c|h|cc|cpp|ya?ml|json|toml|html?|css|sql|log|txt|xml|conf|ini|so|dll|jar|sh)$`)

// raised are the endings of exceptions' classes.
var raised = regexp.MustCompile(`(?:Exception|Error|Fault|Failure|Warning|Exhausted|Expired)$`)

func (r *reader) part(s string, called bool) {
	switch dots := strings.Count(s, "."); {
	case s == "":
		return
	case dots > 0 && (dots > 1 || called || extensions.MatchString(s)):
		last := s[strings.LastIndexAny(s, ".$")+1:]
		if !raised.MatchString(last) {
			r.gap()
			return
		}
		s = last
	}
	for name := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune("._-$#%~", c) }) {
		r.name(name)
	}
}

// wordDigits is how many digits a word has at most, as p99: more are an ID's.
const wordDigits = 2

// name takes an identifier or a number.
func (r *reader) name(s string) {
	digits := 0
	for i := range len(s) {
		if digit(s[i]) {
			digits++
		}
	}
	low := strings.ToLower(s)
	switch {
	case digits == 0:
		r.words = append(r.words, camel(s)...)
	case digits == len(s) && len(s) == 3, low == "5xx" || low == "4xx", low == "n+1", low == "x509":
		r.words = append(r.words, low)
	case digit(s[0]) || digits > wordDigits:
		r.gap() // an amount with its unit, or an ID
	default:
		for _, w := range camel(strings.TrimRight(s, "0123456789")) {
			r.words = append(r.words, strings.Trim(w, "0123456789"))
		}
	}
}

// camel splits an identifier at its humps: HTTPClientError is http, client,
// error.
func camel(s string) []string {
	var out []string
	start := 0
	for i := 1; i < len(s); i++ {
		up := upper(s[i])
		if up && !upper(s[i-1]) || !up && i-start > 1 && upper(s[i-1]) && lowerLetter(s[i]) {
			at := i
			if !up {
				at = i - 1
			}
			if at > start {
				out = append(out, strings.ToLower(s[start:at]))
				start = at
			}
		}
	}
	return append(out, strings.ToLower(s[start:]))
}

func upper(c byte) bool       { return c >= 'A' && c <= 'Z' }
func lowerLetter(c byte) bool { return c >= 'a' && c <= 'z' }

// codes keeps a number of three digits only where a word beside it says that it
// is a status or an exit code.
func (r *reader) codes() {
	for i, w := range r.words {
		if len(w) != 3 || !digit(w[0]) || !digit(w[2]) {
			continue
		}
		if before(r.words[:i]) || i+1 < len(r.words) && after(r.words[i+1]) {
			continue
		}
		r.words[i] = Gap
	}
}

func before(words []string) bool {
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "status", "code", "http", "returned", "returns", "returning", "response", "responded", "got", "received", "answered", "error", "exited":
		return true
	case "with", "was", "is", "of":
		return before(words[:len(words)-1])
	}
	return false
}

func after(word string) bool {
	switch word {
	case "responses", "errors", "too", "unauthorized", "forbidden", "gateway", "internal", "bad", "service":
		return true
	}
	return false
}
