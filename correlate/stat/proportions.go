package stat

import "math"

// Share is how often something happened of how often it might have, with half an
// event added on either side, so that no share is certain.
func Share(n, of int) float64 { return (float64(n) + 0.5) / (float64(of) + 1) }

// Proportions compares two shares: by how much the first is larger, and how many
// standard errors that is, with the variance of both taken together (the test of
// two proportions, smoothed as [Share] is). It answers whether two versions, or two
// times, differ by more than chance.
func Proportions(a, ofA, b, ofB int) (difference, sigma float64) {
	pooled := (float64(a+b) + 1) / (float64(ofA+ofB) + 2)
	difference = Share(a, ofA) - Share(b, ofB)
	return difference, difference / math.Sqrt(pooled*(1-pooled)*(1/float64(max(1, ofA))+1/float64(max(1, ofB))))
}

// MoreThanHalf reports whether n are the majority of a number of things.
func MoreThanHalf(n, of int) bool { return n+n > of }

// HarmonicMean is the F1 measure of a precision and a recall, neither negative.
func HarmonicMean(a, b float64) float64 { return 2 * a * b / max(a+b, 1e-9) }
