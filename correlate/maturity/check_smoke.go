package maturity

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// longestSmoke is how long the first answer may take.
const longestSmoke = 3 * time.Second

var smoke = Check{ID: "smoke", Name: "The service answers within 3 s", Level: 2, judge: judgeSmoke}

func judgeSmoke(in *Input) Outcome {
	s := in.Facts.Smoke
	if s == nil {
		return missing("the service was not asked: name its health address with --smoke")
	}
	if o, old := in.outdated("smoke test", s.At); old {
		return o
	}
	switch {
	case s.Status == 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s gave no answer within %s: %s", s.URL, wording.Duration(longestSmoke), s.Detail), Evidence: s.URL}
	case s.Status < 200 || s.Status > 299:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s answered %d", s.URL, s.Status), Evidence: s.URL}
	case s.Took > longestSmoke:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s answered after %s, %s are allowed", s.URL, wording.Beyond(s.Took, longestSmoke), wording.Duration(longestSmoke)), Evidence: s.URL}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%s answered %d after %s", s.URL, s.Status, wording.Duration(s.Took)), Evidence: s.URL}
}
