package blob

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"

	"github.com/mitral-health/mitral/platform/fault"
)

// bucket starts a server that speaks S3 over HTTP, with one bucket.
func bucket(t *testing.T, start func(*httptest.Server), prefix string) *S3Store {
	t.Helper()
	server := s3Server(t, start)
	cfg := S3Config{Endpoint: server.URL, Region: "eu-west-1", Bucket: "orlena", Key: "key", Secret: "secret", Folder: prefix}
	if cert := server.Certificate(); cert != nil {
		cfg.Roots = x509.NewCertPool()
		cfg.Roots.AddCert(cert)
	}
	s, err := S3(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("ping without bucket: %v", err)
	}
	if err := s.client.MakeBucket(t.Context(), "orlena", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// s3Server starts a server that speaks S3, with nothing in it.
func s3Server(t *testing.T, start func(*httptest.Server)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(gofakes3.New(s3mem.New()).Server())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	start(server)
	t.Cleanup(server.Close)
	return server
}

func TestS3KeepsToItsFolder(t *testing.T) {
	s := bucket(t, (*httptest.Server).Start, "media")
	other, err := S3(S3Config{Endpoint: "http://" + s.client.EndpointURL().Host, Region: "eu-west-1", Bucket: "orlena", Key: "k", Secret: "s", Folder: "other"})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "f", "mine", "text/plain")
	if _, _, err := other.Get(t.Context(), "f"); !fault.Is(err, fault.NotFound) {
		t.Errorf("other folder: %v", err)
	}
	if err := other.List(t.Context(), func(key string, _ int64) error { return fmt.Errorf("saw %s", key) }); err != nil {
		t.Error(err)
	}
}

func TestS3Away(t *testing.T) {
	s := bucket(t, (*httptest.Server).Start, "")
	gone, err := S3(S3Config{Endpoint: "http://127.0.0.1:1", Region: "eu-west-1", Bucket: "orlena", Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	s.client = gone.client
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Put(ctx, "f", strings.NewReader("x"), 1, "text/plain"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("put: %v", err)
	}
	if _, _, err := s.Get(ctx, "f"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("get: %v", err)
	}
}

func TestS3WantsAKnownServer(t *testing.T) {
	server := s3Server(t, (*httptest.Server).StartTLS)
	s, err := S3(S3Config{Endpoint: server.URL, Region: "eu-west-1", Bucket: "orlena", Key: "key", Secret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("talked to a server that nobody vouches for: %v", err)
	}
}

func TestS3RefusesSettings(t *testing.T) {
	for name, cfg := range map[string]S3Config{
		"no address":  {Bucket: "b"},
		"no scheme":   {Endpoint: "s3.example.org", Bucket: "b"},
		"with a path": {Endpoint: "https://s3.example.org/b", Bucket: "b"},
		"no bucket":   {Endpoint: "https://s3.example.org"},
		"bad folder":  {Endpoint: "https://s3.example.org", Bucket: "b", Folder: "../b"},
	} {
		if _, err := S3(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
