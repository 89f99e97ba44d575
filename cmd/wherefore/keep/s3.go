package keep

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7" // the well-kept S3 client: signatures, multipart, retries
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// S3 is an object store with Amazon's interface, and a place in it.
type S3 struct {
	// Address of the store, as https://s3.eu-central-1.amazonaws.com.
	Address string `yaml:"address"`
	Bucket  string `yaml:"bucket"`
	// Prefix begins the names of all objects.
	Prefix string `yaml:"prefix"`
	Region string `yaml:"region"`
	// AccessKey and SecretKey; without them those of the environment are used, or
	// of the machine's role.
	AccessKey endpoint.Secret `yaml:"access_key"`
	SecretKey endpoint.Secret `yaml:"secret_key"`
}

// Open connects, and fails where the bucket cannot be reached.
func (c S3) Open(ctx context.Context) (Store, error) {
	u, err := url.Parse(c.Address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("evidence.store.address is not one such as https://s3.eu-central-1.amazonaws.com")
	}
	who := credentials.NewStaticV4(string(c.AccessKey), string(c.SecretKey), "")
	if c.AccessKey == "" {
		who = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{Client: http.DefaultClient}})
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: who, Secure: u.Scheme == "https", Region: c.Region})
	if err != nil {
		return nil, fmt.Errorf("evidence.store: %w", err)
	}
	there, err := client.BucketExists(ctx, c.Bucket)
	switch {
	case err != nil:
		return nil, fmt.Errorf("evidence.store: bucket %q at %s cannot be asked: %w", c.Bucket, u.Host, err)
	case !there:
		return nil, fmt.Errorf("evidence.store: there is no bucket %q at %s; make it, or name another", c.Bucket, u.Host)
	}
	return &objects{client: client, bucket: c.Bucket, prefix: strings.Trim(c.Prefix, "/")}, nil
}

// objects is a Store in a bucket.
type objects struct {
	client         *minio.Client
	bucket, prefix string
}

func (o *objects) key(name string) string { return path.Join(o.prefix, name) }

// Put sends a file; an object is there whole or not at all.
func (o *objects) Put(ctx context.Context, name, file string) error {
	_, err := o.client.FPutObject(ctx, o.bucket, o.key(name), file, minio.PutObjectOptions{ContentType: "application/gzip"})
	return err
}

// Open opens an object; what is read of it is fetched as it is read.
func (o *objects) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if _, err := o.client.StatObject(ctx, o.bucket, o.key(name), minio.StatObjectOptions{}); err != nil {
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		return nil, err
	}
	return o.client.GetObject(ctx, o.bucket, o.key(name), minio.GetObjectOptions{})
}

// Remove removes an object.
func (o *objects) Remove(ctx context.Context, name string) error {
	return o.client.RemoveObject(ctx, o.bucket, o.key(name), minio.RemoveObjectOptions{})
}

// Sizes lists the bundles below the prefix.
func (o *objects) Sizes(ctx context.Context) (map[string]int64, error) {
	sizes := map[string]int64{}
	for x := range o.client.ListObjects(ctx, o.bucket, minio.ListObjectsOptions{Prefix: o.key("INC-"), Recursive: true}) {
		if x.Err != nil {
			return nil, x.Err
		}
		if name := path.Base(x.Key); strings.HasSuffix(name, suffix) {
			sizes[name] = x.Size
		}
	}
	return sizes, nil
}
