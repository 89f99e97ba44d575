package decision

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var condition = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_.:/-]*)\s*(<=|>=|==|!=|<|>|≤|≥|=)\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(ms|s|%)?\s*$`)

func operator(op string) bool {
	return slices.Contains([]string{"<", "<=", ">", ">=", "==", "!="}, op)
}

// ParseCondition reads "NAME OP NUMBER[ms|s|%]". A single "=" is read as "==",
// and ≤ and ≥ as they are meant.
func ParseCondition(s string) (evidence.Condition, error) {
	m := condition.FindStringSubmatch(s)
	if m == nil {
		return evidence.Condition{}, fmt.Errorf("%q is not a condition; write NAME OP NUMBER[ms|s|%%], as latency_p99 < 900ms", clip(s))
	}
	v, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return evidence.Condition{}, fmt.Errorf("%q: %q is not a number", clip(s), clip(m[3]))
	}
	op := m[2]
	if plain, ok := map[string]string{"≤": "<=", "≥": ">=", "=": "=="}[op]; ok {
		op = plain
	}
	return evidence.Condition{Text: strings.TrimSpace(s), Name: m[1], Op: op, Value: v, Unit: m[4]}, nil
}
