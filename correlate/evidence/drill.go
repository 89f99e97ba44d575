package evidence

import (
	"regexp"
	"time"
)

// Drill is one trial of a plan to undo a decision.
type Drill struct {
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Result  string    `json:"result,omitempty"` // as it was written
}

// DrillOutcome is what came of a drill.
type DrillOutcome int

// Outcomes of drills. One that is unclear was written in words that say neither or both.
const (
	DrillDone    DrillOutcome = iota // also where no result was written beside how long it took
	DrillAgain                       // repeated: there was nothing to do any more
	DrillFailed                      //
	DrillUnclear                     //
)

// drillSuccess are words of success, as they also stand behind a denial: "did not work".
const drillSuccess = `(?:done|ok(?:ay)?|succe\w*|pass(?:es|ed)?|work\w*|fine|good|complet\w*|finish\w*|recover\w*|restor\w*|healthy|revert\w*|roll(?:ed)? back|set back|back to normal|true)\b`

// Words by which people write what came of a drill, in English and Chinese.
var (
	drillBeside  = regexp.MustCompile(`(?i)\bfail(?:s|ed|ing)?[ -]?(?:over|back)s?\b|\berror[ -](?:rates?|budgets?)\b`) // neither success nor failure
	drillSpared  = regexp.MustCompile(`(?i)\b(?:no|without|zero|0)\s+(?:(?:any|further|other|more|longer)\s+)*(?:(?:fail\w*|errors?|problems?|issues?|timeouts?)\b|[\w-]+\s+(?:failures|errors|problems|issues|timeouts)\b)(?:\s+(?:or|nor|and)\s+(?:fail\w*|errors?|problems?|issues?|timeouts?)\b)*|\bnot fail(?:ed)?\b|(?:无|没有)(?:失败|错误|异常|超时)`)
	drillDenied  = regexp.MustCompile(`(?i)^\s*no[.!]?\s*$|\bnok\b|\b(?:no|without)\s+success\w*|(?:\b(?:not|never|cannot)|n['’]t)\s+(?:[\w-]+\s+)?` + drillSuccess + `|\bpartial\w*\s+` + drillSuccess + `|未(?:完成|成功|通过|恢复|回滚)|(?:没有?|不)(?:完成|成功|通过|恢复|回滚|正常)|部分(?:完成|成功|通过|恢复|回滚)`)
	drillFailed  = regexp.MustCompile(`(?i)\b(?:fail\w*|error\w*|abort\w*|cancel\w*|timed?[ -]?out|timeouts?|broken?|stuck|incomplete|partial\w*|unsuccessful\w*|interrupted|killed|panic\w*|crash\w*)\b|失败|错误|超时|中止|取消|部分|异常`)
	drillAgain   = regexp.MustCompile(`(?i)already|\bnothing (?:to do|to change|changed)|\bno[ -]?op\b|\bno changes?\b|\bunchanged\b|\bnot changed\b|无变化|无需|未变`)
	drillDone    = regexp.MustCompile(`(?i)\b(?:` + drillSuccess + `|yes\b)|✓|✔|成功|完成|通过|正常|恢复|回滚`)
	drillDoubted = regexp.MustCompile(`(?i)(?:\b(?:not|never|cannot)\b|n['’]t\b)[^,.;:!?]*\b` + drillSuccess) // a denial too far off to know of what: "not all pods recovered"
)

// Outcome reads the result of a drill. Where words of success and of failure both
// stand in it, nobody knows which is meant.
func (d Drill) Outcome() DrillOutcome {
	text := drillBeside.ReplaceAllString(d.Result, " ")
	text = drillSpared.ReplaceAllString(text, " done ")
	text = drillDenied.ReplaceAllString(text, " failed ")
	failed, done := drillFailed.MatchString(text), drillDone.MatchString(text)
	switch {
	case d.Result == "":
		return DrillDone
	case failed && done:
		return DrillUnclear
	case failed:
		return DrillFailed
	case drillAgain.MatchString(text):
		return DrillAgain
	case done && !drillDoubted.MatchString(text):
		return DrillDone
	}
	return DrillUnclear
}
