package evidence_test

import (
	"errors"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestParseInstantReadsWhatPeopleWriteAndCopy(t *testing.T) {
	now := time.Date(2024, 8, 1, 3, 5, 0, 0, time.UTC)
	const minute, second = "2024-08-01T02:51:00Z", "2024-08-01T02:51:07Z"
	for in, want := range map[string]string{
		"2024-08-01T02:51:07Z":          second,
		" 2024-08-01 02:51:07 ":         second, // no zone: UTC, as on the pages
		"2024-08-01T02:51":              minute,
		"2024-08-01 10:51 +08:00":       minute,
		"2024-08-01T10:51:07+0800":      second,
		"2024-08-01 10:51:07+08":        second,
		"2024-08-01 02:51:07 UTC":       second,
		"2024-08-01T02:51:07.250Z":      "2024-08-01T02:51:07.25Z",
		"1 Aug 2024, 02:51:07 UTC":      second, // as a page shows it next year
		"1 Aug, 02:51:07 UTC":           second, // next month
		"02:51:07 UTC":                  second, // today
		"02:51":                         minute,
		"23:00":                         "2024-07-31T23:00:00Z", // the last one
		"31 Dec, 23:00:00 UTC":          "2023-12-31T23:00:00Z",
		"Thu Aug  1 02:51:07 UTC 2024":  second,
		"Thu, 01 Aug 2024 02:51:07 GMT": second,
		"1722480667":                    second,
		"1722480667.25":                 "2024-08-01T02:51:07.25Z",
		"1722480667250":                 "2024-08-01T02:51:07.25Z",
		"1722480667250000":              "2024-08-01T02:51:07.25Z",
		"1722480667250000000":           "2024-08-01T02:51:07.25Z",
	} {
		if got, err := evidence.ParseInstant(in, now); err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v want %s", in, got.Format(time.RFC3339Nano), err, want)
		}
	}
	// A zone's abbreviation means different offsets in different places.
	for _, in := range []string{"", "yesterday", "2024-08-01", "2024-13-01T02:51:00Z", "2024-08-01 02:51 CST", "Thu Aug  1 02:51:07 CST 2024", "172248066", "0x66aaf9db", "02:51:07 2024-08-01"} {
		if got, err := evidence.ParseInstant(in, now); !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q: got %v, %v want ErrInvalid", in, got, err)
		}
	}
}
