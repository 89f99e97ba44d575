package alertmanager_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

func ExampleParse() {
	alert, err := alertmanager.Parse([]byte(`{
		"version": "4", "status": "firing", "receiver": "wherefore", "groupKey": "{}:{alertname=\"HighLatency\"}",
		"alerts": [{"status": "firing", "labels": {"alertname": "HighLatency", "service": "checkout"}, "startsAt": "2026-03-01T12:00:00Z"}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(alert.Label("alertname"), alert.Label("service"), alert.FiredAt().UTC())
	// Output:
	// HighLatency checkout 2026-03-01 12:00:00 +0000 UTC
}
