package stock

import "time"

// Reservation keeps pieces for a customer until a day.
type Reservation struct {
	CustomerName string
	PieceCount   int
	ExpiresAt    time.Time
}

// NewReservation keeps pieces for a week.
func NewReservation(customerName string, pieceCount int) Reservation {
	return Reservation{customerName, pieceCount, time.Now().AddDate(0, 0, 7)}
}

// HasExpired says whether the pieces may be sold to others.
func (r Reservation) HasExpired(now time.Time) bool {
	return now.After(r.ExpiresAt)
}
