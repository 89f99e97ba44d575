package logline

import "strings"

// Rungs tell whether a name under which a source has lines stands for a service,
// the surest first: the equal one, one of the two with a namespace before it, which
// may be a part of the other, one that differs in case, hyphens, underscores and
// dots only. A rung counts only
// where the one before gives nothing, so that of two services with one name each
// gets its own.
var Rungs = []func(service, name string) bool{
	func(s, n string) bool { return n == s },
	func(s, n string) bool { return lastPart(n) == s || n == lastPart(s) && s != n },
	func(s, n string) bool { return s != n && hyphened(s) == hyphened(n) },
	func(s, n string) bool { return Folded(n) == Folded(s) },
}

// Called are the names that stand for a service.
func Called(service string, names []string) []string {
	for _, same := range Rungs {
		var found []string
		for _, n := range names {
			if same(service, n) {
				found = append(found, n)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// hyphened is a name with its namespace as a part of it: till/stock is till-stock.
func hyphened(s string) string { return strings.ReplaceAll(s, "/", "-") }

func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// Folded is a name without its namespace and without what people spell in
// different ways.
func Folded(s string) string { return folding.Replace(strings.ToLower(lastPart(s))) }

var folding = strings.NewReplacer("-", "", "_", "", ".", "")
