package changes_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

// FuzzParse reads what anybody may send as changes: it is refused, or each change has
// an ID, a kind and a time that is not to come.
func FuzzParse(f *testing.F) {
	for _, kind := range []string{"application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"} {
		f.Add(kind, "", []byte(structured))
		f.Add(kind, "push", []byte(`{"ref":"refs/heads/main","head_commit":{"id":"4d5e6f7","timestamp":"2026-03-01T02:44:10Z"},"repository":{"full_name":"a/b"}}`))
		f.Add(kind, "dev.cdevents.service.deployed.0.1.0", []byte(`[{"specversion":"1.0","id":"1","source":"/","type":"x"},{"time":1e400}]`))
		f.Add(kind, "", []byte("[[[[{\"data\":\"\x00\xff"))
	}
	f.Fuzz(func(t *testing.T, kind, event string, body []byte) {
		list, err := changes.Parse(headers("Content-Type", kind, "Ce-Type", event, "Ce-Id", "1", "Ce-Source", "/ci", "Ce-Specversion", "1.0", "X-Github-Event", event), body, at)
		if err != nil {
			return
		}
		for _, c := range list {
			if c.ID == "" || c.Kind == evidence.ChangeKind("") || c.Time.After(at.AddDate(0, 0, 1)) || len(c.Service) > 4096 {
				t.Errorf("taken: %+v", c)
			}
		}
	})
}
