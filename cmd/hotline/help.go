package main

// What `hotline COMMAND --help` says below the flags: what the command does to the node, and examples.

// Help is kong's further help.
func (serveCmd) Help() string {
	return `The first Ctrl-C or TERM refuses new calls and waits for the live ones (calls.drain); a second ends at once. HUP takes
the centre anew that "hotline import" has left in the store.

  hotline serve                                           every key at its default, data in ./var
  hotline serve -c /etc/hotline/hotline.yml --data /var/lib/hotline`
}

// Help is kong's further help.
func (demoCmd) Help() string {
	return `Opens 127.0.0.1:5060 (SIP) and 127.0.0.1:8080 (API). Synthetic customers call, synthetic agents answer.

  hotline demo
  hotline demo --quiet --data /tmp/demo                   nobody but you
  hotline call 4008001234 --bind 127.0.0.2 --key 12:1     be a customer of it`
}

// Help is kong's further help.
func (checkCmd) Help() string {
	return `Prints every mistake with its line, of the flows too, and exits with 1. Warnings, such as a number of callers whom no
rule takes, are printed and are no failure. A hotline.yml is checked together with its seed.

  hotline check hotline.yml
  hotline check data.yml`
}

// Help is kong's further help.
func (importCmd) Help() string {
	return `What the file lacks is deleted from the centre. A node that runs on the data folder takes the new centre at once; calls
under way go on as they began. People who have an account keep their password, and so do phones with "password: generate".

  hotline import data.yml --data /var/lib/hotline
  hotline import data.yml -c hotline.yml`
}

// Help is kong's further help.
func (exportCmd) Help() string {
	return `The files can be imported again as they are. They hold the trunks' passwords: keep them to yourself.

  hotline export backup/ --data /var/lib/hotline`
}

// Help is kong's further help.
func (callCmd) Help() string {
	return `The address that --bind names says which trunk the call comes from; with --user it comes from that phone. The exit
status is 0 when the call was answered and every tone of --expect was heard.

  hotline call 4001 --server 127.0.0.1:5060 --bind 127.0.0.2 --key 4:1 --for 20s
  hotline call 1002 --user 1001 --password secret --tone 700 --expect 1300
  hotline call 4001 --key 3:1 --key 6:155# --save heard.wav`
}

// Help is kong's further help.
func (phoneCmd) Help() string {
	return `Registers, answers each call and prints what was heard, until Ctrl-C.

  hotline phone --server 127.0.0.1:5060 --user 1002 --password secret --tone 1300
  hotline phone --user 1002 --password secret --reject 486 --calls 1`
}

// Help is kong's further help.
func (ladderCmd) Help() string {
	return `Asks the running node, which keeps the messages of its latest calls (sip.ladders).

  hotline ladder --data /var/lib/hotline 01890a5d-ac96-774b-bcce-b302099a8057
  hotline ladder --full CALL > ladder.txt`
}

// Help is kong's further help.
func (replayCmd) Help() string {
	return `Asks the running node: what happened and what the call did about it for the latest calls, the kept facts for older ones.

  hotline replay --data /var/lib/hotline 01890a5d-ac96-774b-bcce-b302099a8057`
}

// Help is kong's further help.
func (numberShowCmd) Help() string {
	return `  hotline number show 13800138000 010-66551234 400-800-1234 +8613800138000`
}

// Help is kong's further help.
func (numberCoverageCmd) Help() string {
	return `  hotline number coverage
  hotline number coverage prefixes.csv`
}

// Help is kong's further help.
func (userAddCmd) Help() string {
	return `  hotline user add maria --name Maria --role supervisor --data /var/lib/hotline < password.txt
  hotline user add agent-1001 --agent agent-1001 --data /var/lib/hotline`
}

// Help is kong's further help.
func (userPasswdCmd) Help() string {
	return `Ends the person's sessions.

  hotline user passwd maria --data /var/lib/hotline`
}

// Help is kong's further help.
func (backupCmd) Help() string {
	return `The database alone: recordings are files below the data folder and are copied as such.

  hotline backup /backup/hotline.db --data /var/lib/hotline`
}

// Help is kong's further help.
func (restoreCmd) Help() string {
	return `Stop the node first.

  hotline restore /backup/hotline.db --data /var/lib/hotline`
}

// Help is kong's further help.
func (promptAddCmd) Help() string {
	return `A node that runs on the data folder plays the new sound from then on; without one the file is put into the folder.

  hotline prompt add welcome.mp3 --lang zh --name welcome --data /var/lib/hotline
  hotline prompt add hold-music.wav --lang any --data /var/lib/hotline`
}

// Help is kong's further help.
func (promptListCmd) Help() string {
	return `  hotline prompt list --data /var/lib/hotline`
}

// Help is kong's further help.
func (promptRemoveCmd) Help() string {
	return `  hotline prompt remove welcome --lang zh --data /var/lib/hotline`
}

// Help shows an example.
func (trunksShowCmd) Help() string {
	return `Asks the running node: calls, limits, the health of each target, and how it is registered.

  hotline trunks show --data /var/lib/hotline`
}

// Help shows examples.
func (trunksTestCmd) Help() string {
	return `Shows a call in from the number and a call out to it: which header was read, which rule was taken, and the lines of the INVITE as
they are sent. Nothing is sent.

  hotline trunks test carrier 13800138000
  hotline trunks test carrier 13800138000 --dialled 01066551234 --header "Diversion: <sip:4008001234@carrier>"
  hotline trunks test carrier 13800138000 --from 01066551234 --forwards 4008001234`
}
