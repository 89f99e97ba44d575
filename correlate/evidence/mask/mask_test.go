package mask

import (
	"strings"
	"testing"
)

// r repeats a text up to n bytes, so that no line here looks like a real key.
func r(s string, n int) string { return strings.Repeat(s, n/len(s)+1)[:n] }

var secrets = []struct{ name, before, secret, after string }{
	{"AWS access key", "using ", "AKIA" + r("Q7XZ", 16), " in eu-west-1"},
	{"AWS session key", "using ", "ASIA" + r("Q7XZ", 16), ""},
	{"AWS secret key", "AWS_SECRET_ACCESS_KEY=", r("wJalrXUtnFEMI/K7", 40), ""},
	{"AWS secret key in JSON", `{"SecretAccessKey": "`, r("wJalrXUtnFEMI/K7", 40), `"}`},
	{"AWS secret key in a file", "aws_secret_access_key = ", r("wJalrXUtnFEMI/K7", 40), ""},
	{"AWS signature in a URL", "GET https://b.s3/x?X-Amz-Date=2&X-Amz-Signature=", r("0a1b2c", 64), " 403"},
	{"GitHub token", "push with ", "ghp_" + r("aB3", 36), ""},
	{"GitHub OAuth token", "push with ", "gho_" + r("aB3", 36), ""},
	{"GitHub user token", "push with ", "ghu_" + r("aB3", 36), ""},
	{"GitHub refresh token", "push with ", "ghr_" + r("aB3", 36), ""},
	{"GitHub server token", "push with ", "ghs_" + r("aB3", 36), ""},
	{"GitHub fine-grained token", "push with ", "github_pat_" + r("aB3_", 60), ""},
	{"GitLab token", "push with ", "glpat-" + r("aB3-", 20), ""},
	{"GitLab runner token", "register ", "glrt-" + r("aB3_", 20), ""},
	{"Slack bot token", "posting as ", "xoxb-" + r("123456-", 40), ""},
	{"Slack app token", "posting as ", "xapp-1-" + r("A12-", 40), ""},
	{"Slack webhook", "POST https://hooks.slack.com/services/", "T00000000/B00000000/" + r("XyZ9", 24), " failed"},
	{"Discord webhook", "POST https://discord.com/api/webhooks/", "123456789012345678/" + r("XyZ9_", 60), ""},
	{"Telegram bot", "https://api.telegram.org/bot", "123456789:AA" + r("XyZ9_", 33), "/sendMessage"},
	{"Google API key", "maps?key=", "AIza" + r("SyB3_", 35), ""},
	{"Google access token", "sent ", "ya29." + r("a0Af_", 40), ""},
	{"Google client secret", "sent ", "GOCSPX-" + r("a0Af_", 28), ""},
	{"service account", `{"private_key": "`, `-----BEGIN PRIVATE KEY-----\nMIIE` + r("abc", 60) + `\n-----END PRIVATE KEY-----`, `\n"}`},
	{"PEM", "read\n", "-----BEGIN RSA PRIVATE KEY-----\nMIIE" + r("abc", 60) + "\n-----END RSA PRIVATE KEY-----", "\ndone"},
	{"PEM without an end", "read ", "-----BEGIN EC PRIVATE KEY-----\nMIIE" + r("abc", 60), ""},
	{"age key", "identity ", "AGE-SECRET-KEY-1" + r("QPZRY9", 58), ""},
	{"JWT", "token is ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + r("aB3_", 43), ""},
	{"JWE", "token is ", "eyJhbGciOiJSU0EtT0FFUCJ9." + r("aB3", 40) + "." + r("x9", 16) + "." + r("y8", 30) + "." + r("z7", 22), ""},
	{"MySQL as Go's driver has it", "open app:", "hunter2#x", "@tcp(db:3306)/shop?parseTime=true"},
	{"MySQL by a socket", "open app:", "hunter2", "@unix(/run/mysqld.sock)/shop"},
	{"basic in a URL", "dial postgres://app:", "hunter2", "@db:5432/shop"},
	{"password with @ in a URL", "dial postgres://app:", "p@ss/w0rd", "@db:5432/shop"},
	{"password without a user in a URL", "dial redis://:", "hunter2", "@cache:6379"},
	{"token as the user of a URL", "clone https://", r("a1B2", 24), "@git.example/shop.git"},
	{"Sentry's DSN", "dsn https://", r("0f1e", 32), "@o1.ingest.example/1"},
	{"password=", "login password=", "hunter2", " ok"},
	{"password: x", "login password: ", "hunter2", " ok"},
	{"Password:x of Go", "{User:app Password:", "hunter2", " Host:db}"},
	{"pwd=", "Server=db;Uid=app;Pwd=", "hunter2", ";"},
	{"passphrase=", "key passphrase=", "hunter2", ""},
	{"pass=", "db_pass=", "hunter2", ""},
	{"PGPASSWORD", "PGPASSWORD=", "hunter2", " psql"},
	{"quoted with blanks", `password="`, "two words more", `" ok`},
	{"single quotes", `password='`, "two words", `'`},
	{"a quote in it", `password="`, `a\"b c`, `" ok`},
	{"JSON", `{"user":"a","password":"`, "hunter2", `"}`},
	{"JSON, camel case", `{"dbPassword" : "`, "hunter2", `"}`},
	{"JSON in JSON", `{"body":"{\"password\":\"`, "hunter2", `\",\"a\":1}"}`},
	{"JSON in JSON in JSON", `{\\\"password\\\":\\\"`, "hunter2", `\\\"}`},
	{"Python", `{'password': '`, "hunter2", `'}`},
	{"Ruby", `{:password=>"`, "hunter2", `"}`},
	{"YAML", "client_secret: ", r("aB3-", 20), ""},
	{"escaped for a URL", "body=user%3Da%26password%3D", "hunter2", "%26x%3D1"},
	{"XML", "<ns:Password>", "hunter2", "</ns:Password>"},
	{"form field", `<input name="password" value="`, "hunter2", `">`},
	{"a flag", "run --db-password ", "hunter2", " --host db"},
	{"a flag with =", "run --token=", "hunter2x", ""},
	{"mysql -p", "mysql -u root -p", "hunter2", " shop"},
	{"mysqldump -p", "mysqldump -h db -p", "'hunter 2'", " shop"},
	{"sshpass", "sshpass -p ", "hunter2", " ssh host"},
	{"curl -u", "curl -s -u app:", "hunter2", " https://x"},
	{"redis-cli -a", "redis-cli -a ", "hunter2", " ping"},
	{"SQL", "ALTER ROLE app WITH PASSWORD ", "'hunter2'", ""},
	{"SQL of MySQL", "CREATE USER a IDENTIFIED BY ", "'hunter2'", ""},
	{"netrc", "machine x login app password ", "hunter2", ""},
	{"Bearer", "sent Bearer ", r("aB3._-", 30), ""},
	{"Basic", "sent Basic ", "YXBwOmh1bnRlcjI=", ""},
	{"Authorization", "Authorization: Token ", r("a1b2", 20), ""},
	{"Authorization without a scheme", `"authorization":"`, r("a1b2", 20), `"`},
	{"Authorization of Go", "map[Authorization:[Bearer ", r("a1B2", 20), "] Accept:[*/*]]"},
	{"Proxy-Authorization", "Proxy-Authorization: Basic ", "YXBwOmh1bnRlcjI=", ""},
	{"X-Api-Key", "X-Api-Key: ", r("a1b2", 20), ""},
	{"X-Auth-Token", `"x-auth-token":["`, r("a1b2", 20), `"]`},
	{"Cookie", "Cookie: ", "sid=" + r("a1b2", 20) + "; theme=dark", ""},
	{"Set-Cookie", "Set-Cookie: ", "sid=" + r("a1b2", 20) + "; Path=/; HttpOnly", ""},
	{"Cookie of Go", "map[Cookie:[", "sid=" + r("a1b2", 20), "] Accept:[*/*]]"},
	{"Stripe", "charge with ", "sk_live_" + r("aB3", 24), ""},
	{"Stripe test", "charge with ", "sk_test_" + r("aB3", 24), ""},
	{"Stripe restricted", "charge with ", "rk_test_" + r("aB3", 24), ""},
	{"webhook secret", "verify ", "whsec_" + r("aB3", 32), ""},
	{"Azure storage", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=", r("aB3+/", 86) + "==", ";EndpointSuffix=y"},
	{"Azure SAS", "GET https://x.blob.core.windows.net/c?sv=2022&sig=", r("aB3%2F", 44), ""},
	{"Azure bus", "Endpoint=sb://x/;SharedAccessKeyName=r;SharedAccessKey=", r("aB3", 43) + "=", ""},
	{"Azure client secret", "using ", "abc8Q~" + r("aB3_", 34), ""},
	{"npm", "publish with ", "npm_" + r("aB3", 36), ""},
	{"npmrc", "//registry.npmjs.org/:_authToken=", r("a1b2", 36), ""},
	{"PyPI", "publish with ", "pypi-" + r("AgEI3", 60), ""},
	{"OpenAI", "ask with ", "sk-proj-" + r("aB3_", 48), ""},
	{"Anthropic", "ask with ", "sk-ant-" + r("api03-", 48), ""},
	{"Hugging Face", "ask with ", "hf_" + r("aB3", 34), ""},
	{"Vault", "read with ", "hvs." + r("CAES", 30), ""},
	{"Twilio", "send with ", "SK" + r("0a1b", 32), ""},
	{"SendGrid", "send with ", "SG." + r("aB3", 22) + "." + r("xY4", 43), ""},
	{"Mailgun", "send with ", "key-" + r("0a1b", 32), ""},
	{"DigitalOcean", "create with ", "dop_v1_" + r("0a1b", 64), ""},
	{"Shopify", "sync with ", "shpat_" + r("0a1b", 32), ""},
	{"Databricks", "query with ", "dapi" + r("0a1b", 32), ""},
	{"Grafana", "read with ", "glsa_" + r("aB3", 32) + "_0a1b2c3d", ""},
	{"Docker Hub", "pull with ", "dckr_pat_" + r("aB3-", 27), ""},
	{"Terraform", "apply with ", r("aB3", 14)[:0] + "abcdefghijklmn.atlasv1." + r("aB3", 60), ""},
	{"ours", "show ", "wf_abcdefghij_" + r("QRS234", 26), ""},
	{"bcrypt", "hash ", "$2a$10$" + r("aB3./", 53), ""},
	{"shadow", "root:", "$6$" + r("aB3./", 16) + "$" + r("aB3./", 86), ":1"},
	{"kubeconfig", "client-key-data: ", r("LS0tLS1CRUdJTg", 80), ""},
	{"TOTP", "otpauth://totp/x?secret=", "JBSWY3DPEHPK3PXP", "&issuer=y"},
	{"session", "JSESSIONID=", r("0A1B", 32), ""},
	{"e-mail", "mail to ", "ann.b+c@shop.example", " bounced"},
	{"e-mail in JSON", `{"email":"`, "ann@shop.example", `"}`},
	{"card", "charged ", "4111 1111 1111 1111", " twice"},
	{"card without blanks", "charged ", "5500005555555559", ""},
	{"card of 15", "charged ", "378282246310005", ""},
	{"IBAN", "debit ", "DE89370400440532013000", ""},
	{"IBAN with blanks", "debit ", "GB82 WEST 1234 5698 7654 32", ""},
	{"SSN", "customer ", "078-05-1120", ""},
	{"client IP", "client_ip=", "203.0.113.7", " GET /"},
	{"client IP in JSON", `{"remote_addr":"`, "198.51.100.23", `"}`},
	{"client IP in a sentence", "request from client ", "203.0.113.7", " refused"},
	{"X-Forwarded-For", "X-Forwarded-For: ", "203.0.113.7", ", 10.0.0.1"},
	{"access log", "", "203.0.113.7", ` - - [01/Mar/2026:02:51:07 +0000] "GET / HTTP/1.1" 200`},
	{"client IPv6", "client: ", "2001:db8::7", ""},
}

func TestSecretsAreMaskedAndWhatIsAroundThemStays(t *testing.T) {
	for _, c := range secrets {
		line := c.before + c.secret + c.after
		got := Text(line)
		if strings.Contains(got, c.secret) || !strings.HasPrefix(got, c.before) && c.name != "service account" || !strings.HasSuffix(got, c.after) && !strings.HasPrefix(c.name, "password with @") {
			t.Errorf("%s: got %q of %q", c.name, got, line)
		}
		if again := Text(got); again != got {
			t.Errorf("%s: masked twice it is %q", c.name, again)
		}
	}
}

// TestWhatTelemetryIsReadForStays has what looks like a secret and is none.
func TestWhatTelemetryIsReadForStays(t *testing.T) {
	for _, line := range []string{
		"trace_id=7c1ea0b2c3d4e5f60718293a4b5c90af span_id=00f067aa0ba902b7", `{"traceID":"7c1ea0b2c3d4e5f60718293a4b5c90af"}`, "traceparent: 00-7c1ea0b2c3d4e5f60718293a4b5c90af-00f067aa0ba902b7-01",
		"deploy 857d62e8e3626ec365cbceb77940f6562c5415ae of shop", "image shop@sha256:" + r("0a1b2c3d", 64), "request 550e8400-e29b-41d4-a716-446655440000 failed", "etag \"" + r("0a1b", 32) + "\"",
		"etcdserver: token count 5", "tokens=1024 prompt_tokens=12", "token_count=17", `unexpected token: }`, "syntax error: unexpected token IDENT", "next_page_token=abcdefgh12", "password reset requested", "password must be at least 8 characters",
		"password: is required", "invalid password: wrong", "the secret \"db-creds\" was not found", "secretName: db-creds-v2", "password=", `"password":""`, `"password":null`, "password=***", "password=${DB_PASSWORD}", "password=%s", "password=<hidden>", "token := parse(x)",
		"tests pass: 10 fail: 2", "bypass=true", "compass=north", "passed=3", "basic authentication failed", "bearer authentication is required", "authorization: denied by policy", "Authorization failed", "cookie: not found",
		"GET http://shop:8080/a?email=x", "http://shop:8080/path@v2", "git@github.com:a/b.git", "ssh://git@host/a", "image registry.example/shop@v1.2", "from 10.0.0.7:5432 to 192.168.1.9", "dial tcp 10.1.2.3:2379: connection refused", "peer=100.64.3.4:80", "listening on 0.0.0.0:8080",
		"version 4.1.1.1 of x", "took 1722480667123456 ns", "at 1722480667123456789", "id 4111111111111112", "retry 3 of 5 in 250ms", "2024-08-01T02:51:07.123Z", "phone 555-0100", "key=value", "primary_key=17", "foreign key constraint fails", "cache key: user:42:profile", "idempotency-key missing",
		"partition key: 7", "keyspace_hits:1234", "api key is missing", "keepalive=30s token_bucket=5", "rate limit bucket empty", "SELECT password FROM users WHERE id = ?", "column \"password\" does not exist", "skipped sk-button class", "INFO  [main] o.s.b.w.e.tomcat.TomcatWebServer", "class org.example.TokenStore$1",
		"slot=3 otp_app=shop", "user alice logged in", "status.user = active", "remote error: tls: bad certificate", "secret: not found", "client 10.0.0.5 connected", "deadline exceeded from 10.2.3.4", "ISO 8601 DE12", "go1.26.0 linux/amd64", "secrets: 3 loaded",
	} {
		if got := Text(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
}

func TestCodeKeepsItsNamesAndAuthors(t *testing.T) {
	m := New()
	for _, line := range []string{"+ token := parse(password)", `+ password = os.Getenv("X")`, "Author: Ann <ann@shop.example>", `- secret: db-creds`, `+ "token": value,`} {
		if got := m.Code(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
	for _, c := range secrets {
		if strings.HasPrefix(c.name, "GitHub") || c.name == "PEM" || c.name == "JWT" || c.name == "basic in a URL" {
			if got := m.Code(c.before + c.secret + c.after); strings.Contains(got, c.secret) {
				t.Errorf("%s stays in code: %q", c.name, got)
			}
		}
	}
}

func TestFieldsAreKnownByTheirNames(t *testing.T) {
	m := New()
	in := map[string]string{"password": "hunter2", "db.password": "hunter2", "http.request.header.authorization": "abc", "Cookie": "a=b", "client.address": "203.0.113.7", "net.peer.ip": "10.0.0.1",
		"trace_id": "7c1ea0b2c3d4e5f60718293a4b5c90af", "token_count": "12", "note": "password=hunter2", "db.statement": "SELECT 1", "password_set": "true", "token": "true", "req.headers.cookie": "session=8f7a; x=1", "request.headers.Set-Cookie": "session=8f7a", "cookie.policy": "strict"}
	got := m.Map(in)
	want := map[string]string{"password": Masked, "db.password": Masked, "http.request.header.authorization": Masked, "Cookie": Masked, "client.address": Masked, "net.peer.ip": "10.0.0.1",
		"trace_id": in["trace_id"], "token_count": "12", "note": "password=" + Masked, "db.statement": "SELECT 1", "password_set": "true", "token": "true", "req.headers.cookie": Masked, "request.headers.Set-Cookie": Masked, "cookie.policy": "strict"}
	for k := range want {
		if got[k] != want[k] {
			t.Errorf("%s: got %q, want %q", k, got[k], want[k])
		}
	}
	if in["password"] != "hunter2" {
		t.Error("the caller's map was changed")
	}
	if n := m.Counts(); n["field"] != 7 || n["client-address"] != 1 {
		t.Errorf("got counts %v", n)
	}
	var none *Masker
	if none.Text("password=hunter2") != "password=hunter2" || none.Map(in)["password"] != "hunter2" || none.Counts() != nil {
		t.Error("a nil masker changed something")
	}
}

// TestLabelsKeepAddresses holds Label, which looks for shapes only where anything was
// found, to what it means: everything of a shape, all of a secret.
func TestLabelsKeepAddresses(t *testing.T) {
	m := New()
	for _, name := range []string{"job", "password", "client.address", "instance"} {
		for _, x := range secrets {
			for _, v := range []string{x.secret, x.before + x.secret + x.after, x.before} {
				want := m.Code(v)
				if m.Value(name, v) == Masked {
					want = Masked
				}
				if got := m.Label(name, v); got != want {
					t.Errorf("%s=%q: got %q, want %q", name, v, got, want)
				}
			}
		}
	}
	if got := m.Label("instance", "203.0.113.7:9100"); got != "203.0.113.7:9100" {
		t.Errorf("got %q, want the address", got)
	}
}

func TestConfiguredSecretsAreMaskedInEveryForm(t *testing.T) {
	Hide("app", "s3cret-ü/value", "abc")
	HideURL("https://ann:gitpass%21x@git.example/a.git")
	HideURL("https://onlytoken99@git.example/a.git")
	for _, form := range []string{"s3cret-ü/value", "s3cret-%C3%BC%2Fvalue", "s3cret-%C3%BC%2Fvalue", "YXBwOnMzY3JldC3DvC92YWx1ZQ==", "czNjcmV0LcO8L3ZhbHVl", "gitpass!x", "onlytoken99"} {
		if got := Text("x" + form + "y"); strings.Contains(got, form) {
			t.Errorf("%s stays: %q", form, got)
		}
	}
	if got := Text("abcdef"); got != "abcdef" {
		t.Errorf("a secret of three letters is looked for: %q", got)
	}
}

func FuzzText(f *testing.F) {
	for _, c := range secrets {
		f.Add(c.before + c.secret + c.after)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Text(s)
		if again := Text(once); strings.Count(again, Masked) < strings.Count(once, Masked) {
			t.Errorf("%q lost what was masked: %q", once, again)
		}
	})
}

// FuzzSpared looks for text from which the glance at its bytes keeps an expression
// that would have found something.
func FuzzSpared(f *testing.F) {
	for _, c := range secrets {
		f.Add(c.before + c.secret + c.after)
	}
	for _, name := range []string{
		"passwd", "pass", "db_pass", "PASSPHRASE", "passcode", "pwd", "secrets", "token", "api-key", "X-Api-Key", "apikeys", "access.keys", "secret_key", "privateKey", "signing-key", "encryptionKey", "master_key", "AccountKey",
		"SharedAccessKey", "shared_access_key", "client-key-data", "auth_key", "credentials", "client_assertion", "JSESSIONID", "phpsessid", "ASPSESSIONIDXY", "connect.sid", "sessionid", "sid_token", "otp", "totp_seed",
		"Set-Cookie", "Proxy-Authorization", "http.request.header.cookie", "client_ip", "remote.addr", "visitorAddress", "peer-host", "x-forwarded-for", "X-Real-IP", "forwarded", "net.sock.peer.addr",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
			return // two letters outside of ASCII have a small letter of it
		}
		if whole.MatchString(s) && !mayBeSecret(s) || clients.MatchString(s) && !mayBeClient(s) {
			t.Errorf("%q is a name that is not looked at", s)
		}
		lower := lowered(s)
		// Of a client's address the hints say what the expression does not: alone at
		// the beginning of a text it is one only where a request follows.
		for i := range shapes {
			if x := &shapes[i]; x.kind != "client-address" && !x.possible(s, lower, gramsOf(lower)) && x.hide(s, func(string) {}) != s {
				t.Errorf("%q has a %s that is not looked for", s, x.kind)
			}
		}
	})
}

// BenchmarkAlert masks what an alert of one instance has: many short texts with
// names and one longer one.
func BenchmarkAlert(b *testing.B) {
	m := New()
	raw := `{"version":"4","receiver":"load","groupKey":"{}:{n=\"1\"}","status":"firing","commonLabels":{"alertname":"rule1","service":"service1","severity":"warning"},"externalURL":"http://am","alerts":[{"status":"firing","startsAt":"2026-01-02T03:04:05Z","fingerprint":"ab"}]}`
	for b.Loop() {
		for _, name := range []string{"alertname", "service", "severity", "instance", "summary"} {
			m.Value(name, "service1")
		}
		m.Text(raw)
	}
}

// BenchmarkManyFields masks a text of many fields, as an export of lines is: its
// time is in proportion to the length.
func BenchmarkManyFields(b *testing.B) {
	text := strings.Repeat(`{"msg":"ok","session_id":"abcdef0123456789","note":"x"}`+"\n", 4_000)
	m := New()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Text(text)
	}
}
