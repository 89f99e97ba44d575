package mechanism_test

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func ExampleScan() {
	const diff = `--- a/ledger/pool.go
+++ b/ledger/pool.go
@@ -10,3 +10,3 @@ func open() *sql.DB {
 	db := connect()
-	db.SetMaxOpenConns(40)
+	db.SetMaxOpenConns(4)
 	return db
`
	for _, m := range mechanism.Scan(&weights.Default().Mechanism, diff) {
		fmt.Printf("%s at %s:%d: %s\n", m.Rule, m.File, m.Line, m.Why)
	}
	// Output:
	// pool at ledger/pool.go:11: a pool was made smaller: under the same load callers wait for a free slot
}
