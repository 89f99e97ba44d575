# Aliases only: every target is one command that works without make.
.PHONY: demo test lint generate ci lab lab-record lab-all lab-drill lab-foreign

demo:
	go run ./cmd/wherefore demo

test:
	go test ./...

lint:
	bash .ci/lint

generate:
	go generate ./ui/...

ci:
	bash .ci/run

# One incident, live, by letter: make lab S=c
lab:
	cd fixtures/lab && go run . play $(S)

# Record what is not yet recorded, one incident after the other.
lab-record:
	cd fixtures/lab && go run . play all --record ../recorded/lab

# All of them live, with a server beside them that has to find out.
lab-all:
	go build -o wherefore ./cmd/wherefore
	cd fixtures/lab && go run . check all --wherefore-bin ../../wherefore

# From a wrong setting to the setting taken back, without a hand, timed.
lab-drill:
	go build -o wherefore ./cmd/wherefore
	cd fixtures/lab && go run . drill --wherefore-bin ../../wherefore --repeats 100

# A system that nobody here wrote, broken on purpose: make lab-foreign F=podinfo
F ?= hotrod
lab-foreign:
	bash .ci/servers foreign
	go build -o wherefore ./cmd/wherefore
	cd fixtures/lab && go run . foreign $(F) --wherefore-bin ../../wherefore
