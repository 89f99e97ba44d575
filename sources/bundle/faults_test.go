package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

const (
	plainManifest = `{"version": 1, "id": "x"}`
	plainAlert    = `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A"},"startsAt":"2026-03-01T12:00:00Z"}]}`
)

// archive makes a .tgz of headers; the body of each is its name's value.
func archive(t *testing.T, members ...any) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(members); i += 2 {
		h, ok := members[i].(*tar.Header)
		if !ok {
			h = &tar.Header{Typeflag: tar.TypeReg, Name: members[i].(string)}
		}
		body := members[i+1].(string)
		if h.Size == 0 && h.Typeflag == tar.TypeReg {
			h.Size = int64(len(body))
		}
		h.Mode = 0o644
		check(t, w.WriteHeader(h))
		_, err := w.Write([]byte(body))
		check(t, err)
	}
	check(t, w.Close())
	check(t, z.Close())
	file := filepath.Join(t.TempDir(), "b.tgz")
	check(t, os.WriteFile(file, b.Bytes(), 0o600))
	return file
}

func TestHostileArchivesAreRefused(t *testing.T) {
	bomb := strings.Repeat("\x00", 1<<16)
	for name, tc := range map[string]struct {
		members []any
		say     string
	}{
		"climbs out":     {[]any{"../evil", "x"}, "leaves the bundle"},
		"absolute":       {[]any{"/etc/evil", "x"}, "leaves the bundle"},
		"backslash":      {[]any{`a\..\evil`, "x"}, "leaves the bundle"},
		"symbolic link":  {[]any{&tar.Header{Typeflag: tar.TypeSymlink, Name: "spans.jsonl", Linkname: "/etc/passwd"}, ""}, "is a link or a device"},
		"hard link":      {[]any{&tar.Header{Typeflag: tar.TypeLink, Name: "spans.jsonl", Linkname: "alert.json"}, ""}, "is a link or a device"},
		"device":         {[]any{&tar.Header{Typeflag: tar.TypeChar, Name: "spans.jsonl"}, ""}, "is a link or a device"},
		"twice":          {[]any{"manifest.json", plainManifest, "manifest.json", plainManifest}, "occurs twice"},
		"member too big": {[]any{"manifest.json", plainManifest, "spans.jsonl", bomb}, "has 65536 bytes, more than"},
		"all too big":    {[]any{"manifest.json", plainManifest, "profiles/a", bomb[:4000], "profiles/b", bomb[:4000], "profiles/c", bomb[:4000]}, "unpacks to more than 10000 bytes"},
		"too many":       {[]any{"manifest.json", plainManifest, "decisions/1", "", "decisions/2", "", "decisions/3", "", "decisions/4", ""}, "more than 4 members"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundle.OpenLimited(archive(t, tc.members...), bundle.Limits{Files: 4, MemberBytes: 5000, TotalBytes: 10000})
			if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("got %v, want it refused and to say %q", err, tc.say)
			}
		})
	}
}

func TestAnArchiveMayHaveOneFolderAroundIt(t *testing.T) {
	b := open(t, archive(t, &tar.Header{Typeflag: tar.TypeDir, Name: "case-7/"}, "", "./case-7/manifest.json", plainManifest, "./case-7/alert.json", plainAlert, "./case-7/decisions/a.yaml", "x"))
	if !b.Has(bundle.DecisionsDir) || b.Manifest().ID != "x" {
		t.Errorf("got %+v, want the members below the folder", b.Manifest())
	}
}

func TestAZippedMemberCannotGrowPastTheLimit(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write(bytes.Repeat([]byte(" "), 1<<20))
	check(t, err)
	check(t, w.Close())
	dir := folder(t, map[string]string{"spans.jsonl.gz": z.String()})
	b, err := bundle.OpenLimited(dir, bundle.Limits{MemberBytes: 1 << 16})
	check(t, err)
	defer b.Close()
	if _, err := b.Services(context.Background()); err == nil || !strings.Contains(err.Error(), "larger than the size limit") {
		t.Errorf("got %v, want the limit", err)
	}
}

