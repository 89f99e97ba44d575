package bundle

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

// webhook is Alertmanager's payload of version 4 as it is written to a bundle.
// TraceID is ours: a person asked about a trace, and nothing fired.
type webhook struct {
	Version           string            `json:"version"`
	Receiver          string            `json:"receiver"`
	GroupKey          string            `json:"groupKey"`
	Status            string            `json:"status"`
	TruncatedAlerts   int               `json:"truncatedAlerts"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []webhookAlert    `json:"alerts"`
	TraceID           string            `json:"traceID,omitempty"`
}

type webhookAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"` // year 1 while firing
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

func (b *Bundle) readAlert() (evidence.Alert, error) {
	raw, err := b.all(AlertFile)
	if err != nil {
		return evidence.Alert{}, err
	}
	if raw == nil {
		return evidence.Alert{}, fault(AlertFile, 0, "is missing; every bundle is about one alert")
	}
	a, err := ParseAlert(raw)
	if errors.Is(err, evidence.ErrInvalid) {
		return a, fault(AlertFile, 0, "%s", brief(err))
	}
	return a, err
}

func webhookOf(a evidence.Alert) webhook {
	w := webhook{
		Version: "4", Receiver: a.Receiver, GroupKey: a.GroupKey, Status: a.Status, TruncatedAlerts: a.Truncated,
		GroupLabels: map[string]string{}, CommonLabels: a.Labels, CommonAnnotations: a.Annotations, ExternalURL: a.ExternalURL,
		Alerts: []webhookAlert{}, TraceID: a.TraceID,
	}
	for _, i := range a.Instances {
		w.Alerts = append(w.Alerts, webhookAlert{i.Status, i.Labels, i.Annotations, i.StartsAt.UTC(), i.EndsAt.UTC(), i.GeneratorURL, i.Fingerprint})
	}
	return w
}

// ParseAlert reads an alert as alert.json holds it: Alertmanager's webhook, or
// ours with nothing but a trace ID.
func ParseAlert(raw []byte) (evidence.Alert, error) {
	a, err := alertmanager.Parse(raw)
	if err == nil {
		return a, nil
	}
	var w webhook
	if json.Unmarshal(raw, &w) == nil && len(w.Alerts) == 0 && w.TraceID != "" {
		return evidence.Alert{Status: evidence.StatusFiring, Receiver: w.Receiver, GroupKey: w.GroupKey, Labels: w.CommonLabels, Annotations: w.CommonAnnotations, TraceID: w.TraceID}, nil
	}
	return a, err
}
