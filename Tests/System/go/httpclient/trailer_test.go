// What a streamed answer says after its body: run by Tests/System/test_go_client.py against Tests/HTTPPeer.
package httpclient

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func (c *client) expectTrailers(t *testing.T, response *http.Response, size int) {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || len(body) != size {
		t.Fatalf("%d bytes and %v, expected %d", len(body), err, size)
	}
	if sum := response.Trailer.Get("X-Sum"); sum != fmt.Sprint(size) {
		t.Errorf("X-Sum is %q, expected %d", sum, size)
	}
	if late := response.Trailer.Get("X-Late"); late != strings.Repeat("l", 1000) {
		t.Errorf("X-Late is %q", late)
	}
	if len(response.Trailer) != 2 || response.Header.Get("X-Sum") != "" {
		t.Errorf("trailers %v, header %v", response.Trailer, response.Header)
	}
}

func (c *client) get(t *testing.T, path string) *http.Response {
	t.Helper()
	response, err := c.Do(newRequest(t, "GET", path, nil))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestTrailersOfAnAnswerComeAfterItsBodyAndTheConnectionIsKept(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		c.expectTrailers(t, c.get(t, "/trailers/unannounced"), len("one, two"))
		c.expectTrailers(t, c.get(t, "/trailers/large"), 2_000_000)
		c.expectTrailers(t, c.get(t, "/trailers/alone"), 0)
		c.expect(t, newRequest(t, "GET", "/plain", nil), 200, "plain")
	}
	c.expectDials(t, 1)
}

func TestAnnouncedTrailersAreKnownBeforeTheBodyAndFilledInAfterIt(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		response := c.get(t, "/trailers/announced")
		if _, known := response.Trailer["X-Sum"]; !known || response.Trailer.Get("X-Sum") != "" {
			t.Errorf("before the body: %v", response.Trailer)
		}
		c.expectTrailers(t, response, len("one, two"))
	}
	c.expectDials(t, 1)
}

func TestHeadOfAnAnswerWithTrailersHasNone(t *testing.T) {
	c := newClient(t)
	for i := 0; i < 3; i++ {
		response := c.expect(t, newRequest(t, "HEAD", "/trailers/unannounced", nil), 200, "")
		if len(response.Trailer) != 0 {
			t.Errorf("%v", response.Trailer)
		}
		c.expect(t, newRequest(t, "GET", "/plain", nil), 200, "plain")
	}
	c.expectDials(t, 1)
}
