package changes_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

var at = time.Date(2026, 3, 1, 2, 44, 10, 0, time.UTC)

const structured = `{"specversion":"1.0","id":"7","source":"/ci","type":"dev.wherefore.deploy.v1","time":"2026-03-01T03:44:10+01:00",
	"data":{"service":"shop","from":"v1","to":"v2","commit":"4D5E6F7","actor":"ci:bot","url":"https://ci/7"}}`

var deployed = evidence.Change{ID: "/ci/7", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, From: "v1", To: "v2",
	Commit: "4d5e6f7", Actor: "ci:bot", URL: "https://ci/7"}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestParseReadsEveryFormAnAnnouncementComesIn(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		want   evidence.Change
	}{
		{"structured", headers("Content-Type", "application/cloudevents+json; charset=utf-8"), structured, deployed},
		{"plain JSON", headers("Content-Type", "application/json"), structured, deployed},
		{"batch", headers("Content-Type", "application/cloudevents-batch+json"), "[" + structured + "]", deployed},
		{"binary", headers("Content-Type", "application/json", "Ce-Specversion", "1.0", "Ce-Id", "7", "Ce-Source", "/ci",
			"Ce-Type", "dev.wherefore.flag.v1", "Ce-Time", "2026-03-01T02:44:10Z", "Ce-Subject", "shop"),
			`{"flag":"bid_cache","from":"off","to":"on"}`,
			evidence.Change{ID: "/ci/7", Kind: evidence.ChangeFlag, Service: "shop", Time: at, From: "off", To: "on", Attributes: map[string]string{"flag": "bid_cache"}}},
		{"CDEvents", headers("Content-Type", "application/cloudevents+json"),
			`{"specversion":"1.0","id":"8","source":"/cd","type":"dev.cdevents.service.deployed.0.2.0","time":"2026-03-01T02:44:10Z",
			"data":{"context":{},"subject":{"id":"ns/shop","type":"service","content":{"environment":{"id":"prod"},"artifactId":"pkg:oci/shop@sha256:abc?x=y"}}}}`,
			evidence.Change{ID: "/cd/8", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "sha256:abc", Summary: "pkg:oci/shop@sha256:abc?x=y", Attributes: map[string]string{"environment": "prod"}}},
		{"CDEvents of a commit", headers("Content-Type", "application/cloudevents+json"),
			`{"specversion":"1.0","id":"9","source":"/cd","type":"dev.cdevents.service.upgraded.0.2.0","time":"2026-03-01T02:44:10Z",
			"data":{"context":{"id":"c1","timestamp":"2026-03-01T02:44:15Z"},"subject":{"id":"shop","content":{"artifactId":"pkg:git/shop@0A1B2C3D4E5F60718293a4b5c6d7e8f901234567"}}}}`,
			evidence.Change{ID: "/cd/9", Kind: evidence.ChangeDeploy, Service: "shop", Time: at.Add(5 * time.Second), To: "0A1B2C3D4E5F60718293a4b5c6d7e8f901234567",
				Commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", Summary: "pkg:git/shop@0A1B2C3D4E5F60718293a4b5c6d7e8f901234567"}},
		{"an image with a tag", headers("Content-Type", "application/cloudevents+json"),
			`{"specversion":"1.0","id":"10","source":"/cd","type":"dev.cdevents.service.deployed.0.2.0","time":"2026-03-01T02:44:10Z","data":{"subject":{"id":"shop","content":{"artifactId":"registry:5000/shop:v3"}}}}`,
			evidence.Change{ID: "/cd/10", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "v3", Summary: "registry:5000/shop:v3"}},
		{"attributes", headers("Content-Type", "application/cloudevents+json"),
			`{"specversion":"1.0","id":"11","source":"s","type":"dev.wherefore.flag.v1","time":"2026-03-01T02:44:10Z","data":{"service":"shop","from":"off","to":"on","attributes":{"flag":"dark"}}}`,
			evidence.Change{ID: "s/11", Kind: evidence.ChangeFlag, Service: "shop", Time: at, From: "off", To: "on", Attributes: map[string]string{"flag": "dark"}}},
		{"PagerDuty", headers(),
			`{"routing_key":"k","payload":{"summary":"Deploy 2","timestamp":"2026-03-01T02:44:10Z","source":"ci","custom_details":{"service":"shop","version":"v2","sha":"AB"}},"links":[{"href":"https://ci/2"}]}`,
			evidence.Change{ID: "pagerduty/shop/2026-03-01T02:44:10Z/Deploy 2", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "v2", Commit: "ab", Summary: "Deploy 2", URL: "https://ci/2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := changes.Parse(c.header, []byte(c.body), at)
			if diff := cmp.Diff([]evidence.Change{c.want}, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

func TestParseSaysInOneLineWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body, want string
	}{
		{"no JSON", "application/json", `nope`, "not a JSON object"},
		{"neither form", "application/json", `{}`, "neither a CloudEvent"},
		{"unknown type", "application/cloudevents+json", strings.Replace(structured, "deploy.v1", "party.v1", 1), `kind "party" is not one of`},
		{"no time", "application/cloudevents+json", strings.Replace(structured, `"time":"2026-03-01T03:44:10+01:00",`, "", 1), "time is missing"},
		{"no ID", "application/cloudevents+json", strings.Replace(structured, `"id":"7",`, "", 1), "id"},
		{"data of another shape", "application/cloudevents+json", strings.Replace(structured, `"shop"`, "7", 1), "object of texts"},
		{"empty batch", "application/cloudevents-batch+json", `[]`, "holds no event"},
		{"broken batch", "application/cloudevents-batch+json", `[{]`, "cannot be read"},
		{"a second event", "application/cloudevents-batch+json", "[" + structured + "," + strings.Replace(structured, "deploy.v1", "x", 1) + "]", "event 2"},
		{"PagerDuty without summary", "application/json", `{"payload":{}}`, "payload.summary"},
		{"PagerDuty with a time of another kind", "application/json", `{"payload":{"summary":"x","timestamp":"yesterday"}}`, "is none with a zone"},
		{"the future", "application/json", `{"payload":{"summary":"x","timestamp":"2026-03-01T02:50:10Z"}}`, "in the future"},
		{"Argo CD without a name", "application/json", `{"app":{"status":{"operationState":{"phase":"Succeeded"}}}}`, "metadata.name"},
		{"GitHub without a commit", "application/json", `{"repository":{"name":"shop"},"deployment":{"id":1}}`, "no sha"},
		{"CDEvents without a subject", "application/cloudevents+json", strings.Replace(structured, "dev.wherefore.deploy.v1", "dev.cdevents.service.deployed.0.2.0", 1), "no id"},
		{"another CDEvent", "application/cloudevents+json", strings.Replace(structured, "dev.wherefore.deploy.v1", "dev.cdevents.service.published.0.2.0", 1), "announces no change"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := changes.Parse(headers("Content-Type", c.contentType), []byte(c.body), at)
			if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, c.want)
			}
		})
	}
}

func TestWhatIsWrittenIsReadBackWhole(t *testing.T) {
	for _, want := range []evidence.Change{
		deployed,
		{ID: "plain", Kind: evidence.ChangeDecision, Service: "bidder", Time: at, Summary: "floor raised", Inferred: "image", Attributes: map[string]string{"decision_id": "D-1"}},
	} {
		raw, err := changes.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := changes.DecodeJSON(raw)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
}

// TestEveryFieldOfAChangeHasABound announces fields of many bytes, one by one.
func TestEveryFieldOfAChangeHasABound(t *testing.T) {
	huge := strings.Repeat("x", 1<<16)
	event := func(field, value string) map[string]any {
		data := map[string]any{"service": "shop"}
		e := map[string]any{"specversion": "1.0", "id": "1", "source": "ci", "type": "dev.wherefore.deploy.v1", "time": "2026-03-01T02:51:07Z", "data": data}
		switch field {
		case "id", "source", "subject":
			e[field] = value
			if field == "subject" {
				delete(data, "service")
			}
		case "attribute":
			data["attributes"] = map[string]string{"a": value}
		case "attribute's name":
			data["attributes"] = map[string]string{value: "a"}
		default:
			data[field] = value
		}
		return e
	}
	for _, field := range []string{"id", "source", "subject", "service", "from", "to", "commit", "actor", "url", "summary", "inferred", "flag", "attribute", "attribute's name"} {
		raw, err := json.Marshal(event(field, huge))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := changes.Parse(http.Header{}, raw, at.Add(time.Hour)); !errors.Is(err, evidence.ErrInvalid) || len(err.Error()) > 500 {
			t.Errorf("%s: got %.200v, want it refused in a sentence", field, err)
		}
		if raw, err = json.Marshal(event(field, "fine")); err != nil {
			t.Fatal(err)
		}
		if _, err := changes.Parse(http.Header{}, raw, at.Add(time.Hour)); err != nil {
			t.Errorf("%s: got %v for a short one", field, err)
		}
	}
	batch := make([]any, 1001)
	for i := range batch {
		batch[i] = event("to", "v2")
	}
	raw, err := json.Marshal(batch)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"Content-Type": {"application/cloudevents-batch+json"}}
	if _, err := changes.Parse(h, raw, at); !errors.Is(err, evidence.ErrInvalid) {
		t.Errorf("a batch of %d: got %v, want it refused", len(batch), err)
	}
}
