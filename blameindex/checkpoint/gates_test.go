package checkpoint

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

const guardRule = `id: ADR-047
title: Parse verified
kind: rule
scope: ["pkg/auth/**"]
checks:
  - {type: code-pattern, pattern: "ParseUnverified", severity: critical, message: "verify it"}
`

func logFrom(text string) Log {
	var l Log
	if text == "" {
		return l
	}
	d := decision.Parse("docs/decisions/047.yaml", []byte(text), decision.DefaultVocabulary())
	l.Broken = d.Faults
	for _, r := range d.Records {
		if r.Refused() {
			l.Refused = append(l.Refused, r)
		} else {
			l.Records = append(l.Records, r)
		}
	}
	return l
}

// TestAChangeCannotLoosenWhatGovernsIt: each way to weaken a rule, or to make it
// unreadable, in the change that it governs.
func TestAChangeCannotLoosenWhatGovernsIt(t *testing.T) {
	touched := Change{Files: []File{{Path: "pkg/auth/jwt.go", Added: []Line{{3, "x := 1"}}}}}
	elsewhere := Change{Files: []File{{Path: "cmd/main.go"}}}
	for name, c := range map[string]struct {
		change      Change
		after       string
		level, says string // empty when nothing is found
	}{
		"as it was":                {touched, guardRule, "", ""},
		"stricter":                 {touched, strings.Replace(guardRule, `"pkg/auth/**"`, `"pkg/**"`, 1), "", ""},
		"deprecated":               {touched, guardRule + "status: deprecated\n", "warning", `status to "deprecated"`},
		"superseded":               {touched, guardRule + "status: superseded\nsuperseded_by: ADR-050\n", "warning", "superseded"},
		"deleted":                  {touched, "", "warning", "deletes it"},
		"out of scope":             {touched, strings.Replace(guardRule, "pkg/auth/**", "pkg/web/**", 1), "warning", "out of its scope"},
		"check removed":            {touched, strings.Replace(guardRule, `"ParseUnverified"`, `"Nothing"`, 1), "warning", "removes or rewrites"},
		"severity lowered":         {touched, strings.Replace(guardRule, "critical", "low", 1), "warning", "from error to note"},
		"retired where it is idle": {elsewhere, guardRule + "status: deprecated\n", "", ""},
		"no message":               {touched, strings.Replace(guardRule, `, message: "verify it"`, "", 1), "error", "no message"},
		"broken and out of scope":  {touched, strings.Replace(strings.Replace(guardRule, `, message: "verify it"`, "", 1), "pkg/auth/**", "pkg/web/**", 1), "error", "no message"},
		"broken and deprecated":    {touched, strings.Replace(guardRule, `, message: "verify it"`, "", 1) + "status: deprecated\n", "error", "no message"},
		"no YAML":                  {touched, guardRule + "\t- x\n", "error", "tab"},
		"faulty elsewhere":         {elsewhere, strings.Replace(guardRule, `, message: "verify it"`, "", 1), "", ""},
	} {
		got := Guard(c.change, logFrom(guardRule), logFrom(c.after), false)
		if c.level == "" {
			if len(got) != 0 {
				t.Errorf("%s: got %+v, want nothing", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Level != c.level || !strings.Contains(got[0].Message, c.says) || got[0].Path != "docs/decisions/047.yaml" {
			t.Errorf("%s: got %+v, want one %s with %q", name, got, c.level, c.says)
		}
		if strict := Guard(c.change, logFrom(guardRule), logFrom(c.after), true); len(strict) != 1 || strict[0].Level != "error" {
			t.Errorf("%s: got %+v under --strict, want an error", name, strict)
		}
	}
}

func TestATagThatNamesNoRecordIsFound(t *testing.T) {
	c := Change{Files: []File{{Path: "a.go", Added: []Line{{7, "// decision:ADR-404"}, {9, "// decision:ADR-047"}, {11, `s := "decision:ADR-405"`}}}}}
	c.Messages = []string{"Change\n\nDecision: ADR-047, ADR-406"}
	got := Guard(c, Log{}, logFrom(guardRule), false)
	if len(got) == 2 && strings.Contains(got[1].Message, "trailer Decision: ADR-406 names no record") {
		got = got[:1]
	}
	if len(got) != 1 || got[0].Line != 7 || !strings.Contains(got[0].Message, "ADR-404") {
		t.Errorf("got %+v, want the tag of line 7 and the trailer", got)
	}
}
