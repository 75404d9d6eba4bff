package blob

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/logs"
)

// S3Config says where a bucket is. The bucket must exist and must not be public.
type S3Config struct {
	Endpoint string // "https://s3.example.org", no path; http only for tests and one's own machine
	Region   string // may be empty where the store has none
	Bucket   string
	Key      string // access key id
	Secret   logs.Secret
	Roots    *x509.CertPool // who may vouch for the store; nil: the system's list
	Folder   string         // what keys start with in the bucket, without slash at the end; may be empty
}

// S3Store keeps files in a bucket.
type S3Store struct {
	client         *minio.Client
	bucket, prefix string
}

// S3 returns a store in a bucket. It does not connect yet; Ping does.
func S3(cfg S3Config) (*S3Store, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || cfg.Bucket == "" {
		return nil, fault.New(fault.Invalid, "The file store needs an address like https://s3.example.org and a bucket.")
	}
	prefix := ""
	if cfg.Folder != "" {
		if err := check(cfg.Folder); err != nil {
			return nil, err
		}
		prefix = cfg.Folder + "/"
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "file store's transport")
	}
	if transport.TLSClientConfig != nil {
		transport.TLSClientConfig.RootCAs = cfg.Roots
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(cfg.Key, string(cfg.Secret), ""),
		Secure:     u.Scheme == "https",
		Region:     cfg.Region,
		Transport:  transport,
		MaxRetries: 3, // who waits for a page waits for this
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The file store needs an address like https://s3.example.org and a bucket.")
	}
	return &S3Store{client: client, bucket: cfg.Bucket, prefix: prefix}, nil
}

// Ping reports whether the store answers and has the bucket.
func (s *S3Store) Ping(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !ok {
		err = errors.New("no such bucket")
	}
	return broken(err)
}

// Put uploads a file; the store shows it once it is complete.
func (s *S3Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := errors.Join(check(key), checkType(contentType), checkSize(size)); err != nil {
		return err
	}
	var body io.Reader = &exactly{r: r, left: size}
	if size == 0 { // the client does not read what it is told is empty
		if _, err := body.Read(nil); !errors.Is(err, io.EOF) {
			return err
		}
		body = bytes.NewReader(nil) // a reader that it knows to be empty
	}
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, body, size, minio.PutObjectOptions{
		ContentType:          contentType,
		DisableContentSha256: size == 0, // over plain http the client would sign nothing in a form that servers refuse
	})
	return s.fault(err)
}

// Get asks for a file; its bytes come as they are read.
func (s *S3Store) Get(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := check(key); err != nil {
		return nil, Info{}, err
	}
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, s.fault(err)
	}
	info, err := o.Stat()
	if err != nil {
		return nil, Info{}, s.fault(errors.Join(err, o.Close()))
	}
	return o, Info{info.Size, info.ContentType, info.LastModified.UTC()}, nil
}

// Delete removes a file.
func (s *S3Store) Delete(ctx context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	return s.fault(s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{}))
}

// List asks for the names page by page.
func (s *S3Store) List(ctx context.Context, visit func(key string, size int64) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when visit stops it
	defer cancel()
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return s.fault(o.Err)
		}
		key := strings.TrimPrefix(o.Key, s.prefix)
		if !ValidKey(key) {
			continue // somebody else's
		}
		if err := visit(key, o.Size); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fault sorts what the client says. Faults of our own reader and a context that ended pass.
func (s *S3Store) fault(err error) error {
	var f *fault.Error
	switch {
	case err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case asked(err, http.StatusNotFound, minio.NoSuchKey):
		return missing(err)
	}
	return broken(err)
}

// asked reports that the store answered with this status about a file, not about the bucket.
func asked(err error, status int, code string) bool {
	var e minio.ErrorResponse
	return errors.As(err, &e) && e.StatusCode == status && e.Code == code
}
