package logline

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/valyala/fastjson" // the decoder that costs a few hundred nanoseconds a line instead of microseconds

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

var parsers fastjson.ParserPool

// object reads a JSON object. It is false for what is none.
func (c *reading) object(s string) bool {
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(s)
	if err != nil {
		return c.broken(s)
	}
	o, err := v.Object()
	if err != nil {
		return false
	}
	if inner, ok := dockerLine(o); ok {
		c.wrapped(strings.Clone(inner))
		return true
	}
	c.fields(o, "", 0)
	c.unfold()
	return true
}

// unfold reads a message that is a line itself, as shippers keep what a program
// wrote beside fields of their own: an object, or a text with a time where no
// field says how bad it is.
func (c *reading) unfold() {
	inner := strings.TrimSpace(c.message.text)
	object := strings.HasPrefix(inner, "{") && strings.HasSuffix(inner, "}")
	if c.unfolded >= maxWraps || !object && (c.mark != evidence.SeverityUnknown || stampLength(inner) == 0) {
		return
	}
	c.unfolded++
	outer := c.message
	c.message = said{}
	if object && !c.object(inner) {
		c.message = outer
		return
	} else if !object {
		c.body(inner)
	}
	if c.message.text == "" {
		c.message = outer
	}
}

// dockerLine is what Docker's json-file driver wraps: {"log":…,"stream":…,"time":…}.
func dockerLine(o *fastjson.Object) (string, bool) {
	log := o.Get("log")
	if log == nil || log.Type() != fastjson.TypeString || o.Get("stream") == nil && o.Len() > 2 {
		return "", false
	}
	return string(log.GetStringBytes()), true
}

func (c *reading) fields(o *fastjson.Object, prefix string, depth int) {
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := prefix + string(key)
		switch v.Type() {
		case fastjson.TypeNull:
		case fastjson.TypeObject:
			inner, _ := v.Object() // it is one
			if depth+1 >= maxDepth {
				c.line.Cut++
				return
			}
			c.fields(inner, name+".", depth+1)
		case fastjson.TypeArray:
			items, _ := v.Array() // it is one
			c.array(name, v, items)
		case fastjson.TypeString:
			b, _ := v.StringBytes() // it is one
			c.field(name, string(b))
		default:
			c.field(name, string(v.MarshalTo(nil)))
		}
	})
}

// field takes a field of the body and keeps it among the attributes, unless
// what it says stands in the line's own fields now.
func (c *reading) field(name, value string) {
	if len(name) > maxKey {
		c.line.Cut += len(name) - maxKey
		name = strings.Clone(evidence.Cut(name, maxKey))
	}
	if !c.see(name, value) {
		c.keep(name, value)
	}
}

// array takes a list: a stack is one of texts or of frames.
func (c *reading) array(name string, v *fastjson.Value, items []*fastjson.Value) {
	m := c.meaning(name)
	trace := strings.HasSuffix(name, ".trace") && len(items) > 0 && hasPlace(string(items[0].GetStringBytes()))
	if m.is == fieldException && len(items) == 2 && items[0].Type() == fastjson.TypeString && thrown(string(items[0].GetStringBytes())) && !hasFrame(string(items[1].GetStringBytes())) {
		c.cause.take(string(items[0].GetStringBytes())+": "+string(items[1].GetStringBytes()), name, m.rank) // Rails' type and message
	} else if m.is == fieldStack || m.is == fieldException || trace {
		var b strings.Builder
		if place := c.own[strings.TrimSuffix(name, "trace")+"file"]; trace && hasPlace(place) { // where it was thrown is no call
			b.WriteString("    at " + place + ":1\n")
		}
		for _, it := range items {
			if b.Len() > maxStack {
				break
			}
			switch {
			case trace:
				b.WriteString("    at " + string(it.GetStringBytes()) + ":1")
			case it.Type() == fastjson.TypeString:
				b.Write(it.GetStringBytes())
			default:
				frameText(&b, it)
			}
			b.WriteByte('\n')
		}
		c.stack.take(b.String(), name, max(m.rank, 1))
		return
	}
	c.scopes(name, items)
	c.exceptionIn(name, items)
	if text := v.MarshalTo(nil); len(text) <= maxValue {
		c.keep(name, string(text))
	} else {
		c.keep(name, string(text[:maxValue]))
		c.line.Cut += len(text) - maxValue
	}
}

