package evidence_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestParseTraceIDHasOneFormAndRefusesTheRest(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	for in, want := range map[string]string{
		id:                                  id,
		" 4BF92F3577B34DA6A3CE929D0E0E4736": id,
		"a3ce929d0e0e4736":                  "0000000000000000a3ce929d0e0e4736",
	} {
		if got, err := evidence.ParseTraceID(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "0", "0000000000000000", "00000000000000000000000000000000", id + "0", "4bf92f3577b34da6a3ce929d0e0e473g", `4bf92f3577b34da6a3ce929d0e0e"} or`, "４bf92f3577b34da6a3ce929d0e0e47"} {
		if got, err := evidence.ParseTraceID(in); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q: got %q, %v want ErrInvalid", in, got, err)
		}
	}
}

func TestFindTraceIDReadsWhatPeoplePaste(t *testing.T) {
	const id, short = "4bf92f3577b34da6a3ce929d0e0e4736", "0000000000000000a3ce929d0e0e4736"
	for in, want := range map[string]string{
		id: id,
		"  4BF92F35 77B34DA6 A3CE929D 0E0E4736\n":                                     id,
		"a3ce929d0e0e4736":                                                            short,
		"00-" + id + "-00f067aa0ba902b7-01":                                           id,
		"traceparent: 00-" + id + "-00f067aa0ba902b7-00":                              id,
		id + "-00f067aa0ba902b7-1":                                                    id,
		"4bf92f35-77b3-4da6-a3ce-929d0e0e4736":                                        id,
		"https://app.datadoghq.eu/apm/trace/7831223344556677889?spanID=1209":          "00000000000000006cae1823e90c1b01",
		"http://jaeger.example:16686/trace/" + id + "?uiFind=00f067aa0ba902b7":        id,
		"http://jaeger.example/jaeger/trace/a3ce929d0e0e4736?uiFind=00f067aa0ba902b7": short,
		"http://jaeger.example/trace/3ce929d0e0e4736":                                 "00000000000000000" + "3ce929d0e0e4736",
		"http://jaeger.example/api/traces/" + id:                                      id,
		`level=error trace_id=` + id + ` msg="deadline exceeded"`:                     id,
		`{"traceID":"` + id + `","spanID":"00f067aa0ba902b7"}`:                        id,
	} {
		if got, err := evidence.FindTraceID(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "abc", "00000000000000000000000000000000", "../../etc", "http://jaeger.example/trace/", id + "0", "zz" + id} {
		if got, err := evidence.FindTraceID(in); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q: got %q, %v want ErrInvalid", in, got, err)
		}
	}
}

func TestEveryFormOfAnIDIsRead(t *testing.T) {
	const id, low, span = "4bf92f3577b34da6a3ce929d0e0e4736", "0000000000000000a3ce929d0e0e4736", "00f067aa0ba902b7"
	for s, want := range map[string][2]string{
		id:                                     {id, ""},
		strings.ToUpper(id):                    {id, ""},
		"A3CE929d0e0e4736":                     {low, ""},
		`"` + id + `"`:                         {id, ""},
		"00-" + id + "-" + span + "-01":        {id, span},
		id + "-" + span + "-1":                 {id, span},
		"a3ce929d0e0e4736-" + span + "-d":      {low, span},
		"4bf92f35-77b3-4da6-a3ce-929d0e0e4736": {id, ""},
		"1-4bf92f35-77b34da6a3ce929d0e0e4736":  {id, ""},
		"Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=" + span + ";Sampled=1": {id, span},
		"11803532876627986230":                    {low, ""},
		"100985939111033328018442752961257817910": {id, ""},
		"projects/p/traces/" + id:                 {id, ""},
	} {
		if trace, sp, ok := evidence.ReadTraceID(s); !ok || trace != want[0] || sp != want[1] {
			t.Errorf("%s: got %q, %q, %v", s, trace, sp, ok)
		}
	}
	for _, s := range []string{"", "7", "12345678901234567890123456789012345678901234567890", strings.Repeat("0", 32), "00-" + id, "1-4bf92f35-77b3", "4bf92f3577b34da6a3ce929d0e0e473g", strings.Repeat("a", 1<<20)} {
		if trace, _, ok := evidence.ReadTraceID(s); ok {
			t.Errorf("%.40s: got %q, want none", s, trace)
		}
	}
	for s, want := range map[string]string{
		"X-Amzn-Trace-Id: Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=53995c3f42cd8ad8": id,
		`https://g.example/explore?left=%5B%22now%22,%7B%22query%22:%22` + id + `%22%7D%5D`: id,
		"dd.trace_id=11803532876627986230 more":                                             low,
		"11803532876627986230":                                                              low,
	} {
		if got, err := evidence.FindTraceID(s); got != want {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
	if !evidence.SameTrace(id, low) || evidence.SameTrace(id, "1111111111111111a3ce929d0e0e4736") || evidence.SameTrace("", "") {
		t.Error("one trace is known by equal IDs and by its lower half alone")
	}
	for text, want := range map[string]bool{
		"x " + strings.ToUpper(id): true, "dd=11803532876627986230": true, "1-4bf92f35-77b34da6a3ce929d0e0e4736": true,
		"1111111111111111a3ce929d0e0e4736": false, "a3ce929d0e0e47360": false, "": false,
	} {
		if got := evidence.NamesTrace(text, id); got != want {
			t.Errorf("%q names the trace: %v, want %v", text, got, want)
		}
	}
}
