package logline

import "strings"

// field is what a field of a line stands for.
type field uint8

const (
	fieldOther field = iota
	fieldTime
	fieldMessage
	fieldLevel      // a name, or the number of pino, bunyan or syslog
	fieldNumberOTel // OpenTelemetry's severity number
	fieldNumberPy   // Python's levelno
	fieldNumberUnix // syslog's severity, 0 to 7
	fieldNumberFive // 0 verbose to 4 critical, as Application Insights counts
	fieldTrace      // any form of evidence.ReadTraceID
	fieldSpan
	fieldCaller // file:line
	fieldFile
	fieldLine
	fieldFunction
	fieldStack
	fieldError
	fieldLogger
	fieldException // a text that is an error or, over several lines, a stack
	fieldGuess     // what Loki told from the words
	fieldDropped   // says nothing: flags, the version of the form
	fieldStatus    // of HTTP
	fieldRequest   // a request's method, path or line
)

// meaning is what a key stands for; of several that a line has, the one with
// the highest rank wins, then the first by name.
type meaning struct {
	is   field
	rank uint8
	as   string // a name under which the value is kept as well
}

// maxKey is the longest key that is looked up, in bytes.
const maxKey = 96

// plainKey appends a key's letters, digits and @ in lower case: so trace_id,
// traceId, trace.id and Trace-ID are one, and so are nested and joined names.
func plainKey(into []byte, key string) []byte {
	for i := 0; i < len(key) && i < maxKey; i++ {
		switch c := key[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '@':
			into = append(into, c)
		case c >= 'A' && c <= 'Z':
			into = append(into, c+'a'-'A')
		}
	}
	return into
}

// anywhere are the fields that are known by the last part of a nested name,
// too: span.traceID, context.err.stack.
func (f field) anywhere() bool { return f == fieldTrace || f == fieldSpan || f == fieldStack }

// ofTrace reports whether a field says where in a trace a line belongs.
func (f field) ofTrace() bool { return f == fieldTrace || f == fieldSpan }

// envelopes are objects that a logger or shipper puts all fields of a line into:
// what stands in one counts as if it stood outside, a little less surely.
var envelopes = set("body record jsonpayload json_payload payload fields data event log message msg properties attributes")

// exchanges are objects that tell of a request or of its answer.
var exchanges = set("http httprequest http_request req request res resp response")

func set(names string) map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}

// nested is what a key inside an object means, from the object's name and the
// rest of the key.
func (r *Reader) nested(object, rest string) meaning {
	var buf [maxKey]byte
	object = strings.ToLower(object)
	m := r.fields[string(plainKey(buf[:0], rest))]
	switch {
	case envelopes[object] && m.is != fieldOther:
		m.rank = max(m.rank, 2) - 1
		return m
	case exchanges[object] && (m.is == fieldStatus || m.is == fieldRequest):
		return m
	case exchanges[object] && rest == "url":
		return meaning{is: fieldRequest, rank: 5}
	}
	return meaning{}
}

// known are the fields as the common loggers name them. docs/log-lines.md lists
// them; a test holds it to this list.
var known = table(names)

var names = map[field]string{
	fieldTime:    "time timestamp ts @timestamp @t datetime asctime eventtime t.date logged_at instant",
	fieldMessage: "message msg @m short_message fields.message full_message:4 resultdescription:4 renderedmessage textpayload @mt:4 messagetemplate:4 event:3 text:3 body:3 log:2 desc:2",
	fieldLevel:   "level severity severity_text log.level lvl loglevel levelname @l level_name level.name severitytext error_severity leveltext at:1 s:1",
	fieldTrace: "trace_id trace.id dd.trace_id:6 dd.trace:6 oteltraceid @tr traceparent:8 tp:3 trace:4 b3:4 x-b3-traceid x-trace-id xraytraceid aws.xray.trace_id " +
		"x-amzn-trace-id logging.googleapis.com/trace x-cloud-trace-context correlation_id:2 operation_id:2 uber-trace-id:3 request.trace_id mdc.trace_id contextmap.traceid",
	fieldSpan:       "span_id span.id dd.span_id:6 dd.span:6 otelspanid @sp span:4 x-b3-spanid logging.googleapis.com/spanId mdc.span_id contextmap.spanid",
	fieldCaller:     "caller source location origin call_site callsite logger.caller log.origin src:4",
	fieldFile:       "code.file.path code.filepath source.file log.origin.file.name filename:4 pathname:6 file logging.googleapis.com/sourceLocation.file file.path file.name:4",
	fieldLine:       "code.line.number code.lineno source.line log.origin.file.line line line_number lineno logging.googleapis.com/sourceLocation.line",
	fieldFunction:   "code.function.name code.function source.function source.method log.origin.function func funcname:4 function logging.googleapis.com/sourceLocation.function",
	fieldStack:      "exception.stacktrace stacktrace stack error.stack err.stack error.stack_trace stack_trace errorverbose:3 exc_info:4 exc_text:3 backtrace exception.backtrace extendedstacktrace thrown.extendedstacktrace code.stacktrace:2 exception.frames:4 thrown.frames:4",
	fieldError:      "error.message err.message exception.message error err exception.msg thrown.message cause:3 reason:2 error_message errmsg",
	fieldException:  "exception @x exception.text",
	fieldLogger:     "logger logger_name log.logger loggername category sourcecontext properties.sourcecontext target:4 name:3 channel:3 component:3",
	fieldNumberOTel: "severity_number severitynumber",
	fieldNumberPy:   "levelno",
	fieldNumberUnix: "log.syslog.severity.code syslog.severity priority",
	fieldNumberFive: "severitylevel",
	fieldStatus:     "status status_code statuscode http.response.status_code http.status_code http_status response_code response.status downstreamstatus sc-status resp_status",
	fieldRequest:    "method http.request.method http.method request_method requestmethod verb requesturl request_url request path request_path requestpath uri request_uri url.path cs-method cs-uri-stem",
	fieldGuess:      "detected_level",
	fieldDropped:    "@i @r trace_flags traceflags dd.service dd.env dd.version otelservicename oteltracesampled flags observed_timestamp",
}

// table spreads a list of names; a number after a colon is the rank, else 5.
func table(lists map[field]string) map[string]meaning {
	m := map[string]meaning{}
	for f, list := range lists {
		for name := range strings.FieldsSeq(list) {
			rank := uint8(5)
			if i := strings.LastIndexByte(name, ':'); i > 0 {
				name, rank = name[:i], name[i+1]-'0'
			}
			m[string(plainKey(nil, name))] = meaning{is: f, rank: rank}
		}
	}
	return m
}
