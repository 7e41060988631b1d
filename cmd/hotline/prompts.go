package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hotline/configs/prompts"
	"hotline/node/datadir"
	"hotline/prompt"
)

type promptCmd struct {
	Add    promptAddCmd    `cmd:"" help:"Add a prompt, or replace one: WAV or MP3, up to 10 minutes."`
	List   promptListCmd   `cmd:"" help:"List all prompts, the shipped ones too."`
	Remove promptRemoveCmd `cmd:"" help:"Remove a prompt; a shipped one of that name is heard again."`
}

// promptFlags are the node's data folder. A running node takes the change at once, a stopped one at its start.
type promptFlags struct {
	Config string `short:"c" help:"hotline.yml of the node." type:"existingfile"`
	Data   string `help:"The node's data folder." type:"path"`
	Lang   string `help:"zh, en ...; any for sounds without words." default:"zh"`
}

// running is how to reach the node that runs on the data folder. When none does, shelf is its prompts.
func (f promptFlags) running() (a datadir.Access, shelf *prompt.Shelf, err error) {
	c, err := nodeConfig(f.Config, f.Data)
	if err != nil {
		return datadir.Access{}, nil, err
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return datadir.Access{}, nil, err
	}
	unlock, err := datadir.Lock(c.Data)
	if err != nil {
		a, err = datadir.Find(c.Data)
		return a, nil, err
	}
	defer unlock()
	shelf, err = prompt.NewShelf(datadir.Prompts(c.Data))
	if err == nil {
		shelf.Shipped = prompts.Files
	}
	return datadir.Access{}, shelf, err
}

type promptAddCmd struct {
	promptFlags
	File string `arg:"" help:"The sound." type:"existingfile"`
	Name string `help:"The name that flows use; the file's when left out."`
}

// Run converts and keeps the file.
func (p promptAddCmd) Run() error {
	f, err := os.Open(p.File)
	if err != nil {
		return err
	}
	defer f.Close()
	name := p.Name
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(p.File), filepath.Ext(p.File))
	}
	node, shelf, err := p.running()
	if err != nil {
		return err
	}
	var added prompt.Prompt
	if shelf != nil {
		added, err = shelf.Add(p.Lang, name, f, "")
	} else {
		err = node.Send(context.Background(), http.MethodPut, "/prompts/"+url.PathEscape(p.Lang)+"/"+url.PathEscape(name), f, &added)
	}
	if err != nil {
		return err
	}
	fmt.Printf("prompt %s/%s: %v\n", added.Language, added.Name, added.Length.Round(100*time.Millisecond))
	return nil
}

type promptListCmd struct{ promptFlags }

// Run prints all prompts.
func (p promptListCmd) Run() error {
	node, shelf, err := p.running()
	if err != nil {
		return err
	}
	var all []prompt.Prompt
	if shelf != nil {
		all, err = shelf.List()
	} else {
		var page struct{ Prompts []prompt.Prompt }
		err = node.Get(context.Background(), "/prompts", &page)
		all = page.Prompts
	}
	for _, one := range all {
		origin := "own"
		switch {
		case one.Shipped:
			origin = "shipped"
		case one.Replaces:
			origin = "own, instead of the shipped one"
		}
		fmt.Printf("%-4s %-24s %7.1f s  %s\n", one.Language, one.Name, one.Length.Seconds(), origin)
	}
	return err
}

type promptRemoveCmd struct {
	promptFlags
	Name string `arg:"" help:"The prompt's name."`
}

// Run removes an own prompt.
func (p promptRemoveCmd) Run() error {
	node, shelf, err := p.running()
	if err != nil {
		return err
	}
	if shelf != nil {
		return shelf.Remove(p.Lang, p.Name)
	}
	return node.Send(context.Background(), http.MethodDelete, "/prompts/"+url.PathEscape(p.Lang)+"/"+url.PathEscape(p.Name), nil, nil)
}
