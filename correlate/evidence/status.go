package evidence

import (
	"cmp"
	"strconv"
	"strings"
)

// HTTPStatus is the status code of HTTP that a call ended with, as "503"; empty where
// its span has none. The older attribute counts where the present one is missing.
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/
func (s *Span) HTTPStatus() string {
	return cmp.Or(s.Attributes["http.response.status_code"], s.Attributes["http.status_code"])
}

// GRPCStatus is the status code of gRPC that a call ended with, by the name that the
// protocol has for it, as "DEADLINE_EXCEEDED", however its library spells it: by number,
// or as Go and Connect write the name. A code of another protocol is as the span has it.
// https://grpc.io/docs/guides/status-codes/
func (s *Span) GRPCStatus() string {
	said := s.rpcStatus()
	if said == "" {
		return "" // as of most spans
	}
	return cmp.Or(grpcNames[strings.ToUpper(strings.ReplaceAll(said, "_", ""))], said)
}

// Status is how a call ended in the terms of its protocol, HTTP's or an RPC's, as the
// span has it; empty where it says nothing.
func (s *Span) Status() string { return cmp.Or(s.HTTPStatus(), s.rpcStatus()) }

func (s *Span) rpcStatus() string {
	return cmp.Or(s.Attributes["rpc.response.status_code"], s.Attributes["rpc.grpc.status_code"], s.Attributes["grpc.status_code"])
}

// grpcCodes are gRPC's codes by number.
var grpcCodes = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

// grpcNames are the same by number in writing, and by name in capitals without what
// joins its words.
var grpcNames = func() map[string]string {
	names := map[string]string{"CANCELED": "CANCELLED"}
	for number, name := range grpcCodes {
		names[strconv.Itoa(number)], names[strings.ReplaceAll(name, "_", "")] = name, name
	}
	return names
}()
