package bundle

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Limits bound what a bundle may cost to open. A zero field means the default.
type Limits struct {
	Files       int   // members of an archive, default 4096
	MemberBytes int64 // one member after decompression, default 1 GiB
	TotalBytes  int64 // an archive after decompression, default 2 GiB
	Spans       int   // default 2,000,000
	LogLines    int   // default 5,000,000
	Samples     int   // default 20,000,000
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set64 := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Files, 4096)
	set64(&l.MemberBytes, 1<<30)
	set64(&l.TotalBytes, 2<<30)
	set(&l.Spans, 2_000_000)
	set(&l.LogLines, 5_000_000)
	set(&l.Samples, 20_000_000)
	return l
}

// unpack writes a .tgz below a new temporary directory and returns it. The
// caller removes it, on error too when it is not empty.
func unpack(file string, l Limits) (dir string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return "", fmt.Errorf("not a gzipped archive (%v); give a bundle's directory or a .tgz of one: %w", err, evidence.ErrInvalid)
	}
	dir, err = os.MkdirTemp("", "wherefore-bundle-")
	if err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return dir, err
	}
	defer root.Close()
	x := extraction{root: root, limits: l, prefix: "?"}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir, nil
		}
		if err != nil {
			return dir, fmt.Errorf("archive is broken after %d members (%v); fetch or record it again: %w", x.files, err, evidence.ErrInvalid)
		}
		if err := x.member(h, r); err != nil {
			return dir, err
		}
	}
}

// extraction is the state of unpacking one archive.
type extraction struct {
	root   *os.Root
	limits Limits
	files  int
	total  int64
	// prefix is the one leading directory that all members share, "" for none,
	// "?" before the first member.
	prefix string
}

func (x *extraction) member(h *tar.Header, r io.Reader) error {
	refuse := func(why string) error {
		return fmt.Errorf("archive member %.120q %s: %w", h.Name, why, evidence.ErrInvalid)
	}
	switch h.Typeflag {
	case tar.TypeXGlobalHeader:
		return nil
	case tar.TypeDir, tar.TypeReg:
	default:
		return refuse("is a link or a device; only files and directories are accepted")
	}
	name := strings.TrimPrefix(strings.TrimSuffix(h.Name, "/"), "./")
	if name == "" || name == "." {
		return nil
	}
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return refuse("has a path that leaves the bundle")
	}
	if x.files++; x.files > x.limits.Files {
		return fmt.Errorf("archive has more than %d members: %w", x.limits.Files, evidence.ErrInvalid)
	}
	if h.Typeflag == tar.TypeDir {
		return nil
	}
	name = x.strip(name)
	if name == labelFile {
		return nil // ground truth has no place in an investigation
	}
	if h.Size > x.limits.MemberBytes {
		return refuse(fmt.Sprintf("has %d bytes, more than %d", h.Size, x.limits.MemberBytes))
	}
	if x.total += h.Size; x.total > x.limits.TotalBytes {
		return fmt.Errorf("archive unpacks to more than %d bytes: %w", x.limits.TotalBytes, evidence.ErrInvalid)
	}
	if d := path.Dir(name); d != "." {
		if err := x.root.MkdirAll(d, 0o700); err != nil {
			return refuse(fmt.Sprintf("cannot be unpacked: %v", err))
		}
	}
	f, err := x.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return refuse("occurs twice")
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return fmt.Errorf("archive is broken in member %.120q (%v); fetch or record it again: %w", h.Name, err, evidence.ErrInvalid)
	}
	return f.Close()
}

// strip removes the leading directory that people's archives usually have. It
// is settled by the first file seen.
func (x *extraction) strip(name string) string {
	if x.prefix == "?" {
		x.prefix = ""
		if first, rest, ok := strings.Cut(name, "/"); ok && first != DecisionsDir && first != ProfilesDir && rest != "" {
			x.prefix = first + "/"
		}
	}
	return strings.TrimPrefix(name, x.prefix)
}
