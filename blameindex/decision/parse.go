package decision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3" // the maintained YAML; its nodes carry line numbers
)

// Parse reads the records of one file. The form is told by the path: .md and
// .markdown are Markdown, .adoc, .asciidoc and .asc AsciiDoc, everything else YAML. A file that holds no record at
// all gives an empty Document: a README beside the records is no fault.
func Parse(name string, data []byte, v Vocabulary) Document {
	if len(data) > MaxSize {
		return broken(name, 1, fmt.Sprintf("%d bytes; a record is at most %d", len(data), MaxSize))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if templateFile.MatchString(baseName(name)) {
		return Document{Template: true}
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return parseMarkdown(name, data, v)
	case ".adoc", ".asciidoc", ".asc":
		return parseMarkdown(name, markdownOf(data), v)
	}
	return parseYAML(name, data, v)
}

func broken(name string, line int, message string) Document {
	return Document{Faults: []Fault{{Path: name, Line: line, Dimension: "syntax", Message: message}}}
}

func parseYAML(name string, data []byte, v Vocabulary) Document {
	var doc Document
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return doc
		}
		if err != nil {
			doc.Faults = append(doc.Faults, syntaxFault(name, data, 0, err))
			return doc
		}
		if rec, ok := fromNode(name, &n, 0); ok {
			rec.validate(v)
			doc.Records = append(doc.Records, rec)
		}
	}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// syntaxFault turns the parser's error into one sentence with a line. A tab in
// the indentation, which YAML forbids and people cannot see, is named as such.
func syntaxFault(name string, data []byte, offset int, err error) Fault {
	f := Fault{Path: name, Line: 1 + offset, Dimension: "syntax", Message: "not valid YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		if n, convErr := strconv.Atoi(m[1]); convErr == nil {
			f.Line = n + offset
		}
	}
	for i, line := range strings.Split(string(data), "\n") {
		if indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; strings.Contains(indent, "\t") && strings.TrimSpace(line) != "" {
			f.Line, f.Message = i+1+offset, "a tab in the indentation; YAML allows spaces only"
			break
		}
	}
	return f
}

// fields is a mapping's values by key, with the lines of the keys.
type fields struct {
	values map[string]*yaml.Node
	lines  map[string]int
	twice  map[string]int
}

func readFields(n *yaml.Node, offset int) fields {
	f := fields{values: map[string]*yaml.Node{}, lines: map[string]int{}, twice: map[string]int{}}
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return f
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if _, again := f.values[key]; again {
			f.twice[key] = n.Content[i].Line + offset
			continue
		}
		f.values[key], f.lines[key] = resolve(n.Content[i+1]), n.Content[i].Line+offset
	}
	return f
}

// resolve follows document and alias nodes. The reader goes down by name only,
// so an alias that contains itself cannot make it loop.
func resolve(n *yaml.Node) *yaml.Node {
	for depth := 0; n != nil && depth < 8; depth++ {
		switch {
		case n.Kind == yaml.DocumentNode && len(n.Content) > 0:
			n = n.Content[0]
		case n.Kind == yaml.AliasNode:
			n = n.Alias
		default:
			return n
		}
	}
	return nil
}

// pick is the first of the names that is there.
func (f fields) pick(names ...string) (string, *yaml.Node) {
	for _, name := range names {
		if n, ok := f.values[name]; ok {
			return name, n
		}
	}
	return names[0], nil
}

// text is a scalar's text, a sequence's joined by ", ", else empty.
func text(n *yaml.Node) string {
	switch {
	case n == nil || n.Tag == "!!null":
		return ""
	case n.Kind == yaml.ScalarNode:
		return strings.TrimSpace(n.Value)
	case n.Kind == yaml.SequenceNode:
		return strings.Join(texts(n), ", ")
	}
	return ""
}

// texts is a sequence's scalars, or a lone scalar as a sequence of one.
func texts(n *yaml.Node) []string {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		if s := strings.TrimSpace(n.Value); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			// Scalars only: a sequence within may, by an alias, be itself.
			if c = resolve(c); c != nil && c.Kind == yaml.ScalarNode && text(c) != "" {
				out = append(out, text(c))
			}
		}
	}
	return out
}
