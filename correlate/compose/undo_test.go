package compose

import "testing"

func TestARollbackWithoutARevisionSaysWhereItGoes(t *testing.T) {
	const lists = "it goes to the rollout before the present one: kubectl "
	for command, want := range map[string]string{
		"kubectl rollout undo deployment/cart":                                           lists + "rollout history deployment/cart lists them, --to-revision names one",
		"kubectl -n shop rollout undo deploy/cart":                                       lists + "-n shop rollout history deploy/cart lists them, --to-revision names one",
		"kubectl rollout undo -n shop deployment cart":                                   lists + "rollout history -n shop deployment cart lists them, --to-revision names one",
		"cd k8s && kubectl --context=eu rollout undo deploy cart --dry-run=client; date": lists + "--context=eu rollout history deploy cart lists them, --to-revision names one",
		"kubectl rollout undo deployment/cart --to-revision=41":                          "",
		"kubectl rollout restart deployment/cart":                                        "",
		"git revert 4d5e6f7":                                                             "",
		"":                                                                               "",
	} {
		if got := goesBackTo(command, ""); got != want {
			t.Errorf("%s: got %q, want %q", command, got, want)
		}
	}
	want := "it goes to the rollout before the present one, 4d5e6f7 if nothing was rolled out since: kubectl rollout history deployment/cart lists them, --to-revision names one"
	if got := goesBackTo("kubectl rollout undo deployment/cart", "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
