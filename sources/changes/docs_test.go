package changes_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

// announcement is a call that docs/changes.md shows, to the end of its body.
var announcement = regexp.MustCompile(`(?s)curl -sf "\$WHEREFORE.*?\}\}'`)

// TestTheAnnouncementsInTheDocsWork runs them as a pipeline does.
func TestTheAnnouncementsInTheDocsWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	text, err := os.ReadFile("../../docs/changes.md")
	if err != nil {
		t.Fatal(err)
	}
	all := announcement.FindAll(text, -1)
	if len(all) != 3 {
		t.Fatalf("docs/changes.md shows %d calls, want one for any pipeline, GitHub's and GitLab's", len(all))
	}
	repo := gittest.New(t) // of which the first call tells the commit
	repo.Write("till.go", "package till\n")
	repo.Commit("Begin")
	for _, call := range all {
		var got string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			list, err := changes.Parse(r.Header, body, time.Now())
			if err != nil || len(list) != 1 {
				http.Error(w, "refused", http.StatusBadRequest)
				t.Errorf("%d changes in %s: %v", len(list), body, err)
				return
			}
			got = list[0].Service + " " + list[0].Commit + " " + list[0].Actor
		}))
		cmd := exec.Command("sh", "-c", string(call))
		cmd.Dir = repo.Dir
		cmd.Env = append(os.Environ(), "no_proxy=*", "NO_PROXY=*", "WHEREFORE="+s.URL, "WHEREFORE_TOKEN=t", "BUILD_ID=7", "OLD=v1", "NEW=v2", "USER=ann",
			"GITHUB_REPOSITORY=acme/shop", "GITHUB_RUN_ID=7", "GITHUB_RUN_ATTEMPT=1", "GITHUB_SHA=4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", "GITHUB_ACTOR=ann",
			"CI_PROJECT_PATH=acme/shop", "CI_JOB_ID=7", "CI_COMMIT_SHA=4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", "GITLAB_USER_LOGIN=ann")
		out, err := cmd.CombinedOutput()
		s.Close()
		if err != nil || !regexp.MustCompile(`^shop [0-9a-f]{40} ann$`).MatchString(got) {
			t.Errorf("%s\ngot %q, %v: %s", call, got, err, out)
		}
	}
}
