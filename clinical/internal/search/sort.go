package search

// Sort is one key to order by.
type Sort struct {
	Param string
	Desc  bool

	// Missing holds for records that have no value to sort by; they come last. Its Ranges are nil.
	Missing Condition

	in Range
}

// Range is the keys to walk, forward or (Desc) backward; a record with several values counts where
// it is met first. Of a parameter that looks in several places the first counts: an Organization is
// ordered by its name, not by an alias. Parse refuses a sort by a composite and over several types.
func (s *Sort) Range() Range { return s.in }

// Key is where the record with terms t is met when Range is walked, nil if it has no value.
func (s *Sort) Key(t Terms) []byte {
	if s.Desc {
		return t.Last(s.in)
	}
	return t.First(s.in)
}
