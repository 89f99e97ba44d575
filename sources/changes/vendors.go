package changes

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The payloads below are read with types of our own, which have the handful of
// fields that are used: the vendors' modules bring a Kubernetes client, or every
// call of an API, for the same.

// vendor reads the body of one vendor's webhook; a list without a change says
// that the event announces none, as a deployment that has only begun.
type vendor struct {
	is   func(h http.Header, p probe) bool
	read func(body []byte, now time.Time) ([]evidence.Change, error)
}

// probe has what the forms are told by.
type probe struct {
	SpecVersion    string          `json:"specversion"`
	Payload        json.RawMessage `json:"payload"`
	App            json.RawMessage `json:"app"`
	Kind           string          `json:"kind"`
	APIVersion     string          `json:"apiVersion"`
	InvolvedObject json.RawMessage `json:"involvedObject"`
	Deployment     json.RawMessage `json:"deployment"`
	Hook           json.RawMessage `json:"hook"`
	ObjectKind     string          `json:"object_kind"`
	Context        struct {
		Type string `json:"type"`
	} `json:"context"`
	Subject json.RawMessage `json:"subject"`
}

var vendors = []vendor{
	{isGitLab, gitLab},
	{func(h http.Header, p probe) bool {
		return h.Get("X-GitHub-Event") != "" || p.Deployment != nil || p.Hook != nil
	}, gitHub},
	{func(_ http.Header, p probe) bool {
		return p.App != nil || p.Kind == "Application" && strings.HasPrefix(p.APIVersion, "argoproj.io/")
	}, argoCD},
	{func(_ http.Header, p probe) bool { return p.InvolvedObject != nil }, flux},
	{func(_ http.Header, p probe) bool {
		return strings.HasPrefix(p.Context.Type, "dev.cdevents.") && p.Subject != nil
	}, bareCDEvent},
	{func(_ http.Header, p probe) bool { return p.Payload != nil }, pagerDuty},
}

// argoCD reads an Application of Argo CD, by itself or under "app" as
// notifications have it. Only a sync that succeeded is a change.
func argoCD(body []byte, now time.Time) ([]evidence.Change, error) {
	type source struct {
		RepoURL string `json:"repoURL"`
	}
	type application struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec struct {
			Destination struct {
				Namespace string `json:"namespace"`
			} `json:"destination"`
		} `json:"spec"`
		Status struct {
			OperationState struct {
				Phase      string `json:"phase"`
				StartedAt  string `json:"startedAt"`
				FinishedAt string `json:"finishedAt"`
				Operation  struct {
					InitiatedBy struct {
						Username string `json:"username"`
					} `json:"initiatedBy"`
				} `json:"operation"`
				SyncResult struct {
					Revision  string   `json:"revision"`
					Revisions []string `json:"revisions"`
					Source    source   `json:"source"`
					Sources   []source `json:"sources"`
				} `json:"syncResult"`
			} `json:"operationState"`
			History []struct {
				Revision string `json:"revision"`
			} `json:"history"`
		} `json:"status"`
	}
	var wrapped struct {
		App *application `json:"app"`
	}
	var app application
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return nil, invalid("the Argo CD application cannot be read: %v", err)
	}
	if wrapped.App != nil {
		app = *wrapped.App
	} else if err := json.Unmarshal(body, &app); err != nil {
		return nil, invalid("the Argo CD application cannot be read: %v", err)
	}
	op := app.Status.OperationState
	if app.Metadata.Name == "" {
		return nil, invalid("the Argo CD application has no metadata.name, which names the service")
	}
	if op.Phase != "Succeeded" {
		return nil, nil
	}
	to, repository := op.SyncResult.Revision, op.SyncResult.Source.RepoURL
	for i, r := range op.SyncResult.Revisions { // of several sources the one with a commit says what changed
		if to == "" || commitOf(to) == "" && commitOf(r) != "" {
			if to = r; i < len(op.SyncResult.Sources) {
				repository = op.SyncResult.Sources[i].RepoURL
			}
		}
	}
	at, err := instantOr(now, op.FinishedAt, op.StartedAt)
	if err != nil {
		return nil, err
	}
	c := evidence.Change{Kind: evidence.ChangeDeploy, Service: app.Metadata.Name, Time: at, To: to, Commit: commitOf(to), Actor: op.Operation.InitiatedBy.Username,
		Summary: "Argo CD synced " + app.Metadata.Name, Attributes: attributes("namespace", app.Spec.Destination.Namespace, "repository", repository)}
	if n := len(app.Status.History); n > 1 {
		c.From = app.Status.History[n-2].Revision
	}
	c.ID = "argocd/" + app.Metadata.Name + "/" + to + "/" + at.Format(time.RFC3339Nano)
	return []evidence.Change{c}, nil
}