// exceptionIn takes the first exception of a list: an object with a stack and a message.
func (c *reading) exceptionIn(name string, items []*fastjson.Value) {
	const most = 4
	for _, it := range items[:min(len(items), most)] {
		stack := string(it.GetStringBytes("stack"))
		if stack == "" {
			stack = string(it.GetStringBytes("stacktrace"))
		}
		if !strings.Contains(stack, "\n") && !hasFrame(stack) {
			continue // a stack of a cloud's, or of cards
		}
		c.stack.take(stack, name, 2)
		c.cause.take(string(it.GetStringBytes("message")), name, 2)
		return
	}
}

// scopes looks for a trace in the objects of a list, as .NET's loggers list what
// was open when a line was written.
func (c *reading) scopes(name string, items []*fastjson.Value) {
	const most = 16
	for _, it := range items[:min(len(items), most)] {
		o, err := it.Object()
		if err != nil {
			continue
		}
		o.Visit(func(key []byte, v *fastjson.Value) {
			if v.Type() == fastjson.TypeString {
				if m := c.meaning(string(key)); m.is.ofTrace() {
					c.see(name+"."+string(key), string(v.GetStringBytes()))
				}
			}
		})
	}
}

// frameText writes a frame that was logged as an object the way its language
// prints it, since stack traces are read from text: zerolog's {"func","source",
// "line"}, structlog's {"filename","lineno","name"}, Log4j's {"class","method",
// "file","line"}; and the frames of an exception that was logged as one.
func frameText(b *strings.Builder, v *fastjson.Value) {
	get := func(names ...string) string {
		for _, n := range names {
			if x := v.Get(n); x != nil {
				if x.Type() == fastjson.TypeString {
					return string(x.GetStringBytes())
				}
				return string(x.MarshalTo(nil))
			}
		}
		return ""
	}
	for i, f := range v.GetArray("frames") {
		if i == 0 {
			b.WriteString("Traceback (most recent call last):\n")
		}
		if frameText(b, f); b.Len() > maxStack {
			return
		}
		b.WriteByte('\n')
	}
	file, line, function := get("file", "source", "filename"), get("line", "lineno", "lineNumber"), get("func", "function", "method", "name")
	class := get("class")
	if file == "" && line != "" && class != "" { // Java names the file for the outermost class
		outer, _, _ := strings.Cut(class[strings.LastIndexByte(class, '.')+1:], "$")
		file = outer + ".java"
	}
	switch {
	case file == "" || line == "":
	case class != "":
		b.WriteString("\tat " + class + "." + function + "(" + file + ":" + line + ")")
	case get("lineno") != "":
		b.WriteString(`  File "` + file + `", line ` + line + ", in " + function)
	default:
		b.WriteString("    at " + function + " (" + file + ":" + line + ":1)")
	}
}

// broken reads what it can of an object that was cut or is nested too deep:
// fields of the first levels up to the fault.
func (c *reading) broken(s string) bool {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var path []string
	depth, key, any := 0, "", false
	const mostTokens = 20_000
	for range mostTokens {
		t, err := d.Token()
		if err != nil {
			if any && !errors.Is(err, io.EOF) {
				c.line.Cut++
			}
			return any
		}
		delim, isDelim := t.(json.Delim)
		switch {
		case isDelim && (delim == '{' || delim == '['):
			if depth++; depth > maxDepth {
				c.line.Cut++
				return any
			}
			path, key = append(path, key), ""
			if delim == '[' && !skipArray(d) {
				return any
			} else if delim == '[' {
				depth--
				path = path[:len(path)-1]
			}
		case isDelim:
			depth--
			path, key = path[:len(path)-1], ""
		case key == "":
			key, _ = t.(string)
		default:
			c.field(strings.TrimPrefix(strings.Join(append(path[1:len(path):len(path)], key), "."), "."), tokenText(t))
			key, any = "", true
		}
		if depth == 0 {
			return any
		}
	}
	return any
}

func tokenText(t json.Token) string {
	switch x := t.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		if x {
			return "true"
		}
		return "false"
	default:
		return ""
	}
}

// skipArray reads to the end of a list that has begun.
func skipArray(d *json.Decoder) bool {
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil || depth > maxDepth*4 {
			return false
		}
		if delim, ok := t.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				depth++
			} else {
				depth--
			}
		}
	}
	return true
}
