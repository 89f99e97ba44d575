package bundle_test

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// A bundle answers the questions of all ports from a recording.
func ExampleOpen() {
	b, err := bundle.Open("../../fixtures/recorded/lab/a-avalanche")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	services, err := b.Services(context.Background())
	fmt.Println(b.Alert().Label("alertname"), services, err)
	// Output:
	// ErrorBudgetBurn [ad-server bidder edge gateway profile] <nil>
}
