package storybook

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// heldStreams is what a profile of the heap says of the streams that are never
// closed.
func heldStreams() report.ProfileView {
	const pkg = "ads.example/platform/"
	at := func(t time.Time) evidence.Window { return evidence.Window{Start: t, End: t} }
	file := "internal/profile/etcd.go"
	line := evidence.BlameLine{Line: 118, Text: "	stream, err := c.kv.Watch(ctx, key)", Commit: "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", Author: "oleg", Time: onset().Add(-5 * time.Hour), Decisions: []string{"DEC-2024-0872"}}
	const mib = 1 << 20
	node := func(name string, was, now float64, own bool, below ...*report.FlameNode) *report.FlameNode {
		return &report.FlameNode{Name: name, Was: was * mib, Now: now * mib, Own: own, Below: below}
	}
	return report.ProfileView{
		Service: "ad-server", Kind: evidence.ProfileHeap, Unit: "By", Before: at(onset().Add(-20 * time.Minute)), During: at(onset().Add(5 * time.Minute)), Was: 38 * mib, Now: 214 * mib,
		Places: []report.ProfilePlace{{
			Function: pkg + "internal/profile.(*Client).read", Frame: evidence.Frame{File: pkg + file, Line: 118, Function: pkg + "internal/profile.(*Client).read", Rung: evidence.LocationProfile}, Was: 3 * mib, Now: 171 * mib,
			Callers: []evidence.Frame{{File: pkg + "internal/profile/retry.go", Line: 44}, {File: pkg + "adserver/service.go", Line: 90}},
			Blame:   &evidence.Blame{Ref: evidence.CodeRef{Path: file, Line: 118, Revision: "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", Rung: evidence.LocationProfile, RevisionRung: evidence.RevisionVersion}, Lines: []evidence.BlameLine{line}},
		}},
		Flame: node("all", 38, 214, false,
			node(pkg+"adserver.(*Service).serve", 24, 196, true,
				node(pkg+"internal/profile.(*Client).Get", 6, 175, true, node(pkg+"internal/profile.(*Client).read", 3, 171, true, node("google.golang.org/grpc.newClientStream", 2, 160, false))),
				node("encoding/json.Marshal", 12, 9, false)),
			node("runtime.main", 14, 18, false, node(pkg+"adserver.loadPlacements", 12, 13, true))),
		Notes: []string{"the two profiles are of different builds: functions are compared by name, lines are those of the newer one"},
	}
}
