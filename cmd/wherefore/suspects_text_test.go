package main

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAFailureIsReadInTheEncodingThatItsMarkNames(t *testing.T) {
	const want = "panic: naïve\n"
	bytes := func(order func(uint16) (byte, byte)) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune("\ufeff" + want)) {
			x, y := order(u)
			b.WriteByte(x)
			b.WriteByte(y)
		}
		return b.String()
	}
	read := func(text string) (got string, err error) {
		log, _ := openLog(strings.NewReader(text), "-")
		log.lines(func(l evidence.LogLine) bool { got += l.Body; return true })
		return got, log.failed()
	}
	for name, text := range map[string]string{
		"UTF-8": want, "UTF-8 with a mark": "\ufeff" + want,
		"UTF-16, little end first": bytes(func(u uint16) (byte, byte) { return byte(u), byte(u >> 8) }),
		"UTF-16, big end first":    bytes(func(u uint16) (byte, byte) { return byte(u >> 8), byte(u) }),
	} {
		if got, err := read(text); err != nil || got+"\n" != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := read("\ufeff \n"); err == nil {
		t.Error("nothing but a mark is no failure")
	}
}
