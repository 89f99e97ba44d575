// Package changes reads announcements that something changed: CloudEvents 1.0
// in all three HTTP modes, CDEvents with or without one, PagerDuty's change
// events, and the webhooks of Argo CD, Flux and of deployments by GitHub and
// GitLab. What is posted and what a bundle replays go through the same decoder.
package changes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Parse reads the body of a request that announces changes. Its error is
// evidence.ErrInvalid and says in one sentence what is wrong. now is when the
// request came: a form without a time of its own happened then, and nothing
// happened much later. The list is empty for what announces no change, as a
// deployment that failed.
func Parse(h http.Header, body []byte, now time.Time) ([]evidence.Change, error) {
	list, err := parse(h, body, now)
	for i := range list {
		if err != nil {
			break
		}
		if list[i], err = placed(list[i]); err == nil && list[i].Time.After(now.Add(maxAhead)) {
			err = invalid("its time %s lies in the future", list[i].Time.Format(time.RFC3339))
		}
	}
	if err == nil {
		err = bounded(list)
	}
	return list, err
}

func parse(h http.Header, body []byte, now time.Time) ([]evidence.Change, error) {
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
		return parsePlain(h, body, now)
	}
}

// parsePlain tells the forms that are sent as plain JSON.
func parsePlain(h http.Header, body []byte, now time.Time) ([]evidence.Change, error) {
	var p probe
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, invalid("the body is not a JSON object: %v", err)
	}
	if p.SpecVersion != "" {
		var e event.Event
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, invalid("the CloudEvent cannot be read: %v", err)
		}
		return decodeAll([]event.Event{e})
	}
	for _, v := range vendors {
		if v.is(h, p) {
			return v.read(body, now)
		}
	}
	return nil, invalid("the body is neither a CloudEvent (no specversion) nor a change event of PagerDuty (no payload), Argo CD (no app), Flux (no involvedObject), GitHub (no deployment) or GitLab (no object_kind)")
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
