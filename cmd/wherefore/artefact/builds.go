package artefact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// Builds digests files that were built from one revision. One file under two names,
// or with nothing in it, is an error: it would always be equal.
func Builds(files []string) (*maturity.Builds, error) {
	out := &maturity.Builds{}
	var infos []os.FileInfo
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			return nil, err //nolint:wrapcheck // names the file
		}
		if st.Size() == 0 {
			return nil, fmt.Errorf("%s: the build is empty", f)
		}
		for j, other := range infos {
			if os.SameFile(st, other) {
				return nil, fmt.Errorf("--build %s and --build %s are the same file: build twice, each time into a folder of its own", files[j], f)
			}
		}
		infos = append(infos, st)
		sum, err := digest(f)
		if err != nil {
			return nil, err
		}
		out.Names, out.SHA256 = append(out.Names, f), append(out.SHA256, sum)
	}
	return out, nil
}

func digest(file string) (sum string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err //nolint:wrapcheck // names the file
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err //nolint:wrapcheck // names the file
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
