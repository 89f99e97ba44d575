// Package alertmanager reads the webhooks that Alertmanager (version 4 of its
// payload) and Grafana (a superset that calls itself version 1) send, and the
// alerts that people copy out of Alertmanager's and Prometheus' APIs.
//
// Senders add fields from release to release, so unknown ones are passed over;
// what is there but malformed is refused with its path in the payload, because
// an alert that is half understood would be investigated wrongly.
package alertmanager

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Limits on one payload.
const (
	MaxBytes     = 4 << 20
	MaxInstances = 10_000
	maxDepth     = 32 // of nesting; Alertmanager's own payload has 3
)

// ErrTooLarge says that a payload is over one of the limits; it is also
// evidence.ErrInvalid.
var ErrTooLarge = fmt.Errorf("too large: %w", evidence.ErrInvalid)

// payload is what the two senders have in common and what Grafana adds. Times
// are kept as text so that an error can name the one that is wrong.
type payload struct {
	Version           any               `json:"version"` // some senders have a number
	Receiver          string            `json:"receiver"`
	Status            status            `json:"status"`
	GroupKey          string            `json:"groupKey"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	TruncatedAlerts   int               `json:"truncatedAlerts"`
	Alerts            []instance        `json:"alerts"`
}

type instance struct {
	Status       status            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     string            `json:"startsAt"`
	EndsAt       string            `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`

	// Grafana's own. They are kept as annotations of the same name.
	ValueString  string `json:"valueString"`
	DashboardURL string `json:"dashboardURL"`
	PanelURL     string `json:"panelURL"`

	// Prometheus' own, for Status and StartsAt.
	State    status `json:"state"`
	ActiveAt string `json:"activeAt"`
}

// Parse reads one webhook payload. Errors are evidence.ErrInvalid and say what
// is wrong and where.
func Parse(data []byte) (evidence.Alert, error) {
	if len(data) > MaxBytes {
		return evidence.Alert{}, fmt.Errorf("webhook payload of %d bytes, at most %d are read: %w", len(data), MaxBytes, ErrTooLarge)
	}
	if d := evidence.Nesting(data); d > maxDepth {
		return evidence.Alert{}, fmt.Errorf("webhook payload nested %d deep, at most %d is read: %w", d, maxDepth, ErrTooLarge)
	}
	p, err := decode(data)
	if err != nil {
		return evidence.Alert{}, fmt.Errorf("webhook payload: %s: %w", jsonFault(err), evidence.ErrInvalid)
	}
	a, err := p.alert()
	if err != nil {
		return evidence.Alert{}, fmt.Errorf("webhook payload: %w", err)
	}
	return bounded(a), nil
}

func (p payload) alert() (evidence.Alert, error) {
	switch version := fmt.Sprint(p.Version); {
	case p.Version != nil && version != "4" && version != "1":
		return evidence.Alert{}, fmt.Errorf("version is %s, want Alertmanager's 4 or Grafana's 1: %w", quote(version), evidence.ErrInvalid)
	case len(p.Alerts) == 0:
		return evidence.Alert{}, fmt.Errorf("it has no alerts; send what an Alertmanager or Grafana webhook sends: %w", evidence.ErrInvalid)
	case len(p.Alerts) > MaxInstances:
		return evidence.Alert{}, fmt.Errorf("%d alerts, at most %d are read: %w", len(p.Alerts), MaxInstances, ErrTooLarge)
	case p.TruncatedAlerts < 0:
		return evidence.Alert{}, fmt.Errorf("truncatedAlerts %d is negative: %w", p.TruncatedAlerts, evidence.ErrInvalid)
	}
	a := evidence.Alert{
		Receiver: p.Receiver, GroupKey: p.GroupKey, ExternalURL: p.ExternalURL, Truncated: p.TruncatedAlerts,
		Labels: p.CommonLabels, Annotations: p.CommonAnnotations,
		Instances: make([]evidence.AlertInstance, len(p.Alerts)),
	}
	for i, in := range p.Alerts {
		var err error
		if a.Instances[i], err = in.instance(); err != nil {
			return evidence.Alert{}, fmt.Errorf("alerts[%d].%w", i, err)
		}
	}
	var err error
	if a.Status, err = groupStatus(p.Status, a.Instances); err != nil {
		return evidence.Alert{}, err
	}
	if a.Labels == nil {
		a.Labels = common(a.Instances, func(i evidence.AlertInstance) map[string]string { return i.Labels })
	}
	if a.Annotations == nil {
		a.Annotations = common(a.Instances, func(i evidence.AlertInstance) map[string]string { return i.Annotations })
	}
	if a.GroupKey == "" {
		a.GroupKey = groupKey(p.GroupLabels, a.Labels)
	}
	return a, nil
}

func (in instance) instance() (evidence.AlertInstance, error) {
	out := evidence.AlertInstance{
		Labels: in.Labels, Annotations: maps.Clone(in.Annotations),
		GeneratorURL: in.GeneratorURL, Fingerprint: in.Fingerprint,
	}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	for name, value := range map[string]string{"valueString": in.ValueString, "dashboardURL": in.DashboardURL, "panelURL": in.PanelURL} {
		if value == "" || out.Annotations[name] != "" {
			continue
		}
		if out.Annotations == nil {
			out.Annotations = map[string]string{}
		}
		out.Annotations[name] = value
	}
	var err error
	if out.StartsAt, err = instant("startsAt", cmp.Or(in.StartsAt, in.ActiveAt)); err != nil {
		return out, err
	}
	if out.StartsAt.IsZero() {
		return out, fmt.Errorf("startsAt is missing: %w", evidence.ErrInvalid)
	}
	if out.EndsAt, err = instant("endsAt", in.EndsAt); err != nil {
		return out, err
	}
	switch cmp.Or(in.Status, in.State) {
	case evidence.StatusFiring, "pending", "":
		out.Status, out.EndsAt = evidence.StatusFiring, time.Time{}
	case evidence.StatusResolved:
		out.Status = evidence.StatusResolved
	default:
		return out, fmt.Errorf("status is %s, want firing or resolved: %w", quote(string(cmp.Or(in.Status, in.State))), evidence.ErrInvalid)
	}
	return out, nil
}

// groupStatus is the group's own status, else firing while any instance fires.
func groupStatus(said status, instances []evidence.AlertInstance) (string, error) {
	switch said {
	case evidence.StatusFiring, evidence.StatusResolved:
		return string(said), nil
	case "":
		for _, i := range instances {
			if i.Status == evidence.StatusFiring {
				return evidence.StatusFiring, nil
			}
		}
		return evidence.StatusResolved, nil
	default:
		return "", fmt.Errorf("status is %s, want firing or resolved: %w", quote(string(said)), evidence.ErrInvalid)
	}
}

// instant reads an RFC 3339 time; the year 1, which stands for "not yet", is
// the zero time.
func instant(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, fmt.Errorf("%s is %s, want an RFC 3339 time with a zone: %w", field, quote(text), evidence.ErrInvalid)
	}
	if t.UTC().Year() <= 1 {
		return time.Time{}, nil
	}
	return t.UTC(), nil
}

// common is what all instances agree on.
func common(instances []evidence.AlertInstance, of func(evidence.AlertInstance) map[string]string) map[string]string {
	same := maps.Clone(of(instances[0]))
	for _, i := range instances[1:] {
		m := of(i)
		maps.DeleteFunc(same, func(k, v string) bool { w, ok := m[k]; return !ok || w != v })
	}
	return same
}

// groupKey names a group whose sender gave it no key, in Alertmanager's form.
func groupKey(group, labels map[string]string) string {
	if len(group) == 0 {
		group = labels
	}
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(group)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k + "=" + strconv.Quote(group[k]))
	}
	return "{}:{" + b.String() + "}"
}

// jsonFault says what is wrong with the JSON without repeating the payload.
func jsonFault(err error) string {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return evidence.JSONProblem(err)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("not JSON at byte %d", syntax.Offset)
	}
	return "not JSON"
}

// quote shows a short piece of the payload, escaped.
func quote(s string) string {
	const most = 40
	if r := bytes.Runes([]byte(s)); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
