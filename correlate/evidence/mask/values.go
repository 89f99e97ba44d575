package mask

import (
	"net/netip"
	"regexp"
	"strings"
)

// plainWords stand behind names of secrets in sentences about them, and are
// none.
var plainWords = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq(`a an the is was are were be been must may might can cannot could should shall will would has have had not no none null nil undefined true false yes empty missing required
		invalid incorrect wrong expired expires mismatch mismatched reset changed change rejected denied accepted refused failed fails failure failing ok valid unknown unset set unavailable needed given got in for of on by to too with without from and or
		if when then than that this it its at as up only also does do did error warning please enter using used use updated update rotated rotation revoked created deleted renewed refreshed refresh found lookup validation verification verified authentication authorization auth authorized unauthorized
		unexpected expected bad good weak strong new old same different length too_short too_long string number object array int bool plaintext hidden masked redacted removed omitted filtered secret password token policy file path name type count limit bucket header field value id`) {
		plainWords[w] = true
	}
}

var (
	placeholder = regexp.MustCompile(`^(?:[*•x.X_-]{3,}|%[a-z+#]*[a-z]|\$\{?\w*\}?|\{\{?[^}]*\}?\}?|<[^>]*>?|\[[^\]]*\]?|\(.*|&?\w+\(.*|\.\.\.)$`)
	numberOnly  = regexp.MustCompile(`^[-+]?\d{1,3}(?:\.\d+)?(?:[a-zµ%]{1,3})?$`)
)

// harmless reports whether a value behind a secret's name is no secret.
func harmless(v string) bool {
	v = strings.Trim(v, `"'\`)
	return len(v) < 2 || plainWords[strings.ToLower(strings.TrimRight(v, ".,:;!?"))] || placeholder.MatchString(v) || numberOnly.MatchString(v)
}

// credential reports whether a text could be a random one: a word of a sentence
// has no digit in it and no capital behind a small letter.
func credential(v string) bool {
	v = strings.Trim(v, `"'\ `)
	if first, _, more := strings.Cut(v, " "); more && plainWords[strings.ToLower(first)] {
		return false
	}
	digit := strings.ContainsAny(v, "0123456789")
	mixed := false
	for i := 1; i < len(v); i++ {
		mixed = mixed || v[i] >= 'A' && v[i] <= 'Z' && v[i-1] >= 'a' && v[i-1] <= 'z'
	}
	return len(v) >= 6 && (digit || mixed || strings.HasSuffix(v, "="))
}

var port = regexp.MustCompile(`^\d{1,5}(?:[/?#]|$)`)

// notPort tells a password in an address from a port and a path that has an @.
func notPort(v string) bool { return !port.MatchString(v) }

// person tells an address of a person from what programs write the same way.
func person(v string) bool {
	name, host, _ := strings.Cut(strings.ToLower(v), "@")
	switch name {
	case "git", "root", "www-data", "postgres", "noreply", "no-reply", "nobody":
		return false
	}
	return !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".internal") && !strings.HasSuffix(host, ".svc") && !strings.HasSuffix(host, ".service")
}

// luhn is the check digit of card numbers.
func luhn(v string) bool {
	sum, n := 0, 0
	for i := len(v) - 1; i >= 0; i-- {
		if v[i] == ' ' || v[i] == '-' {
			continue
		}
		d := int(v[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, n = sum+d, n+1
	}
	return sum%10 == 0
}

// iban is the check of account numbers: the rest of 97 is 1.
func iban(v string) bool {
	v = strings.ReplaceAll(v, " ", "")
	if len(v) < 15 || len(v) > 34 {
		return false
	}
	rest := 0
	for _, c := range v[4:] + v[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		default:
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}

// ssn is what a number of the United States' social security can be.
func ssn(v string) bool {
	return v[:3] != "000" && v[:3] != "666" && v[0] != '9' && v[4:6] != "00" && v[7:] != "0000"
}

const addressShape = `(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}`

var addresses = regexp.MustCompile(`(?i)()(\b(?:` + addressShape + `)\b)`)

// public reports whether an address is one of the internet, where clients are.
// Addresses inside a network are what an incident is about.
func public(v string) bool {
	a, err := netip.ParseAddr(v)
	return err == nil && a.IsGlobalUnicast() && !a.IsPrivate() && !carrier.Contains(a)
}

// carrier is where clusters have their addresses besides the private ranges.
var carrier = netip.MustParsePrefix("100.64.0.0/10")

// hideAddresses masks every public address in the value of a field that names a
// client.
func hideAddresses(s string, h hider) string {
	x := shape{kind: "client-address", re: addresses, is: public}
	return hide(x.hide(s, h), h, everything)
}
