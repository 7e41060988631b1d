package settings

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/media/wav"
	"hotline/prompt"
)

type promptView struct {
	prompt.Prompt
	UsedBy []string `json:"usedBy" doc:"flows, queues and people whose prompt it is; what a template of a flow decides is not known"`
}

type promptsIn struct {
	Search   string `query:"search" maxLength:"100" doc:"part of name or text, or of who plays it"`
	Language string `query:"language" maxLength:"20"`
	Source   string `query:"source" enum:"shipped,own"`
	Used     bool   `query:"used" doc:"only those that something plays"`
	Sort     string `query:"sort" enum:"name,-name,language,-language,length,-length" default:"language"`
	Offset   int    `query:"offset" minimum:"0"`
	Limit    int    `query:"limit" minimum:"1" maximum:"10000" default:"10000"`
}

type promptsOut struct {
	Body struct {
		Prompts []promptView `json:"prompts"`
		Total   int          `json:"total" doc:"on all pages"`
	}
}

type promptIn struct {
	Language string `path:"language" maxLength:"20"`
	Name     string `path:"name" maxLength:"64"`
}

// uploadWithin is how long an upload may take; other requests have less.
const uploadWithin = 5 * time.Minute

// prompts are the sounds that flows play.
func (s *Routes) prompts() {
	tags := []string{"prompts"}
	gate.Add(s.Gate, account.Supervisor, huma.Operation{Method: "GET", Path: "/prompts", Summary: "All prompts, the shipped ones too", Tags: tags},
		s.listPrompts)
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "DELETE", Path: "/prompts/{language}/{name}", Summary: "Remove a prompt; a shipped one of that name is heard again", Tags: tags,
	}, func(ctx context.Context, who gate.Identity, in *promptIn) (*gate.Nothing, error) {
		if err := s.stillPlayed(ctx, in); err != nil {
			return nil, err
		}
		if err := s.Prompts.Remove(in.Language, in.Name); err != nil {
			return nil, err
		}
		s.Audit(ctx, who, "prompt.remove", in.Language+"/"+in.Name, "")
		return &gate.Nothing{}, nil
	})
	where := []*huma.Param{
		{Name: "language", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
	}
	upload := huma.Operation{
		Method: "PUT", Path: "/api/v1/prompts/{language}/{name}", OperationID: "put-prompt", Summary: "Upload a prompt, as the body: WAV or MP3", Tags: tags,
		Description: "It is brought to 8 kHz mono and -18 dBFS, and is heard from the next call of a flow on. 50 MB and 10 minutes at most.",
		Parameters:  append(slices.Clone(where), gate.QueryParam("text", "what it says, where that is known", &huma.Schema{Type: huma.TypeString})),
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"audio/wav": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}, "audio/mpeg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}},
		Responses: map[string]*huma.Response{"200": {Description: "The prompt", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/PromptView"}},
		}}},
	}
	gate.Answers(&upload, 400, 413)
	s.Plain(account.Admin, upload, s.putPrompt)
	speech := huma.Operation{
		Method: "POST", Path: "/api/v1/prompts/speech", OperationID: "speak", Summary: "The sound of a text, by the node's text-to-speech", Tags: tags,
		Description: "Nothing is kept: upload it as a prompt. 503 where no text-to-speech is set up.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"language", "text"},
			Properties: map[string]*huma.Schema{"language": {Type: huma.TypeString}, "text": {Type: huma.TypeString}},
		}}}},
		Responses: map[string]*huma.Response{"200": gate.Says("The sound", "audio/wav")},
	}
	gate.Answers(&speech, 400, 422, 503)
	s.Plain(account.Admin, speech, s.speak)
	sound := huma.Operation{
		Method: "GET", Path: "/api/v1/prompts/{language}/{name}/audio", OperationID: "get-prompt-audio", Summary: "The sound of a prompt", Tags: tags,
		Parameters: where, Responses: map[string]*huma.Response{"200": gate.Says("All of it", "audio/wav"), "206": gate.Says("A part", "audio/wav")},
	}
	gate.Answers(&sound, 400, 404, 416)
	s.Plain(account.Supervisor, sound, s.promptAudio)
}

func (s *Routes) listPrompts(ctx context.Context, _ gate.Identity, in *promptsIn) (*promptsOut, error) {
	all, err := s.Prompts.List()
	if err != nil {
		return nil, err
	}
	uses, err := s.Editor.PromptUses(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]promptView, len(all))
	for i, p := range all {
		views[i] = promptView{p, gate.List(uses[p.Name])}
	}
	out := &promptsOut{}
	out.Body.Prompts, out.Body.Total = gate.Paged(views, in.paging(), in.Sort, in.fits, promptView.compare)
	return out, nil
}

