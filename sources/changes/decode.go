package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudevents/sdk-go/v2/event" // the CNCF's own SDK

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

const (
	ownPrefix = "dev.wherefore."
	ownSuffix = ".v1"
	cdPrefix  = "dev.cdevents."
	// ownSource marks an event that Encode wrote: its ID is the change's own.
	ownSource = "wherefore"
)

var kinds = []evidence.ChangeKind{evidence.ChangeDeploy, evidence.ChangeFlag, evidence.ChangeConfig, evidence.ChangeMigration, evidence.ChangeScale, evidence.ChangeExperiment, evidence.ChangeDecision}

// data is the data of our own events.
type data struct {
	Service    string            `json:"service"`
	From       string            `json:"from,omitempty"`
	To         string            `json:"to,omitempty"`
	Commit     string            `json:"commit,omitempty"`
	Actor      string            `json:"actor,omitempty"`
	URL        string            `json:"url,omitempty"`
	Summary    string            `json:"summary,omitempty"`
	Inferred   string            `json:"inferred,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Flag may stand by itself instead of among the attributes.
	Flag string `json:"flag,omitempty"`
}

// DecodeJSON turns one CloudEvent in JSON into a change, as Decode does.
func DecodeJSON(raw []byte) (evidence.Change, error) {
	var e event.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return evidence.Change{}, invalid("it is no CloudEvent: %v", err)
	}
	return Decode(e)
}

// Decode turns one CloudEvent of type
// dev.wherefore.{deploy,flag,config,migration,scale,experiment,decision}.v1, a CDEvents
// service.deployed, upgraded, rolledback or removed or environment.modified, or a
// GitHub deployment into a change. The event's source and ID make
// the change's ID, so that the same event sent again is the same change. Errors
// are evidence.ErrInvalid.
func Decode(e event.Event) (evidence.Change, error) {
	if err := e.Validate(); err != nil {
		return evidence.Change{}, invalid("it is no valid CloudEvent: %v", err)
	}
	var c evidence.Change
	var err error
	switch t := e.Type(); {
	case strings.HasPrefix(t, "com.github.deployment"): // CloudEvents' own mapping of GitHub's webhooks
		var list []evidence.Change
		if list, err = gitHub(e.Data(), e.Time()); err == nil && len(list) == 0 {
			err = invalid("the GitHub event announces no deployment that succeeded")
		}
		if err == nil {
			c = list[0]
		}
	case strings.HasPrefix(t, cdPrefix):
		c, err = cdEvent(t, e.Data(), e.Time())
	case strings.HasPrefix(t, ownPrefix) && strings.HasSuffix(t, ownSuffix):
		c, err = ownEvent(e, evidence.ChangeKind(strings.TrimSuffix(strings.TrimPrefix(t, ownPrefix), ownSuffix)))
	default:
		return c, invalid("type %.80q announces no change; use %s<kind>%s with one of %s, or CDEvents service.deployed, upgraded, rolledback or removed, or environment.modified", t, ownPrefix, ownSuffix, kinds)
	}
	if err != nil {
		return c, err
	}
	if c.ID = e.Source() + "/" + e.ID(); e.Source() == ownSource {
		c.ID = e.ID()
	}
	c.Commit = strings.ToLower(c.Commit)
	return placed(c)
}

func ownEvent(e event.Event, kind evidence.ChangeKind) (evidence.Change, error) {
	if !slices.Contains(kinds, kind) {
		return evidence.Change{}, invalid("kind %.80q is not one of %s", kind, kinds)
	}
	var d data
	if len(e.Data()) > 0 {
		if err := json.Unmarshal(e.Data(), &d); err != nil {
			return evidence.Change{}, invalid("its data is not an object of texts: %v", err)
		}
	}
	if d.Flag != "" {
		if d.Attributes == nil {
			d.Attributes = map[string]string{}
		}
		d.Attributes["flag"] = d.Flag
	}
	return evidence.Change{
		Kind: kind, Service: cmp.Or(d.Service, e.Subject()), Time: e.Time().UTC(), From: d.From, To: d.To, Commit: d.Commit,
		Actor: d.Actor, URL: d.URL, Summary: d.Summary, Inferred: d.Inferred, Attributes: d.Attributes,
	}, nil
}

// placed refuses a change that nobody could place beside an onset.
func placed(c evidence.Change) (evidence.Change, error) {
	if c.Time.Unix() <= 0 { // the zero time, or what clocks make of one
		return c, invalid("time is missing; set it to when the change took effect")
	}
	return c, nil
}

// Encode writes a change as one of our events; DecodeJSON gives it back whole.
func Encode(c evidence.Change) ([]byte, error) {
	e := event.New()
	e.SetID(c.ID)
	e.SetSource(ownSource)
	e.SetType(ownPrefix + string(c.Kind) + ownSuffix)
	e.SetTime(c.Time.UTC())
	d := data{c.Service, c.From, c.To, c.Commit, c.Actor, c.URL, c.Summary, c.Inferred, c.Attributes, ""}
	if err := e.SetData(event.ApplicationJSON, d); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

// invalid says in one line what is wrong with an event.
func invalid(format string, args ...any) error {
	said := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	return fmt.Errorf("change event: %s: %w", said, evidence.ErrInvalid)
}
