package evidence

import (
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// ParseTraceID reads a trace ID as people and telemetry write it and returns
// its one form: 32 lower-case hex digits, the 16 of older clients padded with
// zeros. Anything else, and all zeros, is ErrInvalid; what it returns is safe
// to stand in any query.
func ParseTraceID(s string) (string, error) {
	id := strings.ToLower(strings.TrimSpace(s))
	if len(id) == 16 {
		id = strings.Repeat("0", 16) + id
	}
	if !isHex(id, 32) {
		return "", fmt.Errorf("trace ID %.40q: want 32 or 16 hex digits, not all zeros: %w", s, ErrInvalid)
	}
	return id, nil
}

// isHex reports whether s is n lower-case hex digits, not all zeros.
func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	some := false
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
		some = some || s[i] != '0'
	}
	return some
}

// ReadTraceID reads the value of a field that is known to hold a trace, and
// gives the trace's ID as ParseTraceID does, and the span's where the value has
// it, else "". Besides hex it knows a UUID; W3C traceparent
// (00-trace-span-flags); B3 in one field (trace-span-sampled); AWS X-Ray
// (Root=1-8 digits-24 digits;Parent=span); Jaeger (trace:span:parent:flags,
// leading zeros left off); Google's header (trace/span;o=1) and path
// (projects/P/traces/T); the decimal numbers of Datadog, 64 or 128 bit wide.
func ReadTraceID(s string) (trace, span string, ok bool) {
	s = strings.ToLower(strings.Trim(s, " \t\"'"))
	if len(s) > 256 {
		return "", "", false
	}
	if len(s) == 32 || len(s) == 16 {
		id, err := ParseTraceID(s)
		return id, "", err == nil
	}
	if i := strings.LastIndex(s, "/traces/"); i >= 0 {
		return ReadTraceID(s[i+len("/traces/"):])
	}
	if strings.Contains(s, "root=") || strings.HasPrefix(s, "1-") {
		return readXRay(s)
	}
	if trace, rest, found := strings.Cut(s, "/"); found && len(trace) == 32 {
		id, err := ParseTraceID(trace)
		span, _, _ := strings.Cut(rest, ";")
		return id, ReadSpanID(span), err == nil
	}
	if parts := strings.Split(s, ":"); len(parts) == 4 {
		return readJaeger(parts)
	}
	if n := len(s); n >= 17 && n <= 39 && strings.Trim(s, "0123456789") == "" {
		return readDecimal(s)
	}
	return readParts(strings.Split(s, "-"))
}

// readParts reads what stands between the hyphens of a traceparent, a B3 field
// or a UUID.
func readParts(parts []string) (trace, span string, ok bool) {
	if len(parts) == 5 && len(parts[0]) == 8 && len(parts[4]) == 12 {
		id, err := ParseTraceID(strings.Join(parts, ""))
		return id, "", err == nil
	}
	if len(parts) >= 4 && len(parts[0]) == 2 && isHex(parts[1], 32) {
		parts = parts[1:]
	}
	if len(parts) < 2 || len(parts[1]) != 16 {
		return "", "", false
	}
	id, err := ParseTraceID(parts[0])
	if err != nil {
		return "", "", false
	}
	return id, ReadSpanID(parts[1]), true
}

// readXRay reads an AWS X-Ray header, of which the root is the trace, or the
// root alone.
func readXRay(s string) (trace, span string, ok bool) {
	root := s
	for part := range strings.SplitSeq(s, ";") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case found && name == "root":
			root = value
		case found && name == "parent":
			span = ReadSpanID(value)
		}
	}
	parts := strings.Split(root, "-")
	if len(parts) != 3 || parts[0] != "1" || len(parts[1]) != 8 {
		return "", "", false
	}
	id, err := ParseTraceID(parts[1] + parts[2])
	return id, span, err == nil && len(parts[2]) == 24
}

// readJaeger reads the parts of Jaeger's own header.
func readJaeger(parts []string) (trace, span string, ok bool) {
	const fewest = 8 // digits, below which a number with colons is more likely something else
	for i, most := range []int{32, 16} {
		if n := len(parts[i]); n < fewest || n > most {
			return "", "", false
		}
		parts[i] = strings.Repeat("0", most-len(parts[i])) + parts[i]
	}
	id, err := ParseTraceID(parts[0])
	if err != nil || !isHex(parts[1], 16) {
		return "", "", false
	}
	return id, parts[1], true
}

func readDecimal(s string) (trace, span string, ok bool) {
	n, _ := new(big.Int).SetString(s, 10)
	if n == nil || n.BitLen() > 128 || n.Sign() <= 0 {
		return "", "", false
	}
	return fmt.Sprintf("%032x", n), "", true
}

// ReadSpanID gives a span ID as 16 lower-case hex digits, from hex or from the
// decimal of Datadog; "" when s is none.
func ReadSpanID(s string) string {
	s = strings.ToLower(strings.Trim(s, " \t\"'"))
	switch {
	case isHex(s, 16):
		return s
	case len(s) >= 17 && len(s) <= 20 && strings.Trim(s, "0123456789") == "":
		if n, _ := new(big.Int).SetString(s, 10); n != nil && n.BitLen() <= 64 && n.Sign() > 0 {
			return fmt.Sprintf("%016x", n)
		}
	}
	return ""
}

