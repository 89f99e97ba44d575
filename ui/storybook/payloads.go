package storybook

import "strings"

// furtherPayloads are of kinds that the first ones leave out: parsers that read
// twice, links that only look like the web, Markdown's finer syntax, chat and
// terminal markup, spreadsheet cells behind odd first characters, and text that
// deceives the eye or is too long for it.
func furtherPayloads() []string {
	return []string{
		// Markup that a second parse brings to life.
		`<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">`,
		`<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=window.pwned=1 src=x>">`,
		`<select><template><style></select><img src=x onerror=window.pwned=1></style></template>`,
		`<svg></p><style><a id="</style><img src=1 onerror=window.pwned=1>">`,
		`<table><td><xmp><img title="</xmp><img src=x onerror=window.pwned=1>">`,
		`<svg><title><![CDATA[</title><script>window.pwned=1</script>]]></svg>`,
		`<svg><text><tspan onmouseover=window.pwned=1>x</tspan></text><desc><script>window.pwned=1</script></desc>`,
		`<svg><image href="//127.0.0.1:9/pwned.svg"/><feImage href="//127.0.0.1:9/pwned.svg"/>`,
		`<svg><style>@font-face{font-family:x;src:url(//127.0.0.1:9/pwned.woff)}text{font-family:x}</style>`,
		`<details open ontoggle=window.pwned=1><summary>x`, `<input autofocus onfocusin=window.pwned=1>`, `<body onpageshow=window.pwned=1>`,
		`<object data="javascript:window.pwned=1"></object><embed src="//127.0.0.1:9/pwned.swf">`,
		`<button formaction="javascript:window.pwned=1" form=note>x</button>`, `<a href=x ping="//127.0.0.1:9/pwned">x</a>`,
		`<video poster=//127.0.0.1:9/pwned.png><source onerror=window.pwned=1></video><audio src=//127.0.0.1:9/pwned.mp3 autoplay>`,
		`<link rel=prefetch href=//127.0.0.1:9/pwned><link rel=dns-prefetch href=//pwned.example>`,
		`<portal src=//127.0.0.1:9/pwned><fencedframe></fencedframe><slot onslotchange=window.pwned=1>`,
		`<img src=x:x onerror=window.pwned=1 //`, "<img\x0csrc=x\x0conerror=window.pwned=1>", "<scr\x00ipt>window.pwned=1</scr\x00ipt>", `<ScRiPt/x>window.pwned=1</sCrIpT >`,
		"+ADw-script+AD4-window.pwned=1+ADw-/script+AD4-", "\x1b$B<script>window.pwned=1</script>", "＜script＞window.pwned=1＜/script＞", "ʺ><svg onload=window.pwned=1>",
		// Styles.
		`expression(window.pwned=1)`, `;}@import url("//127.0.0.1:9/pwned.css");{`, `\3c script\3e window.pwned=1`, `url(javascript:window.pwned=1)`, `red;background-image:image-set("//127.0.0.1:9/pwned.png" 1x)`,
		// Addresses.
		"https://pwned@127.0.0.1:9/", "https:\\\\127.0.0.1:9\\pwned", "https://127.0.0.1:9\x00.example/pwned", "//127.0.0.1:9/pwned", "/\\127.0.0.1:9/pwned", "https:/127.0.0.1:9/pwned", "http://[::1]:pwned/",
		"feed:javascript:window.pwned=1", "view-source:http://127.0.0.1:9/pwned", "intent://pwned#Intent;scheme=javascript;end", "https://gіthub.com/pwned", "https://example.com\u2044pwned.example", "https://xn--gthub-2of.com/pwned",
		"?revision=1&export=pwned#\"><script>", "filesystem:http://127.0.0.1:9/pwned", "javascript&colon;window.pwned=1", "\u2028javascript:window.pwned=1",
		// Markdown and wikis.
		"[x]: javascript:window.pwned=1 'pwned'", "[pwned][x] ![pwned][x] [^pwned]", "<javascript:window.pwned=1>", "<pwned@127.0.0.1>", "www.pwned.example/autolink pwned@autolink.example",
		"[a](<javascript:window.pwned=1>)", "[a](\\javascript:window.pwned=1)", "[a](javascript&#58;window.pwned=1)", "![a](x \"onerror=window.pwned=1\")",
		"    <script>window.pwned=1</script>", "\\| pwned \\| \\\\| pwned", "- [x] pwned\n1. pwned\n> pwned\n***\n+++", "$$\\href{javascript:window.pwned=1}{x}$$", "~~~mermaid\nclick A href \"javascript:window.pwned=1\"\n~~~",
		"{code}pwned{code} {html}<b>{html} [[File:pwned.png]] {{pwned}} ''x''", "*pwned* _pwned_ **pwned** __pwned__ ~~pwned~~ ==pwned==",
		// Chat, terminals, headers.
		"<!subteam^S012|@pwned> <!date^0^{date}^http://127.0.0.1:9/pwned|x> <#C012>", "&lt;!channel&gt; &amp;lt;!here&amp;gt;", "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1bPpwned\x1b\\", "\u009b31mpwned\u009c", "\x08\x08\x08pwned\x0b\x0c",
		"pwned\"\r\nX-Pwned: 1\r\n\r\n<script>window.pwned=1</script>", "pwned.html\";filename*=UTF-8''pwned.html", "CON.pwned:stream", "\r\nevent: pwned\ndata: {}\n\n", "\n\n: pwned\nretry: 1",
		// Spreadsheets.
		"\uff1d1+pwned", "\uff0b1 \uff0dpwned \uff20pwned", " =1+pwned", "\u00a0=1+pwned", "\u200b=1+pwned", "'=1+pwned", "\"=1+pwned\"", "|cmd|pwned", "%0A=1+pwned", "x\n=1+pwned", "=IMPORTXML(\"http://127.0.0.1:9/pwned\";\"//a\")", "sep=;\n=1+pwned",
		// The eye.
		"\u2067pwned\u2069 \u202dpwned\u202c", "аdmіn ехаmрlе ѕеrvісе", "pwned\u3164\u3164\u3164pwned", "\ud7b0\u115f\u1160pwned", "\U0001F468\u200d\U0001F469\u200d\U0001F467", "e" + strings.Repeat("\u0301", 1000), strings.Repeat("\u0e49", 500) + "pwned", strings.Repeat("\U000e0100x", 100),
		strings.Repeat("﷽", 400), strings.Repeat("<b>", 3000), strings.Repeat("(", 4000), strings.Repeat("0123456789abcdef", 400), strings.Repeat("\n", 2000), strings.Repeat("日本語", 2000), "\xf4\x90\x80\x80\xf8\x88\x80\x80\x80\xe2\x80",
	}
}
