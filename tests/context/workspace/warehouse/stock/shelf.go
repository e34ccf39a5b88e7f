package stock

import "errors"

// ErrShelfEmpty says that nothing is left.
var ErrShelfEmpty = errors.New("the shelf is empty")

// Shelf holds the pieces of one article.
type Shelf struct {
	ArticleNumber string
	PiecesLeft    int
	reservations  []Reservation
}

// TakePieces removes some pieces.
func (s *Shelf) TakePieces(count int) error {
	if s.PiecesLeft < count {
		return ErrShelfEmpty
	}
	s.PiecesLeft -= count
	return nil
}
