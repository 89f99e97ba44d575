package record

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// Profiles is where the profiles are that were taken.
type Profiles interface {
	// List is what is kept, by service, kind and start.
	List() ([]pprof.Kept, error)
}

// mostProfileBytes bounds the profiles of one recording.
const mostProfileBytes = 64 << 20

// profiles copies the profiles that are kept, as they came. Nothing is said where
// none are taken.
func (r *recorder) profiles(ctx context.Context) error {
	if r.Profiles == nil {
		return nil
	}
	left := int64(mostProfileBytes)
	_, err := r.ask(ctx, bundle.SourceProfiles, string(evidence.TopicProfiled), r.o.Window, func() (int, error) {
		list, err := r.Profiles.List()
		n := 0
		for _, k := range list {
			if len(r.o.Services) > 0 && !slices.Contains(r.o.Services, k.Service) {
				continue
			}
			if left -= k.Size; left < 0 {
				break
			}
			copied, err := r.copyProfile(k)
			if err != nil {
				return n, err
			}
			if copied {
				n++
			}
		}
		return n, err
	})
	return err
}

func (r *recorder) copyProfile(k pprof.Kept) (bool, error) {
	f, err := os.Open(k.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // dropped meanwhile
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	return true, r.w.Profile(k.Service, k.Kind, strconv.FormatInt(k.Start.UnixMilli(), 10)+"-"+string(k.Role), f)
}
