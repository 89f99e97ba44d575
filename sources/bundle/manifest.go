package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Version is the format version that this package reads and writes.
const Version = 1

// Members of a bundle. Each but the manifest and the alert is optional, and
// each but the manifest may be gzipped under its name with ".gz" appended.
const (
	ManifestFile = "manifest.json"
	AlertFile    = "alert.json"
	SpansFile    = "spans.jsonl"
	LogsFile     = "logs.jsonl"
	MetricsFile  = "metrics.om"
	GraphFile    = "graph.jsonl"
	RulesFile    = "rules.json"
	ChangesFile  = "changes.jsonl"
	CommitsFile  = "commits.jsonl"
	RepoFile     = "repo.bundle"
	CoverageFile = "coverage.json"
	DecisionsDir = "decisions"
	ProfilesDir  = "profiles"
	labelFile    = "label.json"
	gzipSuffix   = ".gz"
	maxManifest  = 16 << 20
	windowData   = "data"

	// WindowChosen names the window that a person chose.
	WindowChosen = "chosen"
	// WindowSeen names the window that ends when the report was made.
	WindowSeen = "seen"

	earlierPrefix = "earlier_"
)

// Manifest says what a bundle is.
type Manifest struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Dataset string `json:"dataset,omitempty"`
	// Windows are named time ranges: "data" is all that was recorded,
	// "incident" and "baseline" what the recording took them to be, and
	// "earlier_1d", "earlier_7d" the same hour so many days before, of which
	// there are metrics only. "chosen" is the incident window where a person chose
	// it instead of leaving it to the data. "seen" ends when the report was made that
	// the bundle is the evidence of.
	Windows map[string]evidence.Window `json:"windows,omitempty"`
	// Reference windows are known to be free of faults.
	Reference []evidence.Window `json:"reference,omitempty"`
	// Entities are all that may be blamed; empty means whatever is seen.
	Entities []string `json:"entities,omitempty"`
	// NotConfigured are the sources that were not there to be asked, by the names
	// of the Source constants: a data set without logs, a team without traces. A
	// source that is neither here nor a member is missing.
	NotConfigured []string `json:"not_configured,omitempty"`
	// Code says which member holds the history of which service's code; empty
	// means RepoFile for all services.
	Code []CodePlace `json:"code,omitempty"`
	Tool string      `json:"tool,omitempty"` // what wrote the bundle, with its version
	// SHA256 maps a member's file name to the hex digest of the file's bytes. A
	// gzipped member may stand under its plain name with the digest of its
	// content instead. Empty means that nothing is checked.
	SHA256 map[string]string `json:"sha256,omitempty"`
	// Redactions counts what was masked on writing, by kind.
	Redactions map[string]int `json:"redactions,omitempty"`
}

// CodePlace is where a service's code is.
type CodePlace struct {
	Member  string `json:"member"`            // a git bundle
	Service string `json:"service,omitempty"` // empty for all without a place of their own
	Prefix  string `json:"prefix,omitempty"`  // directory in the repository
	// BuildPrefixes maps prefixes of paths on the build machine to directories of
	// the repository.
	BuildPrefixes map[string]string `json:"build_prefixes,omitempty"`
	URL           string            `json:"url,omitempty"` // of a commit's page, with {sha}
}

// Chosen is the incident window that a person chose, zero when nobody did.
func (m Manifest) Chosen() evidence.Window { return m.Windows[WindowChosen] }

// Seen is when the report was made that the bundle is the evidence of, zero where
// there was none: what had happened by then could be seen, though it ended after the
// alert.
func (m Manifest) Seen() time.Time { return m.Windows[WindowSeen].End }

// Data is the window of all that was recorded, zero when the manifest does not
// say.
func (m Manifest) Data() evidence.Window { return m.Windows[windowData] }

// EarlierWindow names the window of the same hour some days before.
func EarlierWindow(days int) string { return fmt.Sprintf("%s%dd", earlierPrefix, days) }

// Holds reports whether the recording has metrics of an earlier day in a window.
func (b *Bundle) Holds(w evidence.Window) bool {
	for name, have := range b.manifest.Windows {
		if strings.HasPrefix(name, earlierPrefix) && have.Start.Before(w.End) && w.Start.Before(have.End) {
			return true
		}
	}
	return false
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func readManifest(fsys fs.FS) (Manifest, error) {
	var m Manifest
	info, err := fs.Stat(fsys, ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is missing, so this is no bundle: %w", ManifestFile, evidence.ErrInvalid)
	}
	if err != nil {
		return m, err
	}
	if info.Size() > maxManifest {
		return m, fmt.Errorf("%s has %d bytes, more than %d: %w", ManifestFile, info.Size(), maxManifest, evidence.ErrInvalid)
	}
	b, err := fs.ReadFile(fsys, ManifestFile)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fault(ManifestFile, 0, "is not a manifest: %s", brief(err))
	}
	return m, m.validate()
}

func (m Manifest) validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s: %w", ManifestFile, fmt.Sprintf(format, args...), evidence.ErrInvalid)
	}
	if m.Version != Version {
		return bad("version %d is not supported, only %d", m.Version, Version)
	}
	if m.ID == "" {
		return bad("id is empty")
	}
	for i, w := range m.Reference {
		if w.Duration() == 0 {
			return bad("reference window %d ends at %s, not after its start", i+1, w.End.Format(time.RFC3339))
		}
	}
	services := map[string]bool{}
	for _, p := range m.Code {
		if !fs.ValidPath(p.Member) || services[p.Service] {
			return bad("code of service %q is listed twice or in no member", p.Service)
		}
		services[p.Service] = true
	}
	for _, s := range m.NotConfigured {
		if !slices.Contains(allSources, s) {
			return bad("not_configured names %q, which is none of %s", s, strings.Join(allSources, ", "))
		}
	}
	seen := make(map[string]bool, len(m.Entities))
	for _, e := range m.Entities {
		if e == "" || seen[e] {
			return bad("entity %q is empty or listed twice", e)
		}
		seen[e] = true
	}
	for name, sum := range m.SHA256 {
		if !sha256Hex.MatchString(sum) {
			return bad("sha256 of %q is not 64 lower-case hex digits", name)
		}
		if !fs.ValidPath(name) {
			return bad("member name %q is not a plain relative path", name)
		}
	}
	return nil
}
