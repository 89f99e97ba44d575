package correlate_test

import (
	"context"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casetest"
)

// An engine is given its sources once and then alerts. Here a small system in
// memory answers: shop calls stock, which begins to fail at one line of code.
func ExampleEngine_Investigate() {
	world := casetest.NewWorld()
	engine := correlate.New(world.Sources(), correlate.Options{})
	r, err := engine.Investigate(context.Background(), world.Request())
	if err != nil {
		fmt.Println(err) // the request made no sense, or the context ended
		return
	}
	fmt.Println(r.Verdict.Word, r.Causes[0].Entity.Name, r.Causes[0].Mechanism)
	fmt.Println(r.Title)
	// Output:
	// Confirmed stock error
	// 24 failures in stock at stock/reserve.go:41: “no connection left” since the deploy of v2 (“reserve: drop the retry”)
}
