package blameindex

import (
	"bytes"
	"context"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

// tag is a decision named in a comment and the lines that it governs.
type tag struct {
	line, until int
	decision    string
}

// binaryProbe is how many bytes git looks at to tell text from binary.
const binaryProbe = 8000

// inspect looks into the contents that are new: how many lines, which tags,
// and whether they are to be skipped.
func (ix *indexer) inspect(ctx context.Context) error {
	var oids []string
	for _, p := range ix.plans {
		for _, e := range p.tree {
			if !e.Regular() || ix.blobs[e.OID] != nil || !matchAny(p.rev.globs, e.Path) {
				continue
			}
			if b := p.base[e.Path]; b.blob == e.OID {
				ix.blobs[e.OID] = &blobInfo{lines: b.lines, known: true}
				continue
			}
			ix.blobs[e.OID] = &blobInfo{}
			oids = append(oids, e.OID)
		}
	}
	sizes, err := ix.repo.Sizes(ctx, oids)
	if err != nil {
		return err
	}
	var read []string
	for i, oid := range oids {
		b := ix.blobs[oid]
		b.size = sizes[i]
		switch {
		case sizes[i] < 0:
			b.reason = "missing"
		case sizes[i] > ix.o.MaxFile:
			b.reason = "huge"
		default:
			read = append(read, oid)
		}
	}
	return ix.repo.Blobs(ctx, read, func(i int, data []byte) error {
		b := ix.blobs[read[i]]
		switch {
		case data == nil && b.size > 0:
			b.reason = "missing"
		case bytes.IndexByte(data[:min(len(data), binaryProbe)], 0) >= 0:
			b.reason = "binary"
		default:
			b.lines = countLines(data)
			b.tags = findTags(data)
		}
		return ctx.Err()
	})
}

// info is what was learnt of a target's content.
func (ix *indexer) info(t target) *blobInfo { return ix.blobs[t.file.oid] }

// countLines counts as git does: a last line without a newline is a line.
func countLines(data []byte) int {
	n := bytes.Count(data, []byte{'\n'})
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n
}

// findTags finds the tags of a file. A tag governs its own line and the lines
// below it up to the next blank one, which is how far a comment on a block of
// code is usually meant.
func findTags(data []byte) []tag {
	if !bytes.Contains(data, []byte("decision:")) {
		return nil
	}
	lines := strings.Split(string(data), "\n")
	var tags []tag
	for i, line := range lines {
		for _, id := range decision.Tags(strings.ToValidUTF8(line, "?")) {
			until := i
			for until+1 < len(lines) && strings.TrimSpace(lines[until+1]) != "" {
				until++
			}
			tags = append(tags, tag{line: i + 1, until: until + 1, decision: id})
		}
	}
	return tags
}
