package changes

import (
	"cmp"
	"encoding/json"
	"net/http"
	"path"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func isGitLab(h http.Header, p probe) bool {
	return h.Get("X-Gitlab-Event") != "" || p.ObjectKind == "deployment"
}

// gitLab reads the deployment events of GitLab's webhooks. One that did not
// succeed, and every other event, announces nothing. The whole commit stands in
// its address alone.
func gitLab(body []byte, now time.Time) ([]evidence.Change, error) {
	var e struct {
		ObjectKind    string      `json:"object_kind"`
		Status        string      `json:"status"`
		ChangedAt     string      `json:"status_changed_at"`
		DeploymentID  json.Number `json:"deployment_id"`
		DeployableURL string      `json:"deployable_url"`
		Environment   string      `json:"environment"`
		Project       struct {
			Name string `json:"name"`
			Path string `json:"path_with_namespace"`
		} `json:"project"`
		ShortSHA string `json:"short_sha"`
		Ref      string `json:"ref"`
		User     struct {
			Username string `json:"username"`
		} `json:"user"`
		CommitURL   string `json:"commit_url"`
		CommitTitle string `json:"commit_title"`
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, invalid("the GitLab event cannot be read: %v", err)
	}
	if e.ObjectKind != "deployment" || e.Status != "success" {
		return nil, nil
	}
	service := e.Project.Name
	if e.Project.Path != "" { // a name may be a sentence
		service = path.Base(e.Project.Path)
	}
	commit := cmp.Or(commitOf(path.Base(e.CommitURL)), commitOf(e.ShortSHA))
	if service == "" || commit == "" {
		return nil, invalid("the GitLab deployment names no project or no commit")
	}
	at, err := instantOr(now, e.ChangedAt)
	if err != nil {
		return nil, err
	}
	return []evidence.Change{{
		ID: "gitlab/" + cmp.Or(e.Project.Path, e.Project.Name) + "/" + cmp.Or(e.DeploymentID.String(), commit+"/"+at.UTC().Format(time.RFC3339Nano)), Kind: evidence.ChangeDeploy, Service: service, Time: at,
		To: e.Ref, Commit: commit, Actor: e.User.Username, URL: e.DeployableURL,
		Summary:    cmp.Or(evidence.Cut(e.CommitTitle, maxSummary), "GitLab deployment of "+service),
		Attributes: attributes("environment", e.Environment, "repository", e.Project.Path),
	}}, nil
}
