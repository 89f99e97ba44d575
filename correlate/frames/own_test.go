package frames

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// TestTheRepositorySaysWhoseFrameItIs: a driver's frames come first in a stack
// and must not use up those that are kept.
func TestTheRepositorySaysWhoseFrameItIs(t *testing.T) {
	driver := strings.Repeat("\tat net.driver.core.Wire.send(Wire.java:%d)\n", 5)
	stack := "x.AnException: y\n" + fmt.Sprintf(driver, 1, 2, 3, 4, 5) +
		"\tat org.springframework.web.Servlet.go(Servlet.java:9)\n\tat net.shop.Cart.add(Cart.java:42)\n\tat net.shop.Web.run(Web.java:7)\n"
	for _, tt := range []struct {
		name    string
		in      string   // repository
		commits []string // files that candidates touch
		want    []string
	}{
		{"the repository has two", "net/shop/", nil, []string{"net/shop/Cart.java:42 0", "net/shop/Web.java:7 1"}},
		{"it has none", "nothing", nil, []string{"net/driver/core/Wire.java:1 0", "net/driver/core/Wire.java:2 1", "net/driver/core/Wire.java:3 2"}},
		{"a candidate touched what looks like a library's", "net/shop/ org/springframework/", []string{"lib/org/springframework/web/Servlet.java"},
			[]string{"org/springframework/web/Servlet.java:9 0", "net/shop/Cart.java:42 1", "net/shop/Web.java:7 2"}},
		{"it has what looks like a library's, untouched", "net/shop/ org/springframework/", []string{"Servlet.java"}, []string{"net/shop/Cart.java:42 0", "net/shop/Web.java:7 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &gathered.Evidence{Logs: []gathered.Line{{LogLine: evidence.LogLine{Service: "shop", Severity: evidence.SeverityError, Time: time.Unix(9, 0), Stack: stack}}}}
			list, stacks := Named(c)
			o := NewOwned(weights.Default().Gather.Own, []evidence.Commit{{Files: tt.commits}}, stacks)
			for i := range list {
				f := &list[i]
				if !o.Worth(f) {
					continue
				}
				for prefix := range strings.FieldsSeq(tt.in) {
					if strings.HasPrefix(f.Frame.File, prefix) {
						f.Blame = &evidence.Blame{}
						o.Found(f)
					}
				}
			}
			var got []string
			for _, f := range o.Settle(list, 10) {
				got = append(got, fmt.Sprintf("%s:%d %d", f.Frame.File, f.Frame.Line, f.Depth))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("want (-) got (+):\n%s", d)
			}
		})
	}
}

// TestAnInstalledModulesFrameCountsWhereACandidateTouchedIt: a service may be released as
// a module, and where nobody looks lines up the candidates say what is its own.
func TestAnInstalledModulesFrameCountsWhereACandidateTouchedIt(t *testing.T) {
	const stack = "panic: boom\n\ngoroutine 1 [running]:\nexample.org/fx.(*receivers).Stop(0x1)\n\t/go/pkg/mod/example.org/fx@v1.2.1/signal.go:130 +0x5c\n" +
		"example.org/fx/internal/run.Do(0x1)\n\t/go/pkg/mod/example.org/fx@v1.2.1/internal/run/run.go:7 +0x5c\nnet/http.serve(0x1)\n\t/usr/local/go/src/net/http/server.go:9 +0x5c\n"
	for _, tt := range []struct {
		name   string
		commit evidence.Commit
		want   string
	}{
		{"a file below its root", evidence.Commit{Files: []string{"internal/run/run.go"}}, "internal/run/run.go:7 0"},
		{"a file in its root whose diff speaks of the function", evidence.Commit{Files: []string{"signal.go"}, Diff: "@@ func (r *receivers) Stop() {"}, "signal.go:130 0"},
		{"another file of that name", evidence.Commit{Files: []string{"signal.go"}, Diff: "@@ func notify() {"}, ""},
		{"the runtime's", evidence.Commit{Files: []string{"http/server.go"}, Diff: "serve"}, ""},
	} {
		c := &gathered.Evidence{Logs: []gathered.Line{{LogLine: evidence.LogLine{Service: "shop", Severity: evidence.SeverityError, Time: time.Unix(9, 0), Stack: stack}}}}
		list, stacks := Named(c)
		got := ""
		for _, f := range NewOwned(weights.Default().Gather.Own, []evidence.Commit{tt.commit}, stacks).Settle(list, 10) {
			got += fmt.Sprintf("%s:%d %d", f.Frame.Below(), f.Frame.Line, f.Depth)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestCallersTakeNoPlaceFromWhatWasTouched: a library that takes a callback stands in
// the stack below the caller's own frames.
func TestCallersTakeNoPlaceFromWhatWasTouched(t *testing.T) {
	const stack = "panic: boom\n\ngoroutine 1 [running]:\nmain.first(0x1)\n\t/src/app/main.go:21 +0x5c\nmain.second(0x1)\n\t/src/app/main.go:22 +0x5c\nmain.third(0x1)\n\t/src/app/main.go:23 +0x5c\n" +
		"example.org/log.(*Logger).Update(0x1)\n\t/go/pkg/mod/example.org/log@v1.2.1/log.go:255 +0x5c\nmain.fourth(0x1)\n\t/src/app/main.go:24 +0x5c\n"
	c := &gathered.Evidence{Logs: []gathered.Line{{LogLine: evidence.LogLine{Service: "shop", Severity: evidence.SeverityError, Time: time.Unix(9, 0), Stack: stack}}}}
	list, stacks := Named(c)
	var got []string
	for _, f := range NewOwned(3, []evidence.Commit{{Files: []string{"log.go"}, Diff: "@@ func (l *Logger) Update() {"}}, stacks).Settle(list, 10) {
		got = append(got, fmt.Sprintf("%s:%d %d", path.Base(f.Frame.File), f.Frame.Line, f.Depth))
	}
	if d := cmp.Diff([]string{"main.go:21 0", "main.go:22 1", "main.go:23 2", "log.go:255 3"}, got); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
}
