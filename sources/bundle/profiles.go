package bundle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// mostProfiles bounds the profiles of one bundle.
const mostProfiles = 500

// ProfileName is the member for a service's profile of a kind; when tells several
// of a kind apart.
func ProfileName(service string, kind evidence.ProfileKind, when string) string {
	return path.Join(ProfilesDir, pprof.FileName(service, kind, when))
}

// Profiled implements the engine's port: the services below profiles/.
func (b *Bundle) Profiled(ctx context.Context) ([]string, error) {
	if err := b.replay(ctx, SourceProfiles, "services"); err != nil {
		return nil, err
	}
	all, err := b.profile.get(b.readProfiles)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, evidence.ErrUnavailable)
	}
	var names []string
	for _, p := range all {
		if !slices.Contains(names, p.Service) {
			names = append(names, p.Service)
		}
	}
	return names, nil
}

// Profiles implements the engine's port over the members below profiles/.
func (b *Bundle) Profiles(ctx context.Context, q evidence.ProfileQuery) ([]evidence.Profile, bool, error) {
	if err := b.replay(ctx, SourceProfiles, q.String()); err != nil {
		return nil, false, err
	}
	all, err := b.profile.get(b.readProfiles)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", err, evidence.ErrUnavailable)
	}
	var seen []evidence.Profile
	for _, p := range all {
		if !b.hidden(p.End()) {
			seen = append(seen, p)
		}
	}
	list, truncated := pprof.Newest(seen, q)
	return list, truncated, nil
}

// readProfiles reads every profile, in order of service, kind and start.
func (b *Bundle) readProfiles() ([]evidence.Profile, error) {
	entries, err := fs.ReadDir(b.root.FS(), ProfilesDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault(ProfilesDir, 0, "cannot be read: %s", brief(err))
	}
	if len(entries) > mostProfiles {
		return nil, fault(ProfilesDir, 0, "has %d members, more than %d", len(entries), mostProfiles)
	}
	var list []evidence.Profile
	lost := b.tally(SourceProfiles)
	for _, e := range entries {
		name := path.Join(ProfilesDir, e.Name())
		if _, listed := b.manifest.SHA256[name]; len(b.manifest.SHA256) > 0 && !listed {
			return nil, fault(name, 0, "is not listed in the manifest's sha256")
		}
		p, why, err := b.readProfile(name)
		if err != nil {
			return nil, err
		}
		if why != "" {
			lost.Add(lostProfile(why), "")
			continue
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b evidence.Profile) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind), a.Start.Compare(b.Start))
	})
	return list, nil
}

// readProfile reads one profile, or says why it is left out.
func (b *Bundle) readProfile(name string) (p evidence.Profile, why string, err error) {
	service, _, ok := pprof.ParseFileName(path.Base(name))
	if !ok {
		return p, "is not named SERVICE.KIND.WHEN" + pprof.Suffix, nil
	}
	r, err := b.Member(name)
	if err != nil {
		return p, "", err
	}
	defer r.Close()
	if p, err = pprof.Parse(r); errors.Is(err, evidence.ErrInvalid) {
		return p, evidence.Sentence(err), nil
	}
	if err != nil {
		return p, "", fault(name, 0, "%s", brief(err))
	}
	p.Service = service
	return p, "", nil
}

// lostProfile is a profile that costs itself, with the reason.
func lostProfile(why string) evidence.LossKind {
	why = evidence.Excerpt(why, 120)
	return evidence.LossKind{One: "profile was left out: it " + why, Many: "profiles were left out: each " + why}
}

// Profile writes a profile as it came, in pprof's format.
func (w *Writer) Profile(service string, kind evidence.ProfileKind, when string, raw io.Reader) error {
	if w.err != nil {
		return w.err
	}
	var m *memberWriter
	if m, w.err = w.member(ProfileName(service, kind, when), false); w.err == nil {
		_, w.err = io.Copy(m, raw)
	}
	return w.err
}
