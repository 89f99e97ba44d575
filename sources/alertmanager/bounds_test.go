package alertmanager_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

// TestEveryFieldOfAnAlertHasABound sends fields of a megabyte, one by one.
func TestEveryFieldOfAnAlertHasABound(t *testing.T) {
	huge := strings.Repeat("日本", 1<<18)
	many := map[string]string{}
	for i := range 5000 {
		many[fmt.Sprintf("label_%04d", i)] = "x"
	}
	alert := func() map[string]any {
		return map[string]any{"status": "firing", "startsAt": "2026-03-01T02:51:07Z", "labels": map[string]string{"alertname": "Errors"}}
	}
	group := func(change func(group, alert map[string]any)) map[string]any {
		a := alert()
		g := map[string]any{"version": "4", "status": "firing", "alerts": []any{a}}
		change(g, a)
		return g
	}
	for name, body := range map[string]map[string]any{
		"receiver":           group(func(g, _ map[string]any) { g["receiver"] = huge }),
		"group key":          group(func(g, _ map[string]any) { g["groupKey"] = huge }),
		"external URL":       group(func(g, _ map[string]any) { g["externalURL"] = huge }),
		"common label":       group(func(g, _ map[string]any) { g["commonLabels"] = map[string]string{"service": huge} }),
		"common annotation":  group(func(g, _ map[string]any) { g["commonAnnotations"] = map[string]string{"summary": huge} }),
		"label":              group(func(_, a map[string]any) { a["labels"] = map[string]string{"service": huge} }),
		"label's name":       group(func(_, a map[string]any) { a["labels"] = map[string]string{huge: "x"} }),
		"labels":             group(func(_, a map[string]any) { a["labels"] = many }),
		"annotation":         group(func(_, a map[string]any) { a["annotations"] = map[string]string{"description": huge} }),
		"generator's URL":    group(func(_, a map[string]any) { a["generatorURL"] = "http://p/graph?g0.expr=" + huge }),
		"fingerprint":        group(func(_, a map[string]any) { a["fingerprint"] = huge }),
		"Grafana's value":    group(func(_, a map[string]any) { a["valueString"] = huge }),
		"Grafana's panel":    group(func(_, a map[string]any) { a["panelURL"] = huge }),
		"group without keys": group(func(g, _ map[string]any) { g["groupLabels"] = map[string]string{"a": huge} }),
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			a, err := alertmanager.Parse(raw)
			if err != nil {
				t.Fatalf("got %v, want the alert taken in with the field cut", err)
			}
			out, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) > 16<<10 || !utf8.Valid(out) {
				t.Errorf("the alert still has %d bytes", len(out))
			}
		})
	}
}

// TestLongGroupKeysStayApart cuts keys that differ at their end only.
func TestLongGroupKeysStayApart(t *testing.T) {
	id := func(end string) string {
		raw := fmt.Sprintf(`{"version":"4","status":"firing","groupKey":%q,"alerts":[{"status":"firing","startsAt":"2026-03-01T02:51:07Z"}]}`, strings.Repeat("k", 1<<16)+end)
		a, err := alertmanager.Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		return a.IncidentID()
	}
	if first, again, other := id("a"), id("a"), id("b"); first == other || first != again {
		t.Errorf("got %s, %s and %s, want the first two to be one incident", first, again, other)
	}
}
