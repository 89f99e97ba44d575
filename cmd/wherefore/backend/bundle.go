package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// OpenBundle makes a bundle into everything that an engine reads from and the
// request that its alert makes. The engine sees nothing later than the end of
// the bundle's incident window, else than the alert. The caller ends it with
// done.
func OpenBundle(ctx context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	b, err := OpenReplay(path, visible)
	if err != nil {
		return s, req, nil, err
	}
	return BundleSources(ctx, path, b)
}

// Replay investigates a bundle's alert with the bundle as all sources. The same
// bundle, engine and weights give the same report.
func Replay(ctx context.Context, path string, o correlate.Options, say func(correlate.Progress)) (report.Report, error) {
	sources, req, done, err := openAhead(ctx, path)
	if err != nil {
		return report.Report{}, err
	}
	req.Progress = say
	r, err := correlate.New(sources, o).Investigate(ctx, req)
	return r, errors.Join(err, done())
}

// openAhead is OpenBundle for an investigation that comes at once: its members
// are read while its repository is unpacked. Ending it tells what was wrong with
// the members, where a person waits for the answer.
func openAhead(ctx context.Context, path string) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	b, err := OpenReplay(path, visible)
	if err != nil {
		return s, req, nil, err
	}
	b.ReadAhead()
	s, req, end, err := BundleSources(ctx, path, b)
	return s, req, func() error { return errors.Join(b.Check(), end()) }, err
}

// BundleSources makes an opened bundle into what [OpenBundle] gives.
func BundleSources(ctx context.Context, path string, b *bundle.Bundle) (s correlate.Sources, req correlate.Request, done func() error, err error) {
	m := b.Manifest()
	req = correlate.Request{Alert: filtered(b), Now: Arrival(b), Revision: 1, Reference: m.Reference, Candidates: m.Entities, Window: m.Chosen()}
	s = declared(b)
	records, err := besideRecords(b)
	if err != nil {
		return s, req, nil, errors.Join(fmt.Errorf("bundle %s: %w", path, err), b.Close())
	}
	if !b.Has(bundle.RepoFile) {
		if len(records) > 0 {
			s.Decisions = records
		}
		return s, req, b.Close, nil
	}
	code, end, err := openRepositories(ctx, b)
	if err != nil {
		return s, req, nil, errors.Join(fmt.Errorf("bundle %s: %w", path, err), b.Close())
	}
	s.Code, s.Decisions = code, recordedDecisions{code, records}
	return s, req, func() error { return errors.Join(end(), b.Close()) }, nil
}

// declared are the bundle's sources without those that its manifest says were
// not there to be asked: not configured is another answer than empty.
func declared(b *bundle.Bundle) correlate.Sources {
	s := correlate.Sources{Traces: b, Graph: b, Logs: b, Metrics: b, Exemplars: b, Rules: b, Changes: []correlate.ChangeSource{b}, Code: b, Decisions: b, Recorded: b}
	if b.Has(bundle.ProfilesDir) {
		s.Profiles = b
	}
	for source, drop := range map[string]func(){
		bundle.SourceTraces:    func() { s.Traces = nil },
		bundle.SourceGraph:     func() { s.Graph = nil },
		bundle.SourceLogs:      func() { s.Logs = nil },
		bundle.SourceMetrics:   func() { s.Metrics = nil },
		bundle.SourceExemplars: func() { s.Exemplars = nil },
		bundle.SourceRules:     func() { s.Rules = nil },
		bundle.SourceChanges:   func() { s.Changes = nil },
		bundle.SourceCode:      func() { s.Code = nil },
		bundle.SourceDecisions: func() { s.Decisions = nil },
	} {
		if !b.Configured(source) {
			drop()
		}
	}
	return s
}

// recordedDecisions is a decision index that knows the records that were kept
// beside the repository as well: one may have been written after the revision
// that is indexed.
type recordedDecisions struct {
	*blameindex.Source
	beside blameindex.Written
}

func (r recordedDecisions) Decision(ctx context.Context, id, service, revision string) (evidence.Decision, error) {
	d, err := r.Source.Decision(ctx, id, service, revision)
	if errors.Is(err, evidence.ErrNotFound) {
		return r.beside.Decision(ctx, id, service, revision)
	}
	return d, err
}

// besideRecords are the valid decision records of a bundle.
func besideRecords(b *bundle.Bundle) (blameindex.Written, error) {
	files, ok := b.Records()
	if !ok {
		return nil, nil
	}
	found, _, err := decision.ReadDir(files, "decisions", decision.DefaultVocabulary())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, decision.Record.Refused), nil
}

// openRepositories unpacks the source histories that a bundle carries into a
// folder that is gone when end is called.
func openRepositories(ctx context.Context, b *bundle.Bundle) (_ *blameindex.Source, end func() error, err error) {
	dir, err := os.MkdirTemp("", "wherefore-repo-")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	code := b.Manifest().Code
	if len(code) == 0 {
		code = []bundle.CodePlace{{Member: bundle.RepoFile}}
	}
	copied := map[string]string{}
	var places []blameindex.Place
	for _, c := range code {
		if copied[c.Member] == "" {
			copied[c.Member] = filepath.Join(dir, strings.ReplaceAll(c.Member, "/", "-"))
			if err := copyMember(b, c.Member, copied[c.Member]); err != nil {
				return nil, nil, err
			}
		}
		places = append(places, blameindex.Place{Service: c.Service, Repository: copied[c.Member], Prefix: c.Prefix, BuildPrefixes: c.BuildPrefixes, URL: c.URL})
	}
	source, err := blameindex.OpenGitBundles(ctx, places, dir, blameindex.Options{})
	if err != nil {
		// Where it was unpacked to says nothing to anybody.
		return nil, nil, errors.New(strings.ReplaceAll(evidence.Sentence(err), dir+string(filepath.Separator), ""))
	}
	return source, func() error { return errors.Join(source.Close(), os.RemoveAll(dir)) }, nil
}

func copyMember(b *bundle.Bundle, name, to string) error {
	r, err := b.Member(name)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// visible is the last instant that an investigation of a bundle may know of: when
// the kept report was made, else the Arrival of its alert.
func visible(b *bundle.Bundle) time.Time {
	at := Arrival(b)
	if seen := b.Manifest().Seen(); seen.After(at) {
		return seen
	}
	return at
}

// filtered is a bundle's alert as a server takes it in: without what fires by
// design, unless that is all.
func filtered(b *bundle.Bundle) evidence.Alert {
	if a, ok := alertmanager.WithoutIgnored(b.Alert(), alertmanager.DefaultIgnore()); ok {
		return a
	}
	return b.Alert()
}

// Arrival is the instant up to which a replay may look.
func Arrival(b *bundle.Bundle) time.Time {
	if w, ok := b.Manifest().Windows["incident"]; ok && !w.End.IsZero() {
		return w.End
	}
	if fired := filtered(b).Newest(); !fired.IsZero() {
		return fired
	}
	return b.Manifest().Data().End
}
