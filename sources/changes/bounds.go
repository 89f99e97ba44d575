package changes

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// Limits on what one request announces, in bytes.
const (
	maxName       = 256
	maxSummary    = 500
	maxText       = 4 << 10 // of a URL, an ID or an attribute's value
	maxAttributes = 64
	maxEvents     = 1000 // in a batch
)

// bounded refuses a request that is no announcement but an archive.
func bounded(list []evidence.Change) error {
	if len(list) > maxEvents {
		return invalid("the batch holds %d events, at most %d are taken at a time", len(list), maxEvents)
	}
	for _, c := range list {
		if err := boundedFields(c); err != nil {
			return err
		}
	}
	return nil
}

func boundedFields(c evidence.Change) error {
	if len(c.Attributes) > maxAttributes {
		return invalid("%d attributes, at most %d are taken", len(c.Attributes), maxAttributes)
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"service", c.Service, maxName}, {"from", c.From, maxText}, {"to", c.To, maxText}, {"commit", c.Commit, maxName}, {"actor", c.Actor, maxName},
		{"id", c.ID, maxText}, {"url", c.URL, maxText}, {"summary", c.Summary, maxSummary}, {"inferred", c.Inferred, maxName},
	} {
		if len(f.value) > f.most {
			return invalid("%s has %d bytes, at most %d are taken", f.name, len(f.value), f.most)
		}
	}
	for k, v := range c.Attributes {
		if len(k) > maxName || len(v) > maxText {
			return invalid("an attribute has a name of %d and a value of %d bytes, at most %d and %d are taken", len(k), len(v), maxName, maxText)
		}
	}
	return nil
}
