package kit

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// grpcCodes are gRPC's, by number (google.rpc.Code).
var grpcCodes = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

var hump = regexp.MustCompile(`([a-z])([A-Z])`)

// apart writes the words of a name as gRPC's names have them.
var apart = strings.NewReplacer(" ", "_", "-", "_")

// canonical is a status as rules have it: three digits or 5XX of HTTP, the name
// in capitals of gRPC, however it was written.
func canonical(s string) string {
	s = strings.TrimSpace(s)
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < len(grpcCodes) {
		return grpcCodes[n]
	}
	name := strings.ToUpper(apart.Replace(hump.ReplaceAllString(s, "${1}_$2")))
	if name == "CANCELED" { // as Go spells it
		return "CANCELLED"
	}
	return name
}

func sameStatus(rule, status string) bool {
	if class, ok := strings.CutSuffix(rule, "XX"); ok {
		return len(status) == 3 && status[:1] == class && (status[1] <= '9' || status[1:] == "XX") // measures tell the class alone
	}
	return rule == status && status != ""
}

// isStatus reports whether a canonical status is one of HTTP's or of gRPC's.
func isStatus(c string) bool {
	if class, ok := strings.CutSuffix(c, "XX"); ok {
		return len(class) == 1 && class >= "1" && class <= "5"
	}
	n, err := strconv.Atoi(c)
	return err == nil && n >= 100 && n < 600 || slices.Contains(grpcCodes[:], c)
}

// serverFailed reports whether a status is HTTP's of a server that failed.
func serverFailed(status string) bool { return len(status) == 3 && status[0] == '5' }

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
