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

// Outcomes of drills. One that is unclear was written in words that say neither.
const (
	DrillDone    DrillOutcome = iota // also where no result was written beside how long it took
	DrillAgain                       // repeated: there was nothing to do any more
	DrillFailed                      //
	DrillUnclear                     //
)

// Words by which people write what came of a drill, in English and Chinese.
var (
	drillSpared = regexp.MustCompile(`(?i)\b(?:no|without|zero|0)\s+(?:any\s+|further\s+|other\s+)*(?:fail\w*|errors?|problems?|issues?|timeouts?)\b|\bnot fail(?:ed)?\b|(?:无|没有)(?:失败|错误|异常|超时)`)
	drillFailed = regexp.MustCompile(`(?i)\b(?:fail\w*|error\w*|abort\w*|cancel\w*|timed?[ -]?out|timeouts?|broken?|stuck|incomplete|partial\w*|unsuccessful\w*|interrupted|killed|panic\w*|crash\w*)\b|失败|错误|超时|中止|取消|未完成|未成功|部分|异常`)
	drillAgain  = regexp.MustCompile(`(?i)already|\bnothing (?:to do|to change|changed)|\bno[ -]?op\b|\bno changes?\b|\bunchanged\b|\bnot changed\b|无变化|无需|未变`)
	drillDenied = regexp.MustCompile(`(?i)\b(?:not|never|cannot|nok|no)\b|n't\b`)
	drillDone   = regexp.MustCompile(`(?i)\b(?:done|ok|okay|success\w*|succeeded|pass(?:es|ed)?|work(?:s|ed)?|fine|good|completed?|finished|recovered|restored|healthy|reverted|rolled back|set back|true|yes)\b|✓|✔|成功|完成|通过|正常|恢复|回滚`)
)

// Outcome reads the result of a drill.
func (d Drill) Outcome() DrillOutcome {
	text := drillSpared.ReplaceAllString(d.Result, "done")
	switch {
	case d.Result == "":
		return DrillDone
	case drillFailed.MatchString(text):
		return DrillFailed
	case drillAgain.MatchString(text):
		return DrillAgain
	case drillDenied.MatchString(text):
		return DrillFailed
	case drillDone.MatchString(text):
		return DrillDone
	}
	return DrillUnclear
}
