package mechanism

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

func TestSymptomsReadWhatRuntimesSay(t *testing.T) {
	r := NewReader(by())
	for _, c := range []struct {
		text string
		want Signature
	}{
		{"panic: runtime error: invalid memory address or nil pointer dereference", NilDeref},
		{"java.lang.NullPointerException: Cannot invoke", NilDeref},
		{"TypeError: Cannot read properties of undefined (reading 'id')", NilDeref},
		{"sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached", PoolExhausted},
		{"x509: certificate has expired or is not yet valid", CertExpired},
		{"lookup mail.example.org: no such host", NameFailure},
		{"write /var/lib/x: no space left on device", DiskFull},
		{"fatal error: concurrent map writes", DataRace},
		{"429 Too Many Requests", RateLimited},
		{"java.lang.OutOfMemoryError: Java heap space", OutOfMemory},
		{"upstream returned 403", Rejected},
		{"[GIN] \"POST /x HTTP/1.1\" 504 17", Timeout},
		{"getaddrinfo ENOTFOUND db", NameFailure},
		{"ModuleNotFoundError: No module named 'x'", NotRegistered},
		{"reason=OOMKilled", OutOfMemory},
		{"CPUThrottlingHigh", NodePressure},
		{"KubePodCrashLooping", CrashLoop},
		{"EXT4-fs error (device sdb1): ext4_find_entry: reading directory lblock 0", HostFailure},
		{"connect: no route to host", HostFailure},
		{"Error: connect ENETUNREACH 10.0.0.7:443", HostFailure},
		{"CPU3: Core temperature above threshold, cpu clock throttled", HostFailure},
		{"RequestTimeTooSkewed: The difference between the request time and the current time is too large", HostFailure},
		{"FATAL: terminating connection due to administrator command", ZoneFailure},
		{"ERROR: canceling statement due to conflict with recovery", ZoneFailure},
		{"READONLY You can't write against a read only replica.", ZoneFailure},
		{"org.apache.kafka.common.errors.NotLeaderOrFollowerException: the broker is not the current leader", ZoneFailure},
		{"MongoServerError: not primary and secondaryOk=false; NotWritablePrimary", ZoneFailure},
		{"The node was low on resource: memory. Threshold quantity: 100Mi", NodePressure},
		{"OOM command not allowed when used memory > 'maxmemory'.", Quota},
		{"RequestLimitExceeded: Request limit exceeded.", Quota},
		{"InsufficientInstanceCapacity", Provider},
	} {
		if got := r.Symptoms(c.text); got[c.want] == 0 {
			t.Errorf("%q: got %v, want %s", c.text, got, c.want)
		}
	}
}

func TestSymptomsAreNotFoundWithinWords(t *testing.T) {
	r := NewReader(by())
	for _, text := range []string{
		"feature flag enabled for cohort", "handled 14290 requests", "order 54013 placed",
		"FeatureNotFoundError", "com.example.ResourceNotFoundException", "\tat org.example.orm.jpa.vendor.Dialect.open(Dialect.java:429)",
		"Parser.java:429", "took 403ms", "span id 401abc", "GET /users/504 200", "node_modules/regexparam/index.js", "com.example.mutex.Guard.enter",
		"reconciliation job started", `user_agent="Googlebot crawler" path=/`, "/srv/vendor/timeout/x.go:17", "cache-miss.example.net:443",
	} {
		if got := r.Symptoms(text); len(got) > 0 {
			t.Errorf("%q: got %v, want nothing", text, got)
		}
	}
}

func TestFitFollowsChainsOneStep(t *testing.T) {
	v := NewVocabulary(by())
	for _, c := range []struct {
		produced, seen Signature
		min, max       int
	}{
		{PoolExhausted, PoolExhausted, 1000, 1000},
		{HandleLeak, PoolExhausted, 800, 999},
		{MemoryGrowth, OutOfMemory, 1000, 1000},
		{LogVolume, NilDeref, 0, 0},
		{Timeout, CertExpired, 0, 0},
	} {
		if got := v.Fit(c.produced, c.seen); got < c.min || got > c.max {
			t.Errorf("Fit(%s, %s): got %d, want %d to %d", c.produced, c.seen, got, c.min, c.max)
		}
	}
}

func TestKinshipStaysWithinOne(t *testing.T) {
	for produced, kin := range by().Kinships {
		for seen, fit := range kin {
			if fit < 1 || fit > 1000 || !isSignature(produced) || !isSignature(seen) || produced == seen {
				t.Errorf("%s seen as %s: got %d, want two signatures and a fit within 1 to 1000", produced, seen, fit)
			}
		}
	}
	for sig, phrases := range by().Phrases {
		if !isSignature(sig) || len(phrases) == 0 {
			t.Errorf("%d phrases speak for %s, which must be a signature", len(phrases), sig)
		}
	}
}

// isSignature looks a name up among the constants of this package.
func isSignature(name string) bool {
	b, err := os.ReadFile("signature.go")
	return err == nil && strings.Contains(string(b), `Signature = "`+name+`"`)
}

// TestNoPhraseIsCopiedFromALabel reads the answers of the development data: a
// phrase of several words that stands in the prose of an answer and in nothing
// that an investigation sees would be the answer itself.
func TestNoPhraseIsCopiedFromALabel(t *testing.T) {
	labels, err := filepath.Glob(filepath.Join(testenv.Data(t), "rootcausebench", "*", "ground_truth.json"))
	if err != nil || len(labels) == 0 {
		t.Skip("the development data are not there")
	}
	var table spoken.Table[string]
	for _, phrases := range by().Phrases {
		for p := range phrases {
			if len(strings.Fields(p)) > 1 {
				table.Add(p, p)
			}
		}
	}
	in := func(text string) map[string]bool {
		out := map[string]bool{}
		table.Find(spoken.Words(text), func(p string) { out[p] = true })
		return out
	}
	seen, answered := map[string]bool{}, map[string]string{}
	for _, label := range labels {
		var answer map[string]any
		b, err := os.ReadFile(label)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &answer); err != nil {
			t.Fatal(err)
		}
		for p := range in(string(b)) {
			answered[p] = filepath.Base(filepath.Dir(label))
		}
		telemetry, err := filepath.Glob(filepath.Join(filepath.Dir(label), "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range telemetry {
			if info, err := os.Stat(file); err != nil || info.IsDir() || file == label {
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for p := range in(string(b)) {
				seen[p] = true
			}
		}
	}
	// What the manuals of databases and runtimes say may stand in an answer too.
	manuals := map[string]bool{"full table scan": true, "max connections": true, "memory leak": true, "data race": true}
	for p, where := range answered {
		if !seen[p] && !manuals[p] {
			t.Errorf("%q stands in the answer of %s and in no telemetry", p, where)
		}
	}
}
