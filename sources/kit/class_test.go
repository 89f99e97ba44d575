package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestClassesAreThoseOfTheReadingSide goes through the table to which the reading
// side, which this module must not import, is held too.
func TestClassesAreThoseOfTheReadingSide(t *testing.T) {
	raw, err := os.ReadFile("testdata/classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct{ Status, Type, Text, Class, Rule string }
	if err := json.Unmarshal(raw, &table); err != nil || len(table) < 40 {
		t.Fatalf("%d rows: %v", len(table), err)
	}
	for _, c := range table {
		got := classify(nil, c.Status, []string{c.Type}, c.Text, nil)
		if string(got.Class) != c.Class || got.Rule != c.Rule || got.Unclassified != (c.Rule == "") {
			t.Errorf("%q %q %q: got %+v, want %s by %q", c.Status, c.Type, c.Text, got, c.Class, c.Rule)
		}
	}
}

func TestErrorsOfGoHaveTheirClass(t *testing.T) {
	k := &Kit{classes: []Rule{{Class: Recoverable, Is: []error{errSoldOut}}, {Class: Noisy, Status: []string{"5xx"}, Text: []string{"brownout"}}}}
	for _, c := range []struct {
		status string
		err    error
		class  Class
		rule   string
	}{
		{"", fmt.Errorf("ask: %w", context.DeadlineExceeded), Fatal, "deadline"},
		{"", fmt.Errorf("ask: %w", context.Canceled), Recoverable, "caller-gone"},
		{"500", fmt.Errorf("ask: %w", context.Canceled), Fatal, "server-status"},
		{"", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, Fatal, "unreachable"},
		{"", &net.DNSError{Err: "i/o", IsTimeout: true}, Fatal, "timeout"},
		{"", fmt.Errorf("ask: %w", status.Error(codes.NotFound, "no such order")), Recoverable, "caller-mistake"},
		{"", fmt.Errorf("order: %w", errors.Join(errors.New("x"), &RecordNotFound{})), Recoverable, "empty-answer"},
		{"", fmt.Errorf("order: %w", &RecordNotFound{}), Recoverable, "empty-answer"},
		{"409", fmt.Errorf("order: %w", errSoldOut), Recoverable, "own 1"},
		{"503", errors.New("Brownout: search is off"), Noisy, "own 2"},
		{"503", errors.New("search is off"), Fatal, "server-status"},
		{"", errors.New(strings.Repeat("x", 1<<20) + " timeout"), Fatal, ""}, // no more of it is read
	} {
		got := k.Classify(c.status, c.err)
		if got.Class != c.class || got.Rule != c.rule {
			t.Errorf("%s %.60v: got %+v, want %s by %q", c.status, c.err, got, c.class, c.rule)
		}
	}
	for want, r := range map[string]Rule{"must be fatal": {Status: []string{"500"}}, "names nothing": {Class: Fatal}, "has no word": {Class: Fatal, Text: []string{"--"}}} {
		if _, err := New(Options{Classes: []Rule{r}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// RecordNotFound is a type that tells by its name what it means.
type RecordNotFound struct{}

func (*RecordNotFound) Error() string { return "order 7" }

var errSoldOut = errors.New("sold out")
