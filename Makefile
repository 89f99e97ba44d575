# Aliases only: every target is one command that works without make.
.PHONY: demo test lint generate ci lab lab-record lab-all

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
