// The Go peer for net/rpc: the course's logger, with nothing stored.
//
//	RPCServer.LogInfo  "Processed payload via RPC:" and the entry's name
//
// Environment: ADDRESS (host:port to listen on), GOMAXPROCS.
package main

import (
	"log"
	"net"
	"net/rpc"
	"os"
)

// RPCPayload is the course's argument.
type RPCPayload struct {
	Name string
	Data string
}

// RPCServer is the course's logger.
type RPCServer struct{}

// LogInfo answers as the course's logger does.
func (*RPCServer) LogInfo(payload RPCPayload, reply *string) error {
	*reply = "Processed payload via RPC:" + payload.Name
	return nil
}

func main() {
	if err := rpc.Register(new(RPCServer)); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", os.Getenv("ADDRESS"))
	if err != nil {
		log.Fatal(err)
	}
	rpc.Accept(listener)
}
