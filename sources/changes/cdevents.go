package changes

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/package-url/packageurl-go" // package URLs as their specification reads them

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// cdEvent reads what CDEvents (cdevents.dev) puts into a CloudEvent's data, by
// its type, as dev.cdevents.service.deployed.0.2.0. Its subject may be a path
// that ends with the service. sent is its time where it has none.
func cdEvent(kind string, data []byte, sent time.Time) (evidence.Change, error) {
	var d struct {
		Context struct {
			Timestamp time.Time `json:"timestamp"`
		} `json:"context"`
		Subject struct {
			ID      string `json:"id"`
			Content struct {
				Name        string `json:"name"`
				Environment struct {
					ID string `json:"id"`
				} `json:"environment"`
				ArtifactID string `json:"artifactId"`
			} `json:"content"`
		} `json:"subject"`
	}
	subject, predicate, _ := strings.Cut(strings.TrimPrefix(kind, cdPrefix), ".")
	predicate, _, _ = strings.Cut(predicate, ".")
	action, known := map[string]string{
		"service deployed": "", "service upgraded": "", "service rolledback": "rollback", "service removed": "removed", "environment modified": "modified",
	}[subject+" "+predicate]
	if !known {
		return evidence.Change{}, invalid("type %.80q announces no change; CDEvents service.deployed, upgraded, rolledback and removed and environment.modified do", kind)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return evidence.Change{}, invalid("its CDEvents data cannot be read: %v", err)
	}
	if d.Subject.ID == "" {
		return evidence.Change{}, invalid("its CDEvents subject has no id, which names the service")
	}
	content := d.Subject.Content
	c := evidence.Change{Kind: evidence.ChangeDeploy, Service: d.Subject.ID[strings.LastIndex(d.Subject.ID, "/")+1:],
		Time: d.Context.Timestamp.UTC(), To: version(content.ArtifactID), Summary: evidence.Cut(content.ArtifactID, maxSummary), Attributes: attributes("environment", content.Environment.ID, "action", action)}
	if c.Time.IsZero() {
		c.Time = sent.UTC()
	}
	c.Commit = commitOf(c.To)
	switch action {
	case "removed":
		c.From, c.To, c.Commit = c.To, "", ""
	case "modified":
		c.Kind, c.Service, c.Attributes = evidence.ChangeConfig, "", attributes("environment", d.Subject.ID, "action", action)
		c.Summary = "environment " + d.Subject.ID + " was modified"
	}
	return c, nil
}

// version is what a package URL or an image reference says of its version: what
// stands behind the "@", which may be a digest, else behind a tag's colon.
func version(artifact string) string {
	if strings.HasPrefix(artifact, "pkg:") {
		if p, err := packageurl.FromString(artifact); err == nil && p.Version != "" {
			return p.Version
		}
	}
	artifact, _, _ = strings.Cut(artifact, "?")
	behind := ""
	if i := strings.LastIndexByte(artifact, '@'); i >= 0 {
		behind = artifact[i+1:]
	} else if i := strings.LastIndexByte(artifact, ':'); i >= 0 && !strings.Contains(artifact[i:], "/") {
		behind = artifact[i+1:]
	}
	if decoded, err := url.PathUnescape(behind); err == nil {
		return decoded
	}
	return behind
}
