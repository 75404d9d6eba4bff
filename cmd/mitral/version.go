package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the released version; a build from source adds the commit.
const version = "0.1.0"

func runVersion(_ context.Context, args []string, std stdio) error {
	if err := parse(flags("version", "which mitral this is", std), args, 0); err != nil {
		return err
	}
	commit := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = s.Value[:12]
			}
		}
	}
	fmt.Fprintf(std.out, "mitral %s (commit %s, %s, %s/%s)\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
