package mechanism

func queueRule() Rule {
	return Rule{ID: "queue", Title: "How a queue is read, filled or bounded changed", find: findQueue}
}

func findQueue(s *scan) []Match {
	var out []Match
	for _, e := range s.settings.edits {
		a := e.After
		switch {
		case !a.has("consumer", "consumers", "prefetch", "poll", "partition", "partitions", "queue", "kafka", "batch", "listener", "visibility", "message", "messages", "producer", "broker", "topic", "sqs", "rabbit", "amqp", "chunk"):
		case a.has("group", "groupid", "topic", "offset", "queue") && !a.Number:
			out = append(out, edited(e, Changed, "another", "another queue, topic, group or offset is read", ConsumerLag, Stale, WrongResult, NotRegistered))
		case a.has("partitions", "partition", "concurrency", "consumers", "prefetch") && e.lowered():
			out = append(out, edited(e, Lowered, "slower", "messages are taken more slowly than before", ConsumerLag, Overload).sized(e))
		case a.has("batch", "records", "chunk", "bulk") && e.raised():
			out = append(out, edited(e, Raised, "larger-batches", "larger batches are worked on at once", ConsumerLag, MemoryGrowth, Timeout, Slow).sized(e))
		case a.has("batch", "records", "chunk", "bulk") && e.lowered():
			out = append(out, edited(e, Lowered, "smaller-batches", "smaller batches: more round trips for the same work", ConsumerLag, Slow).sized(e))
		case a.has("visibility", "interval", "session", "ack", "poll") && e.lowered():
			out = append(out, edited(e, Lowered, "again-sooner", "messages are handed out again before they are done", ConsumerLag, Overload, RetryStorm).sized(e))
		case a.has("size", "bytes", "capacity", "max") && e.lowered():
			out = append(out, edited(e, Lowered, "smaller-queue", "a queue or message may be less large than before", Rejected, Unhandled, ConsumerLag).sized(e))
		}
	}
	s.visit('-', func(f *File, h *Hunk, i int) {
		l := &h.Lines[i]
		if acknowledges(l) && !s.anyNet('+', acknowledges) {
			out = append(out, at(f, l, Removed, "not-acknowledged", "messages are no longer acknowledged: they come again", ConsumerLag, RetryStorm, Overload))
		}
		if containsAny(l.lower(), "deadletter", "dead_letter", "dlq") && !s.mentions('+', "deadletter", "dead_letter", "dlq") {
			out = append(out, at(f, l, Removed, "not-set-aside", "messages that cannot be handled are no longer set aside", ConsumerLag, RetryStorm))
		}
	})
	return out
}

func acknowledges(l *Line) bool {
	for _, n := range l.calls() {
		switch n {
		case "ack", "Ack", "basicAck", "acknowledge", "commitSync", "commitAsync", "CommitMessages", "MarkMessage", "deleteMessage", "delete_message", "DeleteMessage":
			return true
		}
	}
	return false
}
