package eval

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// watchMemory samples what the process holds from the system until the
// function it returns is called, which gives the peak in megabytes.
func watchMemory(ctx context.Context) (stop func() float64) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	peak := held()
	wg.Go(func() {
		for t := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				t.Stop()
				return
			case <-t.C:
				peak = max(peak, held())
			}
		}
	})
	return func() float64 {
		cancel()
		wg.Wait()
		return round(float64(peak) / (1 << 20))
	}
}

// held is the memory mapped by the Go runtime and not given back.
func held() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
