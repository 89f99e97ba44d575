package changes_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/sources/changes"
)

func ExampleParse() {
	body := []byte(`{"specversion": "1.0", "id": "42", "source": "/cd", "type": "dev.wherefore.deploy.v1", "time": "2026-03-01T11:58:00Z",
		"data": {"service": "checkout", "to": "v1.4.2"}}`)
	list, err := changes.Parse(http.Header{"Content-Type": {"application/cloudevents+json"}}, body, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range list {
		fmt.Println(c.Kind, c.Service, c.To, c.Time.Format(time.RFC3339))
	}
	// Output:
	// deploy checkout v1.4.2 2026-03-01T11:58:00Z
}
