package spec

import (
	_ "embed"
	"sync"
)

//go:embed r4.bin
var packed []byte

// R4 returns FHIR R4.
func R4() *Set { return r4() }

var r4 = sync.OnceValue(func() *Set { return &Set{} })
