// The Go peer: net/http and encoding/json as a Go programmer writes them, no framework.
//
//	GET  /hello  200 text/plain, "hello world\n"
//	POST /log    202 application/json; the entry is decoded, the answer encoded, nothing is stored
//
// Environment: ADDRESS (host:port to listen on), GOMAXPROCS.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

// maxBody is the limit the course's services put on a JSON body.
const maxBody = 1 << 20

type entry struct {
	Name string `json:"name"`
	Data string `json:"data"`
}

type reply struct {
	Error   bool   `json:"error"`
	Message string `json:"message"`
}

var greeting = []byte("hello world\n")

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(greeting)
}

func writeLog(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var e entry
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&e); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body, err := json.Marshal(reply{Message: "logged!"})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	w.Write(body)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", hello)
	mux.HandleFunc("/log", writeLog)
	server := &http.Server{Addr: os.Getenv("ADDRESS"), Handler: mux}
	log.Fatal(server.ListenAndServe())
}
