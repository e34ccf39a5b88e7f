package stock

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// ErrEmpty says that nothing is left.
var ErrEmpty = errors.New("nothing left")

type Shelf struct {
	Name  string         `json:"name"`
	Items map[string]int `json:"items"`
	mu    sync.Mutex
}

func NewShelf(name string, items ...string) *Shelf {
	shelf := &Shelf{
		Name:  name,
		Items: make(map[string]int),
	}
	for _, item := range items {
		shelf.Items[item]++
	}
	return shelf
}

func (s *Shelf) Take(name string, count int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	left, ok := s.Items[name]
	if !ok || left == 0 {
		return 0, fmt.Errorf("%s: %w", name, ErrEmpty)
	} else if left < count {
		count = left
	}
	s.Items[name] -= count
	return count, nil
}

func (s *Shelf) Watch(changes <-chan string, done chan struct{}) {
	go func() {
		for {
			select {
			case name := <-changes:
				fmt.Println("changed:", name)
			case <-done:
				return
			}
		}
	}()
}

func Load(data []byte) ([]*Shelf, error) {
	var shelves []*Shelf
	if err := json.Unmarshal(data, &shelves); err != nil {
		return nil, err
	}
	switch len(shelves) {
	case 0:
		return nil, ErrEmpty
	default:
		return shelves, nil
	}
}
