package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"

	"github.com/wherefore-dev/wherefore/ui/visible"
)

// render words a summary as the body of a request.
type render func(Summary) ([]byte, error)

// slackTemplate is what Slack is told when no template is configured: verdict
// and cause, who is hit, what to do, where to look.
const slackTemplate = `*{{.Verdict}}* · {{.Title}}
{{with .Impact}}{{.}}
{{end}}{{with .Budget}}{{.}}
{{end}}{{with .Changed}}Changed: {{.}}
{{end}}{{with .Action}}Do: {{.}}{{with $.Command}} – ` + "`{{.}}`" + `{{end}}
{{end}}<{{.URL}}|{{.ID}}> · {{.Service}}{{with .Severity}} · {{.}}{{end}}{{with .Since}} · since {{.}}{{end}}{{with .Owner}} · owner {{.}}{{end}}`

// renderer parses the target's template and tries it.
func (t Target) renderer() (render, error) {
	if t.Kind == kindGrafana {
		return t.annotation, nil
	}
	if t.Kind == kindWebhook && t.Template == "" {
		return webhookBody, nil
	}
	text := t.Template
	if text == "" {
		text = slackTemplate
	}
	tpl, err := template.New(t.Name).Option("missingkey=error").Funcs(template.FuncMap{"json": quote}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("notifications: %s: template: %w", t.Name, err)
	}
	r := func(s Summary) ([]byte, error) { return execute(tpl, s) }
	if t.Kind == kindSlack {
		r = func(s Summary) ([]byte, error) {
			body, err := execute(tpl, forSlack(s))
			if err != nil {
				return nil, err
			}
			return slackBody(s, string(body))
		}
	}
	if _, err := r(Summary{}); err != nil {
		return nil, fmt.Errorf("notifications: %s: template: %w", t.Name, err)
	}
	return r, nil
}

func execute(tpl *template.Template, s Summary) ([]byte, error) {
	var b bytes.Buffer
	err := tpl.Execute(&b, s)
	return b.Bytes(), err
}

// quote is a template's way to put a text into JSON.
func quote(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// slackText is the most characters that a section of a Slack message holds.
const slackText = 3000

// slackBody is the payload of an incoming webhook: text for notifications and
// old clients, one section with the message. verbatim keeps Slack from making
// mentions and links out of foreign text.
func slackBody(s Summary, mrkdwn string) ([]byte, error) {
	type object map[string]any
	return json.Marshal(object{
		"text":         slackEscape(visible.Cut(s.Verdict+": "+s.Title, longText)),
		"unfurl_links": false,
		"unfurl_media": false,
		"blocks": []object{{
			"type": "section",
			"text": object{"type": "mrkdwn", "text": visible.Cut(strings.TrimSpace(mrkdwn), slackText), "verbatim": true},
		}},
	})
}

// slackEscape is what Slack asks for: & < > as entities, which takes the
// meaning from <!channel>, <@U1> and <http://…|words>.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// forSlack escapes every text of a summary. Backticks, which would end the
// code that a command stands in, and the marks of bold, italic and struck text
// are replaced by what looks like them.
func forSlack(s Summary) Summary {
	marks := strings.NewReplacer("`", "ˋ", "*", "∗", "~", "∼")
	for _, p := range []*string{&s.ID, &s.State, &s.Service, &s.Severity, &s.Owner, &s.Since, &s.Title, &s.Entity, &s.Trigger, &s.Commit,
		&s.Decision, &s.Impact, &s.Budget, &s.Changed, &s.Action, &s.Command} {
		*p = marks.Replace(slackEscape(*p))
	}
	s.URL = strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C").Replace(s.URL)
	return s
}

// bodyVersion is the version of a webhook's JSON; fields are added within it.
const bodyVersion = 1

// webhookBody is what a webhook is sent when no template is configured.
func webhookBody(s Summary) ([]byte, error) {
	type object map[string]any
	return json.Marshal(object{
		"version": bodyVersion,
		"event":   "report.ready",
		"incident": object{"id": s.ID, "url": s.URL, "state": s.State, "service": s.Service, "severity": s.Severity, "owner": s.Owner,
			"since": s.Since},
		"revision": s.Revision,
		"verdict":  s.Verdict,
		"title":    s.Title,
		"cause":    object{"entity": s.Entity, "trigger": s.Trigger, "commit": s.Commit, "decision": s.Decision},
		"impact":   object{"headline": s.Impact, "affected": s.Affected, "budget": s.Budget},
		"changed":  s.Changed,
		"action":   object{"title": s.Action, "command": s.Command},
	})
}
