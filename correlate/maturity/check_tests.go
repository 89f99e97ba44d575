package maturity

import "fmt"

var testsPass = Check{ID: "tests-pass", Name: "All tests pass", Level: 1, judge: judgeTests}

func judgeTests(in *Input) Outcome {
	t, o, ok := in.tests()
	if !ok {
		return o
	}
	switch {
	case t.Failed > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d of %d tests failed%s", t.Failed, t.Failed+t.Passed, firstOf(t.Failures)), Places: t.Failures}
	case t.Passed == 0:
		return missing("no test ran")
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%d tests of %d packages passed, %d were skipped", t.Passed, t.Packages, t.Skipped)}
}
