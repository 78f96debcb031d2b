// Go's HTTP client against a Martlet service: the two must agree about connections, framing and 100 (Continue).
// Run by Tests/System/test_go_client.py, which starts the logger and names its address in MARTLET_URL.
package httpclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const logged = `{"error":false,"message":"logged"}`

var base = os.Getenv("MARTLET_URL")

// client is an http.Client that counts the connections it opens.
type client struct {
	http.Client
	dials atomic.Int32
}

func newClient(t *testing.T) *client {
	c := new(client)
	var dialer net.Dialer
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c.dials.Add(1)
			return dialer.DialContext(ctx, network, address)
		},
		// Longer than the test may take: a body that is sent for want of an answer fails it.
		ExpectContinueTimeout: time.Minute,
	}
	c.Client = http.Client{Transport: transport, Timeout: 20 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return c
}

// do sends the request and gives back the response, whose body it has read.
func (c *client) do(request *http.Request) (*http.Response, string, error) {
	response, err := c.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func (c *client) expect(t *testing.T, request *http.Request, status int, body string) *http.Response {
	t.Helper()
	response, got, err := c.do(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status || got != body {
		t.Fatalf("%s %s: %d %q, expected %d %q", request.Method, request.URL, response.StatusCode, got, status, body)
	}
	return response
}

func (c *client) expectDials(t *testing.T, dials int32) {
	t.Helper()
	if got := c.dials.Load(); got != dials {
		t.Errorf("%d connections, expected %d", got, dials)
	}
}

func newRequest(t *testing.T, method, path string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequest(method, base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func entry(name, data string) string {
	text, _ := json.Marshal(map[string]string{"name": name, "data": data})
	return string(text)
}

// unsized hides the length of a reader from net/http, which then has to send it in chunks.
type unsized struct{ io.Reader }

// entriesOf reads every page of the entries with this name, newest first.
func (c *client) entriesOf(t *testing.T, name string) (data []string) {
	t.Helper()
	cursor := ""
	for {
		_, body, err := c.do(newRequest(t, "GET", "/logs?limit=500&name="+url.QueryEscape(name)+cursor, nil))
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Entries []struct{ Name, Data string }
			Next    string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatalf("%v in %.200q", err, body)
		}
		for _, entry := range page.Entries {
			data = append(data, entry.Data)
		}
		if page.Next == "" {
			return data
		}
		cursor = "&cursor=" + url.QueryEscape(page.Next)
	}
}

func TestRequestsInTurnShareOneConnection(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 100; i++ {
		c.expect(t, newRequest(t, "GET", "/livez", nil), 200, "ok\n")
		c.expect(t, newRequest(t, "POST", "/log", strings.NewReader(entry("turn", "x"))), 202, logged)
	}
	c.expectDials(t, 1)
}

func TestConnectionCloseIsAnsweredAndDone(t *testing.T) {
	c := newClient(t)
	request := newRequest(t, "GET", "/livez", nil)
	request.Close = true
	if response := c.expect(t, request, 200, "ok\n"); !response.Close {
		t.Error("the answer does not say Connection: close")
	}
	c.expect(t, newRequest(t, "GET", "/livez", nil), 200, "ok\n")
	c.expectDials(t, 2)
}

func TestHeadHasTheFieldsOfGetAndNoBody(t *testing.T) {
	c := newClient(t)
	get := c.expect(t, newRequest(t, "GET", "/livez", nil), 200, "ok\n")
	for i := 0; i < 3; i++ {
		head := c.expect(t, newRequest(t, "HEAD", "/livez", nil), 200, "")
		if head.ContentLength != 3 || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD has %v, GET has %v", head.Header, get.Header)
		}
	}
	c.expectDials(t, 1)
}

func TestChunkedUploadArrivesWhole(t *testing.T) {
	c := newClient(t)
	// In many small chunks, and in few that are larger than any one read.
	for _, size := range []int{1, 7, 100_000} {
		data := strings.Repeat("0123456789abcdef", 100*size/7+1)
		if len(data) > 900_000 {
			data = data[:900_000]
		}
		name := fmt.Sprintf("chunked-%d", size)
		reader, writer := io.Pipe()
		go func() {
			for rest := []byte(entry(name, data)); len(rest) > 0; {
				n, _ := writer.Write(rest[:min(size, len(rest))])
				if n == 0 {
					return
				}
				rest = rest[n:]
			}
			writer.Close()
		}()
		c.expect(t, newRequest(t, "POST", "/log", reader), 202, logged)
		if kept := c.entriesOf(t, name); len(kept) != 1 || kept[0] != data {
			t.Errorf("%d entries of chunks of %d, or not the one that was sent", len(kept), size)
		}
	}
	c.expectDials(t, 1)
}

func TestTrailersOfAnUploadAreTakenOffTheConnection(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		request := newRequest(t, "POST", "/log", nil)
		request.Trailer = http.Header{"X-Sum": nil, "X-Late": nil}
		body := strings.NewReader(entry("trailers", "x"))
		request.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			n, err := body.Read(p)
			if err == io.EOF {
				request.Trailer.Set("X-Sum", "8")
				request.Trailer.Set("X-Late", strings.Repeat("l", 1000))
			}
			return n, err
		}))
		c.expect(t, request, 202, logged)
	}
	c.expectDials(t, 1)
}

