package eval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
)

// share makes k of n a Share. The interval is Wilson's score interval at 95 %,
// which stays inside 0 to 1 and holds for small n (Wilson, JASA 22, 1927).
func share(k, n int) Share {
	s := Share{K: k, N: n}
	if n == 0 {
		return s
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	s.Low, s.High = max(0, mid-half), min(1, mid+half)
	return s
}

// Value is the share, 0 when n is 0.
func (s Share) Value() float64 {
	if s.N == 0 {
		return 0
	}
	return float64(s.K) / float64(s.N)
}

// MarshalJSON writes the share, null when nothing was counted.
func (s Share) MarshalJSON() ([]byte, error) {
	if s.N == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(round(s.Value()))
}

// MarshalJSON writes the mean, null of nothing.
func (m Mean) MarshalJSON() ([]byte, error) {
	if m.N == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(round(m.Value))
}

// round keeps four decimals: more would be noise.
func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// resamples and the seed make the bootstrap the same in every run.
const (
	resamples     = 2000
	bootstrapSeed = 1
)

// mean averages values, with the percentile bootstrap's 95 % interval (Efron,
// Annals of Statistics 7, 1979).
func mean(values []float64) Mean {
	m := Mean{N: len(values)}
	if m.N == 0 {
		return m
	}
	m.Value = average(values)
	r := rand.New(rand.NewPCG(bootstrapSeed, uint64(m.N)))
	means := make([]float64, resamples)
	for i := range means {
		sum := 0.0
		for range values {
			sum += values[r.IntN(len(values))]
		}
		means[i] = sum / float64(m.N)
	}
	slices.Sort(means)
	m.Low, m.High = means[resamples*25/1000], means[resamples*975/1000]
	return m
}

func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
