package errorclass

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestErrorsHaveTheirClass goes through the table to which the kit of services is
// held too, which must not import this package.
func TestErrorsHaveTheirClass(t *testing.T) {
	raw, err := os.ReadFile("../../sources/kit/testdata/classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct{ Status, Type, Text, Class, Rule string }
	if err := json.Unmarshal(raw, &table); err != nil || len(table) < 40 {
		t.Fatalf("%d rows: %v", len(table), err)
	}
	for _, c := range table {
		got := (*Classifier)(nil).Classify(Error{c.Status, c.Type, c.Text})
		if string(got.Class) != c.Class || got.Rule != c.Rule || got.Unclassified != (c.Rule == "") {
			t.Errorf("%q %q %q: got %+v, want %s by %q", c.Status, c.Type, c.Text, got, c.Class, c.Rule)
		}
	}
}

func TestConfiguredRulesComeFirst(t *testing.T) {
	c, err := New([]Rule{
		{Class: Fatal, Status: []string{"401"}, Text: []string{"LICENSE"}},
		{Class: Recoverable, Type: []string{"PaymentDeclined"}},
		{Class: Noisy, Status: []string{"5xx"}, Text: []string{"brownout"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		e     Error
		class Class
		rule  string
	}{
		{Error{"401", "", "license has run out"}, Fatal, "configured 1"},
		{Error{"401", "", "token expired"}, Recoverable, "caller-mistake"},
		{Error{"", "shop.PaymentDeclined", ""}, Recoverable, "configured 2"},
		{Error{"503", "", "Brownout: search is off"}, Noisy, "configured 3"},
	} {
		if got := c.Classify(x.e); got.Class != x.class || got.Rule != x.rule {
			t.Errorf("%+v: got %+v, want %s by %s", x.e, got, x.class, x.rule)
		}
	}
}

func TestAWrongRuleIsSaid(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		says string
	}{
		{Rule{Class: "bad", Status: []string{"500"}}, `rule 1: class is "bad" and must be fatal, recoverable or noisy`},
		{Rule{Class: Fatal}, "would fit every error"},
		{Rule{Class: Fatal, Text: []string{" "}}, "has no word in it"},
		{Rule{Class: Fatal, Status: []string{"60"}}, `status "60" is no HTTP status`},
		{Rule{Class: Fatal, Status: []string{"BROKEN"}}, `status "BROKEN" is no HTTP status`},
		{Rule{Class: Fatal, Text: make([]string, 200)}, "more than 100 values"},
	} {
		if _, err := New([]Rule{c.rule}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want it to say %q", c.rule, err, c.says)
		}
	}
	if _, err := New(make([]Rule, 501)); err == nil {
		t.Error("501 rules were taken")
	}
}
