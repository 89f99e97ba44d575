package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestALogIsReadToItsEnd(t *testing.T) {
	calm := strings.Repeat("2026-03-02T08:00:00Z INFO served in 12 ms\n", 60_000) // some 2.5 MB
	long := strings.Repeat("x", 200<<10)
	stack := "panic: no tariff\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/src/main.go:3 +0x1\n"
	log, err := openLog(strings.NewReader(calm+long+"\n"+stack), "-")
	if err != nil {
		t.Fatal(err)
	}
	n, last := 0, evidence.LogLine{}
	log.lines(func(l evidence.LogLine) bool {
		n, last = n+1, l
		return true
	})
	if err := log.failed(); err != nil || n < 60_000 || !strings.Contains(last.Body, "no tariff") || !strings.Contains(last.Body, "main.go:3") {
		t.Errorf("got %d lines, the last %.80q (%v), want the stack at the end as one", n, last.Body, err)
	}
	for _, empty := range []string{"", "\n \n"} {
		log, _ := openLog(strings.NewReader(empty), "-")
		log.lines(func(evidence.LogLine) bool { return true })
		if err := log.failed(); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q: got %v, want that it holds nothing", empty, err)
		}
	}
}
