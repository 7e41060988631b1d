// Command hotline is the whole product: a self-hosted cloud call centre in one program.
//
// This package holds flags, wiring and signals; nothing that could be tested elsewhere.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

type cli struct {
	Version versionCmd `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("hotline", version)
	return nil
}

func main() {
	var c cli
	ctx := kong.Parse(&c, kong.Name("hotline"), kong.Description("A self-hosted cloud call centre in one program."), kong.UsageOnError())
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "hotline:", err)
		os.Exit(1)
	}
}
