package view

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// discount takes back part of what a measure speaks for: what it shows is real,
// but not its entity's own, or not new. It stands in the report as a negative
// term of its own.
type discount struct {
	Id    string  // the rule's
	Share float64 // of the points, 0 to 1
	Why   string
	Refs  []evidence.Ref
}

// Kept is the share of what a measure speaks for that its discounts leave.
func (f *Metric) Kept() float64 {
	left := 1.0
	if f != nil {
		for _, d := range f.Discounts {
			left *= 1 - d.Share
		}
	}
	return left
}

// DiscountedDeviation is the deviation of a measure as far as its discounts leave it.
func (f *Metric) DiscountedDeviation() float64 { return f.HarmfulDeviation() * f.Kept() }
