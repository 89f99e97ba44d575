package metric

import "testing"

// TestAMeasuredMaximumIsNoLimit: a highest rate or time was measured, the rest may
// not be exceeded.
func TestAMeasuredMaximumIsNoLimit(t *testing.T) {
	for name, limit := range map[string]bool{
		"ingest_max_stream_rate_bytes":     false,
		"http_server_requests_seconds_max": false,
		"request_duration_ms_max":          false,
		"pool_connections_max":             true,
		"max_request_rate_limit":           true,
		"max_upload_rate":                  true,
		"maximum_ingest_rate_bytes":        true,
		"tracker_max_session_rate":         false,
		"max_wait_seconds":                 true,
		"container_spec_memory_limit_max":  true,
	} {
		if got := ClassOf(name) == ClassLimit; got != limit {
			t.Errorf("%s: a limit %v (%v), want %v", name, got, ClassOf(name), limit)
		}
	}
}
