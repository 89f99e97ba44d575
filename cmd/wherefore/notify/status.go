package notify

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// What people do that targets can be told of.
const (
	EventAcknowledged = "acknowledged"
	EventLead         = "lead"
	EventResolved     = "resolved"
	EventReopened     = "reopened"
	EventNote         = "note"
)

// Events are all of them.
var Events = []string{EventAcknowledged, EventLead, EventResolved, EventReopened, EventNote}

// Update is something that a person did to an incident.
type Update struct {
	Event    string
	Incident casefile.Incident
	By       string
	Text     string // of a note, or who leads
	At       time.Time
}

// Status words an update for every target that wants it. The caller stores the
// messages and then calls Wake. Grafana is told when an incident ends or opens again.
func (n *Notifier) Status(u Update) []casebook.Message {
	var list []casebook.Message
	for _, t := range n.targets {
		var body []byte
		var err error
		switch {
		case t.carry != nil:
			continue
		case t.Kind == kindGrafana && u.Event == EventResolved:
			body, err = json.Marshal(annotation{TimeEnd: u.At.UnixMilli(), Tags: []string{ownTag, u.Incident.ID}})
		case !slices.Contains(t.Status, u.Event):
			continue
		case t.Kind == kindSlack:
			body, err = u.slack(n.o.BaseURL)
		default:
			body, err = u.webhook(n.o.BaseURL)
		}
		if err != nil {
			n.o.Log.Error("status update could not be rendered", zap.String("target", t.Name), zap.Error(err))
			n.o.Count(t.Name, Failed)
			continue
		}
		list = append(list, casebook.Message{Target: t.Name, ID: u.Incident.ID + "-" + u.Event + "-" + strconv.FormatInt(u.At.UnixNano(), 10), Body: body})
	}
	return list
}

// url of the incident's page.
func (u Update) url(base string) string {
	return strings.TrimSuffix(base, "/") + "/incidents/" + url.PathEscape(u.Incident.ID)
}

// words say what was done.
func (u Update) words() string {
	by, said := visible.Short(u.By, shortText), visible.Short(u.Text, longText)
	switch u.Event {
	case EventAcknowledged:
		return "Acknowledged by " + by
	case EventLead:
		if said == "" {
			return "Nobody leads any more, says " + by
		}
		return said + " leads, says " + by
	case EventResolved:
		return "Resolved by " + by
	case EventReopened:
		return "Reopened by " + by
	}
	return "Note by " + by + ": " + said
}

func (u Update) slack(base string) ([]byte, error) {
	s := forSlack(Summary{URL: u.url(base), ID: visible.Short(u.Incident.ID, shortText), Title: visible.Short(u.Incident.Title, longText), Action: u.words(), Service: visible.Short(u.Incident.Service, shortText)})
	return slackBody(Summary{Verdict: u.Event, Title: visible.Short(u.Incident.Title, longText)}, fmt.Sprintf("*%s*\n%s\n<%s|%s> · %s", s.Action, s.Title, s.URL, s.ID, s.Service))
}

func (u Update) webhook(base string) ([]byte, error) {
	type object map[string]any
	return json.Marshal(object{
		"version": bodyVersion, "event": "incident." + u.Event, "at": u.At.UTC().Format(time.RFC3339),
		"incident": object{"id": visible.Short(u.Incident.ID, shortText), "url": u.url(base), "state": string(u.Incident.State), "service": visible.Short(u.Incident.Service, shortText),
			"severity": visible.Short(u.Incident.Severity, shortText), "lead": visible.Short(u.Incident.Lead, shortText)},
		"by": visible.Short(u.By, shortText), "text": visible.Short(u.Text, longText), "title": visible.Short(u.Incident.Title, longText),
	})
}
