package stacktrace

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTracesInOtherForms: the same trace as a term, as a report, without places,
// and of Perl.
func TestTracesInOtherForms(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		lang       Language
		want       []string
	}{
		{"an Elixir term", `** (stop) {:EXIT, {:function_clause, [{Till.Stock, :count, 2, [file: ~c"lib/till/stock.ex", line: 61]}, {DBConnection.Holder, :run, 2, [file: 'lib/db_connection/holder.ex', line: 9]}, {:gen_server, :try_handle_call, 4, [file: ~c"gen_server.erl", line: 1131]}]}}`, Elixir,
			[]string{"lib/till/stock.ex:61 Till.Stock.count"}},
		{"an Erlang term", `** Reason == {badarg,[{till_stock,count,2,[{file,"src/till_stock.erl"},{line,61}]},{gen_server,call,3,[{file,"gen_server.erl"},{line,9}]}]}`, Elixir,
			[]string{"src/till_stock.erl:61 till_stock.count"}},
		{"an Erlang report", "    exception error: bad argument\n      in function  maps:get/2 (maps.erl, line 377)\n      in call from 'Elixir.Till.Stock':count/2 (lib/till/stock.ex, line 61)\n", Elixir,
			[]string{"lib/till/stock.ex:61 Till.Stock.count"}},
		{".NET without symbols", "System.InvalidOperationException: empty\n   at System.Linq.ThrowHelper.ThrowNoElementsException()\n   at Till.Stock.Counter.<CountAsync>d__4.MoveNext()\n   at Till.Stock.Shelf`1.All(Guid id, Int32 n)\n   at Microsoft.AspNetCore.Builder.Run()", DotNet,
			[]string{"Counter.cs:0 Till.Stock.Counter.CountAsync", "Shelf.cs:0 Till.Stock.Shelf`1.All"}},
		{"Mono's", "System.Exception: empty\n  at Till.Stock.Counter.Count (System.Guid id) [0x0001f] in <5f1c2e0d7a5c>:0 ", DotNet,
			[]string{"Counter.cs:0 Till.Stock.Counter.Count"}},
		{".NET with symbols in part", "System.Exception: empty\n   at Till.Stock.Counter.Count(Guid id)\n   at Till.Web.Main() in /src/Web.cs:line 5", DotNet,
			[]string{"/src/Web.cs:5 Till.Web.Main"}},
		{"Java without lines", "java.lang.IllegalStateException: empty\n\tat eu.till.stock.Counter$Shelf.count(Unknown Source)\n\tat java.base/java.lang.Thread.run(Native Method)", Java,
			[]string{"eu/till/stock/Counter.java:0 eu.till.stock.Counter$Shelf.count"}},
		{"Perl", "Can't locate object method \"count\" at /srv/till/lib/Till/Stock.pm line 61.\n\tTill::Stock::count('Till::Stock=HASH(0x55d)', 7) called at /srv/till/bin/app.psgi line 12", Perl,
			[]string{"/srv/till/lib/Till/Stock.pm:61 ", "/srv/till/bin/app.psgi:12 Till::Stock::count"}},
		{"words that are no frame", "the shop looked at Till.Stock(3) and closed at 18:00", Unknown, nil},
	} {
		frames, lang := Parse(tt.text)
		var got []string
		for _, f := range frames {
			got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Function))
		}
		if d := cmp.Diff(tt.want, got); d != "" || lang != tt.lang {
			t.Errorf("%s: language %q, want %q; want (-) got (+):\n%s", tt.name, lang, tt.lang, d)
		}
	}
}
