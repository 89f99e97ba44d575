# The go directive of go.mod and this tag move together; a test holds them to it.
FROM golang:1.26-alpine AS build
# cgo is what go-sqlite3 needs; linking statically is what lets the binary run
# in an image without a C library.
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=1 go build -trimpath -tags "netgo osusergo sqlite_omit_load_extension" \
    -ldflags="-s -w -linkmode external -extldflags '-static' -X main.version=${VERSION}" \
    -o /wherefore ./cmd/wherefore
RUN mkdir /data

FROM alpine:3.22
# git reads the repositories behind the decision index.
RUN apk add --no-cache git ca-certificates && adduser -D -u 10001 wherefore
COPY --from=build /wherefore /usr/local/bin/wherefore
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD wget -q -O /dev/null http://127.0.0.1:8080/healthz || exit 1
ENTRYPOINT ["/usr/local/bin/wherefore"]
CMD ["serve", "--config", "/etc/wherefore/wherefore.yaml"]
