package errorclass

import (
	"cmp"
	"strconv"
	"strings"
)

// codes are gRPC's, by number (google.rpc.Code).
var codes = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

// canonical is a status as rules have it: three digits or 5xx for HTTP, the name
// in capitals for gRPC, however it was written (DeadlineExceeded, 4).
func canonical(s string) string {
	s = strings.TrimSpace(s)
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < len(codes) {
		return codes[n]
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z' && i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z':
			b.WriteByte('_')
			b.WriteByte(c)
		case c >= 'a' && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
		case c == ' ' || c == '-':
			b.WriteByte('_')
		default:
			b.WriteByte(c)
		}
	}
	name := b.String()
	if name == "CANCELED" { // as Go spells it
		return "CANCELLED"
	}
	return name
}

// sameStatus compares a rule's status with an error's, both canonical.
func sameStatus(rule, status string) bool {
	if class, ok := strings.CutSuffix(rule, "XX"); ok {
		return len(status) == 3 && status[:1] == class && (isNumber(status) || status[1:] == "XX") // measures tell the class alone
	}
	return rule == status && status != ""
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// isStatus reports whether a rule may name a status so.
func isStatus(s string) bool {
	c := canonical(s)
	for _, known := range codes {
		if c == known {
			return true
		}
	}
	return len(c) == 3 && c[0] >= '1' && c[0] <= '5' && (isNumber(c) || c[1:] == "XX")
}

// known is a status as rules have it, also one that is written as part of a text, as
// "404 Not Found", "Code(5)" and 500.0.
func known(s string) string {
	c := canonical(strings.TrimSuffix(strings.TrimSpace(s), ".0"))
	if inside, ok := strings.CutSuffix(strings.TrimPrefix(c, "CODE("), ")"); ok {
		c = canonical(inside)
	}
	if c == "" || isStatus(c) {
		return c
	}
	return cmp.Or(statusIn(s), c)
}

// saysNothing reports whether a status says no more of a failure than none does: what
// failed may have been answered with 200.
func saysNothing(status string) bool {
	return !isStatus(status) || status == "UNKNOWN" || status == "OK" || len(status) == 3 && status[0] < '4'
}
