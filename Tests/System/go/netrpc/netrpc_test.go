package netrpc

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/rpc"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

var address = os.Getenv("MARTLET_ADDRESS")

func dial(t *testing.T) *rpc.Client {
	t.Helper()
	client, err := rpc.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func echo[T any](t *testing.T, client *rpc.Client, method string, value T) {
	t.Helper()
	var reply T
	if err := client.Call(method, value, &reply); err != nil {
		t.Errorf("%s(%v): %v", method, value, err)
	} else if !reflect.DeepEqual(reply, value) {
		t.Errorf("%s: %+v came back as %+v", method, value, reply)
	}
}

func TestEveryKindOfValue(t *testing.T) {
	client := dial(t)
	for _, value := range []int{0, 1, -1, 63, 64, -64, -65, 127, 128, math.MaxInt64, math.MinInt64} {
		echo(t, client, "Lab.Int", value)
	}
	for _, value := range []uint64{0, 127, 128, 255, 256, math.MaxUint64} {
		echo(t, client, "Lab.Uint", value)
	}
	for _, value := range []float64{0, 0.1, -1e300, math.Inf(1)} {
		echo(t, client, "Lab.Float", value)
	}
	echo(t, client, "Lab.Bool", true)
	echo(t, client, "Lab.Bool", false)
	echo(t, client, "Lab.Bytes", []byte{0, 1, 254, 255})
	echo(t, client, "Lab.Text", strings.Repeat("h\u00e9llo", 10_000))
	echo(t, client, "Lab.Strings", []string{"a", "", "ccc"})
	echo(t, client, "Lab.Counts", map[string]int{"one": 1, "none": 0})
	echo(t, client, "Lab.Time", time.Date(2022, 3, 14, 1, 2, 3, 456789, time.UTC))
	echo(t, client, "Lab.Tree", Tree{"root", []Tree{{"a", nil}, {"b", []Tree{{}}}}})
	echo(t, client, "Lab.Nothing", Nothing{})
	seven := 7
	echo(t, client, "Lab.Everything", Everything{
		true, -128, math.MaxUint64, 0.1, 0.25, "h\u00e9llo", []byte{0, 255}, time.Unix(1, 2).UTC(), Inner{1, "a"},
		&Inner{2, "b"}, &seven, []int{1, 0, -300}, []int{1, 0, 3}, []Inner{{}, {3, "c"}}, map[string]int{"one": 1},
		map[string]Inner{"p": {4, ""}}, [][]float64{{1, 0.1}, nil}, []time.Time{time.Unix(0, 0).UTC(), time.Time{}.UTC()}})
	echo(t, client, "Lab.Everything", Everything{Triple: []int{0, 0, 0}})
}

func TestAnArrayIsASlice(t *testing.T) {
	var reply []int
	if err := dial(t).Call("Lab.Array", [3]int{1, 0, 3}, &reply); err != nil || !reflect.DeepEqual(reply, []int{1, 0, 3}) {
		t.Errorf("%v, %v", reply, err)
	}
}

func TestErrorsAreTheServersTexts(t *testing.T) {
	client := dial(t)
	for _, c := range []struct{ method, text string }{
		{"RPCServer.LogInfo", "boom: no mongo"},
		{"RPCServer.Nope", "rpc: can't find method RPCServer.Nope"},
		{"Nope.LogInfo", "rpc: can't find service Nope.LogInfo"},
		{"LogInfo", "rpc: service/method request ill-formed: LogInfo"},
	} {
		var reply string
		err := client.Call(c.method, RPCPayload{"fail", "no mongo"}, &reply)
		if _, ok := err.(rpc.ServerError); !ok || err.Error() != c.text {
			t.Errorf("%s: %v", c.method, err)
		}
	}
	echo(t, client, "Lab.Int", 5)
}

func TestAWrongArgumentLeavesTheConnection(t *testing.T) {
	client := dial(t)
	var reply string
	want := "gob: type mismatch in decoder: want struct type main.RPCPayload; got non-struct"
	if err := client.Call("RPCServer.LogInfo", "text", &reply); err == nil || err.Error() != want {
		t.Error(err)
	}
	type Wrong struct{ Name int }
	want = "gob: wrong type (string) for received field Wrong.Name"
	if err := client.Call("RPCServer.LogInfo", Wrong{5}, &reply); err == nil || err.Error() != want {
		t.Error(err)
	}
	echo(t, client, "Lab.Int", 5)
}

func TestManyCallsAtATime(t *testing.T) {
	client := dial(t)
	slow := client.Go("RPCServer.LogInfo", RPCPayload{"wait", ""}, new(string), nil)
	var group sync.WaitGroup
	for number := 0; number < 1000; number++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			var reply string
			name := fmt.Sprint(number)
			err := client.Call("RPCServer.LogInfo", RPCPayload{name, "d"}, &reply)
			if err != nil || reply != "Processed payload via RPC:"+name {
				t.Errorf("%q, %v", reply, err)
			}
		}(number)
	}
	group.Wait()
	select {
	case <-slow.Done:
		t.Error("the call that waits is over: ", slow.Error)
	default:
	}
}

