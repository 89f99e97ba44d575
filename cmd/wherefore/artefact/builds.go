package artefact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// Builds digests files that were built from one revision.
func Builds(files []string) (*maturity.Builds, error) {
	out := &maturity.Builds{}
	for _, f := range files {
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
