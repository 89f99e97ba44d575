package maturity

import "fmt"

var noBarePrint = Check{ID: "no-bare-print", Name: "Nothing is printed by hand", Level: 2, judge: judgePrints}

func judgePrints(in *Input) Outcome {
	s := in.Facts.Source
	switch {
	case s == nil:
		return missing("no source was looked at")
	case len(s.Prints) > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d calls print by hand instead of logging%s", len(s.Prints), firstOf(s.Prints)), Places: s.Prints}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("no call in %d packages prints by hand", s.Packages)}
}
