package keep_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
)

// stores are a folder, and a bucket of a server that speaks S3 over HTTP.
func stores(t *testing.T) map[string]keep.Store {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("evidence"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	bucket, err := keep.S3{Address: server.URL, Bucket: "evidence", Prefix: "wherefore/", Region: "us-east-1", AccessKey: "key", SecretKey: "secret"}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]keep.Store{"folder": keep.Folder(t.TempDir()), "bucket": bucket}
}

func TestBundlesAreKeptInAFolderOrABucket(t *testing.T) {
	for kind, s := range stores(t) {
		t.Run(kind, func(t *testing.T) {
			ctx := t.Context()
			dir := t.TempDir()
			if _, err := s.Open(ctx, "INC-1-r1.tgz"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want fs.ErrNotExist", err)
			}
			if err := s.Remove(ctx, "INC-1-r1.tgz"); err != nil {
				t.Errorf("removing what is not there: %v", err)
			}
			for name, content := range map[string]string{"INC-1-r1.tgz": strings.Repeat("one", 100_000), "INC-2-r1.tgz": "two"} {
				file := filepath.Join(dir, "part")
				if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := s.Put(ctx, name, file); err != nil {
					t.Fatal(err)
				}
				f, err := s.Open(ctx, name)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.Seek(1, io.SeekStart); err != nil {
					t.Error(err)
				}
				if got, err := io.ReadAll(f); err != nil || string(got) != content[1:] {
					t.Errorf("got %d bytes (%v), want %d", len(got), err, len(content)-1)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := s.Remove(ctx, "INC-2-r1.tgz"); err != nil {
				t.Error(err)
			}
			sizes, err := s.Sizes(ctx)
			if err != nil || len(sizes) != 1 || sizes["INC-1-r1.tgz"] != 300_000 {
				t.Errorf("got %v (%v), want the first alone", sizes, err)
			}
		})
	}
}

func TestABucketThatIsNotThereIsSaidAtTheStart(t *testing.T) {
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	t.Cleanup(server.Close)
	for address, want := range map[string]string{server.URL: "there is no bucket", away.URL: "cannot be asked", "s3.example": "is not one such as", "https://key:sesame@s3.example": "is not one such as"} {
		_, err := keep.S3{Address: address, Bucket: "none", Region: "us-east-1", AccessKey: "key", SecretKey: "secret"}.Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
}
