package main

import (
	"path/filepath"
	"testing"
)

// BenchmarkReplay investigates each recorded incident, from the opening of its
// bundle to the ranked report.
func BenchmarkReplay(b *testing.B) {
	dirs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "recorded", "lab", "*"))
	if err != nil || len(dirs) == 0 {
		b.Fatalf("no recordings: %v", err)
	}
	for _, dir := range dirs {
		b.Run(filepath.Base(dir), func(b *testing.B) {
			cfg, err := loadConfig("")
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := replayBundle(b.Context(), dir, cfg, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
