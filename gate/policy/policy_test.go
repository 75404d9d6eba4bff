package policy

import "testing"

func TestPacks(t *testing.T) {
	set, err := Load(Builtin())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Test() {
		t.Error(f)
	}
}