func TestABodyIsAskedForBeforeItIsSent(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		var asked, sentUnasked atomic.Bool
		body := strings.NewReader(entry("continue", "x"))
		request := newRequest(t, "POST", "/log", readerFunc(func(p []byte) (int, error) {
			if !asked.Load() {
				sentUnasked.Store(true)
			}
			return body.Read(p)
		}))
		request.Header.Set("Expect", "100-continue")
		trace := httptrace.ClientTrace{Got100Continue: func() { asked.Store(true) }}
		c.expect(t, request.WithContext(httptrace.WithClientTrace(request.Context(), &trace)), 202, logged)
		if !asked.Load() || sentUnasked.Load() {
			t.Errorf("asked %v, sent unasked %v", asked.Load(), sentUnasked.Load())
		}
	}
	c.expectDials(t, 1)
}

func TestABodyThatNobodyWantsIsNotAskedFor(t *testing.T) {
	c := newClient(t)
	var wasRead atomic.Bool
	request := newRequest(t, "POST", "/nowhere", readerFunc(func(p []byte) (int, error) {
		wasRead.Store(true)
		return 0, io.EOF
	}))
	request.ContentLength = 1 << 19
	request.Header.Set("Expect", "100-continue")
	response, _, err := c.do(request)
	if err != nil || response.StatusCode != 404 || wasRead.Load() {
		t.Errorf("%v %v, body was read: %v", response, err, wasRead.Load())
	}
	c.expect(t, newRequest(t, "GET", "/livez", nil), 200, "ok\n")
}

func TestABodyThatIsTooLargeIsRefusedAndTheAnswerArrives(t *testing.T) {
	c := newClient(t)
	text := entry("large", strings.Repeat("x", 1<<20))
	for _, body := range []io.Reader{strings.NewReader(text), unsized{strings.NewReader(text)}} {
		response := c.expect(t, newRequest(t, "POST", "/log", body), 400,
			`{"error":true,"message":"http: request body too large"}`)
		if !response.Close {
			t.Error("the answer does not say Connection: close")
		}
	}
	if kept := c.entriesOf(t, "large"); len(kept) != 0 {
		t.Error("it was kept")
	}
}

func TestABodyThatWasNotReadDoesNotSpoilTheConnection(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		for _, body := range []io.Reader{
			strings.NewReader(strings.Repeat("x", 32<<10)), unsized{strings.NewReader("GET /livez HTTP/1.1\r\n\r\n")},
		} {
			response, _, err := c.do(newRequest(t, "POST", "/nowhere", body))
			if err != nil || response.StatusCode != 404 {
				t.Fatal(response, err)
			}
		}
		c.expect(t, newRequest(t, "GET", "/livez", nil), 200, "ok\n")
	}
}

func TestAnUploadThatIsBrokenOffLeavesNothingBehind(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 20; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		rest := bytes.NewReader([]byte(entry("broken off", "x")))
		request := newRequest(t, "POST", "/log", readerFunc(func(p []byte) (int, error) {
			if rest.Len() <= 10 {
				cancel()
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return rest.Read(p[:1])
		}))
		if _, _, err := c.do(request.WithContext(ctx)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
	}
	c.expect(t, newRequest(t, "POST", "/log", strings.NewReader(entry("whole", "x"))), 202, logged)
	if kept := c.entriesOf(t, "broken off"); len(kept) != 0 {
		t.Errorf("%d halves were kept", len(kept))
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	const connections, turns = 128, 10
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := 0; i < connections; i++ {
		i, c := i, newClient(t)
		group.Add(1)
		go func() {
			defer group.Done()
			<-start
			for turn := 0; turn < turns; turn++ {
				request, err := http.NewRequest(
					"POST", base+"/log", strings.NewReader(entry("many", fmt.Sprintf("%d/%d", i, turn))))
				if err != nil {
					t.Error(err)
					return
				}
				response, body, err := c.do(request)
				if err != nil || response.StatusCode != 202 || body != logged {
					t.Errorf("connection %d, turn %d: %v %q %v", i, turn, response, body, err)
					return
				}
			}
			c.expectDials(t, 1)
		}()
	}
	close(start)
	group.Wait()

	// Every one was kept, once, and each connection's in the order in which they were answered.
	next := map[string]int{}
	kept := newClient(t).entriesOf(t, "many")
	for at := len(kept) - 1; at >= 0; at-- {
		connection, turn, _ := strings.Cut(kept[at], "/")
		if turn != fmt.Sprint(next[connection]) {
			t.Fatalf("%s, where turn %d was expected", kept[at], next[connection])
		}
		next[connection]++
	}
	if len(kept) != connections*turns {
		t.Errorf("%d entries, expected %d", len(kept), connections*turns)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}
