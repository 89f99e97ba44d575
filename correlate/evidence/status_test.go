package evidence

import "testing"

func TestACodeOfGRPCIsTheSameHoweverItIsSpelled(t *testing.T) {
	for want, spellings := range map[string][]string{
		"OK": {"0", "OK", "Ok"}, "CANCELLED": {"1", "CANCELLED", "Canceled", "CANCELED", "canceled"},
		"INVALID_ARGUMENT": {"3", "INVALID_ARGUMENT", "InvalidArgument", "invalid_argument"}, "DEADLINE_EXCEEDED": {"4", "DEADLINE_EXCEEDED", "DeadlineExceeded"},
		"NOT_FOUND": {"5", "NOT_FOUND", "NotFound"}, "UNIMPLEMENTED": {"12", "Unimplemented"}, "UNAUTHENTICATED": {"16", "Unauthenticated"},
		"-32601": {"-32601"}, "17": {"17"}, "04": {"04"}, "": {""}, // of JSON-RPC, and none
	} {
		for _, spelled := range spellings {
			for _, name := range []string{"rpc.response.status_code", "rpc.grpc.status_code", "grpc.status_code"} {
				s := Span{Attributes: map[string]string{name: spelled}}
				if got := s.GRPCStatus(); got != want {
					t.Errorf("%s %q: got %q, want %q", name, spelled, got, want)
				}
				if got := s.Status(); got != spelled {
					t.Errorf("%s: got %q, want %q as it stands there", name, got, spelled)
				}
			}
		}
	}
	for _, name := range []string{"http.response.status_code", "http.status_code"} {
		s := Span{Attributes: map[string]string{name: "503", "grpc.status_code": "14"}}
		if s.HTTPStatus() != "503" || s.Status() != "503" || s.GRPCStatus() != "UNAVAILABLE" {
			t.Errorf("%s: got %q, %q and %q", name, s.HTTPStatus(), s.Status(), s.GRPCStatus())
		}
	}
}
