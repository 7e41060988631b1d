package tts

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Command speaks by a program that reads the text from its standard input and writes a WAV file to its standard output, such
// as: espeak-ng -v {language} --stdin --stdout. No shell is involved, and the text is never an argument.
type Command struct {
	Args     []string          // the program and its arguments; {language} is replaced
	Voices   map[string]string // what {language} becomes, such as zh: cmn; nil or missing: the language itself
	Timeout  time.Duration     // 0: 5 s
	MaxBytes int               // of output; 0: 8 MiB
}

// Speak runs the program once. The error wraps ErrTooLong, ErrTooBig, ErrNoSound, the context's error or that of the program.
func (c *Command) Speak(ctx context.Context, language, text string) ([]int16, error) {
	if err := check(text); err != nil {
		return nil, fmt.Errorf("speak %d bytes: %w", len(text), err)
	}
	if len(c.Args) == 0 {
		return nil, fmt.Errorf("speak: %w", exec.ErrNotFound)
	}
	ctx, cancel := context.WithTimeout(ctx, orTimeout(c.Timeout))
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], c.arguments(language)...)
	out := &bounded{limit: orBytes(c.MaxBytes)}
	complaint := &bounded{limit: 1 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), out, complaint
	cmd.WaitDelay = time.Second // a child of the program may hold the pipes open
	err := cmd.Run()
	switch {
	case out.over:
		return nil, fmt.Errorf("run %s: %w", c.Args[0], ErrTooBig)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run %s: %w", c.Args[0], ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("run %s: %w (it said %q)", c.Args[0], err, complaint.kept.String())
	}
	return sound(out.kept.Bytes())
}

func (c *Command) arguments(language string) []string {
	if v, ok := c.Voices[language]; ok {
		language = v
	}
	args := make([]string, 0, len(c.Args))
	for _, a := range c.Args[1:] {
		args = append(args, strings.ReplaceAll(a, "{language}", language))
	}
	return args
}

// bounded keeps the first bytes of an output and notes that there were more. A write beyond the limit is an error, which
// makes the copying end and the program get a closed pipe.
type bounded struct {
	kept  bytes.Buffer
	limit int
	over  bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.limit {
		b.over = true
		return 0, ErrTooBig
	}
	return b.kept.Write(p)
}
