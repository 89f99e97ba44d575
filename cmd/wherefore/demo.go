package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

func demoCmd() *cobra.Command {
	var listen, bundles string
	var open bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole product on recorded incidents; needs no server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), listen, bundles, open)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to serve on; port 0 picks a free one")
	cmd.Flags().BoolVar(&open, "insecure-no-auth", false, "let anybody who reaches the address do everything, also beyond this machine")
	cmd.Flags().StringVar(&bundles, "bundles", "", "folder of evidence bundles to show instead of the recorded ones")
	return cmd
}

// demo serves the recorded incidents from a folder of its own, which is gone
// when it ends.
func demo(ctx context.Context, stdout, stderr io.Writer, listen, bundles string, open bool) (err error) {
	dir, err := os.MkdirTemp("", "wherefore-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if bundles == "" {
		bundles = filepath.Join(dir, "bundles")
		if err := os.CopyFS(bundles, fixtures.Recorded()); err != nil {
			return fmt.Errorf("unpacking the recorded incidents: %w", err)
		}
	}
	l, err := listenOn(ctx, listen)
	if err != nil {
		return err
	}
	cfg := config.Default()
	cfg.DataDir = filepath.Join(dir, "data")
	cfg.Investigate.Fold = 0 // every recording is shown by itself
	cfg.Listen, cfg.Access.InsecureNoAuth = l.Addr().String(), open
	cfg.Investigate.FollowUp = 0              // a recording has no later evidence
	cfg.Investigate.Timeout = 2 * time.Minute // on a busy machine too it is read whole
	cfg.Log = config.Log{Level: "warn", Format: "console"}
	cfg = demoConfig(cfg, l.Addr().String())
	r, err := openRecordings(ctx, bundles, cfg)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s, err := server.New(ctx, newLogger(stderr, cfg.Log), cfg, buildVersion(), r.connect)
	if err != nil {
		return errors.Join(err, l.Close(), r.close())
	}
	if err := r.accept(ctx, s.Book()); err != nil {
		return errors.Join(err, l.Close(), r.close())
	}
	if _, err := fmt.Fprintf(stdout, "wherefore shows %d recorded incidents at http://%s/  (stop with Ctrl-C)\n", len(r.byIncident), l.Addr()); err != nil {
		return errors.Join(err, l.Close(), r.close())
	}
	return s.Run(ctx, l)
}

// recordings are opened bundles by the incident that each is of.
type recordings struct {
	cfg   config.Config
	order []string // incidents that were recorded

	mu         sync.Mutex
	byIncident map[string]recording // what people ask besides included
}

type recording struct {
	path    string
	sources correlate.Sources
	request correlate.Request
	close   func() error
}

// openRecordings opens every bundle below a folder, in order of path.
func openRecordings(ctx context.Context, dir string, cfg config.Config) (_ *recordings, err error) {
	r := &recordings{cfg: cfg, byIncident: map[string]recording{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	paths, err := bundlesBelow(dir)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("--bundles: there is no bundle below %s, which is a folder with a manifest.json or a .tgz of one", dir)
	}
	for _, p := range paths {
		x := recording{path: p}
		if x.sources, x.request, x.close, err = backend.OpenBundle(ctx, p); err != nil {
			return nil, err
		}
		id := x.request.Alert.IncidentID()
		if other, taken := r.byIncident[id]; taken {
			_ = x.close()
			return nil, fmt.Errorf("%s and %s are of the same incident %s; keep one", other.path, p, id)
		}
		r.byIncident[id] = x
		r.order = append(r.order, id)
	}
	return r, nil
}

// bundlesBelow lists directories with a manifest.json and .tgz files.
func bundlesBelow(dir string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "manifest.json":
			paths = append(paths, filepath.Dir(p))
		case !d.IsDir() && strings.HasSuffix(p, ".tgz"):
			paths = append(paths, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("--bundles: %w", err)
	}
	sort.Strings(paths)
	return paths, nil
}

func (r *recordings) close() error {
	var err error
	for _, id := range r.order {
		err = errors.Join(err, r.byIncident[id].close())
	}
	return err
}

// accept hands every recording's alert to the casebook, as its webhook would.
func (r *recordings) accept(ctx context.Context, book casebook.Store) error {
	for _, id := range r.order {
		if _, err := book.AcceptRecorded(ctx, r.byIncident[id].request.Alert); err != nil {
			return fmt.Errorf("%s: %w", r.byIncident[id].path, err)
		}
	}
	return nil
}

// connect is a server.Connect that replays the bundle of each incident.
func (r *recordings) connect(_ context.Context, _ config.Config, book casebook.TenantStore) (*server.Backend, error) {
	return &server.Backend{
		Investigate: func(ctx context.Context, j casebook.Job, say func(correlate.Progress)) (report.Report, error) {
			x, known := r.of(j.Incident)
			if !known {
				return report.Report{}, fmt.Errorf("no recording of %s: %w", j.Incident, evidence.ErrInvalid)
			}
			req := x.request
			req.Revision, req.Progress = j.Revision, say
			if !j.Window.IsZero() {
				req.Window = j.Window
			}
			return correlate.New(x.sources, backend.ReplayOptions(r.cfg, buildVersion())).Investigate(ctx, req)
		},
		Record: r.record,
		Ports:  r.ports(book),
		Close:  r.close,
	}, nil
}

// ports look code and decisions up in the histories that the recordings carry,
// each as far as it went when it was recorded.
func (r *recordings) ports(book casebook.TenantStore) server.Ports {
	var indexes []*blameindex.Source
	byTime := slices.SortedStableFunc(slices.Values(r.order), func(a, b string) int {
		return r.byIncident[a].request.Now.Compare(r.byIncident[b].request.Now)
	})
	for _, id := range byTime {
		if index, ok := r.byIncident[id].sources.Code.(*blameindex.Source); ok {
			indexes = append(indexes, index)
		}
	}
	p := server.Ports{}
	if len(indexes) > 0 {
		p = server.CodePorts(book, indexes...)
	}
	p.Links = r.cfg.Links
	p.Accepts = r.accepts
	p.Recorded = func(incident string) time.Time {
		x, _ := r.of(incident)
		return x.request.Now
	}
	return p
}

// record is a server.RecordBundle: the recording itself.
func (r *recordings) record(_ context.Context, _, incident string, _ int, w io.Writer, _ func(context.Context)) error {
	x, known := r.of(incident)
	if !known {
		return fmt.Errorf("there is no recording of incident %s: %w", incident, evidence.ErrNotFound)
	}
	if !strings.HasSuffix(x.path, ".tgz") {
		return bundle.Pack(x.path, w)
	}
	f, err := os.Open(x.path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}
