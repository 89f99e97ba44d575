package eval_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tarball packs a directory as it is, label included.
func tarball(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOnlyEvalNamesTheLabel looks for the label's file name in all code. Beside
// this package it stands where bundles keep it out and write it, and where the
// generic importer reads its source's own.
func TestOnlyEvalNamesTheLabel(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	allowed := map[string]string{
		"cmd/wherefore/eval/cases.go":   "the one reader",
		"sources/bundle/manifest.go":    "the name that is kept out and written",
		"fixtures/importers/generic.go": "a source's file, not a bundle's",
		"cmd/wherefore/import.go":       "a help text",
		"cmd/wherefore/eval.go":         "a help text",
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "lab" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && strings.Contains(l.Value, "label.json") && allowed[filepath.ToSlash(name)] == "" {
				t.Errorf("%s names the label; only cmd/wherefore/eval may open it", name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
