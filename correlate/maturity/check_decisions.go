package maturity

import "fmt"

var decisionsComplete = Check{ID: "decisions-complete", Name: "Every decision record is complete", Level: 1, judge: judgeDecisions}

func judgeDecisions(in *Input) Outcome {
	d := in.Facts.Decisions
	switch {
	case d == nil:
		return missing("no decision records were looked at")
	case d.Refused > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d faults in decision records%s", d.Refused, firstOf(d.Places)), Places: d.Places}
	case d.Records == 0:
		return Outcome{Status: Fail, Message: "there is no decision record"}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%d decision records, each complete", d.Records)}
}
