package compose

import "testing"

// TestSameErrorWhateverVaries holds which messages are counted as one error.
func TestSameErrorWhateverVaries(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"bid for slot-3: price 1902 is above the ceiling of 800", "bid for slot-6: price 1106 is above the ceiling of 800", true},
		{"get /caps/u159: context deadline exceeded", "get /caps/u7: context deadline exceeded", true},
		{"shard kafka-0 lost its leader", "shard kafka-2 lost its leader", true},
		{"ORA-01555: snapshot too old", "ORA-00060: deadlock detected", false},
		{"exited by signal-9", "exited by signal-15", false},
		{"it answered 500 Internal Server Error", "it answered 404 Not Found", false},
	} {
		if got := sameError(c.a) == sameError(c.b); got != c.same {
			t.Errorf("%q and %q: got %v, want %v (%q, %q)", c.a, c.b, got, c.same, sameError(c.a), sameError(c.b))
		}
	}
}