// fluxSucceeded are the reasons with which Flux says that something else runs.
var fluxSucceeded = map[string]string{
	"ReconciliationSucceeded": "reconciled", "InstallSucceeded": "installed", "UpgradeSucceeded": "upgraded", "RollbackSucceeded": "rolled back", "UninstallSucceeded": "removed",
}

// flux reads what the generic and generic-hmac providers of Flux's notification
// controller post. Sources and failures are no changes.
func flux(body []byte, now time.Time) ([]evidence.Change, error) {
	var e struct {
		InvolvedObject struct {
			Kind, Namespace, Name string
		} `json:"involvedObject"`
		Severity  string            `json:"severity"`
		Timestamp string            `json:"timestamp"`
		Message   string            `json:"message"`
		Reason    string            `json:"reason"`
		Metadata  map[string]string `json:"metadata"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, invalid("the Flux event cannot be read: %v", err)
	}
	did := fluxSucceeded[e.Reason]
	if kind := e.InvolvedObject.Kind; e.InvolvedObject.Name == "" || kind != "Kustomization" && kind != "HelmRelease" || did == "" || e.Severity == "error" {
		return nil, nil
	}
	at, err := instantOr(now, e.Timestamp)
	if err != nil {
		return nil, err
	}
	revision := ""
	for _, k := range []string{"revision", "kustomize.toolkit.fluxcd.io/revision", "helm.toolkit.fluxcd.io/revision"} {
		revision = cmp.Or(revision, e.Metadata[k])
	}
	c := evidence.Change{Kind: evidence.ChangeDeploy, Service: e.InvolvedObject.Name, Time: at, To: revision, Commit: commitOf(revision),
		Summary: "Flux " + did + " " + e.InvolvedObject.Kind + " " + e.InvolvedObject.Name, Attributes: attributes("namespace", e.InvolvedObject.Namespace)}
	if e.Reason == "RollbackSucceeded" {
		c.Attributes = with(c.Attributes, "action", "rollback")
	}
	if e.Reason == "UninstallSucceeded" {
		c.From, c.To, c.Attributes = revision, "", with(c.Attributes, "action", "removed")
	}
	c.ID = "flux/" + e.InvolvedObject.Namespace + "/" + e.InvolvedObject.Name + "/" + revision + "/" + at.Format(time.RFC3339Nano)
	return []evidence.Change{c}, nil
}

// gitHub reads the webhooks deployment and deployment_status. A status that is
// no success, and every other event, announces nothing; a deployment and its
// success are the same change.
func gitHub(body []byte, now time.Time) ([]evidence.Change, error) {
	var e struct {
		Action     string `json:"action"`
		Repository struct {
			Name     string `json:"name"`
			FullName string `json:"full_name"`
		} `json:"repository"`
		Deployment *struct {
			ID          json.Number     `json:"id"`
			SHA         string          `json:"sha"`
			Ref         string          `json:"ref"`
			Environment string          `json:"environment"`
			Description string          `json:"description"`
			CreatedAt   string          `json:"created_at"`
			Payload     json.RawMessage `json:"payload"`
			Creator     struct {
				Login string `json:"login"`
			} `json:"creator"`
		} `json:"deployment"`
		Status *struct {
			State     string `json:"state"`
			CreatedAt string `json:"created_at"`
			LogURL    string `json:"log_url"`
			TargetURL string `json:"target_url"`
		} `json:"deployment_status"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, invalid("the GitHub event cannot be read: %v", err)
	}
	d := e.Deployment
	if d == nil || e.Status != nil && e.Status.State != "success" {
		return nil, nil
	}
	if e.Repository.Name == "" || d.SHA == "" {
		return nil, invalid("the GitHub deployment names no repository or no sha")
	}
	c := evidence.Change{Kind: evidence.ChangeDeploy, Service: e.Repository.Name, To: d.Ref, Commit: commitOf(d.SHA), Actor: d.Creator.Login,
		Summary: cmp.Or(evidence.Cut(d.Description, maxSummary), "GitHub deployment of "+e.Repository.Name), Attributes: attributes("environment", d.Environment, "repository", e.Repository.FullName)}
	var payload struct {
		Service string `json:"service"`
	}
	var text string
	if json.Unmarshal(d.Payload, &text) == nil { // an object that was sent as text
		d.Payload = json.RawMessage(text)
	}
	if json.Unmarshal(d.Payload, &payload) == nil && payload.Service != "" { // a payload may be anything
		c.Service = payload.Service
	}
	times := []string{d.CreatedAt}
	if e.Status != nil {
		times, c.URL = []string{e.Status.CreatedAt, d.CreatedAt}, cmp.Or(e.Status.LogURL, e.Status.TargetURL)
	}
	var err error
	c.Time, err = instantOr(now, times...)
	c.ID = "github/" + cmp.Or(e.Repository.FullName, e.Repository.Name) + "/" + d.ID.String()
	return []evidence.Change{c}, err
}

