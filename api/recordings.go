package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/media/wav"
	"hotline/number"
	"hotline/recording"
)

type recordingsIn struct {
	Call string `query:"call" required:"true" doc:"the call whose recordings are wanted" maxLength:"100"`
}

type recordingsOut struct{ Body []recording.Row }

type recordingOut struct{ Body recording.Row }

func (s *server) recordings(mux routes) {
	tags := []string{"recordings"}
	add(s, s.api, account.Agent, huma.Operation{Method: "GET", Path: "/recordings", Summary: "The recordings of a call, by segment", Tags: tags}, s.listRecordings)
	add(s, s.api, account.Agent, huma.Operation{Method: "GET", Path: "/recordings/{id}", Summary: "One recording; its sound is at .../audio", Tags: tags},
		func(ctx context.Context, who Identity, in *idIn) (*recordingOut, error) {
			row, err := s.recording(ctx, who, in.ID)
			return &recordingOut{Body: maskedRow(who, row)}, err
		})
	s.listening(s.api)
	sound := huma.Operation{
		Method: "GET", Path: "/api/v1/recordings/{id}/audio", OperationID: "get-recording-audio", Summary: "The sound of a recording", Tags: tags,
		Description: "With range requests. Each answer that holds sound is a line in the audit log.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
			queryParam("channel", "16-bit mono WAV of one side (left is the caller, right the agent) or of both; without it the file as it was made, A-law stereo WAV",
				&huma.Schema{Type: huma.TypeString, Enum: []any{"left", "right", "mix"}}),
			queryParam("download", "offers the sound as a file, to who may save recordings: recording.download of the node's file", &huma.Schema{Type: huma.TypeBoolean}),
			{Name: "Range", In: "header", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Responses: map[string]*huma.Response{"200": says("All of it", "audio/wav"), "206": says("A part", "audio/wav")},
	}
	answers(&sound, 403, 404, 410, 416, 422)
	s.plainRoute(mux, account.Agent, sound, s.audio)
}

func (s *server) listRecordings(ctx context.Context, who Identity, in *recordingsIn) (*recordingsOut, error) {
	r, err := s.record(ctx, who, in.Call)
	if err != nil {
		return nil, err
	}
	if who.masks() && !talked(r, who.Agent) {
		return &recordingsOut{Body: []recording.Row{}}, nil
	}
	rows, err := s.Recordings.RecordingsOf(ctx, in.Call)
	for i := range rows {
		rows[i] = maskedRow(who, rows[i])
	}
	return &recordingsOut{Body: list(rows)}, err
}

func maskedRow(who Identity, row recording.Row) recording.Row {
	if who.masks() && row.From != "" {
		row.From = number.Mask(row.From)
	}
	return row
}

// recording is one row that the asker may hear: an agent only those of calls in which they talked.
func (s *server) recording(ctx context.Context, who Identity, id string) (recording.Row, error) {
	row, err := s.Recordings.Recording(ctx, id)
	if err != nil || !who.masks() {
		return row, err
	}
	r, err := s.record(ctx, who, row.Call)
	if errors.Is(err, errNoCall) || err == nil && !talked(r, who.Agent) {
		return recording.Row{}, recording.ErrNotFound
	}
	return row, err
}

// channels are the words of ?channel.
var channels = map[string]wav.Channel{"left": wav.Left, "right": wav.Right, "mix": wav.Mix}

// audio is GET /api/v1/recordings/{id}/audio.
func (s *server) audio(w http.ResponseWriter, r *http.Request) {
	who := asker(r.Context())
	if saves(r) && !who.Role.Atleast(s.Download) {
		problem(w, http.StatusForbidden, "Saving recordings takes the role "+string(s.Download)+".")
		return
	}
	row, err := s.recording(r.Context(), who, r.PathValue("id"))
	if err != nil {
		s.refuse(w, err)
		return
	}
	if row.State == recording.Lost {
		problem(w, http.StatusGone, "The sound of this recording is lost.")
		return
	}
	word := r.URL.Query().Get("channel")
	channel, known := channels[word]
	if word != "" && !known {
		problem(w, http.StatusUnprocessableEntity, "A channel is left, right or mix.")
		return
	}
	file, err := s.Recorder.Open(r.Context(), row.ID)
	if err != nil {
		s.refuse(w, err)
		return
	}
	defer file.Close()
	var sound io.ReadSeeker = file
	if known {
		if sound, err = file.Export(channel); err != nil {
			s.refuse(w, err)
			return
		}
	}
	s.play(w, r, file.Row, file.Size(), sound)
}

// saves is true where the sound is asked for as a file.
func saves(r *http.Request) bool {
	yes, err := strconv.ParseBool(r.URL.Query().Get("download"))
	return err == nil && yes
}

// play serves sound, and notes it once it is clear that there will be some.
func (s *server) play(w http.ResponseWriter, r *http.Request, row recording.Row, size int64, sound io.ReadSeeker) {
	channel, what := r.URL.Query().Get("channel"), "recording.listen"
	h := w.Header()
	h.Set("Content-Type", "audio/wav")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", etag(row, size, channel))
	if saves(r) {
		what = "recording.download"
		name := row.ID
		if channel != "" {
			name += "-" + channel
		}
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".wav"))
	}
	detail := r.Header.Get("Range")
	if channel != "" {
		detail = channel + " " + detail
	}
	ctx := r.Context()
	out := &hearing{ResponseWriter: w, head: r.Method == http.MethodHead, note: func() {
		s.trail(ctx, asker(ctx), what, row.ID, detail[:min(len(detail), 200)])
	}}
	out.patient = patient{w, http.NewResponseController(w)}
	modified := row.Started
	if row.SHA256 == "" {
		modified = time.Time{} // it still changes
	}
	http.ServeContent(out, r, "", modified, sound)
}

// etag changes whenever the bytes may: with the hash of a sealed recording, with the length of one that grows.
func etag(row recording.Row, size int64, channel string) string {
	if row.SHA256 == "" {
		return fmt.Sprintf(`"open-%d-%s"`, size, channel)
	}
	return fmt.Sprintf(`"%.32s-%s"`, row.SHA256, channel)
}

// hearing is an answer with sound. It calls note before the first byte of sound leaves, and says refusals as problems.
type hearing struct {
	http.ResponseWriter
	patient patient
	head    bool
	note    func()
	refused bool
}

// WriteHeader notes the sound that follows; 304 and refusals bring none.
func (w *hearing) WriteHeader(status int) {
	switch {
	case status == http.StatusRequestedRangeNotSatisfiable:
		w.refused = true
		problem(w.ResponseWriter, status, "The recording has no such range.")
		return
	case status >= http.StatusBadRequest:
		w.refused = true
		problem(w.ResponseWriter, status, "The sound could not be read.")
		return
	case !w.head && (status == http.StatusOK || status == http.StatusPartialContent):
		w.note()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write drops the text that net/http says refusals with.
func (w *hearing) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.patient.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *hearing) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refuse answers an error where huma does not.
func (s *server) refuse(w http.ResponseWriter, err error) {
	var status huma.StatusError
	if errors.As(err, &status) {
		problem(w, status.GetStatus(), status.Error())
		return
	}
	code, sentence := s.answer(err)
	problem(w, code, sentence)
}
