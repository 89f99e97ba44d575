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
