// Package suspect ranks the commits and changes that may have set a cause off, and
// the answer that it was none of them. Where a commit is cleared stands in cleared.go,
// what speaks for and against one in terms.go and features.go, how that becomes a rank
// in score.go, what speaks for none in none.go, and what the report says of it all in
// trigger.go and summary.go.
package suspect
