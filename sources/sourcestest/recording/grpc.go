package recording

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// raw is a message that nobody decodes.
type raw struct{ data []byte }

// rawCodec hands messages on as they are, whatever they hold.
type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) {
	r, ok := v.(*raw)
	if !ok {
		return nil, fmt.Errorf("%T is not raw", v)
	}
	return r.data, nil
}

func (rawCodec) Unmarshal(data []byte, v any) error {
	r, ok := v.(*raw)
	if !ok {
		return fmt.Errorf("%T is not raw", v)
	}
	r.data = append([]byte(nil), data...) // grpc uses its buffer again
	return nil
}

// serve runs a gRPC server whose every method is answered by one function of
// the method and its only message.
func serve(t testing.TB, respond func(ctx context.Context, method string, in []byte) exchange) string {
	t.Helper()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		var in raw
		if err := stream.RecvMsg(&in); err != nil {
			return err
		}
		e := respond(stream.Context(), method, in.data)
		for _, b := range e.Bodies {
			if err := stream.SendMsg(&raw{b}); err != nil {
				return err
			}
		}
		if e.Status != int(codes.OK) {
			return status.Error(codes.Code(e.Status), e.Message)
		}
		return nil
	}))
	go func() { _ = s.Serve(l) }() // ends with Stop
	t.Cleanup(s.Stop)
	return l.Addr().String()
}

// RecordGRPC passes calls on to a server and writes what it answered to a file
// when the test is over. It returns the address to use in its place.
func RecordGRPC(t testing.TB, file, server string) string {
	t.Helper()
	conn, err := grpc.NewClient(server, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})))
	if err != nil {
		t.Fatal(err)
	}
	keep := &tape{list: map[string]exchange{}}
	t.Cleanup(func() { // runs after the server has stopped
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			return
		}
		if err := keep.save(file); err != nil {
			t.Error(err)
		}
	})
	return serve(t, func(ctx context.Context, method string, in []byte) exchange {
		e := call(ctx, conn, method, in)
		keep.put(e)
		return e
	})
}

// ReplayGRPC answers from a file. It returns the address to use.
func ReplayGRPC(t testing.TB, file string) string {
	t.Helper()
	played, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, func(_ context.Context, method string, in []byte) exchange {
		if e, ok := played.get(callText(method, in)); ok {
			return e
		}
		return exchange{Status: int(codes.Internal), Message: "not in the recording; run the test with -record"}
	})
}

func callText(method string, in []byte) string {
	return method + " " + base64.StdEncoding.EncodeToString(in)
}

func call(ctx context.Context, conn *grpc.ClientConn, method string, in []byte) exchange {
	e := exchange{Request: callText(method, in)}
	end := func(err error) exchange {
		s := status.Convert(err)
		e.Status, e.Message = int(s.Code()), s.Message()
		return e
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return end(err)
	}
	if err := errors.Join(stream.SendMsg(&raw{in}), stream.CloseSend()); err != nil {
		return end(err)
	}
	for {
		var out raw
		err := stream.RecvMsg(&out)
		if errors.Is(err, io.EOF) {
			return e
		}
		if err != nil {
			return end(err)
		}
		e.Bodies = append(e.Bodies, out.data)
	}
}
