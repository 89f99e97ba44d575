package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// code puts the code that a report is about into its bundle: the whole history
// where it is small enough, so that a replay blames lines as the investigation
// did, else the commits and the decision records alone. What was left out comes
// back as coverage.
func (x liveRecorder) code(ctx context.Context, scratch string, r report.Report, w *bundle.Writer) ([]evidence.Coverage, error) {
	if x.sources.Index == nil {
		return nil, nil
	}
	repositories := x.sources.Index.Repositories(servicesOf(r))
	err := x.histories(ctx, scratch, repositories, revisionsOf(r), w)
	if err == nil {
		return nil, nil
	}
	said := []evidence.Coverage{leftOut("history of the code", err)}
	if err := x.commits(ctx, repositories, r, w); err != nil {
		said = append(said, leftOut("commits and decisions", err))
	}
	return said, ctx.Err()
}

// leftOut says what a bundle lacks of the code, and why.
func leftOut(what string, err error) evidence.Coverage {
	return evidence.Coverage{Source: bundle.SourceCode, Query: what, Status: evidence.CoverageTruncated, Detail: "not in the bundle: " + err.Error()}
}

// histories puts git bundles of the repositories into the bundle, all or none.
func (x liveRecorder) histories(ctx context.Context, scratch string, repositories []blameindex.Repository, revisions []string, w *bundle.Writer) error {
	left := x.repository
	var files []string
	for i, r := range repositories {
		file := filepath.Join(scratch, fmt.Sprintf("history-%d", i))
		n, err := writeHistory(ctx, file, r, left, revisions)
		if err != nil {
			return err
		}
		left -= n
		files = append(files, file)
	}
	var places []bundle.CodePlace
	for i, r := range repositories {
		member := bundle.RepoFile
		if i > 0 {
			member = fmt.Sprintf("repo-%d.bundle", i+1)
		}
		if err := addFile(w, member, files[i]); err != nil {
			return err
		}
		for _, p := range r.Places {
			places = append(places, bundle.CodePlace{Member: member, Service: p.Service, Prefix: p.Prefix, BuildPrefixes: p.BuildPrefixes, URL: p.URL})
		}
	}
	w.Code(places)
	return nil
}

func writeHistory(ctx context.Context, file string, r blameindex.Repository, most int64, revisions []string) (int64, error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	err = r.WriteBundle(ctx, f, most, revisions)
	n, at := f.Seek(0, io.SeekEnd)
	return n, errors.Join(err, at, f.Close())
}

func addFile(w *bundle.Writer, member, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return errors.Join(w.File(member, f), f.Close(), os.Remove(file))
}

// mostCommits is more than an investigation asks for at once.
const mostCommits = 500

// commits puts in what the investigation asked about commits, and the decision
// records that held at the running revision.
func (x liveRecorder) commits(ctx context.Context, repositories []blameindex.Repository, r report.Report, w *bundle.Writer) error {
	var changes []evidence.Change
	for _, c := range r.Changes {
		changes = append(changes, c.Change)
	}
	seen := map[string]bool{}
	for _, q := range gather.CommitQueries(&weights.Or(nil).Gather, changes, r.Window.End, mostCommits) {
		found, err := x.sources.Index.Commits(ctx, q)
		if err != nil && !errors.Is(err, evidence.ErrNotFound) {
			return err
		}
		for _, c := range found {
			if seen[c.SHA] {
				continue
			}
			seen[c.SHA] = true
			if err := w.Commits(c); err != nil {
				return err
			}
		}
	}
	for i, repository := range repositories {
		files, err := repository.RecordFiles(ctx, revisionsOf(r))
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := w.File(path.Join(bundle.DecisionsDir, fmt.Sprint(i+1), f.Path), bytes.NewReader(f.Text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// revisionsOf are the revisions that a report names, those that ran first.
func revisionsOf(r report.Report) []string {
	var list []string
	for _, c := range r.Code {
		list = append(list, c.Ref.Revision)
	}
	for _, c := range r.Changes {
		list = append(list, c.Commit, c.To, c.From)
	}
	for _, c := range r.Causes {
		for _, k := range c.Commits {
			list = append(list, k.SHA)
		}
	}
	return list
}
