package maturity

import (
	"cmp"
	"fmt"
)

var lintClean = Check{ID: "lint-clean", Name: "The linter finds nothing", Level: 1, judge: judgeLint}

func judgeLint(in *Input) Outcome {
	l := in.Facts.Lint
	if l == nil {
		return missing("no results of a linter were given")
	}
	if o, old := in.outdated("results of the linter", l.At); old {
		return o
	}
	tool := cmp.Or(l.Tool, "the linter")
	if l.Found > 0 {
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s found %d things%s", tool, l.Found, firstOf(l.Places)), Places: l.Places}
	}
	return Outcome{Status: Pass, Message: tool + " found nothing"}
}
