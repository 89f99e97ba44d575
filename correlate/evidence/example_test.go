package evidence_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// A trace ID is found in what people paste: a traceparent, a B3 or X-Ray header,
// an address of Jaeger.
func ExampleFindTraceID() {
	for _, pasted := range []string{
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"https://jaeger.example/trace/4bf92f3577b34da6a3ce929d0e0e4736?uiFind=x",
		"somewhere in checkout",
	} {
		id, err := evidence.FindTraceID(pasted)
		fmt.Printf("%q %v\n", id, err != nil)
	}
	// Output:
	// "4bf92f3577b34da6a3ce929d0e0e4736" false
	// "4bf92f3577b34da6a3ce929d0e0e4736" false
	// "" true
}
