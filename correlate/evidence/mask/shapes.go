package mask

import (
	"regexp"
	"strings"
)

// shape is one shape of secret. Text without any of the hints, or of which may
// says no, cannot have it, which spares the expression on nearly every line.
// Group 1 stays, group 2 is masked, and what is behind it stays.
type shape struct {
	kind     string
	hints    []string            // in lower case
	looked   []hint              // the hints, made ready by init
	may      func(s string) bool // nil for always
	re       *regexp.Regexp
	is       func(value string) bool // nil takes every value
	personal bool                    // it is about a person, and stays in code
}

// shapes are in the order in which they are looked for: what others are part of
// comes first.
var shapes = []shape{
	{kind: "private-key", hints: []string{"private key"}, re: regexp.MustCompile(`()(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$))`)},
	{kind: "private-key", hints: []string{"age-secret-key-"}, re: regexp.MustCompile(`()(\bAGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40,})`)},
	{kind: "private-key", hints: []string{"private-lines:"}, re: regexp.MustCompile(`(Private-Lines: \d+\s+)((?s:.*?)(?:Private-MAC|$))`)},
	{kind: "authorization", hints: []string{"authorization"}, re: regexp.MustCompile(`(?i)(\b(?:proxy-)?authorization[\\"'\]]*\s*[:=]\s*[\[\\"']*(?:(?:basic|bearer|token|apikey|api-key|digest|negotiate|ntlm|hmac|signature|splunk|aws4-hmac-sha256)\s+)?)([^\s"'\]\\,;][^\r\n"'\]\\]*)`), is: credential},
	{kind: "authorization", hints: []string{"bearer", "basic", "negotiate"}, re: regexp.MustCompile(`(?i)(\b(?:bearer|basic|negotiate)\s+)([A-Za-z0-9._~+/=-]{8,})`), is: credential},
	{kind: "cookie", hints: []string{"cookie"}, re: regexp.MustCompile(`(?i)(\b(?:set-)?cookie[\\"'\]]*\s*[:=]\s*[\[\\"']*)([^\r\n"'\]\\]+)`), is: func(v string) bool { return strings.Contains(v, "=") }},
	{kind: "jwt", hints: []string{"eyj"}, re: regexp.MustCompile(`()(\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){2,4})`)},
	{kind: "cloud-key", hints: cloudHints, re: regexp.MustCompile(`()(` + strings.Join(cloudShapes, "|") + `)`)},
	{kind: "cloud-key", may: hasWord(len("SK") + 32), hints: []string{"sk", "-us"}, re: regexp.MustCompile(`()(\bSK[0-9a-f]{32}\b|\b[0-9a-f]{32}-us\d{1,2}\b)`)},
	{kind: "cloud-key", may: hasWord(23 + 1 + 6 + 1 + 27), hints: []string{"."}, re: regexp.MustCompile(`()(\b[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}\b)`)},
	{kind: "webhook-url", hints: []string{"hooks.slack.com/", "/api/webhooks/", "webhook.office.com/", "hooks.zapier.com/"},
		re: regexp.MustCompile(`((?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks|[\w.-]*webhook\.office\.com/webhookb2|hooks\.zapier\.com/hooks/catch)/)([\w@./:-]{8,})`)},
	{kind: "webhook-url", hints: []string{"api.telegram.org/bot"}, re: regexp.MustCompile(`(api\.telegram\.org/bot)(\d+:[\w-]+)`)},
	{kind: "bot-token", hints: []string{":aa"}, re: regexp.MustCompile(`()(\b\d{8,10}:AA[A-Za-z0-9_-]{32,34}\b)`)},
	{kind: "url-credentials", hints: []string{"://"}, may: hasAt, re: regexp.MustCompile(`(://[^\s/:@"'<>?#]*:)([^\s"'<>]+)@`), is: notPort},
	{kind: "url-credentials", hints: []string{"://"}, may: hasAt, re: regexp.MustCompile(`(://)([^\s/:@"'<>?#]{12,})@`), is: credential},
	{kind: "url-credentials", hints: []string{"@tcp(", "@tcp4(", "@tcp6(", "@unix(", "@udp("}, re: regexp.MustCompile(`([\w.+-]+:)([^\s"'<>()]+)@(?:tcp[46]?|unix|udp)\(`)}, // Go's driver for MySQL
	{kind: "signature", hints: []string{"sig"}, re: regexp.MustCompile(`(?i)((?:[?&]|\\u0026|&amp;)(?:x-amz-signature|x-goog-signature|signature|sig)=)([A-Za-z0-9%+/=_-]{16,})`)},
	{kind: "password-hash", hints: []string{"$2", "$6$", "$5$", "$1$", "$argon2", "$y$", "{ssha}"}, re: regexp.MustCompile(`()(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$(?:[156]|y)\$[./A-Za-z0-9=,$]{20,}|\$argon2(?:id|i|d)\$[A-Za-z0-9+/=,$]{30,}|\{SSHA\}[A-Za-z0-9+/=]{20,})`)},
	{kind: "command-line", hints: []string{"mysql", "mariadb"}, re: regexp.MustCompile(`(\b(?:mysql\w*|mariadb\w*)\b[^\n]*?\s-p)([^\s"']+|"[^"]+"|'[^']+')`)},
	{kind: "command-line", hints: []string{"sshpass", "redis-cli", "curl", "wget"}, re: regexp.MustCompile(`(\b(?:sshpass\b[^\n]*?\s-p|redis-cli\b[^\n]*?\s(?:-a|--pass)|(?:curl|wget)\b[^\n]*?\s(?:-u|--user)\s*=?\s*[^\s:]+:)\s*)([^\s"']+|"[^"]+"|'[^']+')`)},
	{kind: "command-line", hints: []string{"password", "passwd", "passphrase", "token", "secret", "apikey", "api-key", "access-key", "private-key"}, may: hasHyphen, re: regexp.MustCompile(`(?i)(\s--?[\w-]*(?:password|passwd|passphrase|token|secret|api-?key|access-key|private-key)\s+)([^\s"'-][^\s"']*|"[^"]+"|'[^']+')`), is: func(v string) bool { return !harmless(v) }},
	{kind: "netrc", hints: []string{"login"}, re: regexp.MustCompile(`(\blogin\s+\S+\s+password\s+)(\S+)`)},
	{kind: "identified-by", hints: []string{"identified", "password"}, re: regexp.MustCompile(`(?i)((?:identified\s+by|with\s+password|\b(?:role|user)\s+\S+\s+(?:with\s+)?(?:login\s+)?password)\s+)('[^']+'|"[^"]+")`)},
	{kind: "e-mail", hints: []string{"@"}, re: regexp.MustCompile(`(?i)(^|[^\w./@:+-])([a-z0-9][\w.+-]{0,63}@(?:[a-z0-9-]+\.)+[a-z]{2,24})\b`), is: person, personal: true},
	{kind: "card", re: regexp.MustCompile(`(^|[^\w.:/-])((?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6011|65\d\d|35[2-8]\d)(?:[ -]?\d{4}){3}|3[47]\d\d[ -]?\d{6}[ -]?\d{5})\b`), is: luhn, may: hasDigits(15), personal: true},
	{kind: "iban", re: regexp.MustCompile(`(^|[^\w])([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?)\b`), is: iban, may: mayBeIBAN, personal: true},
	{kind: "ssn", re: regexp.MustCompile(`(^|[^\w.-])(\d{3}-\d{2}-\d{4})\b`), is: ssn, may: mayBeSSN, personal: true},
	{kind: "client-address", hints: []string{"client", "remote", "forwarded", "real-ip", "real_ip", "peer", "user", "visitor", "from ", "connecting-ip", "http/"},
		re: regexp.MustCompile(`(?i)((?:\b(?:x-forwarded-for|x-real-ip|cf-connecting-ip|true-client-ip|forwarded|(?:client|remote|visitor|user|peer|caller)[ _.-]?(?:ip|addr|address|host)?)[\\"'\]]*\s*(?:[:=]|is|at|from)?\s*[\[\\"']*(?:for=)?[\[\\"']*|\bfrom (?:client |ip |address )*|^))(` + addressShape + `)`), is: public, personal: true},
}

