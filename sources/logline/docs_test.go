package logline

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write the table of names into docs/log-lines.md")

// TestTheNamesAreDocumented holds docs/log-lines.md to the table of names.
func TestTheNamesAreDocumented(t *testing.T) {
	const file = "../../docs/log-lines.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	said := map[field]string{fieldMessage: "message", fieldLevel: "severity", fieldTrace: "trace", fieldSpan: "span", fieldCaller: "caller, as file:line",
		fieldFile: "caller's file", fieldLine: "caller's line", fieldFunction: "caller's function", fieldStack: "stack", fieldError: "error",
		fieldException: "error, or stack when it has several lines", fieldLogger: "logger", fieldNumberOTel: "severity, OpenTelemetry's number",
		fieldNumberPy: "severity, Python's number", fieldNumberUnix: "severity, syslog's number", fieldTime: "time, where the source gives none"}
	for _, f := range slices.Sorted(maps.Keys(said)) {
		var list []string
		for name := range strings.FieldsSeq(names[f]) {
			if i := strings.LastIndexByte(name, ':'); i > 0 {
				name = name[:i]
			}
			list = append(list, "`"+name+"`")
		}
		fmt.Fprintf(&rows, "| %s | %s |\n", said[f], strings.Join(list, ", "))
	}
	if *write {
		text := strings.Replace(string(raw), "KEYS\n", rows.String(), 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.Contains(string(raw), rows.String()) {
		t.Errorf("docs/log-lines.md does not have:\n%s", rows.String())
	}
}
