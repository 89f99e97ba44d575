package mechanism

import "testing"

func TestSymptomsReadWhatRuntimesSay(t *testing.T) {
	r := NewReader()
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
	} {
		if got := r.Symptoms(c.text); got[c.want] == 0 {
			t.Errorf("%q: got %v, want %s", c.text, got, c.want)
		}
	}
}

func TestSymptomsAreNotFoundWithinWords(t *testing.T) {
	r := NewReader()
	for _, text := range []string{"feature flag enabled for cohort", "handled 14290 requests", "order 54013 placed"} {
		if got := r.Symptoms(text); len(got) > 0 {
			t.Errorf("%q: got %v, want nothing", text, got)
		}
	}
}

func TestFitFollowsChainsOneStep(t *testing.T) {
	v := NewVocabulary()
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
	seen := map[[2]Signature]bool{}
	for _, k := range kinships() {
		if k.fit < 1 || k.fit > 1000 || seen[[2]Signature{k.produced, k.seen}] {
			t.Errorf("got %+v, want one entry per pair within 1 to 1000", k)
		}
		seen[[2]Signature{k.produced, k.seen}] = true
	}
}
