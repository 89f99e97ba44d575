package maturity

import "fmt"

var mainContract = Check{ID: "main-contract", Name: "main ends by a signal and returns an error", Level: 2, judge: judgeMain}

func judgeMain(in *Input) Outcome {
	s := in.Facts.Source
	switch {
	case s == nil:
		return missing("no source was looked at")
	case s.MainCount == 0:
		return missing("the source has no package main")
	case len(s.Mains) > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d of %d main packages break the contract%s", len(s.Mains), s.MainCount, firstOf(s.Mains)), Places: s.Mains}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%d main packages hand a context on that a signal ends", s.MainCount)}
}
