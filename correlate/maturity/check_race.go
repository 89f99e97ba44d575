package maturity

import "fmt"

var raceClean = Check{ID: "race-clean", Name: "The race detector finds nothing", Level: 1, judge: judgeRace}

func judgeRace(in *Input) Outcome {
	t, o, ok := in.tests()
	if !ok {
		return o
	}
	switch {
	case len(t.Races) > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d data races were found%s", len(t.Races), firstOf(t.Races)), Places: t.Races}
	case !t.Race:
		return missing("the tests ran without -race, or nothing says so: run go test -race -json ./... and say --race")
	case t.Failed > 0:
		return missing("tests failed, so that not all of the code ran under the race detector")
	case t.Passed == 0:
		return missing("no test ran")
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%d tests ran under the race detector, and it found nothing", t.Passed)}
}
