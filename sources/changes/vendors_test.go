package changes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

const (
	sha   = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
	older = "1111111111111111111111111111111111111111"
)

// TestVendorsAreReadAsTheySend has the shapes that the vendors document, with
// names of our own.
func TestVendorsAreReadAsTheySend(t *testing.T) {
	now := at.Add(30 * time.Second)
	argo := func(phase string) string {
		return `{"metadata":{"name":"shop"},"spec":{"destination":{"namespace":"prod"}},"status":{"history":[{"revision":"` + older + `"},{"revision":"` + sha + `"}],
			"operationState":{"phase":"` + phase + `","startedAt":"2026-03-01T02:43:10Z","finishedAt":"2026-03-01T02:44:10Z","operation":{"initiatedBy":{"username":"ada"}},
			"syncResult":{"revision":"` + sha + `","source":{"repoURL":"https://git.example/shop-config"}}}}}`
	}
	flux := func(kind, reason, severity, key, revision string) string {
		return `{"involvedObject":{"kind":"` + kind + `","namespace":"prod","name":"shop"},"severity":"` + severity + `","timestamp":"2026-03-01T02:44:10Z","message":"m","reason":"` + reason + `","metadata":{"` + key + `":"` + revision + `"}}`
	}
	github := func(status string) string {
		return `{"action":"created","repository":{"name":"shop","full_name":"acme/shop"},"deployment":{"id":77,"sha":"` + sha + `","ref":"v2","environment":"prod","created_at":"2026-03-01T02:44:10Z","payload":{},"creator":{"login":"ada"}}` + status + `}`
	}
	gitlab := func(kind, status string) string {
		return `{"object_kind":"` + kind + `","status":"` + status + `","status_changed_at":"2026-03-01 04:44:10 +0200","deployment_id":15,"deployable_id":796,"deployable_url":"https://ci/796","environment":"prod","environment_tier":"production",
			"project":{"id":30,"name":"The shop","path_with_namespace":"acme/shop"},"short_sha":"` + sha[:8] + `","user":{"username":"ada"},"commit_url":"https://git.example/acme/shop/-/commit/` + sha + `","commit_title":"Sell more","ref":"main"}`
	}
	gitlabWant := evidence.Change{ID: "gitlab/acme/shop/15", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "main", Commit: sha, Actor: "ada", URL: "https://ci/796",
		Summary: "Sell more", Attributes: map[string]string{"environment": "prod", "repository": "acme/shop"}}
	gitlabShort := gitlabWant
	gitlabShort.Commit = sha[:8]
	argoWant := evidence.Change{ID: "argocd/shop/" + sha + "/2026-03-01T02:44:10Z", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, From: older, To: sha, Commit: sha, Actor: "ada",
		Summary: "Argo CD synced shop", Attributes: map[string]string{"namespace": "prod", "repository": "https://git.example/shop-config"}}
	githubWant := evidence.Change{ID: "github/acme/shop/77", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "v2", Commit: sha, Actor: "ada",
		Summary: "GitHub deployment of shop", Attributes: map[string]string{"environment": "prod", "repository": "acme/shop"}}
	fluxWant := func(revision, commit, did, kind string) evidence.Change {
		return evidence.Change{ID: "flux/prod/shop/" + revision + "/2026-03-01T02:44:10Z", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: revision, Commit: commit,
			Summary: "Flux " + did + " " + kind + " shop", Attributes: map[string]string{"namespace": "prod"}}
	}
	rolledBack := fluxWant("6.5.3", "", "rolled back", "HelmRelease")
	rolledBack.Attributes = map[string]string{"namespace": "prod", "action": "rollback"}
	succeeded := githubWant
	succeeded.Time, succeeded.URL = at.Add(20*time.Second), "https://ci/77"
	till := githubWant
	till.Service = "till"
	for name, c := range map[string]struct {
		header http.Header
		body   string
		want   *evidence.Change
	}{
		"Argo CD":                  {nil, `{"app":` + argo("Succeeded") + `}`, &argoWant},
		"Argo CD, the application": {nil, `{"apiVersion":"argoproj.io/v1alpha1","kind":"Application",` + argo("Succeeded")[1:], &argoWant},
		"Argo CD, of a chart and a repository": {nil, `{"app":` + strings.Replace(argo("Succeeded"), `"revision":"`+sha+`","source":{"repoURL":"https://git.example/shop-config"}`,
			`"revision":"","revisions":["1.4.2","`+sha+`"],"sources":[{"repoURL":"https://charts.example","chart":"shop"},{"repoURL":"https://git.example/shop-config"}]`, 1) + `}`, &argoWant},
		"Argo CD that runs":               {nil, `{"app":` + argo("Running") + `}`, nil},
		"Argo CD that failed":             {nil, `{"app":` + argo("Failed") + `}`, nil},
		"Flux":                            {nil, flux("Kustomization", "ReconciliationSucceeded", "info", "revision", "main@sha1:"+sha), ptr(fluxWant("main@sha1:"+sha, sha, "reconciled", "Kustomization"))},
		"Flux, as it was":                 {nil, flux("Kustomization", "ReconciliationSucceeded", "info", "kustomize.toolkit.fluxcd.io/revision", "main/"+sha), ptr(fluxWant("main/"+sha, sha, "reconciled", "Kustomization"))},
		"Flux with a chart":               {nil, flux("HelmRelease", "UpgradeSucceeded", "info", "revision", "6.5.4"), ptr(fluxWant("6.5.4", "", "upgraded", "HelmRelease"))},
		"Flux that took it back":          {nil, flux("HelmRelease", "RollbackSucceeded", "info", "revision", "6.5.3"), &rolledBack},
		"Flux that failed":                {nil, flux("HelmRelease", "UpgradeFailed", "error", "revision", "6.5.4"), nil},
		"Flux about a source":             {nil, flux("GitRepository", "NewArtifact", "info", "revision", "main@sha1:"+sha), nil},
		"GitHub":                          {headers("X-GitHub-Event", "deployment"), github(""), &githubWant},
		"GitHub without its header":       {nil, github(""), &githubWant},
		"GitHub, done":                    {headers("X-GitHub-Event", "deployment_status"), github(`,"deployment_status":{"state":"success","created_at":"2026-03-01T02:44:30Z","log_url":"https://ci/77"}`), &succeeded},
		"GitHub, under way":               {headers("X-GitHub-Event", "deployment_status"), github(`,"deployment_status":{"state":"in_progress"}`), nil},
		"GitHub, failed":                  {headers("X-GitHub-Event", "deployment_status"), github(`,"deployment_status":{"state":"failure"}`), nil},
		"GitHub with its payload as text": {nil, strings.Replace(github(""), `"payload":{}`, `"payload":"{\"service\":\"till\"}"`, 1), &till},
		"GitHub that tries the address, by its body": {nil, `{"zen":"x","hook_id":1,"hook":{"type":"Repository"},"repository":{"name":"shop"}}`, nil},
		"GitHub that tries the address":              {headers("X-GitHub-Event", "ping"), `{"zen":"x","hook_id":1}`, nil},
		"GitLab":                                     {headers("X-Gitlab-Event", "Deployment Hook"), gitlab("deployment", "success"), &gitlabWant},
		"GitLab without its header":                  {nil, gitlab("deployment", "success"), &gitlabWant},
		"GitLab without the commit's address":        {nil, strings.Replace(gitlab("deployment", "success"), "https://git.example/acme/shop/-/commit/"+sha, "", 1), &gitlabShort},
		"GitLab without the deployment's number":     {nil, strings.Replace(gitlab("deployment", "success"), `"deployment_id":15,`, "", 1), ptr(withID(gitlabWant, "gitlab/acme/shop/"+sha+"/2026-03-01T02:44:10Z"))},
		"GitLab, under way":                          {nil, gitlab("deployment", "running"), nil},
		"GitLab, failed":                             {nil, gitlab("deployment", "failed"), nil},
		"GitLab that tries the address":              {headers("X-Gitlab-Event", "Push Hook"), gitlab("push", ""), nil},
		"PagerDuty's zone": {nil, `{"payload":{"summary":"Deploy 2","timestamp":"2026-03-01T02:44:10.000+0000","source":"shop"}}`,
			&evidence.Change{ID: "pagerduty/shop/2026-03-01T02:44:10Z/Deploy 2", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, Summary: "Deploy 2"}},
		"PagerDuty from a pipeline": {nil, `{"payload":{"summary":"Build 9","timestamp":"2026-03-01T02:44:10Z","source":"runner-9","custom_details":{"build_state":"passed","build_number":"9"}},"links":[{"href":"https://ci/9"}]}`,
			&evidence.Change{ID: "pagerduty//2026-03-01T02:44:10Z/Build 9", Kind: evidence.ChangeDeploy, Time: at, Summary: "Build 9", URL: "https://ci/9"}},
		"PagerDuty from Ansible": {nil, `{"payload":{"summary":"Deploy","timestamp":"2026-03-01T02:44:10Z","source":"Ansible","custom_details":{"repo":"https://git.example/acme/shop.git","revision":"` + sha + `","environment":"prod","user":"ada"}}}`,
			&evidence.Change{ID: "pagerduty/shop/2026-03-01T02:44:10Z/Deploy", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, Commit: sha, Actor: "ada", Summary: "Deploy", Attributes: map[string]string{"environment": "prod", "repository": "https://git.example/acme/shop.git"}}},
		"CDEvents that take back": {headers("Content-Type", "application/cloudevents+json"), cdEvent("service.rolledback", "pkg:oci/shop@sha256%3Aabc"),
			&evidence.Change{ID: "/cd/8", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "sha256:abc", Summary: "pkg:oci/shop@sha256%3Aabc", Attributes: map[string]string{"environment": "prod", "action": "rollback"}}},
		"CDEvents that remove": {headers("Content-Type", "application/cloudevents+json"), cdEvent("service.removed", "pkg:oci/shop@1.2%2Bb3"),
			&evidence.Change{ID: "/cd/8", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, From: "1.2+b3", Summary: "pkg:oci/shop@1.2%2Bb3", Attributes: map[string]string{"environment": "prod", "action": "removed"}}},
		"CDEvents by themselves": {nil, `{"context":{"version":"0.4.1","id":"8","source":"/cd","type":"dev.cdevents.service.deployed.0.2.0","timestamp":"2026-03-01T02:44:10Z"},"subject":{"id":"shop","content":{"environment":{"id":"prod"},"artifactId":"pkg:oci/shop@sha256%3Aabc"}}}`,
			&evidence.Change{ID: "/cd/8", Kind: evidence.ChangeDeploy, Service: "shop", Time: at, To: "sha256:abc", Summary: "pkg:oci/shop@sha256%3Aabc", Attributes: map[string]string{"environment": "prod"}}},
		"GitHub as CloudEvents has it": {headers("Content-Type", "application/cloudevents+json"), `{"specversion":"1.0","id":"g1","source":"https://github.com/acme/shop","type":"com.github.deployment.created","time":"2026-03-01T02:44:12Z","data":` + github("") + `}`,
			ptr(withID(githubWant, "https://github.com/acme/shop/g1"))},
	} {
		if c.header == nil {
			c.header = http.Header{"Content-Type": {"application/json"}}
		}
		got, err := changes.Parse(c.header, []byte(c.body), now)
		var want []evidence.Change
		if c.want != nil {
			want = []evidence.Change{*c.want}
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// TestAnAnnouncementWithoutATimeHappenedWhenItCame, and sent again it is the
// same.
func TestAnAnnouncementWithoutATimeHappenedWhenItCame(t *testing.T) {
	const body = `{"payload":{"summary":"Deploy 2","source":"shop"}}`
	first, err := changes.Parse(http.Header{}, []byte(body), at)
	if err != nil || len(first) != 1 || !first[0].Time.Equal(at) {
		t.Fatalf("got %+v (%v), want it at %s", first, err, at)
	}
	again, err := changes.Parse(http.Header{}, []byte(body), at.Add(3*time.Second))
	later, err2 := changes.Parse(http.Header{}, []byte(body), at.Add(time.Hour))
	if err != nil || err2 != nil || again[0].ID != first[0].ID || later[0].ID == first[0].ID {
		t.Errorf("got IDs %q, %q and %q (%v, %v), want the first two the same and the third another", first[0].ID, again[0].ID, later[0].ID, err, err2)
	}
}

func ptr(c evidence.Change) *evidence.Change { return &c }

func withID(c evidence.Change, id string) evidence.Change {
	c.ID = id
	return c
}

func cdEvent(kind, artifact string) string {
	return `{"specversion":"1.0","id":"8","source":"/cd","type":"dev.cdevents.` + kind + `.0.2.0","time":"2026-03-01T02:44:10Z","data":{"context":{},"subject":{"id":"shop","content":{"environment":{"id":"prod"},"artifactId":"` + artifact + `"}}}}`
}