// bareCDEvent reads a CDEvent that no CloudEvent carries.
func bareCDEvent(body []byte, now time.Time) ([]evidence.Change, error) {
	var e struct {
		Context struct {
			ID, Source, Type string
		} `json:"context"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, invalid("the CDEvent cannot be read: %v", err)
	}
	c, err := cdEvent(e.Context.Type, body, now)
	if err != nil {
		return nil, err
	}
	if c.ID = e.Context.Source + "/" + e.Context.ID; e.Context.ID == "" {
		return nil, invalid("its CDEvents context has no id")
	}
	c.Commit = strings.ToLower(c.Commit)
	return []evidence.Change{c}, nil
}

// pagerDuty reads a change event of PagerDuty's Events API v2. Its source is the
// sender where the details say what was built from what, as Ansible and
// pipelines write it; otherwise it is what changed.
func pagerDuty(body []byte, now time.Time) ([]evidence.Change, error) {
	var p struct {
		Payload struct {
			Summary       string         `json:"summary"`
			Timestamp     string         `json:"timestamp"`
			Source        string         `json:"source"`
			CustomDetails map[string]any `json:"custom_details"`
		} `json:"payload"`
		Links []struct {
			Href string `json:"href"`
		} `json:"links"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, invalid("the PagerDuty change event cannot be read: %v", err)
	}
	if p.Payload.Summary == "" {
		return nil, invalid("the PagerDuty change event has no payload.summary")
	}
	detail := func(names ...string) string {
		for _, n := range names {
			if s, ok := p.Payload.CustomDetails[n].(string); ok && s != "" {
				return s
			}
		}
		return ""
	}
	at, err := instantOr(now, p.Payload.Timestamp)
	if err != nil {
		return nil, err
	}
	repo, revision, commit := detail("repo", "repository", "repo_url"), detail("revision"), detail("commit", "sha", "commit_sha", "git_sha")
	c := evidence.Change{Kind: evidence.ChangeDeploy, Time: at, Summary: p.Payload.Summary,
		Service: detail("service", "service_name", "app", "application"), From: detail("from"), To: cmp.Or(detail("to", "version"), notCommit(revision)),
		Commit: cmp.Or(commitOf(revision), strings.ToLower(commit)), Actor: detail("actor", "author", "user"),
		Attributes: attributes("environment", detail("environment"), "repository", repo)}
	switch pipeline := repo != "" || revision != "" || commit != "" || p.Payload.CustomDetails["build_number"] != nil || p.Payload.CustomDetails["build_state"] != nil; {
	case c.Service != "":
	case repo != "":
		c.Service = strings.TrimSuffix(path.Base(strings.TrimRight(repo, "/")), ".git")
	case !pipeline:
		c.Service = p.Payload.Source
	}
	if len(p.Links) > 0 {
		c.URL = p.Links[0].Href
	}
	c.ID = "pagerduty/" + c.Service + "/" + at.Format(time.RFC3339Nano) + "/" + c.Summary
	if p.Payload.Timestamp == "" { // sent again within a minute it is the same
		sum := sha256.Sum256(body)
		c.ID = "pagerduty/" + c.Service + "/" + at.Truncate(time.Minute).Format(time.RFC3339) + "/" + hex.EncodeToString(sum[:8])
	}
	return []evidence.Change{c}, nil
}
