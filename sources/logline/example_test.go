package logline_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

func ExampleReader_Read() {
	for _, body := range []string{
		`level=error caller=pool.go:42 msg="no connection" err="timed out" traceID=4bf92f3577b34da6a3ce929d0e0e4736`,
		`2026-03-01 12:00:00,123 WARN [http-1] c.e.Checkout - slow answer`,
		`{"severity":"ERROR","message":"declined","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`,
	} {
		l := evidence.LogLine{Body: body}
		logline.Default.Read(&l)
		fmt.Printf("%v | %s | %q | %q\n", l.Severity, l.Text(), l.Error, l.TraceID)
	}
	// Output:
	// error | no connection | "timed out" | "4bf92f3577b34da6a3ce929d0e0e4736"
	// warn | slow answer | "" | ""
	// error | declined | "" | "4bf92f3577b34da6a3ce929d0e0e4736"
}
