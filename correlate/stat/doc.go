// Package stat holds the robust statistics that the engine measures evidence
// with: order statistics instead of moments, because a baseline that contains
// a minute of the incident must not hide it.
//
// Functions neither keep nor change the slices they are given unless they say
// so, and take slices without NaN or infinite values, as evidence.Sample
// promises.
package stat