// SameTrace reports whether two IDs as ParseTraceID gives them may be one
// trace's: they are equal, or one of them is the lower half of the other, as
// clients write it that know 64 bits only.
func SameTrace(a, b string) bool {
	if a == b {
		return a != ""
	}
	const half = "0000000000000000"
	if len(a) != 32 || len(b) != 32 || a[16:] != b[16:] {
		return false
	}
	return a[:16] == half || b[:16] == half
}

// TraceIDTexts are the texts of which one stands in every line that carries the
// trace in a form that ReadTraceID knows, in lower case: the last 16 hex digits,
// which all forms in hex share, and the decimals. More lines than the trace's
// may have one; NamesTrace tells.
func TraceIDTexts(id string) []string {
	if len(id) != 32 {
		return nil
	}
	if strings.Trim(id[16:], "0") == "" {
		return []string{id}
	}
	return append([]string{id[16:]}, decimals(id)...)
}

// decimals are the trace and its lower half as numbers, where they are long
// enough to be known for an ID.
func decimals(id string) []string {
	var texts []string
	for _, part := range []string{id[16:], id} {
		if n, ok := new(big.Int).SetString(part, 16); ok {
			if d := n.String(); len(d) >= 17 && !slices.Contains(texts, d) {
				texts = append(texts, d)
			}
		}
	}
	return texts
}

// NamesTrace reports whether a text carries the trace's ID in any of its forms,
// in upper or lower case, and no longer ID that only ends like it.
func NamesTrace(text, id string) bool {
	if len(id) != 32 {
		return false
	}
	text = strings.ToLower(text)
	if standsAlone(text, id) || standsAlone(text, id[:8]+"-"+id[8:]) || standsAlone(text, id[:8]+"-"+id[8:12]+"-"+id[12:16]+"-"+id[16:20]+"-"+id[20:]) {
		return true
	}
	if strings.Trim(id[16:], "0") != "" && (standsAlone(text, id[16:]) || standsAlone(text, strings.Repeat("0", 16)+id[16:])) {
		return true
	}
	return slices.ContainsFunc(decimals(id), func(d string) bool { return standsAlone(text, d) })
}

// standsAlone reports whether a word stands in a text with no letter or digit
// beside it.
func standsAlone(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !letterOrDigit(text[i-1])) && (end == len(text) || !letterOrDigit(text[end])) {
			return true
		}
		from = i + 1
	}
}

func letterOrDigit(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' }

// Where a trace ID stands in what people paste, the surest first: the address
// of a trace, which may go on with a span; a UUID; X-Ray's root; then any word
// of the right length, of which the longer one is the trace in a traceparent
// header.
var tracePlaces = []*regexp.Regexp{
	regexp.MustCompile(`/traces?/([0-9a-f]{1,32})(?:[^0-9a-z]|$)`),
	regexp.MustCompile(`^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`),
	regexp.MustCompile(`(?:^|[^0-9a-z])1-([0-9a-f]{8}-[0-9a-f]{24})(?:[^0-9a-z]|$)`),
	regexp.MustCompile(`(?:^|[^0-9a-z])([0-9a-f]{32})(?:[^0-9a-z]|$)`),
	regexp.MustCompile(`(?:^|[^0-9a-z])([0-9a-f]{16})(?:[^0-9a-z]|$)`),
}

// datadogPlace is the address of a trace in Datadog, which counts in decimals.
var datadogPlace = regexp.MustCompile(`/apm/trace/([0-9]{17,20})(?:[^0-9a-z]|$)`)

// decimalID is a Datadog trace, which nothing but its length tells from another
// number: so only where it is all there is, or its field says so.
var decimalID = regexp.MustCompile(`^(?:.*\btrace[._-]?id\W{1,4})?([0-9]{17,39})(?:\D|$)`)

// FindTraceID finds the trace ID in what a person pasted: the bare ID, with
// blanks or in upper case, a W3C traceparent, B3 or X-Ray header, a decimal of
// Datadog, a field of a log line, or the address of the trace in Jaeger, whose
// older versions leave leading zeros out, or of a search for it, whose escapes
// it takes off. It returns the ID as ParseTraceID does.
func FindTraceID(s string) (string, error) {
	text := strings.ToLower(strings.TrimSpace(s))
	if id, err := ParseTraceID(strings.Join(strings.Fields(text), "")); err == nil {
		return id, nil
	}
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	if m := datadogPlace.FindStringSubmatch(text); m != nil {
		if id, _, ok := readDecimal(m[1]); ok {
			return id, nil
		}
	}
	for _, place := range tracePlaces {
		if m := place.FindStringSubmatch(text); m != nil {
			id := strings.ReplaceAll(m[1], "-", "")
			if id, err := ParseTraceID(strings.Repeat("0", 32-len(id)) + id); err == nil {
				return id, nil
			}
		}
	}
	if m := decimalID.FindStringSubmatch(text); m != nil {
		if id, _, ok := readDecimal(m[1]); ok {
			return id, nil
		}
	}
	return "", fmt.Errorf("%.60q holds no trace ID, which is 32 or 16 hex digits, not all zeros; a traceparent, B3 or X-Ray header or the trace's address in Jaeger will do: %w", s, ErrInvalid)
}
