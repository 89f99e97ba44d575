package promql_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

// What an alert measures is its expression without the threshold.
func ExampleRead() {
	e, err := promql.Read(`rate(errors_total[5m]) / rate(requests_total[5m]) > 0.05`)
	if err != nil {
		fmt.Println(err)
		return
	}
	m := e.Measured[0]
	fmt.Println(m.Expr)
	fmt.Println(m.Hurt == promql.Up, e.Range, e.Metrics())
	// Output:
	// rate(errors_total[5m]) / rate(requests_total[5m])
	// true 5m0s [errors_total requests_total]
}
