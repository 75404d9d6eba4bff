package search

// Patients is the logical ids of the patients in whose compartments the record with terms t is.
func Patients(typ string, t Terms) []string {
	var out []string
	for k := range t.each(all(compartmentSpace(typ))) {
		out = append(out, string(k[len(space{}):]))
	}
	return out
}

// Within reports whether the record with terms t is in the compartment of the patient with this id.
func Within(typ string, t Terms, patient string) bool {
	return patient != "" && t.Has(exactly(compartmentSpace(typ), []byte(patient)))
}

// Compartment is the key of the index under which all records of a type in a patient's compartment are.
func Compartment(typ, patient string) []byte {
	return exactly(compartmentSpace(typ), []byte(patient))
}

// Looked is the key under which records keeps the AuditEvents of the care team's looks at a patient's record.
func Looked(patient string) []byte { return exactly(named("AuditEvent.*looked"), []byte(patient)) }
