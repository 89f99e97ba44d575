// Package gather asks the ports and returns the evidence of one alert: it resolves
// the alert, settles what time is looked at, asks every source at once, brings
// the answers under one set of names and looks up the code and the decisions
// behind what changed.
package gather