// folder makes a bundle of the given members with the smallest manifest and
// alert.
func folder(t *testing.T, members map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{"manifest.json": plainManifest, "alert.json": plainAlert} {
		if _, ok := members[name]; !ok {
			check(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
		}
	}
	for name, body := range members {
		if body != "" {
			check(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
		}
	}
	return dir
}

// askAll asks every port once and returns the first error.
func askAll(b *bundle.Bundle) error {
	ctx, w := context.Background(), evidence.Window{Start: at(-1e6), End: at(1e6)}
	var errs []error
	ask := func(err error) { errs = append(errs, err) }
	_, err := b.Services(ctx)
	ask(err)
	_, _, err = b.Logs(ctx, evidence.LogQuery{Services: []string{"a"}, Window: w})
	ask(err)
	_, err = b.QueryRange(ctx, "up", evidence.Window{Start: at(0), End: at(60)}, time.Minute)
	ask(err)
	_, err = b.Dependencies(ctx, w)
	ask(err)
	_, err = b.Rules(ctx)
	ask(err)
	_, err = b.Changes(ctx, w)
	ask(err)
	if _, err = b.Commits(ctx, evidence.CommitQuery{}); !errors.Is(err, evidence.ErrNotFound) {
		ask(err)
	}
	return errors.Join(errs...)
}

func TestEachFaultIsOneSentenceWithItsPlace(t *testing.T) {
	span := func(fields string) string { return `{"resourceSpans":[{"scopeSpans":[{"spans":[{` + fields + `}]}]}]}` }
	const ids = `"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"`
	for name, tc := range map[string]struct{ member, body, say string }{
		"manifest of the future":     {"manifest.json", `{"version": 2, "id": "x"}`, "manifest.json: version 2 is not supported"},
		"manifest without id":        {"manifest.json", `{"version": 1}`, "manifest.json: id is empty"},
		"entity twice":               {"manifest.json", `{"version":1,"id":"x","entities":["a","a"]}`, `entity "a" is empty or listed twice`},
		"reference reversed":         {"manifest.json", `{"version":1,"id":"x","reference":[{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}]}`, "reference window 1 ends"},
		"listed and missing":         {"manifest.json", `{"version":1,"id":"x","sha256":{"alert.json":"` + strings.Repeat("0", 64) + `"}}`, "alert.json: has sha256"},
		"unlisted":                   {"manifest.json", `{"version":1,"id":"x","sha256":{"rules.json":"` + strings.Repeat("0", 64) + `"}}`, "rules.json: is listed in the manifest and missing"},
		"digest of the wrong length": {"manifest.json", `{"version":1,"id":"x","sha256":{"rules.json":"00"}}`, `sha256 of "rules.json" is not 64`},
		"alert without alerts":       {"alert.json", `{"version":"4"}`, "alert.json: webhook payload: it has no alerts"},
		"span: no JSON":              {"spans.jsonl", "\ngarbage {\n", "spans.jsonl:2: is not OTLP/JSON TracesData: ReadObject: expect { or , or } or n, but found g"},
		"span: a list":               {"spans.jsonl", "[]", "spans.jsonl:1: is not OTLP/JSON"},
		"span: not recognised":       {"spans.jsonl", `{"spans":[]}`, "spans.jsonl:1: has no resourceSpans"},
		"span: null":                 {"spans.jsonl", `null`, "spans.jsonl:1: holds something other"},
		"span: two objects":          {"spans.jsonl", span(ids+`,"startTimeUnixNano":"1","endTimeUnixNano":"2"`) + ` {}`, "spans.jsonl:1: holds something other than one JSON object"},
		"span: old format":           {"spans.jsonl", `{"resource_spans_old":[{"instrumentationLibrarySpans":[]}]}`, "has no resourceSpans"},
		"span: short ID":             {"spans.jsonl", span(`"traceId":"01"`), "spans.jsonl:1: is not OTLP/JSON"},
		"log: not recognised":        {"logs.jsonl", `{}`, "logs.jsonl:1: has no resourceLogs"},
		"graph":                      {"graph.jsonl", `{"caller":"a"}`, "graph.jsonl:1: needs a caller, a callee"},
		"change: type":               {"changes.jsonl", `{"specversion":"1.0","id":"1","source":"s","type":"t"}`, `changes.jsonl:1: change event: type "t" announces no change`},
		"change: no source":          {"changes.jsonl", `{"specversion":"1.0","id":"1","type":"dev.wherefore.deploy.v1"}`, "source"},
		"change: no time":            {"changes.jsonl", `{"specversion":"1.0","id":"1","source":"s","type":"dev.wherefore.deploy.v1","data":{}}`, `changes.jsonl:1: change event: time is missing`},
		"commit: short SHA":          {"commits.jsonl", `{"sha":"abc"}`, `commits.jsonl:1: sha "abc" is not 40`},
		"manifest: a list":           {"manifest.json", `[]`, "manifest.json: is not a manifest: it cannot be a JSON array"},
		"coverage":                   {"coverage.json", `{}`, "coverage.json: is not a list"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := bundle.Open(folder(t, map[string]string{tc.member: tc.body}))
			if err == nil {
				defer b.Close()
				if err = b.Check(); err != nil && askAll(b) == nil {
					t.Error("no question is answered with the fault")
				}
			}
			if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("got %v, want invalid and %q", err, tc.say)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("got more than one line: %q", err)
			}
		})
	}
}

func TestEditedMembersAreFound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	check(t, os.WriteFile(filepath.Join(dir, "graph.jsonl"), []byte(`{"caller":"a","callee":"b"}`+"\n"), 0o600))
	if _, err := bundle.Open(dir); err == nil || !strings.Contains(err.Error(), "graph.jsonl: has sha256") {
		t.Errorf("got %v, want the edited member named", err)
	}
}

// TestTheLabelIsNeverOpened puts a pipe in the label's place: whoever opened it
// would wait for ever.
func TestTheLabelIsNeverOpened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "b")
	newSample().write(t, dir, bundle.Manifest{}, bundle.WriterOptions{})
	check(t, syscall.Mkfifo(filepath.Join(dir, "label.json"), 0o600))
	b := open(t, dir)
	check(t, askAll(b))
	if b.Has("label.json") {
		t.Error("Has tells of the label")
	}
	if _, err := b.Member("label.json"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v, want no such member", err)
	}
	check(t, bundle.Pack(dir, &bytes.Buffer{}))
}

func TestLinksInADirectoryAreNotFollowed(t *testing.T) {
	dir := folder(t, nil)
	check(t, os.Symlink("/etc/hostname", filepath.Join(dir, "spans.jsonl")))
	b := open(t, dir)
	if _, err := b.Services(context.Background()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v, want the link refused", err)
	}
}
