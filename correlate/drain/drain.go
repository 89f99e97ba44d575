// Package drain finds the templates of log lines: which lines were written by
// the same statement, with the variable parts masked.
//
// It is Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with
// Fixed Depth Tree", ICWS 2017) with the paper's parameters. It differs in two
// points. Numbers, identifiers and addresses are masked before the tree is
// walked, as the paper allows for domain knowledge. And a token that names a
// place in code, as "file.go:118" or "Class#31", is never a variable: two
// statements with the same words stay two templates.
//
// The templates depend on the order of the lines; the same lines in the same
// order give the same templates.
package drain

import "strings"

// Wildcard stands for a variable part.
const Wildcard = "<*>"

const (
	// tokenLayers is how many leading tokens the tree looks at: the paper's
	// depth of 4 counts the root, the length layer and the leaf besides.
	tokenLayers = 2
	// similar is the least share of equal tokens of a line and a template.
	similar = 0.5
	// maxChildren bounds the fan-out of a node; what comes later shares the
	// wildcard branch.
	maxChildren = 100
	// maxTokens bounds what is looked at of one line: a dumped object is told
	// apart by its beginning.
	maxTokens = 120
)

// Parser assigns lines to templates. It is not safe for concurrent use.
type Parser struct {
	roots  map[int]*node // by number of tokens
	groups []*group
	// masked remembers which group a masked line belongs to, so that repeated
	// statements cost one look-up. A group never loses a line.
	masked map[string]int
}

type node struct {
	children map[string]*node
	groups   []int
}

type group struct{ tokens []string }

// New makes an empty parser.
func New() *Parser { return &Parser{roots: map[int]*node{}, masked: map[string]int{}} }

// Add assigns a line to a group and returns the group's number, from 0. The
// group's template may still become more general with later lines.
func (p *Parser) Add(line string) int {
	masked := Mask(line)
	if id, ok := p.masked[masked]; ok {
		return id
	}
	tokens := strings.Fields(masked)
	if len(tokens) > maxTokens {
		tokens = tokens[:maxTokens]
	}
	leaf := p.leaf(tokens)
	id := p.best(leaf, tokens)
	if id < 0 {
		id = len(p.groups)
		p.groups = append(p.groups, &group{tokens: tokens})
		leaf.groups = append(leaf.groups, id)
	} else {
		p.groups[id].merge(tokens)
	}
	p.masked[masked] = id
	return id
}

// Template is the template of a group as text.
func (p *Parser) Template(id int) string { return strings.Join(p.groups[id].tokens, " ") }

// leaf walks from the number of tokens over the leading tokens.
func (p *Parser) leaf(tokens []string) *node {
	n := p.roots[len(tokens)]
	if n == nil {
		n = &node{children: map[string]*node{}}
		p.roots[len(tokens)] = n
	}
	for _, t := range tokens[:min(tokenLayers, len(tokens))] {
		if strings.Contains(t, Wildcard) {
			t = Wildcard
		}
		next := n.children[t]
		if next == nil && len(n.children) >= maxChildren {
			t = Wildcard
			next = n.children[t]
		}
		if next == nil {
			next = &node{children: map[string]*node{}}
			n.children[t] = next
		}
		n = next
	}
	return n
}

// best is the most similar group of a leaf, the older one of equals, or -1.
func (p *Parser) best(leaf *node, tokens []string) int {
	id, most := -1, 0.0
	for _, g := range leaf.groups {
		if s := p.groups[g].similarity(tokens); s >= similar && s > most {
			id, most = g, s
		}
	}
	return id
}

// similarity is the share of tokens that are equal; 0 when both name places in
// code and not the same ones.
func (g *group) similarity(tokens []string) float64 {
	if len(tokens) == 0 {
		return 1
	}
	equal := 0
	for i, t := range g.tokens {
		if t == tokens[i] {
			equal++
		} else if IsPlace(t) || IsPlace(tokens[i]) {
			return 0
		}
	}
	return float64(equal) / float64(len(tokens))
}

func (g *group) merge(tokens []string) {
	for i, t := range tokens {
		if g.tokens[i] != t {
			g.tokens[i] = Wildcard
		}
	}
}
