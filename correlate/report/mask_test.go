package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestAReportHasNoSecretInAnyField(t *testing.T) {
	const secret = "hunter2x"
	said := "login password=" + secret + " failed"
	r := report.Report{
		Title: said, Warnings: []string{said}, Service: "shop", Incident: "INC-0123456789",
		Alert:     evidence.Alert{Annotations: map[string]string{"description": said, "password": secret}, Instances: []evidence.AlertInstance{{Labels: map[string]string{"trace": "7c1ea0b2c3d4e5f60718293a4b5c90af"}, Annotations: map[string]string{"a": said}}}},
		Causes:    []report.Cause{{Entity: evidence.Entity{Name: "shop"}, Terms: []report.Term{{ID: "x", Why: said, Refs: []evidence.Ref{{Text: said}}}}}},
		Coverage:  []evidence.Coverage{{Detail: said, Query: `{a="b"} |= "` + said + `"`}},
		Decisions: []report.DecisionView{{Decision: evidence.Decision{ID: "D-1", Title: "ask ann@shop.example"}}},
	}
	before, err1 := json.Marshal(r)
	got := report.Masked(r)
	after, err2 := json.Marshal(r)
	out, err3 := json.Marshal(got)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	if strings.Contains(string(out), secret) {
		t.Errorf("the report still has it: %s", out)
	}
	if d := cmp.Diff(string(before), string(after)); d != "" {
		t.Errorf("what was given changed: %s", d)
	}
	for _, stays := range []string{"7c1ea0b2c3d4e5f60718293a4b5c90af", "INC-0123456789", "ann@shop.example", `"shop"`} {
		if !strings.Contains(string(out), stays) {
			t.Errorf("%s is gone: %s", stays, out)
		}
	}
}
