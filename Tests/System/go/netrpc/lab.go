// Package netrpc holds Go's own net/rpc against ours: its client against our server, its server against our client.
package netrpc

import (
	"errors"
	"sync"
	"time"
)

type RPCPayload struct {
	Name string
	Data string
}

type Nothing struct{}

type Tree struct {
	Name     string
	Children []Tree
}

type Inner struct {
	X    int
	Name string
}

type Everything struct {
	Flag      bool
	Small     int8
	Large     uint64
	Ratio     float64
	Half      float32
	Text      string
	Data      []byte
	CreatedAt time.Time
	Inner     Inner
	Pointer   *Inner
	Number    *int
	Numbers   []int
	Triple    []int
	Inners    []Inner
	Counts    map[string]int
	Places    map[string]Inner
	Grid      [][]float64
	Times     []time.Time
}

// RPCServer is the course's logger.
type RPCServer struct{}

func (*RPCServer) LogInfo(payload RPCPayload, reply *string) error {
	if payload.Name == "fail" {
		return errors.New("boom: " + payload.Data)
	}
	*reply = "Processed payload via RPC:" + payload.Name
	return nil
}

// Lab gives back what it is given.
type Lab struct {
	mutex sync.Mutex
	calls int
}

func (lab *Lab) count() {
	lab.mutex.Lock()
	defer lab.mutex.Unlock()
	lab.calls++
}

func (lab *Lab) Int(value int, reply *int) error           { lab.count(); *reply = value; return nil }
func (lab *Lab) Uint(value uint64, reply *uint64) error    { lab.count(); *reply = value; return nil }
func (lab *Lab) Float(value float64, reply *float64) error { lab.count(); *reply = value; return nil }
func (lab *Lab) Bool(value bool, reply *bool) error        { lab.count(); *reply = value; return nil }
func (lab *Lab) Bytes(value []byte, reply *[]byte) error   { lab.count(); *reply = value; return nil }
func (lab *Lab) Text(value string, reply *string) error    { lab.count(); *reply = value; return nil }
func (lab *Lab) Strings(value []string, reply *[]string) error {
	lab.count()
	*reply = value
	return nil
}
func (lab *Lab) Counts(value map[string]int, reply *map[string]int) error {
	lab.count()
	*reply = value
	return nil
}
func (lab *Lab) Time(value time.Time, reply *time.Time) error {
	lab.count()
	*reply = value
	return nil
}
func (lab *Lab) Everything(value Everything, reply *Everything) error {
	lab.count()
	*reply = value
	return nil
}
func (lab *Lab) Tree(value Tree, reply *Tree) error          { lab.count(); *reply = value; return nil }
func (lab *Lab) Nothing(value Nothing, reply *Nothing) error { lab.count(); return nil }
