package mask

import "strings"

// possible reports whether a text can have a value of the shape at all; lower is
// the text in lower case, and has these grams. It is asked of every line for every
// shape, and so looks at bytes only.
func (x *shape) possible(s, lower string, g *grams) bool {
	return (len(x.looked) == 0 || anyOf(lower, g, x.looked)) && (x.may == nil || x.may(s))
}

func anyOf(lower string, g *grams, hints []hint) bool {
	for i := range hints {
		if hints[i].in(lower, g) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

// hasWord reports whether n bytes stand together without a blank or a quote
// between them.
func hasWord(n int) func(string) bool {
	return func(s string) bool {
		run := 0
		for i := range len(s) {
			if c := s[i]; c <= ' ' || c == '"' {
				run = 0
			} else if run++; run >= n {
				return true
			}
		}
		return false
	}
}

// hasDigits reports whether a text has n digits, each at most one blank or hyphen
// behind the one before.
func hasDigits(n int) func(string) bool {
	return func(s string) bool {
		run, gap := 0, 0
		for i := range len(s) {
			switch c := s[i]; {
			case isDigit(c):
				if run, gap = run+1, 0; run >= n {
					return true
				}
			case (c == ' ' || c == '-') && gap == 0:
				gap++
			default:
				run, gap = 0, 0
			}
		}
		return false
	}
}

// mayBeIBAN looks for the country, the check digits, and as many capitals and
// digits behind them as the shortest account has.
func mayBeIBAN(s string) bool {
	const shortest = 15
	for i := 0; i+shortest <= len(s); i++ {
		if !isCapital(s[i]) || !isCapital(s[i+1]) || !isDigit(s[i+2]) || !isDigit(s[i+3]) {
			continue
		}
		n := 4
		for j := i + n; j < len(s) && (isCapital(s[j]) || isDigit(s[j]) || s[j] == ' '); j++ {
			if s[j] != ' ' {
				n++
			}
		}
		if n >= shortest {
			return true
		}
	}
	return false
}

// mayBeSSN looks for three, two and four digits with hyphens between them.
func mayBeSSN(s string) bool {
	const form = "ddd-dd-dddd"
	for i := 3; i+8 <= len(s); i++ {
		if s[i] == '-' && s[i+3] == '-' && hasForm(s[i-3:i+8], form) {
			return true
		}
	}
	return false
}

// hasForm reports whether a text has digits where a form has a d, and else its
// bytes.
func hasForm(s, form string) bool {
	for i := range len(form) {
		if form[i] == 'd' && !isDigit(s[i]) || form[i] != 'd' && s[i] != form[i] {
			return false
		}
	}
	return true
}

// mayName spares the expressions on text that names no secret.
func mayName(lower string) bool {
	for _, w := range []string{"pass", "pwd", "secret", "token", "credential", "session", "sessid", "assertion", ".sid", "otp"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	for rest := lower; ; {
		at := strings.Index(rest, "key")
		if at < 0 {
			return false
		}
		if ofKeys(strings.TrimRight(rest[:at], "_.-")) {
			return true
		}
		rest = rest[at+len("key"):]
	}
}

// mayBeSecret spares the expression on most names of fields and labels.
func mayBeSecret(name string) bool {
	lower := lowered(name)
	return mayName(lower) || strings.Contains(lower, "cookie") || strings.Contains(lower, "authorization")
}

// mayBeClient spares the expression on names that end like no address of a client.
func mayBeClient(name string) bool {
	lower := lowered(name)
	for _, end := range []string{"ip", "addr", "address", "host", "forwarded-for", "forwarded"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return false
}

// hasAt reports whether a text has what stands between credentials and a host.
func hasAt(s string) bool { return strings.IndexByte(s, '@') >= 0 }

// hasHyphen reports whether a text can have an option of a command.
func hasHyphen(s string) bool { return strings.IndexByte(s, '-') >= 0 }

// ofKeys reports whether a text ends with what stands before "key" in the name of
// a secret.
func ofKeys(before string) bool {
	for _, w := range []string{"api", "access", "secret", "private", "signing", "encryption", "master", "account", "auth", "client"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}
