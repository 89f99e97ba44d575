// Package changes reads announcements that something changed: CloudEvents 1.0
// in all three HTTP modes, CDEvents carried by them, and PagerDuty's change
// events.
package changes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event" // the CNCF's own SDK
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Types of CloudEvents that announce a change, by the kind they announce.
var kinds = map[string]evidence.ChangeKind{
	"dev.wherefore.deploy.v1":    evidence.ChangeDeploy,
	"dev.wherefore.flag.v1":      evidence.ChangeFlag,
	"dev.wherefore.config.v1":    evidence.ChangeConfig,
	"dev.wherefore.migration.v1": evidence.ChangeMigration,
	"dev.wherefore.scale.v1":     evidence.ChangeScale,
}

// Parse reads the body of a request that announces changes. Its error is
// evidence.ErrInvalid and says in one sentence what is wrong.
func Parse(h http.Header, body []byte) ([]evidence.Change, error) {
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

// Decode turns one CloudEvent into a change. The event's ID and source make
// the change's ID, so that the same event sent again is the same change.
func Decode(e event.Event) (evidence.Change, error) {
	if err := e.Validate(); err != nil {
		return evidence.Change{}, invalid("not a valid CloudEvent: %v", oneLine(err))
	}
	if strings.HasPrefix(e.Type(), "dev.cdevents.service.") {
		return cdEvent(e)
	}
	kind, known := kinds[e.Type()]
	if !known {
		return evidence.Change{}, invalid("the type %q announces no change; use dev.wherefore.deploy.v1, .flag, .config, .migration or .scale, or CDEvents service.deployed or .upgraded", e.Type())
	}
	var d struct {
		Service, From, To, Commit, Actor, URL, Summary string
		Flag                                           string
	}
	if len(e.Data()) > 0 {
		if err := json.Unmarshal(e.Data(), &d); err != nil {
			return evidence.Change{}, invalid("the event's data is not an object of texts: %v", err)
		}
	}
	c := evidence.Change{ID: e.Source() + "/" + e.ID(), Kind: kind, Service: d.Service, Time: e.Time().UTC(), From: d.From, To: d.To,
		Commit: strings.ToLower(d.Commit), Actor: d.Actor, URL: d.URL, Summary: d.Summary}
	if c.Service == "" {
		c.Service = e.Subject()
	}
	if d.Flag != "" {
		c.Attributes = map[string]string{"flag": d.Flag}
	}
	return withTime(c)
}

// cdEvent reads service.deployed and service.upgraded of cdevents.dev.
func cdEvent(e event.Event) (evidence.Change, error) {
	if !strings.Contains(e.Type(), ".deployed.") && !strings.Contains(e.Type(), ".upgraded.") {
		return evidence.Change{}, invalid("the CDEvent %q is not service.deployed or service.upgraded", e.Type())
	}
	var d struct {
		Subject struct {
			ID      string `json:"id"`
			Content struct {
				ArtifactID string `json:"artifactId"`
			} `json:"content"`
		} `json:"subject"`
	}
	if err := json.Unmarshal(e.Data(), &d); err != nil {
		return evidence.Change{}, invalid("the CDEvent's data cannot be read: %v", err)
	}
	name := d.Subject.ID[strings.LastIndex(d.Subject.ID, "/")+1:]
	artifact := d.Subject.Content.ArtifactID
	return withTime(evidence.Change{ID: e.Source() + "/" + e.ID(), Kind: evidence.ChangeDeploy, Service: name, Time: e.Time().UTC(),
		To: version(artifact), Summary: artifact})
}

// version is what a package URL or an image reference says of its version.
func version(artifact string) string {
	artifact, _, _ = strings.Cut(artifact, "?")
	if i := strings.LastIndexAny(artifact, "@:"); i >= 0 && !strings.Contains(artifact[i:], "/") {
		return artifact[i+1:]
	}
	return ""
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
	return withTime(c)
}

// withTime refuses a change that nobody could place beside an onset.
func withTime(c evidence.Change) (evidence.Change, error) {
	if c.Time.IsZero() || c.Time.Year() < 2000 {
		return c, invalid("the event has no time; set it to when the change took effect")
	}
	return c, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w change event: %w", evidence.ErrInvalid, errors.New(oneLine(fmt.Errorf(format, args...))))
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
