package evidence

import (
	"strings"
	"testing"
)

func TestEveryTopicHasWordsOfItsOwn(t *testing.T) {
	words := map[string]Topic{}
	for topic, said := range Topics() {
		if said == "" || words[said] != "" || strings.Contains(string(topic), topicOf) {
			t.Errorf("%q is called %q, as %q is", topic, said, words[said])
		}
		words[said] = topic
		if got := topic.Sentence(); got != said {
			t.Errorf("%s: got %q, want %q", topic, got, said)
		}
	}
	if got, want := TopicLinesOf.Of("till: two").Sentence(), "lines of till: two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
