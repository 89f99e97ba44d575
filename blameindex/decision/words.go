package decision

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Vocabulary is what may be configured about the words of a record. The zero
// value has no verbs; start from DefaultVocabulary.
type Vocabulary struct {
	// Verbs that a what may use, lower case. An English verb matches as a whole
	// word in its inflected forms, a Chinese one anywhere.
	Verbs []string
	// Metrics and constraints that make a why measurable by being named, as
	// "checkout_latency" or "GDPR".
	Metrics []string
	// Forms hold folders to a form; without any a record of each form is taken.
	Forms []FolderForm
}

// DefaultVocabulary has the verbs of operations and engineering in English and
// Chinese.
func DefaultVocabulary() Vocabulary {
	return Vocabulary{Verbs: strings.Fields(`
		accept add adopt allow apply archive bind block build bump cap change choose chosen configure
		consolidate convert create cut decrease default define delete deploy deprecate disable drop
		emit enable encrypt enforce expose extend extract fail fall fix forbid gate generate give grow hold host
		increase inline introduce isolate keep let limit link load log lower make measure merge migrate
		move open own pin prefer promote provide publish put raise read reduce refuse reject release
		remove rename replace require restrict retain retire retry return reuse revert roll rotate route run scale
		send serve set shard shorten ship shrink split start stop store support switch throttle
		tune turn unify update upgrade use validate verify write
		启用 禁用 关闭 开启 打开 调整 设置 设为 改为 改用 修改 变更 升级 降级 降低 提高 提升 增加 减少 缩短 延长
		迁移 切换 替换 移除 删除 添加 新增 引入 采用 使用 强制 禁止 限制 放宽 回滚 发布 部署 拆分 合并 优化
		扩容 缩容 限流 熔断 加密 轮换 停用 下线 上线 统一 保留 返回 配置 更新 接入`)}
}

var (
	number      = `[0-9]+(?:[.,][0-9]+)*`
	asciiUnit   = regexp.MustCompile(`(?i)` + number + `\s?(?:ns|µs|us|ms|s|secs?|seconds?|mins?|minutes?|m|h|hours?|days?|d|weeks?|months?|years?|[kmgt]i?b|b|bytes?|[kmgt]?bit/s|qps|rps|tps|rpm|req/s|ops?/s|/s|/min|/h|x|times|users?|requests?|errors?|incidents?|outages?|tickets?|replicas?|pods?|cores?|connections?|hosts?|nodes?|modules?|lines?|files?|releases?|commits?|packages?|interfaces?|methods?|eur|usd|dollars?|euros?|kwh|w|hz|khz|mhz|ghz)(?:[^A-Za-z0-9_]|$)`)
	otherUnit   = regexp.MustCompile(number + `\s?(?:%|‰|℃|€|倍|毫秒|微秒|秒|分钟|小时|天|周|个月|年|次|个|条|台|人|元|万|亿|核|字节|兆|percent)`)
	counted     = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.])` + number + ` [A-Za-z]{2,}s\b`) // 3 backends
	currency    = regexp.MustCompile(`[$€£¥]\s?[0-9]`)
	targetHint  = regexp.MustCompile(`(?i)[0-9]|=|→|->|[“"'«` + "`" + `]|\b(?:to|into|as|by|on|off|with|instead|only|never|always|in|at|from|for|through|under|behind|per)\b|[为至到成]`)
	asciiPhrase = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_-]*`)
)

// measurable reports whether a why can be checked against the world.
func (v Vocabulary) measurable(s string) bool {
	if asciiUnit.MatchString(s) || counted.MatchString(s) || otherUnit.MatchString(s) || currency.MatchString(s) {
		return true
	}
	lower := strings.ToLower(s)
	for _, m := range v.Metrics {
		if m != "" && strings.Contains(lower, strings.ToLower(m)) {
			return true
		}
	}
	return false
}

func (v Vocabulary) hasVerb(s string) bool {
	words := map[string]bool{}
	for _, w := range asciiPhrase.FindAllString(strings.ToLower(s), 400) {
		for _, stem := range stems(w) {
			words[stem] = true
		}
	}
	for _, verb := range v.Verbs {
		if words[verb] || verb != "" && verb[0] >= utf8.RuneSelf && strings.Contains(s, verb) {
			return true
		}
	}
	return false
}

// stems undoes regular English inflection: uses, used, using, stopped, applies.
func stems(w string) []string {
	out := []string{w}
	for _, suffix := range []string{"s", "es", "d", "ed", "ing"} {
		if base, ok := strings.CutSuffix(w, suffix); ok && len(base) > 1 {
			out = append(out, base, base+"e")
			if n := len(base); n > 2 && base[n-1] == base[n-2] {
				out = append(out, base[:n-1])
			}
			if strings.HasSuffix(base, "i") {
				out = append(out, base[:len(base)-1]+"y")
			}
		}
	}
	return out
}

var han = regexp.MustCompile(`\p{Han}`)

// hasTarget reports whether a what says more than its verb: a value, a state,
// or the thing that is put in place, as 缓存 behind 启用.
func (v Vocabulary) hasTarget(s string) bool {
	if targetHint.MatchString(s) || len(asciiPhrase.FindAllString(s, 3)) >= 2 {
		return true
	}
	const least = 2 // a noun
	longest := ""
	for _, verb := range v.Verbs {
		if verb != "" && verb[0] >= utf8.RuneSelf && len(verb) > len(longest) && strings.Contains(s, verb) {
			longest = verb
		}
	}
	rest := strings.Replace(s, longest, "", 1)
	return len(han.FindAllString(rest, least)) >= least || len(asciiPhrase.FindAllString(rest, 1)) > 0 && longest != ""
}
