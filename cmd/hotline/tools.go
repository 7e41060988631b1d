package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/account"
	"hotline/call"
	"hotline/configs"
	"hotline/node"
	"hotline/node/datadir"
	"hotline/number"
	"hotline/sip/ladder"
	"hotline/store"
)

type checkCmd struct {
	File string `arg:"" help:"hotline.yml, or a data file." type:"existingfile"`
}

// Run prints all mistakes of a file; exit status 1 when there are any. Warnings alone are no failure.
func (c checkCmd) Run() error {
	warnings, err := configs.Check(c.File)
	for _, w := range warnings {
		fmt.Println(w)
	}
	if err != nil {
		return err
	}
	fmt.Println(c.File + ": no mistakes")
	return nil
}

// storeFlags are what commands need that work on a stopped or running node's data.
type storeFlags struct {
	Config string `short:"c" help:"hotline.yml of the node." type:"existingfile"`
	Data   string `help:"The node's data folder." type:"path"`
}

func (f storeFlags) open(ctx context.Context) (configs.Node, *store.DB, error) {
	c, err := nodeConfig(f.Config, f.Data)
	if err != nil {
		return c, nil, err
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return c, nil, err
	}
	db, err := store.Open(ctx, datadir.Database(c.Data))
	return c, db, err
}

type importCmd struct {
	storeFlags
	File string `arg:"" help:"The data file." type:"existingfile"`
}

// Run replaces the centre. A running node takes it at once.
func (i importCmd) Run() error {
	ctx := context.Background()
	data, err := configs.ReadData(i.File)
	if err != nil {
		return err
	}
	c, db, err := i.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	realm := c.SIP.Realm
	if a, err := datadir.Find(c.Data); err == nil && a.Realm != "" && i.Config == "" {
		realm = a.Realm // the node's: passwords hashed for another would lock every phone out
	}
	secrets, err := node.WriteCentre(ctx, db, realm, data)
	if err != nil {
		return err
	}
	for _, s := range secrets {
		fmt.Printf("phone %s has the password %s (shown this once)\n", s.User, s.Password)
	}
	fmt.Printf("imported: %d trunks, %d numbers, %d flows, %d queues, %d people, %d phones\n",
		len(data.Trunks), len(data.Numbers), len(data.Sources), len(data.Queues), len(data.People), len(data.Phones))
	switch err := datadir.Reload(c.Data); {
	case errors.Is(err, datadir.ErrNotRunning):
	case err != nil:
		return fmt.Errorf("the store has the new centre, but the running node does not: %w", err)
	default:
		fmt.Println("The running node takes it now; its log says so.")
	}
	return nil
}

type exportCmd struct {
	storeFlags
	Folder string `arg:"" help:"Folder to write data.yml and flows/ into." type:"path"`
}

