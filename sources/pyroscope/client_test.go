package pyroscope_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/pyroscope"
	"github.com/wherefore-dev/wherefore/sources/sourcestest"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func clientOf(t *testing.T, c endpoint.Config) *pyroscope.Client {
	t.Helper()
	list, err := pyroscope.Clients(pyroscope.Config{Config: c, Services: []string{`bid"der`}}, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = list[0].Close() })
	return list[0]
}

func TestTheClientFailsAsASourceShould(t *testing.T) {
	sourcestest.HTTPFailures(t, func(t *testing.T, c endpoint.Config) sourcestest.Calls {
		client := clientOf(t, c)
		return sourcestest.Calls{"take": func(ctx context.Context) error {
			_, _, err := client.Take(ctx, evidence.ProfileCPU)
			if errors.Is(err, evidence.ErrNotFound) {
				return evidence.ErrUnavailable // an empty answer is that nothing was profiled
			}
			return err
		}}
	})
}

// fields are those of a request by number.
func fields(t *testing.T, body []byte) map[protowire.Number]any {
	t.Helper()
	out := map[protowire.Number]any{}
	for len(body) > 0 {
		n, kind, size := protowire.ConsumeTag(body)
		body = body[size:]
		if kind == protowire.VarintType {
			v, size := protowire.ConsumeVarint(body)
			out[n], body = int64(v), body[size:]
			continue
		}
		v, size := protowire.ConsumeString(body)
		out[n], body = v, body[size:]
	}
	return out
}

// TestTheLastMinuteIsMerged answers with a profile of the lab as Pyroscope does:
// unpacked, and without a time of its own that could be relied on.
func TestTheLastMinuteIsMerged(t *testing.T) {
	for _, c := range []struct {
		kind   evidence.ProfileKind
		typeID string
		start  time.Time
		length time.Duration
	}{
		{evidence.ProfileCPU, "process_cpu:cpu:nanoseconds:cpu:nanoseconds", noon.Add(-time.Minute), time.Minute},
		{evidence.ProfileHeap, "memory:inuse_space:bytes:space:bytes", noon, 0},
		{evidence.ProfileGoroutine, "goroutine:goroutine:count:goroutine:count", noon, 0},
	} {
		raw := unzipped(t, "../../cmd/wherefore/testdata/profiled/f-smoothing/profiles/bidder."+string(c.kind)+".during.pb.gz")
		var asked map[protowire.Number]any
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if asked = fields(t, body); r.URL.Path != "/querier.v1.QuerierService/SelectMergeProfile" || r.Header.Get("Content-Type") != "application/proto" {
				t.Errorf("got %s with %s", r.URL.Path, r.Header.Get("Content-Type"))
			}
			_, _ = w.Write(raw)
		}))
		_, p, err := clientOf(t, endpoint.Config{Address: s.URL}).Take(t.Context(), c.kind)
		s.Close()
		if err != nil {
			t.Fatal(err)
		}
		if asked[1] != c.typeID || asked[2] != `{service_name="bid\"der"}` || asked[3] != noon.Add(-time.Minute).UnixMilli() || asked[4] != noon.UnixMilli() {
			t.Errorf("asked %v", asked)
		}
		if p.Kind != c.kind || p.Service != `bid"der` || !p.Start.Equal(c.start) || p.Duration != c.length || p.Total <= 0 {
			t.Errorf("got %s of %s at %s for %s: %d", p.Kind, p.Service, p.Start, p.Duration, p.Total)
		}
		if c.kind == evidence.ProfileHeap && p.Total > 1<<20 {
			t.Errorf("got %d bytes, want a fourth of the 3 MB that four profiles have together", p.Total)
		}
	}
}

func TestNothingProfiledIsNotFound(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	c := clientOf(t, endpoint.Config{Address: s.URL})
	if _, _, err := c.Before(t.Context(), evidence.ProfileHeap, noon); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("got %v from a server that answers", err)
	}
}

func TestAConfigurationIsChecked(t *testing.T) {
	at := endpoint.Config{Address: "http://pyroscope:4040"}
	for _, c := range []struct {
		config pyroscope.Config
		want   string
	}{
		{pyroscope.Config{Config: at}, "services is empty"},
		{pyroscope.Config{Config: at, Services: []string{""}}, "services[0] is empty"},
		{pyroscope.Config{Config: at, Services: []string{"a"}, Label: `x="y"`}, "is not the name of a label"},
		{pyroscope.Config{Config: at, Services: []string{"a"}, Every: -1}, "every -1ns is negative"},
		{pyroscope.Config{Services: []string{"a"}}, "address is empty"},
	} {
		if _, err := pyroscope.Clients(c.config, time.Now); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func unzipped(t *testing.T, file string) []byte {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
