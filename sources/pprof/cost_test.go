package pprof_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	nethttppprof "net/http/pprof"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCostOfCapture tells what all three profiles cost a service that is busy
// all the time: the processor time that the same work takes with and without them,
// in ten pairs, whose median is reported. It is the service's own time, so that what
// else a machine does hardly matters. Run it with -benchtime 1x.
func BenchmarkCostOfCapture(b *testing.B) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/profile", nethttppprof.Profile)
	mux.HandleFunc("/debug/pprof/", nethttppprof.Index)
	s := httptest.NewServer(mux)
	defer s.Close()
	for b.Loop() {
		var extra []float64
		work() // what is filled and compiled once
		for i := range 10 {
			var with, without time.Duration
			if i%2 == 0 {
				without, with = spent(work), spent(captured(s.URL))
			} else {
				with, without = spent(captured(s.URL)), spent(work)
			}
			extra = append(extra, 100*(float64(with)/float64(without)-1))
		}
		slices.Sort(extra)
		b.ReportMetric((extra[4]+extra[5])/2, "%median")
		b.ReportMetric(extra[0], "%least")
		b.ReportMetric(extra[9], "%most")
	}
}

// work is what a service does: it reads and writes JSON, on four goroutines.
func work() {
	type item struct {
		Name  string
		Tags  []string
		Price map[string]float64
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200_000 {
				raw, _ := json.Marshal(item{"banner", []string{"a", "b", "c"}, map[string]float64{"DE": 1.5, "FR": 2.5}})
				var back item
				_ = json.NewDecoder(bytes.NewReader(raw)).Decode(&back)
			}
		})
	}
	all.Wait()
}

// captured is work while profiles are taken as Client takes them: goroutines and heap
// once, and processor time all the while, so that none of the work is left out.
func captured(url string) func() {
	return func() {
		done := make(chan struct{})
		var taking sync.WaitGroup
		take := func(path string) {
			if resp, err := http.Get(url + "/debug/pprof/" + path); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		}
		taking.Go(func() {
			take("goroutine")
			take("heap")
			for {
				take("profile?seconds=1")
				select {
				case <-done:
					return
				default:
				}
			}
		})
		work()
		close(done)
		taking.Wait()
	}
}

func spent(f func()) time.Duration {
	before := rusage()
	f()
	return rusage() - before
}

func rusage() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
