package gathered_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

func TestACommitGovernsTheServiceWhoseCodeItChanged(t *testing.T) {
	commit := func(files ...string) evidence.Commit { return evidence.Commit{SHA: "c1", Files: files} }
	live := func(services ...string) (list []gathered.Deployment) {
		for _, s := range services {
			list = append(list, gathered.Deployment{Service: s, Commits: []evidence.Commit{{SHA: "c0"}, {SHA: "c1"}}})
		}
		return list
	}
	touched := gathered.Frame{Service: "till", Blame: &evidence.Blame{
		Ref: evidence.CodeRef{Line: 7}, Lines: []evidence.BlameLine{{Line: 6, Commit: "c0"}, {Line: 7, Commit: "c1"}},
	}}
	for name, c := range map[string]struct {
		commit evidence.Commit
		live   []gathered.Deployment
		frames []gathered.Frame
		prefer string
		want   string
	}{
		"one deployment":                          {commit("store.go"), live("seats"), nil, "seats-db", "seats"},
		"the preferred of two deployments":        {commit("go.mod"), live("seats", "till"), nil, "till", "till"},
		"the one that the paths name":             {commit("till/pay.go"), live("seats", "till"), nil, "seats", "till"},
		"the preferred of two that paths name":    {commit("till/pay.go", "seats/row.go"), live("seats", "till"), nil, "till", "till"},
		"a line that it last touched":             {commit("store.go"), nil, []gathered.Frame{touched}, "seats", "till"},
		"its source's own word":                   {evidence.Commit{SHA: "c1", Services: []string{"mail"}}, nil, nil, "seats", "mail"},
		"nobody knows":                            {commit("store.go"), nil, nil, "seats", ""},
		"a deployment of other commits is no use": {evidence.Commit{SHA: "c2"}, live("seats"), nil, "till", ""},
	} {
		e := gathered.Evidence{Deployments: c.live, Frames: c.frames}
		if got := e.GovernedBy(&c.commit, c.prefer); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
