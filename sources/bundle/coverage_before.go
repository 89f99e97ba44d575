package bundle

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// clockBefore is what bundles said of a server's clock among the records that cannot
// be used, before it had a row of its own.
var clockBefore = regexp.MustCompile(`(?:^|, )(\d+) answers? (?:is|are) of a server whose clock is [^,]*`)

// partClocks gives what such a bundle says of a server's clock the row that it has
// today.
func partClocks(rows []evidence.Coverage) []evidence.Coverage {
	for i := range rows {
		r := &rows[i]
		if r.Key != evidence.TopicUnusable {
			continue
		}
		clock := evidence.Coverage{Source: r.Source, Key: evidence.TopicServerClock, Query: evidence.TopicServerClock.Sentence(), Status: r.Status, Window: r.Window}
		var said []string
		for _, m := range clockBefore.FindAllStringSubmatch(r.Detail, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil || n > r.Lost-clock.Lost {
				continue // more than were lost: nothing that we wrote
			}
			clock.Lost += n
			said = append(said, strings.TrimPrefix(m[0], ", "))
		}
		if clock.Lost == 0 {
			continue
		}
		clock.Detail = strings.Join(said, ", ")
		r.Lost -= clock.Lost
		r.Detail = strings.TrimPrefix(clockBefore.ReplaceAllString(r.Detail, ""), ", ")
		rows = append(rows, clock)
	}
	return rows
}
