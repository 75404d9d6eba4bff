package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKindAndTextSurviveWrapping(t *testing.T) {
	cause := errors.New("disk on fire")
	err := fmt.Errorf("publish: %w", Wrap(cause, Conflict, "It changed meanwhile."))
	if KindOf(err) != Conflict || !errors.Is(err, cause) {
		t.Errorf("kind %v, cause lost: %v", KindOf(err), err)
	}
	if text, _ := Text(err); text != "It changed meanwhile." {
		t.Errorf("text %q", text)
	}
	if Wrap(nil, Invalid, "x") != nil {
		t.Error("no error became one")
	}
}

func TestInternalCausesAreNotShown(t *testing.T) {
	for _, err := range []error{errors.New("password=hunter2"), Wrap(errors.New("x"), Internal, "secret path"), nil} {
		text, args := Text(err)
		if strings.Contains(text, "hunter2") || strings.Contains(text, "secret") || args != nil {
			t.Errorf("shown: %q %v", text, args)
		}
	}
	if Is(nil, Internal) {
		t.Error("nil is no fault")
	}
}
