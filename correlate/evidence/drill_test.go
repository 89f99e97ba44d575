package evidence

import "testing"

func TestWhatCameOfADrill(t *testing.T) {
	for text, want := range map[string]DrillOutcome{
		"": DrillDone, "done": DrillDone, "OK": DrillDone, "succeeded, no errors": DrillDone, "no failures": DrillDone, "without any problems": DrillDone, "rolled back to v41": DrillDone, "成功": DrillDone, "已完成, 无异常": DrillDone,
		"already done": DrillAgain, "was at v41 already, nothing changed": DrillAgain, "no-op": DrillAgain, "no change": DrillAgain, "not changed": DrillAgain, "无变化": DrillAgain,
		"failed": DrillFailed, "Failure: pods stuck": DrillFailed, "aborted": DrillFailed, "timed out": DrillFailed, "timeout": DrillFailed, "did not work": DrillFailed, "didn't finish": DrillFailed, "unsuccessful": DrillFailed, "partially done": DrillFailed, "not ok": DrillFailed, "failed, it was running already": DrillFailed, "失败": DrillFailed, "未成功": DrillFailed,
		"see the wiki": DrillUnclear, "42": DrillUnclear,
	} {
		if got := (Drill{Result: text}).Outcome(); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
