// The load for net/rpc: Go's own client, so many connections with so many calls in flight on each. Prints one line of
// JSON: calls, seconds, errors, the latencies' median and 99th percentile in microseconds.
//
//	netrpc-load ADDRESS CONNECTIONS IN-FLIGHT SECONDS
package main

import (
	"fmt"
	"log"
	"net/rpc"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

// RPCPayload is the course's argument.
type RPCPayload struct {
	Name string
	Data string
}

const want = "Processed payload via RPC:event"

type call struct {
	begun time.Time
	reply string
}

type result struct {
	latencies []int32
	errors    int
}

// load keeps `inFlight` calls going until `end`.
func load(address string, inFlight int, end time.Time) result {
	client, err := rpc.Dial("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	argument := RPCPayload{Name: "event", Data: "some log data from the broker"}
	done := make(chan *rpc.Call, inFlight)
	calls := make(map[*string]*call, inFlight)
	begin := func() {
		c := &call{begun: time.Now()}
		calls[&c.reply] = c
		client.Go("RPCServer.LogInfo", argument, &c.reply, done)
	}
	for i := 0; i < inFlight; i++ {
		begin()
	}
	result := result{latencies: make([]int32, 0, 1<<18)}
	for open := inFlight; open > 0; open-- {
		finished := <-done
		now := time.Now()
		reply := finished.Reply.(*string)
		if finished.Error != nil || *reply != want {
			result.errors++
		}
		result.latencies = append(result.latencies, int32(now.Sub(calls[reply].begun)/time.Microsecond))
		delete(calls, reply)
		if now.Before(end) && result.errors == 0 {
			begin()
			open++
		}
	}
	return result
}

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: netrpc-load ADDRESS CONNECTIONS IN-FLIGHT SECONDS")
	}
	numbers := [3]int{}
	for i := range numbers {
		number, err := strconv.Atoi(os.Args[i+2])
		if err != nil || number < 1 {
			log.Fatalf("%s is no number", os.Args[i+2])
		}
		numbers[i] = number
	}
	begun := time.Now()
	end := begun.Add(time.Duration(numbers[2]) * time.Second)
	results := make([]result, numbers[0])
	var group sync.WaitGroup
	for i := range results {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			results[i] = load(os.Args[1], numbers[1], end)
		}(i)
	}
	group.Wait()
	seconds := time.Since(begun).Seconds()
	var latencies []int32
	errors := 0
	for _, result := range results {
		latencies = append(latencies, result.latencies...)
		errors += result.errors
	}
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	at := func(share float64) int32 { return latencies[int(share*float64(len(latencies)-1))] }
	fmt.Printf("{\"requests\":%d,\"seconds\":%f,\"errors\":%d,\"p50_us\":%d,\"p99_us\":%d}\n", len(latencies), seconds,
		errors, at(0.5), at(0.99))
}
