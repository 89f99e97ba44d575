package correlate

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/gather"
)

// TestSensitivityToTracesIsWhatHappens takes the tracing backend away for real
// and compares with what the whole report says of it.
func TestSensitivityToTracesIsWhatHappens(t *testing.T) {
	w := casetest.NewWorld()
	whole, err := New(w.Sources(), gather.Options{}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	s := w.Sources()
	s.Traces, s.Graph = nil, nil
	blind, err := New(s, gather.Options{}).Investigate(t.Context(), w.Request())
	if err != nil {
		t.Fatal(err)
	}
	foreseen := whole.Causes[0].Entity.Name
	for _, line := range whole.Verdict.Sensitivity {
		if name, ok := strings.CutPrefix(line, "without traces "); ok {
			foreseen = strings.TrimSuffix(name, " would be first")
		}
	}
	if really := blind.Causes[0].Entity.Name; foreseen != really {
		t.Errorf("foreseen %s, and really %s is first", foreseen, really)
	}
}
