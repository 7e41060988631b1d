package datadir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
)

// Access is how commands on this machine reach a running node: a file that only its owner can read.
type Access struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	ID    string `json:"id"`    // of the token
	PID   int    `json:"pid"`   // 0: the node has not come so far, or has stopped
	Realm string `json:"realm"` // what phones' passwords are hashed for
}

func accessFile(data string) string { return filepath.Join(data, "cli.json") }

// Find reads how to reach the node that runs, or ran last; the error says what to do where none has.
func Find(data string) (Access, error) {
	var a Access
	body, err := os.ReadFile(accessFile(data))
	if err != nil {
		return a, fmt.Errorf("find the running node (is `hotline serve` running with this data folder?): %w", err)
	}
	return a, json.Unmarshal(body, &a)
}

// Write leaves a for the commands.
func (a Access) Write(data string) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := os.WriteFile(accessFile(data), body, 0o600); err != nil {
		return fmt.Errorf("write the commands' token: %w", err)
	}
	return nil
}

// ForgetPID takes the process id out of the data directory: a signal must never reach a process that only has the same number.
func ForgetPID(data string) {
	if a, err := Find(data); err == nil && a.PID != 0 {
		a.PID = 0
		_ = a.Write(data)
	}
}

// Get asks a running node; path is below /api/v1, and out takes the JSON of the answer.
func (a Access) Get(ctx context.Context, path string, out any) error {
	return a.Send(ctx, http.MethodGet, path, nil, out)
}

// Send asks a running node to change something. body and out may be nil. A refusal is an error with what the node says.
func (a Access) Send(ctx context.Context, method, path string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.URL+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the running node: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		var p struct {
			Detail string `json:"detail"`
		}
		_ = json.NewDecoder(res.Body).Decode(&p)
		return fmt.Errorf("the node answers %s: %s", res.Status, p.Detail)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// ErrNotRunning is returned where no node runs on a data directory.
var ErrNotRunning = errors.New("no node runs with this data folder")

// Reload asks the node that runs on a data directory to take the centre anew.
func Reload(data string) error {
	if unlock, err := Lock(data); err == nil {
		unlock()
		return ErrNotRunning
	}
	a, err := Find(data)
	if err != nil {
		return err
	}
	if a.PID <= 0 {
		return errors.New("the node is just starting: it takes the new centre by itself if it has not read the old one yet; otherwise import again")
	}
	if err := syscall.Kill(a.PID, syscall.SIGHUP); err != nil {
		return fmt.Errorf("tell the running node (process %d): %w", a.PID, err)
	}
	return nil
}
