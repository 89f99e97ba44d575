package gather

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestALineIsKnownForTheOneItIsPartOf(t *testing.T) {
	at := time.Unix(9, 0)
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	got := sortedLines([]evidence.LogLine{
		{Time: at, Service: "a", Body: "no"}, {Time: at, Service: "a", Body: "no\n\tat x", Stack: "s"}, {Time: at, Service: "a", Body: "no", TraceID: id},
		{Time: at, Service: "a", Body: "half", TraceID: "0000000000000000" + id[16:]}, {Time: at, Service: "a", Body: "half", TraceID: id},
		{Time: at, Service: "a", Body: "now"}, {Time: at, Service: "b", Body: "no"}, {Time: at, Service: "a", Body: "twice", SpanID: "1"}, {Time: at, Service: "a", Body: "twice", SpanID: "2"},
	}, 10)
	var texts []string
	for _, l := range got {
		texts = append(texts, l.Service+" "+l.Body+" "+l.TraceID)
	}
	if d := cmp.Diff([]string{"a half " + id, "a no\n\tat x " + id, "a now ", "a twice ", "a twice ", "b no "}, texts); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
	whole := wholeIDs([]sampledTrace{{Trace: evidence.Trace{ID: id}}, {Trace: evidence.Trace{ID: "1111111111111111" + id[16:32]}}, {Trace: evidence.Trace{ID: "2222222222222222aaaaaaaaaaaaaaaa"}}})
	if whole["0000000000000000"+id[16:]] != "" || whole["0000000000000000aaaaaaaaaaaaaaaa"] != "2222222222222222aaaaaaaaaaaaaaaa" {
		t.Errorf("got %v; a half that two traces share is none's", whole)
	}
}
