package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// called runs the program and returns what it says and how it ends.
func called(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := App{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}.Run(t.Context())
	return out.String(), err
}

// kept is a data folder with an incident, its report and its evidence.
func kept(t *testing.T) (dir, id string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(dir, "bundles"), 0o700); err != nil {
		t.Fatal(err)
	}
	b, err := casebook.Open(t.Context(), filepath.Join(dir, "casebook.db"), casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	id, err = b.Accept(t.Context(), evidence.Alert{Receiver: "wh", GroupKey: "g", Status: evidence.StatusFiring,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Unix(1, 0), Fingerprint: "f"}}}, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := b.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := report.Report{Title: "kept"}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context(), j, r, body); err != nil {
		t.Fatal(err)
	}
	x, _, err := b.ClaimBundle(t.Context())
	if err != nil || x.Incident != id {
		t.Fatalf("got %+v (%v)", x, err)
	}
	sum := sha256.Sum256([]byte("evidence"))
	x.State, x.SHA256, x.Bytes = casefile.BundleKept, hex.EncodeToString(sum[:]), int64(len("evidence"))
	if err := b.SettleBundle(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bundles", id+"-r1.tgz"), []byte("evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, id
}

// TestATenantsEvidenceIsBackedUpAndChecked has a bundle in a tenant's folder too.
func TestATenantsEvidenceIsBackedUpAndChecked(t *testing.T) {
	dir, _ := kept(t)
	b, err := casebook.Open(t.Context(), filepath.Join(dir, "casebook.db"), casebook.Options{Evidence: casebook.Evidence{Keep: true}})
	if err != nil {
		t.Fatal(err)
	}
	acme := b.For("acme")
	id, err := acme.Accept(t.Context(), evidence.Alert{Receiver: "wh", GroupKey: "g", Status: evidence.StatusFiring,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Unix(1, 0), Fingerprint: "f"}}}, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := b.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(t.Context(), j, report.Report{}, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	x, _, err := acme.ClaimBundle(t.Context())
	if err != nil || x.Incident != id {
		t.Fatalf("got %+v (%v)", x, err)
	}
	sum := sha256.Sum256([]byte("theirs"))
	x.State, x.SHA256, x.Bytes = casefile.BundleKept, hex.EncodeToString(sum[:]), 6
	if err := errors.Join(acme.SettleBundle(t.Context(), x), b.Close()); err != nil {
		t.Fatal(err)
	}
	for _, lost := range []string{"the folder", "the file"} {
		if out, err := called(t, "doctor", "--data", "--data-dir", dir); err == nil || !strings.Contains(out, id) {
			t.Errorf("%s of a tenant is missing, and the doctor says %s (%v)", lost, out, err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "tenants", "acme", "bundles"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join("tenants", "acme", "bundles", id+"-r1.tgz")
	if err := os.WriteFile(filepath.Join(dir, name), []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, back := filepath.Join(t.TempDir(), "backup.tgz"), filepath.Join(t.TempDir(), "back")
	if out, err := called(t, "backup", "--data-dir", dir, "-o", file); err != nil || !strings.Contains(out, "2 evidence bundles") {
		t.Fatalf("backup: %s (%v)", out, err)
	}
	if out, err := called(t, "restore", file, "--data-dir", back); err != nil {
		t.Fatalf("restore: %s (%v)", out, err)
	}
	if got, err := os.ReadFile(filepath.Join(back, name)); string(got) != "theirs" {
		t.Errorf("got %q (%v)", got, err)
	}
	if out, err := called(t, "doctor", "--data", "--data-dir", back); err != nil {
		t.Errorf("%s (%v)", out, err)
	}
}

func TestABackupIsRestoredIntoAnEmptyFolder(t *testing.T) {
	dir, id := kept(t)
	file := filepath.Join(t.TempDir(), "backup.tgz")
	if out, err := called(t, "backup", "--data-dir", dir, "-o", file); err != nil || !strings.Contains(out, "1 evidence bundle") {
		t.Fatalf("backup: %s (%v)", out, err)
	}
	if _, err := called(t, "backup", "--data-dir", dir, "-o", file); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a second backup into the same file: %v", err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	if out, err := called(t, "restore", file, "--data-dir", fresh); err != nil {
		t.Fatalf("restore: %s (%v)", out, err)
	}
	if out, err := called(t, "doctor", "--data", "--data-dir", fresh); err != nil || !strings.Contains(out, "whole") {
		t.Errorf("doctor: %s (%v)", out, err)
	}
	b, err := casebook.Open(t.Context(), filepath.Join(fresh, "casebook.db"), casebook.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if body, err := b.Report(t.Context(), id, 0); err != nil || !strings.Contains(string(body), "kept") {
		t.Errorf("got %s (%v)", body, err)
	}
	if _, err := called(t, "restore", file, "--data-dir", fresh); err == nil || !strings.Contains(err.Error(), "has a casebook already") {
		t.Errorf("restoring over a casebook: %v", err)
	}
}

func TestAHalfOrForeignBackupIsRefused(t *testing.T) {
	dir, _ := kept(t)
	file := filepath.Join(t.TempDir(), "backup.tgz")
	if _, err := called(t, "backup", "--data-dir", dir, "-o", file); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"half": whole[:len(whole)/2], "foreign": []byte("not a backup"), "empty": nil,
		"without gzip's sum":           whole[:len(whole)-8],
		"a bit of a bundle is another": altered(t, whole, func(b []byte) []byte { return bytes.Replace(b, []byte("evidence"), []byte("evidence"[:7]+"f"), 1) }),
		"a bit of a report is another": altered(t, whole, func(b []byte) []byte { return bytes.Replace(b, []byte("kept"), []byte("wept"), 1) }),
		"its last member stands twice": repacked(t, whole, func(list []packedFile) []packedFile { return append(list, list[len(list)-1]) }),
		"a bundle is missing":          repacked(t, whole, func(list []packedFile) []packedFile { return append(list[:1:1], list[2:]...) }),
		"something behind its end":     append(slices.Clone(whole), "more"...),
		"a name that leads out of it":  repacked(t, whole, func(list []packedFile) []packedFile { list[1].Name = "bundles/../../INC-1.tgz"; return list }),
		"a bundle that is a link": repacked(t, whole, func(list []packedFile) []packedFile {
			list[1].Typeflag, list[1].Linkname, list[1].body = tar.TypeSymlink, "/etc/passwd", nil
			return list
		}),
		"the same bundle twice":        repacked(t, whole, func(list []packedFile) []packedFile { return slices.Insert(list, 2, list[1]) }),
		"a bundle of no tenant's name": repacked(t, whole, func(list []packedFile) []packedFile { list[1].Name = "tenants/../bundles/INC-1.tgz"; return list }),
		"made by another program":      repacked(t, whole, func(list []packedFile) []packedFile { list[2].body = []byte(`{"tool":"other"}`); return list }),
	} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		fresh := filepath.Join(t.TempDir(), "fresh")
		if _, err := called(t, "restore", bad, "--data-dir", fresh); err == nil || !strings.Contains(err.Error(), "is no whole backup") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(fresh, "casebook.db")); err == nil {
			t.Errorf("%s: a casebook was left", name)
		}
	}
}

// packedFile is one file of a backup.
type packedFile struct {
	tar.Header
	body []byte
}

// repacked is a backup with other members.
func repacked(t *testing.T, backup []byte, change func([]packedFile) []packedFile) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	var list []packedFile
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, packedFile{*h, body})
	}
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	w := tar.NewWriter(packed)
	for _, m := range change(list) {
		m.Size = int64(len(m.body))
		if err := w.WriteHeader(&m.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// altered is a backup as a disk may give it back: the content is another one, and the
// sum that gzip keeps of it is the first one's.
func altered(t *testing.T, backup []byte, change func([]byte) []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	other := change(bytes.Clone(content))
	if bytes.Equal(other, content) {
		t.Fatal("nothing was changed")
	}
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	if _, err := packed.Write(other); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes()[:out.Len()-8], backup[len(backup)-8:]...)
}

// TestARestoredCasebookReadsNoOthersLog leaves behind what a killed server does, of a
// casebook that was moved away.
func TestARestoredCasebookReadsNoOthersLog(t *testing.T) {
	dir, _ := kept(t)
	file := filepath.Join(t.TempDir(), "backup.tgz")
	if _, err := called(t, "backup", "--data-dir", dir, "-o", file); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"casebook.db-wal", "casebook.db-shm", "casebook.db-journal"} {
		fresh := t.TempDir()
		if err := os.WriteFile(filepath.Join(fresh, left), []byte("of another casebook"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := called(t, "restore", file, "--data-dir", fresh); err == nil || !strings.Contains(err.Error(), left) {
			t.Errorf("%s is there: %v", left, err)
		}
		if _, err := os.Stat(filepath.Join(fresh, "casebook.db")); err == nil {
			t.Errorf("%s is there, and a casebook was put beside it", left)
		}
	}
}

// TestABackupHoldsWhatRestoreTakes has somebody's own file among the bundles.
func TestABackupHoldsWhatRestoreTakes(t *testing.T) {
	dir, _ := kept(t)
	if err := os.WriteFile(filepath.Join(dir, "bundles", "for the review.tgz"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.tgz")
	if out, err := called(t, "backup", "--data-dir", dir, "-o", file); err != nil || !strings.Contains(out, "1 evidence bundle") {
		t.Fatalf("backup: %s (%v)", out, err)
	}
	if out, err := called(t, "restore", file, "--data-dir", filepath.Join(t.TempDir(), "fresh")); err != nil {
		t.Errorf("restore: %s (%v)", out, err)
	}
}

func TestTheDoctorFindsWhatIsWrongWithTheData(t *testing.T) {
	dir, id := kept(t)
	if err := os.WriteFile(filepath.Join(dir, "bundles", id+"-r1.tgz"), []byte("tampered"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := called(t, "doctor", "--data", "--data-dir", dir); err == nil || !strings.Contains(out, "not as it was recorded") {
		t.Errorf("a changed bundle: %s (%v)", out, err)
	}
	if _, err := called(t, "doctor", "--data", "--data-dir", t.TempDir()); err == nil || !strings.Contains(err.Error(), "there is no casebook") {
		t.Errorf("no casebook: %v", err)
	}
	db := filepath.Join(dir, "casebook.db")
	content, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) / 2; i < len(content)/2+8192; i++ {
		content[i] = 0x5a
	}
	if err := os.WriteFile(db, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := called(t, "doctor", "--data", "--data-dir", dir); err == nil {
		t.Errorf("a damaged file: %s", out)
	}
}

func TestTheCasebookMovesToPostgreSQL(t *testing.T) {
	dir, id := kept(t)
	dsn := pgtest.Fresh(t)
	if out, err := called(t, "migrate", "sqlite-to-postgres", "--data-dir", dir, "--to", dsn); err != nil || !strings.Contains(out, "incident") {
		t.Fatalf("migrate: %s (%v)", out, err)
	}
	b, err := casebook.OpenPostgres(context.Background(), dsn, casebook.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if body, err := b.Report(t.Context(), id, 0); err != nil || !strings.Contains(string(body), "kept") {
		t.Errorf("got %s (%v)", body, err)
	}
	if _, err := called(t, "migrate", "sqlite-to-postgres", "--data-dir", dir, "--to", dsn); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("twice: %v", err)
	}
}
