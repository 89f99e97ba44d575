package mechanism

import "strings"

func authRule() Rule {
	return Rule{ID: "auth", Title: "A check of identity or permission became stricter, or its key or scope changed", find: findAuth}
}

func findAuth(s *scan) []Match {
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if demands(l) && !s.anyNet('-', demands) {
			out = append(out, at(f, l, Added, "demanded", "a permission, scope, audience or signature is demanded that was not before", Rejected, Unhandled))
		}
	})
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if grants(l) && !s.anyNet('+', grants) {
			out = append(out, at(f, l, Removed, "grant-removed", "a permission, role or exemption was taken away", Rejected, Unhandled))
		}
	})
	out = append(out, shorterLists(s)...)
	for _, e := range s.settings.edits {
		if !e.After.Number && e.After.has("audience", "issuer", "scope", "role", "algorithm", "signing", "secret", "key", "realm", "kid", "policy") && e.After.has("auth", "jwt", "oauth", "token", "oidc", "iam", "audience", "issuer", "signing", "secret", "kid", "verify") && !e.After.has("cache") {
			out = append(out, edited(e, Changed, "checked-against", "what tokens or callers are checked against changed", Rejected, Unhandled))
		}
		if e.After.has("token", "session", "jwt", "credential", "lease") && e.After.has("ttl", "expiry", "expires", "lifetime", "expiration", "age") && e.lowered() {
			out = append(out, edited(e, Lowered, "lives-shorter", "tokens or sessions live shorter", Rejected, Unhandled).sized(e))
		}
	}
	return out
}

// shorterLists finds lists of what is let in that lost members.
func shorterLists(s *scan) []Match {
	var out []Match
	s.visit('+', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if !containsAny(l.lower(), "allow", "permit", "origins", "whitelist", "trusted", "roles", "scopes") {
			return
		}
		if s.anyNet('-', func(r *Line) bool {
			return texts(r) > texts(l) && texts(l) > 0 && len(r.tokens()) > 0 && r.tokens()[0] == l.tokens()[0]
		}) {
			out = append(out, at(f, l, Removed, "fewer-let-in", "fewer are let in than before", Rejected, Unhandled))
		}
	})
	return out
}

func texts(l *Line) int {
	n := 0
	for _, t := range l.tokens() {
		if t.kind == stringToken {
			n++
		}
	}
	return n
}

func demands(l *Line) bool {
	low := l.lower()
	if logs(l) {
		return false
	}
	return containsAny(low, "requirescope", "require_scope", "requirerole", "require_role", "haspermission", "hasrole(", "hasauthority(", "@preauthorize", "@secured", "@rolesallowed", "[authorize", "withaudience(", "withissuer(", "verifyaudience", "validatesignature", "authorize!", "permission_required", "login_required", "isauthenticated", "require_auth", "requireauth", "authenticate(") ||
		isCondition(l) && containsAny(low, "claims.", ".aud", ".iss", "scope", "permission") && containsAny(low, "!=", "!", "not ")
}

func grants(l *Line) bool {
	low := l.lower()
	return containsAny(low, "permitall(", "permitall", "allow_anonymous", "allowanonymous", "skip_before_action", "allowlist", "whitelist", "exempt", "allowed_origins", "allowedorigins") ||
		containsAny(low, "\"s3:", "\"sqs:", "\"dynamodb:", "\"kms:", "\"secretsmanager:", "\"sts:") || strings.HasPrefix(low, "grant ") || strings.HasPrefix(low, "- \"") && strings.Contains(low, ":get")
}
