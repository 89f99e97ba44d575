package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Alert statuses, as Alertmanager spells them.
const (
	StatusFiring   = "firing"
	StatusResolved = "resolved"
)

// The receiver and the name of an alert that stands for a person's question.
const (
	ReceiverByHand = "investigate"
	NameByHand     = "Investigation"
)

// Alert is one notification about a group of alerts: Alertmanager's webhook of
// version 4, or what another trigger was turned into.
type Alert struct {
	Receiver    string            `json:"receiver,omitempty"`
	GroupKey    string            `json:"groupKey,omitempty"`
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels,omitempty"`      // common to all instances
	Annotations map[string]string `json:"annotations,omitempty"` // common to all instances
	Instances   []AlertInstance   `json:"instances"`             // at least one, in the order received
	ExternalURL string            `json:"externalURL,omitempty"` // a link to show, never fetched
	Truncated   int               `json:"truncated,omitempty"`   // instances the sender left out

	// TraceID is set when a person asked about one trace instead of an alert.
	TraceID string `json:"traceID,omitempty"`

	// Tenant is whose alert it is. The casebook sets it, by who sent the alert.
	Tenant Tenant `json:"tenant,omitempty"`
}

// AlertInstance is one alert of a group.
type AlertInstance struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	StartsAt    time.Time         `json:"startsAt"`
	// EndsAt is zero while the alert fires.
	EndsAt       time.Time `json:"endsAt,omitzero"`
	GeneratorURL string    `json:"generatorURL,omitempty"` // a link to show; its g0.expr is parsed, never fetched
	Fingerprint  string    `json:"fingerprint,omitempty"`
}

// FiredAt is the first instant at which any instance of the group fired, zero
// when no instance says so.
func (a Alert) FiredAt() time.Time {
	var first time.Time
	for _, i := range a.Instances {
		if !i.StartsAt.IsZero() && (first.IsZero() || i.StartsAt.Before(first)) {
			first = i.StartsAt
		}
	}
	return first.UTC()
}

// Newest is the last instant at which any instance of the group fired, zero when
// no instance says so.
func (a Alert) Newest() time.Time {
	var last time.Time
	for _, i := range a.Instances {
		if i.StartsAt.After(last) {
			last = i.StartsAt
		}
	}
	return last.UTC()
}

// Present is a notification without the instances that it is not about any more.
// Groups are often made by namespace or by name alone, so that one holds what is
// resolved, and what fires since yesterday: neither tells what is wrong now. Kept
// are those that fire, from the newest back to the first gap in their starts that
// is longer than reach, which is how far an investigation looks back: what fired
// before that is part of its normal time. A notification that is resolved as a
// whole is kept as it is, with all that fired within reach of its last.
func (a Alert) Present(reach time.Duration) Alert {
	list := a.Instances
	if a.Status != StatusResolved {
		firing := slices.DeleteFunc(slices.Clone(list), func(i AlertInstance) bool { return i.Status == StatusResolved })
		if len(firing) > 0 {
			list = firing
		}
	}
	starts := make([]time.Time, 0, len(list))
	for _, i := range list {
		starts = append(starts, i.StartsAt)
	}
	slices.SortFunc(starts, func(x, y time.Time) int { return y.Compare(x) })
	since := time.Time{}
	for _, at := range starts {
		if !since.IsZero() && since.Sub(at) > reach {
			break
		}
		since = at
	}
	a.Instances = slices.DeleteFunc(slices.Clone(list), func(i AlertInstance) bool { return i.StartsAt.Before(since) })
	return a
}

// Name is the alert's name, or the empty string when the group has several.
func (a Alert) Name() string { return a.Label("alertname") }

// Label is the value of a common label, else of the first instance that has it.
func (a Alert) Label(name string) string {
	if v := a.Labels[name]; v != "" {
		return v
	}
	for _, i := range a.Instances {
		if v := i.Labels[name]; v != "" {
			return v
		}
	}
	return ""
}

// Annotation is the value of a common annotation, else of the first instance
// that has it.
func (a Alert) Annotation(name string) string {
	if v := a.Annotations[name]; v != "" {
		return v
	}
	for _, i := range a.Instances {
		if v := i.Annotations[name]; v != "" {
			return v
		}
	}
	return ""
}

// IncidentID names the incident that an alert belongs to: "INC-" and the first
// ten hex digits of SHA-256 over receiver, group key and the group's first
// start, so that a permalink survives a replay. Behind these stands the tenant, if
// there is one.
func (a Alert) IncidentID() string {
	return "INC-" + a.Digest(a.Receiver, a.GroupKey, a.FiredAt().Format(time.RFC3339Nano))[:10]
}

// Digest is the SHA-256, in hex, of texts out of an alert and of its tenant. No
// text, whatever it holds, gives the digest of another tenant: one without a name
// ends with a zero, one with a name ends with that.
func (a Alert) Digest(texts ...string) string {
	h := sha256.New()
	for _, s := range texts {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	h.Write([]byte(a.Tenant))
	return hex.EncodeToString(h.Sum(nil))
}
