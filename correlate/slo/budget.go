package slo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// DefaultPeriod is the period of an objective that says none.
const DefaultPeriod = 30 * 24 * time.Hour

// Tier is one pair of windows and how many times too fast the budget has to burn
// over both for an alert.
type Tier struct {
	Short, Long time.Duration
	Factor      float64
}

// Tiers are the recommended ones (Google SRE workbook, chapter 5, table 5-8, with
// the step at 2 hours that rule generators add). Their factors are of a period of
// 30 days, at which 2 % of the budget go in an hour, 5 % in six, 10 % in a day and
// as much in three; of another period they are such that the same shares go, but
// nobody is woken for a budget that lasts: none is below 1, also of the 28 days by
// which many plan, and no window is longer than the period.
func Tiers(period time.Duration) []Tier {
	const day = 24 * time.Hour
	tiers := []Tier{
		{5 * time.Minute, time.Hour, 14.4},
		{30 * time.Minute, 6 * time.Hour, 6},
		{2 * time.Hour, day, 3},
		{6 * time.Hour, 3 * day, 1},
	}
	for i := range tiers {
		tiers[i].Factor = max(1, math.Round(tiers[i].Factor*float64(period)/float64(DefaultPeriod)*1e6)/1e6)
	}
	return slices.DeleteFunc(tiers, func(t Tier) bool { return t.Long > period })
}

// Target checks a target, a share of good events. The error says what is wrong
// with it, for a person.
func Target(x float64) error {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return errors.New("the target is not a number: give the share of good events, as 0.999")
	case x <= 0:
		return fmt.Errorf("a target of %v asks for nothing: give the share of good events, as 0.999 or 99.9 %%", x)
	case x == 1 || x == 100:
		return errors.New("a target of 100 % leaves no error budget, so that nothing can burn: give less, as 99.9 %")
	case x > 1:
		return fmt.Errorf("a target of %v is no share: give one between 0 and 1, or per cent below 100", x)
	}
	return nil
}

// Burn is how many times faster than the target allows the budget burns when
// bad of all events in a window are bad; both may be rates.
func Burn(bad, all, target float64) (float64, error) {
	if err := Target(target); err != nil {
		return 0, err
	}
	switch {
	case math.IsNaN(bad) || math.IsNaN(all) || math.IsInf(bad, 0) || math.IsInf(all, 0) || bad < 0 || all < 0:
		return 0, fmt.Errorf("%v of %v events are no share: counts are finite and not negative", bad, all)
	case all == 0:
		return 0, errors.New("there was no event in the window, so that no share of them was bad")
	case bad > all*(1+1e-9):
		return 0, fmt.Errorf("%v of %v events cannot be bad: the parts of the ratio count different things", bad, all)
	}
	return bad / all / (1 - target), nil
}

// Exhaustion is how long the rest of a budget lasts at a burn rate; left is a
// share of the budget. It is 0 when nothing is left, and false when it lasts for
// ever or an argument is no number.
func Exhaustion(left float64, period time.Duration, burn float64) (time.Duration, bool) {
	switch x := left * float64(period) / burn; {
	case math.IsNaN(x) || period <= 0 || burn <= 0:
		return 0, false
	case left <= 0:
		return 0, true
	case x >= math.MaxInt64:
		return 0, false
	default:
		return time.Duration(x), true
	}
}

// Few tells that there were so few events that a single bad one burns at a
// tier's factor: such a burn rate says little.
func Few(events, target, factor float64) bool {
	return events <= 0 || 1/events/(1-target) >= factor
}
