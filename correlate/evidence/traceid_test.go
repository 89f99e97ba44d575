package evidence_test

import (
	"errors"
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
