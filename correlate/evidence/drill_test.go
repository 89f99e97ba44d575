package evidence

import "testing"

func TestWhatCameOfADrill(t *testing.T) {
	for text, want := range map[string]DrillOutcome{
		"": DrillDone, "done": DrillDone, "OK": DrillDone, "succeeded, no errors": DrillDone, "no failures": DrillDone, "without any problems": DrillDone, "rolled back to v41": DrillDone, "成功": DrillDone, "已完成, 无异常": DrillDone,
		"done, no downtime": DrillDone, "completed with no data loss": DrillDone, "ok, no user impact": DrillDone, "succeeded, no 5xx errors": DrillDone, "done; failover went fine": DrillDone, "error rate back to normal": DrillDone, "failed over to b and back, done": DrillDone, "done; did not lose a request": DrillDone, "no errors or timeouts": DrillDone, "works, no longer fails": DrillDone,
		"already done": DrillAgain, "was at v41 already, nothing changed": DrillAgain, "no-op": DrillAgain, "no change": DrillAgain, "not changed": DrillAgain, "无变化": DrillAgain,
		"failed": DrillFailed, "Failure: pods stuck": DrillFailed, "aborted": DrillFailed, "timed out": DrillFailed, "timeout": DrillFailed, "did not work": DrillFailed, "didn't finish": DrillFailed, "unsuccessful": DrillFailed, "partially done": DrillFailed, "not ok": DrillFailed, "failed, it was running already": DrillFailed, "失败": DrillFailed, "未成功": DrillFailed,
		"no": DrillFailed, "No.": DrillFailed, "nok": DrillFailed, "no success": DrillFailed, "never completed": DrillFailed, "cannot be restored": DrillFailed, "doesn’t work": DrillFailed, "not yet finished, timed out": DrillFailed, "was not rolled back": DrillFailed, "error rate not back to normal": DrillFailed, "failover failed": DrillFailed, "no response timeout error": DrillFailed, "没有成功": DrillFailed, "部分完成": DrillFailed,
		"see the wiki": DrillUnclear, "42": DrillUnclear,
		"no lost requests": DrillUnclear, "done, 3 timeouts": DrillUnclear, "cancelled the alarm, done": DrillUnclear, "not all pods recovered": DrillUnclear, "did not work, then done": DrillUnclear, "could not connect": DrillUnclear,
	} {
		if got := (Drill{Result: text}).Outcome(); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}
