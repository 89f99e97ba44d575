package pprof

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/pprof/profile"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Group is several processes of one service, asked at the same time and joined to
// one profile: a fault may be in one of them alone. It is safe for concurrent use.
type Group struct{ clients []*Client }

// mostProcesses bounds how many processes of a service are asked; the first that
// the configuration names.
const mostProcesses = 8

// Groups are the clients by service, in the order of the configuration.
func Groups(clients []*Client) []*Group {
	var list []*Group
	for _, c := range clients {
		i := slices.IndexFunc(list, func(g *Group) bool { return g.Name() == c.Name() })
		if i < 0 {
			i, list = len(list), append(list, &Group{})
		}
		list[i].clients = append(list[i].clients, c)
	}
	return list
}

// Name is the service.
func (g *Group) Name() string { return g.clients[0].Name() }

// Kinds are the kinds of profile that are taken, in the order of taking.
func (g *Group) Kinds() []evidence.ProfileKind { return g.clients[0].Kinds() }

// Take takes a profile of every process and joins them. It fails where none gives
// one; who of several gave none is noted in the profile.
func (g *Group) Take(ctx context.Context, kind evidence.ProfileKind) ([]byte, evidence.Profile, error) {
	if len(g.clients) == 1 {
		return g.clients[0].Take(ctx, kind)
	}
	asked := g.clients[:min(len(g.clients), mostProcesses)]
	type answer struct {
		raw []byte
		p   evidence.Profile
		err error
	}
	answers := make([]answer, len(asked))
	var taking sync.WaitGroup
	for i, c := range asked {
		taking.Go(func() { answers[i].raw, answers[i].p, answers[i].err = c.Take(ctx, kind) })
	}
	taking.Wait()
	var parts [][]byte
	var failed []error
	var notes []string
	for _, a := range answers {
		if a.err != nil {
			failed = append(failed, a.err)
			continue
		}
		parts = append(parts, a.raw)
		if kind == evidence.ProfileWait && len(notes) == 0 { // made here, of one of them
			for _, n := range a.p.Notes {
				notes = append(notes, "of one process: "+n)
			}
		}
	}
	if len(parts) == 0 {
		return nil, evidence.Profile{}, failed[0]
	}
	if n := len(g.clients) - len(asked); n > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d processes were asked", len(asked), len(g.clients)))
	}
	if len(failed) > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d processes gave no profile: %s", len(failed), len(asked), evidence.Sentence(failed[0])))
	}
	raw, p, err := join(parts, notes)
	p.Service = g.Name()
	return raw, p, err
}

// Ping takes the cheapest profile of every process.
func (g *Group) Ping(ctx context.Context) error {
	for _, c := range g.clients {
		if err := c.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notes that this program writes into a profile, among its comments.
const (
	noteProcesses = "wherefore: processes="
	noteSaid      = "wherefore: "
	noteBuilds    = "wherefore: builds=several"
	// severalBuilds stands for the build of processes that run different ones.
	severalBuilds = "several"
	mostNotes     = 4
)

// join adds profiles of one kind up, as one that tells of how many processes it is.
func join(parts [][]byte, notes []string) ([]byte, evidence.Profile, error) {
	var list []*profile.Profile
	longest, builds := int64(0), map[string]bool{}
	for _, raw := range parts {
		raw, err := unpack(bytes.NewReader(raw))
		if err != nil {
			return nil, evidence.Profile{}, err
		}
		p, err := parseRaw(raw)
		if err != nil {
			return nil, evidence.Profile{}, err
		}
		p.Comments = nil // what a process says of itself is no note of ours
		if len(p.Mapping) > 0 {
			builds[p.Mapping[0].BuildID] = true
		}
		longest = max(longest, p.DurationNanos)
		list = append(list, p)
	}
	sum, err := profile.Merge(list)
	if err != nil {
		return nil, evidence.Profile{}, fmt.Errorf("profiles of several processes cannot be joined: %s: %w", evidence.Sentence(err), evidence.ErrUnavailable)
	}
	sum.DurationNanos = longest // they ran at the same time
	sum.Comments = []string{noteProcesses + strconv.Itoa(len(list))}
	if len(builds) > 1 {
		sum.Comments = append(sum.Comments, noteBuilds)
		notes = append(notes, "its processes run different builds")
	}
	for _, n := range notes {
		sum.Comments = append(sum.Comments, noteSaid+n)
	}
	var out bytes.Buffer
	if err := sum.Write(&out); err != nil {
		return nil, evidence.Profile{}, err
	}
	p, err := Parse(bytes.NewReader(out.Bytes()))
	return out.Bytes(), p, err
}

// readNotes takes the notes of this program out of a profile's comments.
func readNotes(out *evidence.Profile, comments []string) {
	for _, c := range comments[:min(len(comments), 2+mostNotes)] {
		if n, ok := strings.CutPrefix(c, noteProcesses); ok {
			if k, err := strconv.Atoi(n); err == nil && k > 0 && k <= mostProcesses {
				out.Processes = k
			}
			continue
		}
		if c == noteBuilds {
			out.Build = severalBuilds
			continue
		}
		if said, ok := strings.CutPrefix(c, noteSaid); ok && len(out.Notes) < mostNotes {
			out.Notes = append(out.Notes, cut(said, maxName))
		}
	}
}
