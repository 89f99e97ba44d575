package casebook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// An alert that was accepted is durable, and due to be investigated.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "casebook")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	book, err := casebook.Open(ctx, filepath.Join(dir, "casebook.db"), casebook.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer book.Close()
	id, err := book.Accept(ctx, evidence.Alert{GroupKey: "g", Instances: []evidence.AlertInstance{{
		Fingerprint: "f", Labels: map[string]string{"alertname": "HighLatency", "service": "checkout"}, StartsAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	list, _, err := book.Incidents(ctx, casefile.IncidentFilter{Service: "checkout"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(list[0].ID == id, list[0].AlertName, list[0].State)
	// Output:
	// true HighLatency investigating
}
