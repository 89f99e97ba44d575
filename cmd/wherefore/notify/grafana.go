package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cenkalti/backoff/v5"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

// annotation is the body of Grafana's annotations API, times in milliseconds since
// 1970. https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
type annotation struct {
	DashboardUID string   `json:"dashboardUID,omitempty"`
	PanelID      int      `json:"panelId,omitempty"`
	Time         int64    `json:"time,omitempty"`
	TimeEnd      int64    `json:"timeEnd,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Text         string   `json:"text,omitempty"`
}

// ownTag stands on every annotation of ours, before the incident's ID.
const ownTag = "wherefore"

// annotation words a report as a region from onset to recovery, a point while the
// incident lasts. Grafana shows text as HTML that it cleans; angle brackets are
// escaped all the same.
func (t Target) annotation(s Summary) ([]byte, error) {
	a := annotation{DashboardUID: t.Dashboard, PanelID: t.Panel, Tags: []string{ownTag, s.ID}}
	for _, tag := range []string{s.Service, s.Entity, s.Severity, s.Verdict} {
		if tag != "" && tag != s.ID {
			a.Tags = append(a.Tags, tag)
		}
	}
	if !s.onset.IsZero() {
		a.Time = s.onset.UnixMilli()
	}
	if s.ended.After(s.onset) {
		a.TimeEnd = s.ended.UnixMilli()
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")
	a.Text = fmt.Sprintf(`%s: %s`, escape.Replace(s.Verdict), escape.Replace(s.Title))
	if s.Impact != "" {
		a.Text += "\n" + escape.Replace(s.Impact)
	}
	a.Text += fmt.Sprintf("\n<a href=\"%s\">%s</a>", escape.Replace(s.URL), escape.Replace(s.ID))
	return json.Marshal(a)
}

// mostAnnotations bounds the answer to the search for an incident's annotation.
const mostAnnotations = 1 << 20

// annotate brings an incident's annotation about, or up to date. It is found by its
// tags, so that a message which came twice, or of another server, makes no second one.
func (n *Notifier) annotate(ctx context.Context, c *http.Client, t *target, m casebook.Message) error {
	var a annotation
	if err := json.Unmarshal(m.Body, &a); err != nil || len(a.Tags) < 2 {
		return backoff.Permanent(errors.New("the annotation cannot be read"))
	}
	found, err := t.ask(ctx, c, http.MethodGet, "/api/annotations?"+url.Values{"tags": a.Tags[:2], "type": {"annotation"}, "limit": {"1"}}.Encode(), nil)
	if err != nil {
		return err
	}
	var there []struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(found, &there); err != nil {
		return backoff.Permanent(errors.New("the annotations in the answer cannot be read"))
	}
	method, path, body := http.MethodPost, "/api/annotations", m.Body
	if len(there) > 0 {
		a.DashboardUID, a.PanelID = "", 0 // where it is shown stays
		if body, err = json.Marshal(a); err != nil {
			return backoff.Permanent(err)
		}
		method, path = http.MethodPatch, path+"/"+strconv.FormatInt(there[0].ID, 10)
	} else if a.Time == 0 {
		return nil // it ended, and nobody had been told of it
	}
	_, err = t.ask(ctx, c, method, path, body)
	return err
}

// ask puts a request to Grafana.
func (t *target) ask(ctx context.Context, c *http.Client, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(string(t.URL), "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, backoff.Permanent(errors.New("the url cannot be asked")) // the reason would print the URL
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wherefore")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if t.Secret != "" {
		req.Header.Set("Authorization", "Bearer "+string(t.Secret))
	}
	return answered(c, req, mostAnnotations)
}