func (in *promptsIn) fits(p promptView) bool {
	if in.Language != "" && p.Language != in.Language || in.Source != "" && p.Shipped != (in.Source == "shipped") || in.Used && len(p.UsedBy) == 0 {
		return false
	}
	return in.paging().Has(append([]string{p.Language + "/" + p.Name, p.Text}, p.UsedBy...)...)
}

// paging is that of every list, with a limit of its own: an editor wants all names.
func (in *promptsIn) paging() gate.Paging {
	return gate.Paging{Search: in.Search, Offset: in.Offset, Limit: in.Limit}
}

func (p promptView) compare(o promptView, by string) int {
	switch by {
	case "name":
		return strings.Compare(p.Name, o.Name)
	case "length":
		return cmp.Compare(p.Length, o.Length)
	default:
		return strings.Compare(p.Language+"/"+p.Name, o.Language+"/"+o.Name)
	}
}

// stillPlayed refuses to remove the last sound of a name that something plays: a shipped one, or another language's, would be heard instead.
func (s *Routes) stillPlayed(ctx context.Context, in *promptIn) error {
	uses, err := s.Editor.PromptUses(ctx)
	if err != nil || len(uses[in.Name]) == 0 {
		return err
	}
	all, err := s.Prompts.List()
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Name == in.Name && (p.Language != in.Language || p.Shipped || p.Replaces) {
			return nil
		}
	}
	return huma.Error409Conflict("It is played by " + strings.Join(uses[in.Name], ", ") + ": let them play something else first.")
}

// putPrompt is PUT /api/v1/prompts/{language}/{name}.
func (s *Routes) putPrompt(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > prompt.MaxBytes {
		gate.Problem(w, http.StatusRequestEntityTooLarge, "A prompt has "+strconv.Itoa(prompt.MaxBytes>>20)+" MB at most.")
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)) // a connection without deadlines has none to move
	p, err := s.Prompts.Add(r.PathValue("language"), r.PathValue("name"), r.Body, r.URL.Query().Get("text"))
	if err != nil {
		s.refusePrompt(w, err)
		return
	}
	s.Audit(r.Context(), gate.Asker(r.Context()), "prompt.upload", p.Language+"/"+p.Name, p.Length.String())
	uses, err := s.Editor.PromptUses(r.Context())
	if err != nil {
		s.Refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(promptView{p, gate.List(uses[p.Name])})
}

// refusePrompt answers what is wrong with an upload.
func (s *Routes) refusePrompt(w http.ResponseWriter, err error) {
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &most):
		gate.Problem(w, http.StatusRequestEntityTooLarge, "A prompt has "+strconv.FormatInt(most.Limit>>20, 10)+" MB at most.")
	case errors.Is(err, prompt.ErrTooLarge):
		gate.Problem(w, http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, prompt.ErrInvalid):
		gate.Problem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		gate.Problem(w, http.StatusBadRequest, "The upload broke off.")
	default:
		s.Refuse(w, err)
	}
}

// promptAudio is GET /api/v1/prompts/{language}/{name}/audio.
func (s *Routes) promptAudio(w http.ResponseWriter, r *http.Request) {
	file, _, err := s.Prompts.Open(r.PathValue("language"), r.PathValue("name"))
	if err != nil {
		s.refusePrompt(w, err)
		return
	}
	defer file.Close()
	sound, ok := file.(io.ReadSeeker)
	if !ok {
		s.Refuse(w, errors.New("a prompt's file cannot be searched"))
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, sound)
}

const mostSpoken = 1000 // letters of a text

// speak is POST /api/v1/prompts/speech.
func (s *Routes) speak(w http.ResponseWriter, r *http.Request) {
	var in struct{ Language, Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&in); err != nil {
		gate.Problem(w, http.StatusBadRequest, "Send JSON with language and text.")
		return
	}
	in.Text = strings.TrimSpace(in.Text)
	switch {
	case s.Speaker == nil:
		gate.Problem(w, http.StatusServiceUnavailable, "No text-to-speech is set up: name a program or a web service under tts in hotline.yml.")
		return
	case in.Text == "" || utf8.RuneCountInString(in.Text) > mostSpoken:
		gate.Problem(w, http.StatusUnprocessableEntity, "Write a text of "+strconv.Itoa(mostSpoken)+" letters at most.")
		return
	}
	pcm, err := s.Speaker.Speak(r.Context(), in.Language, in.Text)
	if err != nil {
		s.Logger.Warn("text-to-speech failed", "err", err)
		gate.Problem(w, http.StatusServiceUnavailable, "The text-to-speech did not answer: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	_ = wav.WriteMono(w, pcm)
}
