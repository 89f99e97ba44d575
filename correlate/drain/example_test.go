package drain_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/drain"
)

func ExampleParser_Add() {
	p := drain.New()
	for _, line := range []string{"user 17 logged in from 10.0.0.1", "user 23 logged in from 10.0.0.9", "disk full"} {
		fmt.Println(p.Add(line))
	}
	fmt.Println(p.Template(0))
	// Output:
	// 0
	// 0
	// 1
	// user <*> logged in from <*>
}