func init() {
	for i := range shapes {
		shapes[i].looked = hintsOf(shapes[i].hints)
	}
}

// cloudShapes are keys that their makers gave a prefix so that they are found.
var cloudShapes = []string{
	`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`, `\bAIza[A-Za-z0-9_-]{35}`, `\bya29\.[A-Za-z0-9_-]{16,}`, `\bGOCSPX-[A-Za-z0-9_-]{20,}`, `\b1//0[A-Za-z0-9_-]{20,}`,
	`\bgh[posur]_[A-Za-z0-9]{20,}`, `\bgithub_pat_[A-Za-z0-9_]{30,}`, `\bgl(?:pat|dt|rt|ptt|soat|cbt|ft|imt|agent|feat)-[A-Za-z0-9_.-]{16,}`,
	`\bxox[abeoprs][.-][A-Za-z0-9.-]{10,}`, `\bxapp-[A-Za-z0-9-]{10,}`, `\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}`, `\bwhsec_[A-Za-z0-9+/=]{16,}`,
	`\bnpm_[A-Za-z0-9]{30,}`, `\bpypi-[A-Za-z0-9_-]{16,}`, `\brubygems_[a-f0-9]{40,}`, `\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}`,
	`\bsk-(?:proj-|ant-|svcacct-|admin-|or-v1-)[A-Za-z0-9_-]{16,}`, `\bsk-[A-Za-z0-9]{40,}`, `\bhf_[A-Za-z0-9]{30,}`, `\br8_[A-Za-z0-9]{30,}`, `\bgsk_[A-Za-z0-9]{30,}`, `\bxai-[A-Za-z0-9]{40,}`,
	`\bhv[sbr]\.[A-Za-z0-9_-]{16,}`, `\b[a-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}`, `\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`, `\bkey-[0-9a-f]{32}\b`,
	`\bdo[op]_v1_[a-f0-9]{40,}`, `\bdor_v1_[a-f0-9]{40,}`, `\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}`, `\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}`, `\bEAAA[A-Za-z0-9_-]{50,}`, `\bdapi[a-f0-9]{32}`, `\bdp\.(?:pt|st|sa|ct|scim|audit)\.[A-Za-z0-9._-]{20,}`,
	`\blin_(?:api|oauth)_[A-Za-z0-9]{30,}`, `\b(?:secret|ntn)_[A-Za-z0-9]{40,}`, `\bATATT3[A-Za-z0-9_=-]{30,}`, `\bATBB[A-Za-z0-9]{24,}`, `\bgl(?:sa|c)_[A-Za-z0-9_+/=-]{20,}`, `\bHRKU-[A-Za-z0-9-]{30,}`, `\bNR(?:AK|JS|II|AL)-[A-Za-z0-9]{16,}`,
	`\bPMAK-[a-f0-9-]{30,}`, `\bfigd_[A-Za-z0-9_-]{30,}`, `\bsntry[su]_[A-Za-z0-9_+/=-]{30,}`, `\bpul-[a-f0-9]{40}`, `\bpnu_[A-Za-z0-9]{30,}`, `\bapify_api_[A-Za-z0-9]{30,}`, `\bsbp_[a-f0-9]{40}`, `\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,}`, `\bCCIPAT_[A-Za-z0-9_]{30,}`, `\bAIO[A-Za-z]_[A-Za-z0-9]{24,}`,
	`\bwf_[a-z2-7]{10}_[A-Z2-7]{20,}`, `\bEZ[AT]K[A-Za-z0-9]{54}`, `\bLTAI[A-Za-z0-9]{16,20}\b`, `\bAKID[A-Za-z0-9]{32}\b`, `\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}\b`, `\bocid1\.[a-z]+\.oc1\.\.[a-z0-9]{60}\.key\b`,
	`\boy2[a-z0-9]{43}\b`, `\bcfut_[A-Za-z0-9_-]{30,}`, `\bvercel_[a-z]+_[A-Za-z0-9]{20,}`, `\btskey-[a-z]+-[A-Za-z0-9-]{16,}`, `\btfp_[A-Za-z0-9_]{40,}`,
}

