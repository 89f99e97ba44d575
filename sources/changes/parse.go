// Package changes reads announcements that something changed: CloudEvents 1.0
// in all three HTTP modes, CDEvents carried by them, and PagerDuty's change
// events. What is posted and what a bundle replays go through the same decoder.
package changes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Parse reads the body of a request that announces changes. Its error is
// evidence.ErrInvalid and says in one sentence what is wrong.
func Parse(h http.Header, body []byte) ([]evidence.Change, error) {
	list, err := parse(h, body)
	if err == nil {
		err = bounded(list)
	}
	return list, err
}

func parse(h http.Header, body []byte) ([]evidence.Change, error) {
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case media == "application/cloudevents-batch+json":
		var events []event.Event
		if err := json.Unmarshal(body, &events); err != nil {
			return nil, invalid("the batch of CloudEvents cannot be read: %v", err)
		}
		return decodeAll(events)
	case media == "application/cloudevents+json" || h.Get("Ce-Specversion") != "":
		e, err := binding.ToEvent(context.Background(), cehttp.NewMessage(h, io.NopCloser(bytes.NewReader(body))))
		if err != nil {
			return nil, invalid("the CloudEvent cannot be read: %v", err)
		}
		return decodeAll([]event.Event{*e})
	default:
		return parsePlain(body)
	}
}

// parsePlain tells a CloudEvent that was sent as plain JSON from a PagerDuty
// change event.
func parsePlain(body []byte) ([]evidence.Change, error) {
	var probe struct {
		SpecVersion string          `json:"specversion"`
		Payload     json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(body, &probe); err != nil {
		return nil, invalid("the body is not a JSON object: %v", err)
	}
	switch {
	case probe.SpecVersion != "":
		var e event.Event
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, invalid("the CloudEvent cannot be read: %v", err)
		}
		return decodeAll([]event.Event{e})
	case probe.Payload != nil:
		c, err := pagerDuty(body)
		return []evidence.Change{c}, err
	default:
		return nil, invalid("the body is neither a CloudEvent (no specversion) nor a PagerDuty change event (no payload)")
	}
}

func decodeAll(events []event.Event) ([]evidence.Change, error) {
	if len(events) == 0 {
		return nil, invalid("the batch holds no event")
	}
	list := make([]evidence.Change, 0, len(events))
	for i, e := range events {
		c, err := Decode(e)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i+1, err)
		}
		list = append(list, c)
	}
	return list, nil
}

// pagerDuty reads a change event of PagerDuty's Events API v2.
func pagerDuty(body []byte) (evidence.Change, error) {
	var p struct {
		Payload struct {
			Summary       string         `json:"summary"`
			Timestamp     time.Time      `json:"timestamp"`
			Source        string         `json:"source"`
			CustomDetails map[string]any `json:"custom_details"`
		} `json:"payload"`
		Links []struct {
			Href string `json:"href"`
		} `json:"links"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return evidence.Change{}, invalid("the PagerDuty change event cannot be read: %v", err)
	}
	if p.Payload.Summary == "" {
		return evidence.Change{}, invalid("the PagerDuty change event has no payload.summary")
	}
	detail := func(names ...string) string {
		for _, n := range names {
			if s, ok := p.Payload.CustomDetails[n].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	c := evidence.Change{Kind: evidence.ChangeDeploy, Time: p.Payload.Timestamp.UTC(), Summary: p.Payload.Summary,
		Service: detail("service", "service_name"), From: detail("from"), To: detail("to", "version"),
		Commit: strings.ToLower(detail("commit", "sha", "commit_sha")), Actor: detail("actor", "author", "user")}
	if c.Service == "" {
		c.Service = p.Payload.Source
	}
	if len(p.Links) > 0 {
		c.URL = p.Links[0].Href
	}
	c.ID = "pagerduty/" + c.Service + "/" + c.Time.Format(time.RFC3339Nano) + "/" + c.Summary
	return placed(c)
}
