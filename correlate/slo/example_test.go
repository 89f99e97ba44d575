package slo_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

func ExampleBurn() {
	// 144 of 10,000 requests failed where 1 in 1,000 may.
	factor, err := slo.Burn(144, 10_000, 0.999)
	fmt.Printf("%.1f times as fast as the budget allows, %v\n", factor, err)
	// Output:
	// 14.4 times as fast as the budget allows, <nil>
}