// cloudHints are what every one of them has, in lower case.
var cloudHints = []string{
	"akia", "asia", "abia", "acca", "aiza", "ya29.", "gocspx-", "1//0", "gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glptt-", "glsoat-", "glcbt-", "glft-", "glimt-", "glagent-", "glfeat-",
	"xox", "xapp-", "k_live_", "k_test_", "whsec_", "npm_", "pypi-", "rubygems_", "dckr_", "sk-", "hf_", "r8_", "gsk_", "xai-", "hvs.", "hvb.", "hvr.", "atlasv1", "sg.", "key-", "_v1_", "shp", "sq0", "eaaa", "dapi", "dp.", "lin_",
	"secret_", "ntn_", "atatt3", "atbb", "glsa_", "glc_", "hrku-", "nrak-", "nrjs-", "nrii-", "nral-", "pmak-", "figd_", "sntrys_", "sntryu_", "pul-", "pnu_", "apify_api_", "sbp_", "pscale_", "ccipat_", "aio", "wf_", "ezak", "eztk", "ltai", "akid", "q~", "ocid1.", "oy2", "cfut_", "vercel_", "tskey-", "tfp_",
}

// hide masks every value of the shape. A value that has been masked already
// stays as it is.
func (x *shape) hide(s string, h hider) string {
	found := x.re.FindAllStringSubmatchIndex(s, -1)
	if found == nil {
		return s
	}
	var b strings.Builder
	at := 0
	for _, f := range found {
		from, to := f[4], f[5]
		value := s[from:to]
		if strings.Contains(value, Masked) || x.is != nil && !x.is(value) {
			continue
		}
		b.WriteString(s[at:from])
		b.WriteString(Masked)
		at = to
		h(x.kind)
	}
	if at == 0 {
		return s
	}
	b.WriteString(s[at:])
	return b.String()
}