// Run writes the centre; phones keep their passwords as hashes.
func (e exportCmd) Run() error {
	ctx := context.Background()
	_, db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	centre, err := node.ReadCentre(ctx, db)
	if err != nil {
		return err
	}
	data, flows, err := centre.YAML()
	if err != nil {
		return err
	}
	flows["data.yml"] = data
	for name, body := range flows {
		path := filepath.Join(e.Folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(path, body, 0o600); err != nil {
			return err
		}
	}
	fmt.Println("written:", filepath.Join(e.Folder, "data.yml"))
	return nil
}

type userCmd struct {
	Add    userAddCmd    `cmd:"" help:"Add a person; the password is read from standard input."`
	Passwd userPasswdCmd `cmd:"" help:"Set a person's password, read from standard input."`
}

type userAddCmd struct {
	storeFlags
	Login string       `arg:"" help:"Login."`
	Name  string       `help:"Name on screen; the login when left out."`
	Role  account.Role `help:"agent, supervisor or admin." default:"agent" enum:"agent,supervisor,admin"`
	Agent string       `help:"The agent that this person is in queues (the login in the data file)."`
}

// Run adds a person.
func (u userAddCmd) Run() error {
	return u.with(func(ctx context.Context, a *account.Accounts) error {
		password, err := readPassword()
		if err != nil {
			return err
		}
		name := u.Name
		if name == "" {
			name = u.Login
		}
		_, err = a.Create(ctx, account.Person{Login: u.Login, Name: name, Role: u.Role, AgentID: u.Agent}, password)
		return err
	})
}

func (f storeFlags) with(do func(context.Context, *account.Accounts) error) error {
	ctx := context.Background()
	_, db, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	accounts, err := account.New(account.Config{}, db)
	if err != nil {
		return err
	}
	if err := do(ctx, accounts); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

type userPasswdCmd struct {
	storeFlags
	Login string `arg:"" help:"Login."`
}

// Run sets a password by a link that is used at once.
func (u userPasswdCmd) Run() error {
	return u.with(func(ctx context.Context, a *account.Accounts) error {
		people, err := a.People(ctx)
		if err != nil {
			return err
		}
		for _, p := range people {
			if !strings.EqualFold(p.Login, u.Login) {
				continue
			}
			password, err := readPassword()
			if err != nil {
				return err
			}
			link, err := a.PasswordLink(ctx, p.ID)
			if err != nil {
				return err
			}
			_, err = a.RedeemPassword(ctx, link, password)
			return err
		}
		return fmt.Errorf("nobody has the login %q", u.Login)
	})
}

func readPassword() (string, error) {
	fmt.Fprint(os.Stderr, "password (10 characters or more): ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type backupCmd struct {
	storeFlags
	File string `arg:"" help:"File to write." type:"path"`
}

// Run copies the database, while the node runs or not.
func (b backupCmd) Run() error {
	ctx := context.Background()
	_, db, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Backup(ctx, b.File); err != nil {
		return err
	}
	fmt.Println("written:", b.File)
	return nil
}

type restoreCmd struct {
	storeFlags
	File string `arg:"" help:"A backup." type:"existingfile"`
}

// Run puts a backup in place; the old database is kept beside it.
func (r restoreCmd) Run() error {
	ctx := context.Background()
	c, err := nodeConfig(r.Config, r.Data)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return err
	}
	unlock, err := datadir.Lock(c.Data)
	if err != nil {
		return errors.Join(errors.New("stop the node first"), err)
	}
	defer unlock()
	old, err := store.Restore(ctx, r.File, datadir.Database(c.Data))
	if err != nil {
		return err
	}
	if old != "" {
		fmt.Println("the old database is kept as", old)
	}
	fmt.Println("restored from", r.File)
	return nil
}

type ladderCmd struct {
	Data string `help:"The running node's data folder." default:"var" type:"path"`
	Call string `arg:"" help:"The call's id, or a SIP Call-ID."`
	Full bool   `help:"Print the messages whole."`
}

// Run asks the running node.
func (l ladderCmd) Run() error {
	a, err := datadir.Find(l.Data)
	if err != nil {
		return err
	}
	var messages []ladder.Message
	if err := a.Get(context.Background(), "/calls/"+url.PathEscape(l.Call)+"/ladder", &messages); err != nil {
		return err
	}
	if err := ladder.Draw(os.Stdout, messages); err != nil || !l.Full {
		return err
	}
	for _, m := range messages {
		fmt.Printf("\n%s %s\n%s", m.At.Format(time.RFC3339Nano), m.Peer, m.Raw)
	}
	return nil
}

type replayCmd struct {
	Data string `help:"The running node's data folder." default:"var" type:"path"`
	Call string `arg:"" help:"The call's id."`
}

// Run asks the running node: facts for every call, events and actions for the latest.
func (r replayCmd) Run() error {
	a, err := datadir.Find(r.Data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	var moments []call.Moment
	if err := a.Get(ctx, "/calls/"+url.PathEscape(r.Call)+"/trace", &moments); err != nil {
		return err
	}
	for _, m := range moments {
		fmt.Printf("%s %s\n", m.At.Format("15:04:05.000"), m.Event)
		for _, action := range m.Actions {
			fmt.Println("             " + action)
		}
	}
	if len(moments) > 0 {
		return nil
	}
	var facts []call.Fact
	if err := a.Get(ctx, "/calls/"+url.PathEscape(r.Call)+"/facts", &facts); err != nil {
		return err
	}
	for _, f := range facts {
		fmt.Printf("%s %s\n", f.At.Format("15:04:05.000"), call.Describe(call.Note{Fact: f}))
	}
	return nil
}

type numberCmd struct {
	Show     numberShowCmd     `cmd:"" help:"What numbers are, how they are shown and where they are from."`
	Coverage numberCoverageCmd `cmd:"" help:"How many mobile prefixes the region data knows."`
}

type numberShowCmd struct {
	Prefixes string   `help:"A phone.dat or CSV of prefixes." type:"existingfile"`
	Numbers  []string `arg:"" help:"Numbers in any form."`
}

// Run prints one line for each number.
func (n numberShowCmd) Run() error {
	atlas, err := node.Atlas(n.Prefixes)
	if err != nil {
		return err
	}
	for _, raw := range n.Numbers {
		x := number.Parse(raw)
		r := atlas.Region(x)
		fmt.Printf("%-20s %-12s %-16s %-18s %-14s %s (%d %%)\n", raw, x.Kind, x.E164, x.Print(), x.Masked(), r, r.Confidence)
	}
	return nil
}

type numberCoverageCmd struct {
	Prefixes string `arg:"" optional:"" help:"A phone.dat or CSV of prefixes beside the shipped data." type:"existingfile"`
}

// Run prints the coverage by the first three digits.
func (n numberCoverageCmd) Run() error {
	atlas, err := node.Atlas(n.Prefixes)
	if err != nil {
		return err
	}
	fmt.Print(atlas.Coverage().String())
	return nil
}