func TestHTTPVariant(t *testing.T) {
	client, err := rpc.DialHTTP("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	echo(t, client, "Lab.Int", 5)
	if _, err := rpc.DialHTTPPath("tcp", address, "/other"); err == nil {
		t.Error("another path is taken")
	}
}

// What a client has asked before it closes its half is answered, and then the server closes.
func TestHalfClose(t *testing.T) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	buffered := bufio.NewWriter(connection)
	encoder := gob.NewEncoder(buffered)
	encoder.Encode(rpc.Request{ServiceMethod: "Lab.Int", Seq: 3})
	encoder.Encode(42)
	encoder.Encode(rpc.Request{ServiceMethod: "Lab.Int", Seq: 4})
	buffered.Flush()
	connection.(*net.TCPConn).CloseWrite()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	decoder := gob.NewDecoder(connection)
	var response rpc.Response
	var reply int
	if err := decoder.Decode(&response); err != nil || response.Seq != 3 {
		t.Fatal(response, err)
	}
	if err := decoder.Decode(&reply); err != nil || reply != 42 {
		t.Fatal(reply, err)
	}
	response = rpc.Response{}
	if err := decoder.Decode(&response); err != nil || response.Seq != 4 || response.Error != "unexpected EOF" {
		t.Fatal(response, err)
	}
	if err := decoder.Decode(&struct{}{}); err != nil {
		t.Fatal(err)
	}
	if err := decoder.Decode(&response); err != io.EOF {
		t.Fatal(err)
	}
}

// Go's client passes over what a longer response header says more.
func TestThePeerOfAnotherClientIsNotDisturbed(t *testing.T) {
	type Request struct {
		ServiceMethod  string
		Seq            uint64
		Traceparent    string
		Timeout        time.Duration
		IdempotencyKey string
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	encoder, decoder := gob.NewEncoder(connection), gob.NewDecoder(connection)
	for seq := uint64(0); seq < 3; seq++ {
		encoder.Encode(Request{"RPCServer.LogInfo", seq, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
			10 * time.Second, "key"})
		encoder.Encode(RPCPayload{"fail", "again"})
		var response rpc.Response
		if err := decoder.Decode(&response); err != nil || response.Seq != seq || response.Error != "boom: again" {
			t.Fatal(response, err)
		}
		if err := decoder.Decode(&struct{}{}); err != nil {
			t.Fatal(err)
		}
	}
}

// peer runs our client against a server of Go's, at `address` and, over HTTP, at `path`.
func peer(t *testing.T, arguments ...string) {
	t.Helper()
	output, err := exec.Command(os.Getenv("MARTLET_PEER"), append([]string{"call"}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

func lab(t *testing.T) (*rpc.Server, *Lab) {
	t.Helper()
	server, lab := rpc.NewServer(), new(Lab)
	if err := server.Register(new(RPCServer)); err != nil {
		t.Fatal(err)
	}
	if err := server.Register(lab); err != nil {
		t.Fatal(err)
	}
	return server, lab
}

func TestPeerCallsAServerOfGo(t *testing.T) {
	server, lab := lab(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go server.Accept(listener)
	peer(t, listener.Addr().String())
	if lab.calls < 20 {
		t.Errorf("only %d calls", lab.calls)
	}
}

func TestPeerCallsAServerOfGoOverHTTP(t *testing.T) {
	server, _ := lab(t)
	mux := http.NewServeMux()
	mux.Handle(rpc.DefaultRPCPath, server)
	listening := httptest.NewServer(mux)
	defer listening.Close()
	peer(t, listening.Listener.Addr().String(), rpc.DefaultRPCPath)
}
