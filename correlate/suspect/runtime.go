package suspect

import "strings"

// isRuntimeWord reports a name or word by which runtimes themselves tell of a
// failure: the exceptions that they define and the words of their messages. Every
// program says them, so that a commit that shares one with a failure shares
// nothing.
func isRuntimeWord(plain string) bool { return runtimeWords[plain] }

// runtimeWords are of CPython, the JVM, Node.js, Go and .NET, without case and
// separators. Exceptions that belong to a library are not among them.
var runtimeWords = wordSet(`
	exception baseexception error errors typeerror valueerror keyerror indexerror attributeerror nameerror unboundlocalerror importerror modulenotfounderror runtimeerror
	notimplementederror oserror ioerror filenotfounderror fileexistserror permissionerror stopiteration stopasynciteration assertionerror arithmeticerror zerodivisionerror overflowerror
	recursionerror memoryerror lookuperror unicodeerror unicodedecodeerror unicodeencodeerror timeouterror connectionerror connectionrefusederror connectionreseterror brokenpipeerror
	blockingioerror systemexit systemerror keyboardinterrupt nonetype traceback
	throwable nullpointerexception illegalstateexception illegalargumentexception classcastexception indexoutofboundsexception arrayindexoutofboundsexception stringindexoutofboundsexception
	nosuchelementexception nosuchmethoderror nosuchfielderror noclassdeffounderror classnotfoundexception unsupportedoperationexception concurrentmodificationexception numberformatexception
	arithmeticexception runtimeexception ioexception uncheckedioexception filenotfoundexception sockettimeoutexception socketexception unknownhostexception connectexception timeoutexception
	executionexception completionexception interruptedexception rejectedexecutionexception stackoverflowerror outofmemoryerror linkageerror invocationtargetexception undeclaredthrowableexception
	referenceerror syntaxerror rangeerror aggregateerror typeerrors objectanonymous moduleload nodeinternal
	nullreferenceexception argumentexception argumentnullexception invalidoperationexception keynotfoundexception formatexception invalidcastexception
	goroutine goroutines panic runtime sigsegv signal segmentation violation created running dereference pointer memory address
	recent call last file line most caused because suppressed native unknown source thread main daemon java lang util base stack trace
	argument arguments positional parameter parameters keyword given takes take expected unexpected required missing invalid valid cannot does must instance instances object objects
	method methods function functions attribute attributes property properties undefined defined reading read readonly module modules import name names type types value values
	invoke return returned string strings number integer list array dict index range length size bounds class unnamed loader interface conversion assertion failed failure fail
	null none nil anonymous unhandled uncaught thrown raised raise throw during handling occurred above following direct
`)

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		out[w] = true
	}
	return out
}
