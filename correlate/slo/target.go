package slo

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// said are the labels and annotations by which rule generators and teams say a
// target, as a share or in per cent.
var said = []string{"slo_target", "slo_objective", "sloth_objective", "objective", "target"}

// ofSLOs is how many of said speak of objectives alone. The others are labels of much
// else, as the number of a thing that is probed: a share below leastInWords, of which
// more may be bad than good, is none that people mean by them.
const (
	ofSLOs       = 3
	leastInWords = .5
)

// inWords is a target in a sentence: "objective: ... in 99.5 % of cases".
var inWords = regexp.MustCompile(`(?i)\b(?:objective|slo)\b[^%]*?(\d{2}(?:\.\d+)?)\s*%`)

// TargetOf is the target that labels or annotations say and which of them does;
// an error when it can be none, and nothing when none says one.
func TargetOf(labels, annotations map[string]string) (target float64, by string, err error) {
	for i, k := range said {
		for _, from := range []map[string]string{labels, annotations} {
			x, ok := share(from[k])
			if !ok || i >= ofSLOs && x < leastInWords {
				continue
			}
			if e := Target(x); e != nil {
				err = fmt.Errorf("%s %q: %w", k, from[k], e)
				continue
			}
			return x, k, nil
		}
	}
	for _, k := range []string{"description", "summary"} {
		if m := inWords.FindStringSubmatch(annotations[k]); m != nil {
			if x, ok := share(m[1] + "%"); ok && Target(x) == nil {
				return x, k, nil
			}
		}
	}
	return 0, "", err
}

// share reads a share or a number of per cent. 1 and 100 are both the whole.
func share(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	number, percent := strings.CutSuffix(text, "%")
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		return 0, false
	case percent || x > 1 && x <= 100:
		return x / 100, true
	}
	return x, true
}

// Goal is an objective as a sentence of code says it.
type Goal struct {
	Target float64
	// Below is the duration that a good event stays below, 0 when the goal is
	// about errors.
	Below time.Duration
}

var (
	latencyGoal = regexp.MustCompile(`(?i)^p(\d{2}(?:\.\d{1,3})?|\d{3,5})\s*(?:<=|<|≤)\s*(\d+(?:\.\d+)?)\s*(ms|s|us|µs|m)$`)
	errorGoal   = regexp.MustCompile(`^(?:<=|<|≤)\s*(\d+(?:\.\d+)?)\s*(%?)$`)
)

// ParseGoal reads "p99<200ms" (99 % of events take less than 200 ms) and
// "<=0.5%" (at most that share of events is bad).
func ParseGoal(text string) (Goal, error) {
	text = strings.TrimSpace(text)
	if m := latencyGoal.FindStringSubmatch(text); m != nil {
		below, err := time.ParseDuration(m[2] + m[3])
		digits := m[1]
		if !strings.Contains(digits, ".") && len(digits) > 2 {
			digits = digits[:2] + "." + digits[2:] // p999 is the 99.9th percentile
		}
		x, ok := share(digits + "%")
		if err != nil || !ok || below <= 0 {
			return Goal{}, fmt.Errorf("%q is no goal: the duration must be above zero, as in p99<200ms", text)
		}
		return Goal{Target: x, Below: below}, errorIn(text, Target(x))
	}
	if m := errorGoal.FindStringSubmatch(text); m != nil {
		x, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return Goal{}, fmt.Errorf("%q is no goal: %w", text, err)
		}
		if m[2] == "%" {
			x /= 100
		}
		return Goal{Target: 1 - x}, errorIn(text, Target(1-x))
	}
	return Goal{}, fmt.Errorf("%q is no goal: write p99<200ms for a latency or <=0.5%% for a share of errors", text)
}

func errorIn(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q: %w", text, err)
}
