// Command hotline is the whole product: a self-hosted cloud call centre in one program.
//
// This package holds flags, commands and signals; what a running node is made of stands in package node.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the call centre."`
	Demo    demoCmd    `cmd:"" help:"Run a sample hotline with synthetic callers: nothing to set up."`
	Check   checkCmd   `cmd:"" help:"Check a hotline.yml or a data.yml: all mistakes with their lines."`
	Import  importCmd  `cmd:"" help:"Replace the centre (trunks, numbers, flows, queues, people, phones) by a data file."`
	Export  exportCmd  `cmd:"" help:"Write the centre as a data file with its flows."`
	Call    callCmd    `cmd:"" help:"Be a customer: dial, press keys, listen, print what was heard."`
	Phone   phoneCmd   `cmd:"" help:"Be a desk phone: register, answer, play a tone or a WAV."`
	Ladder  ladderCmd  `cmd:"" help:"Show the SIP messages of a recent call."`
	Trunks  trunksCmd  `cmd:"" help:"Show the trunks of a running node, and what a number becomes on one."`
	Bans    bansCmd    `cmd:"" help:"Show which SIP sources are banned, or lift a ban."`
	Replay  replayCmd  `cmd:"" help:"Show what a call went through: facts, events and actions."`
	Number  numberCmd  `cmd:"" help:"Say what numbers are and where they are from; coverage of the region data."`
	Prompt  promptCmd  `cmd:"" help:"Add, list and remove prompts (WAV or MP3)."`
	User    userCmd    `cmd:"" help:"Add people and set passwords."`
	Backup  backupCmd  `cmd:"" help:"Copy the database while the node runs."`
	Restore restoreCmd `cmd:"" help:"Put a backup in place of the database of a stopped node."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

const description = `A self-hosted cloud call centre in one program.

  hotline demo                                     a sample hotline, with somebody calling it
  hotline serve -c hotline.yml --data /var/lib/hotline
  hotline check hotline.yml
  hotline call 4001 --server 127.0.0.1:5060 --key 4:1 --for 20s`

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("hotline", version)
	return nil
}

func main() {
	var c cli
	ctx := kong.Parse(&c, kong.Name("hotline"), kong.Description(description), kong.UsageOnError())
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "hotline: "+strings.TrimSpace(err.Error()))
		os.Exit(1)
	}
}
