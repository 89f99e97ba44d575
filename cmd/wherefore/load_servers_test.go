package main

import (
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	_ "github.com/jackc/pgx/v5/stdlib" // to look into the database
	"github.com/rs/zerolog"

	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
)

// TestServersShareTheWork compares three servers on one database with one of them,
// as near as it is and 20 ms away. It is a measurement: what is lost, stuck or done
// twice fails it.
func TestServersShareTheWork(t *testing.T) {
	if *load == 0 {
		t.Skip("a measurement; give it -load 10s")
	}
	if runtime.GOOS != "linux" {
		t.Skip("reads processor time from /proc")
	}
	for _, far := range []time.Duration{0, 20 * time.Millisecond} {
		rates, spent := map[int]float64{}, map[int]float64{}
		for _, n := range []int{1, 3} {
			dsn := pgtest.Fresh(t)
			urls, cpu := together(t, n, away(t, dsn, far))
			var taken atomic.Int64
			fresh := func() []byte { return group(taken.Add(1), 1) }
			// What a server does once, as filling its tables, is not what an alert costs.
			first := shared(t, 96, urls, fresh)
			earlier := allReported(t, dsn, taken.Load()-int64(first.refused))
			warm, before := taken.Load(), cpu()
			f := shared(t, 96, urls, fresh)
			posted := taken.Load() - warm
			reports := allReported(t, dsn, taken.Load()-int64(first.refused+f.refused)) - earlier
			rates[n], spent[n] = f.rate, float64(cpu()-before)/float64(time.Microsecond)/float64(posted)
			t.Logf("%d servers, database %s away: %s, then %d reports; %.0f µs of processor time an alert, with its report", n, far, f, reports, spent[n])
		}
		t.Logf("three take %.2f times what one takes, for %.2f times the processor time an alert", rates[3]/rates[1], spent[3]/spent[1])
	}
}

// together starts servers on one database, with what they spent so far.
func together(t *testing.T, n int, dsn string) (urls []string, cpu func() time.Duration) {
	t.Helper()
	var all []*process
	for range n {
		p := serving(t, "serve", "--config", written(t, fmt.Sprintf("listen: 127.0.0.1:0\ndata_dir: %s\ncasebook: {database: %q}\nwebhook: {queue_limit: 100000}\ninvestigate: {timeout: 4m0s, follow_up: 0s, fold: 0s}\n",
			filepath.Join(t.TempDir(), "data"), dsn)))
		urls = append(urls, p.says(t, urlOf)+"/api/v1/alerts")
		all = append(all, p)
	}
	return urls, func() (sum time.Duration) {
		for _, p := range all {
			sum += spentBy(t, p.cmd.Process.Pid)
		}
		return sum
	}
}

// spentBy is a process' processor time so far; proc(5).
func spentBy(t *testing.T, pid int) (d time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Go runs
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ") // behind the program's name
	fields := strings.Fields(after)
	for _, i := range []int{11, 12} { // utime and stime
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			t.Fatal(err)
		}
		d += time.Duration(n) * tick
	}
	return d
}

// away is a database's address behind a proxy that holds each answer back for so long.
func away(t *testing.T, dsn string, far time.Duration) string {
	t.Helper()
	if far == 0 {
		return dsn
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	x := toxiproxy.NewProxy(server, "database", "127.0.0.1:0", u.Host)
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Stop)
	if _, err := x.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"type": "latency", "attributes": {"latency": %d}}`, far.Milliseconds()))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := net.SplitHostPort(x.Listen); err != nil {
		t.Fatal(err)
	}
	u.Host = x.Listen
	return u.String()
}

// allReported waits until each of so many alerts has been reported once, and none twice.
func allReported(t *testing.T, dsn string, want int64) (reports int64) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var incidents, most, due int64
	for range 3000 {
		if err := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM notification), (SELECT count(*) FROM report), (SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM report GROUP BY incident) AS of), (SELECT count(*) FROM job)`).Scan(&incidents, &reports, &most, &due); err != nil {
			t.Fatal(err)
		}
		if incidents >= want && due == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if incidents != want || due != 0 || most > 1 {
		t.Errorf("got %d alerts, %d jobs left, %d reports of one incident; want %d, none, one", incidents, due, most, want)
	}
	return reports
}
