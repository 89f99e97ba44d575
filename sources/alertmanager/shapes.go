package alertmanager

import (
	"bytes"
	"encoding/json"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// decode reads a payload in any of the shapes in which senders and people have
// alerts: the webhook's object, the list that Alertmanager's API and "amtool
// alert -o json" answer with, one alert out of either, and the answer of
// Prometheus' /api/v1/alerts.
func decode(data []byte) (payload, error) {
	var p payload
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		return p, json.Unmarshal(data, &p.Alerts)
	}
	if err := json.Unmarshal(data, &p); err != nil || p.Alerts != nil {
		return p, err
	}
	var other struct {
		instance
		Data struct{ Alerts []instance }
	}
	if err := json.Unmarshal(data, &other); err != nil {
		return p, err
	}
	switch {
	case len(other.Data.Alerts) > 0:
		p.Status, p.Alerts = "", other.Data.Alerts // its status is the answer's own
	case other.Labels != nil:
		p.Status, p.Alerts = "", []instance{other.instance}
	}
	return p, nil
}

// status is an alert's state as a word: a webhook's and Prometheus' own is a
// string, Alertmanager's API has an object around it.
type status string

// UnmarshalJSON implements json.Unmarshaler.
func (s *status) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*string)(s))
	}
	var object struct{ State string }
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*s = evidence.StatusFiring // active, suppressed or unprocessed: it fires, whoever is told
	return nil
}
