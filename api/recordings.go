package api

import (
	"context"
	"io"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/media/wav"
	"hotline/number"
	"hotline/recording"
)

func loopback(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

type recordingsIn struct {
	Call string `query:"call" required:"true" doc:"the call whose recordings are wanted" maxLength:"100"`
}

type recordingsOut struct{ Body []recording.Row }

type recordingOut struct{ Body recording.Row }

func (s *server) recordings(api huma.API) {
	tags := []string{"recordings"}
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/recordings", Summary: "The recordings of a call", Tags: tags},
		func(ctx context.Context, who Identity, in *recordingsIn) (*recordingsOut, error) {
			if _, err := s.record(ctx, who, in.Call); err != nil {
				return nil, err
			}
			rows, err := s.Recordings.RecordingsOf(ctx, in.Call)
			for i := range rows {
				rows[i] = maskedRow(who, rows[i])
			}
			return &recordingsOut{Body: rows}, err
		})
	add(s, api, account.Agent, huma.Operation{Method: "GET", Path: "/recordings/{id}", Summary: "One recording; its sound is at /recordings/{id}/audio", Tags: tags},
		func(ctx context.Context, who Identity, in *idIn) (*recordingOut, error) {
			row, err := s.recording(ctx, who, in.ID)
			return &recordingOut{Body: maskedRow(who, row)}, err
		})
}

func maskedRow(who Identity, row recording.Row) recording.Row {
	if who.masks() {
		row.From = number.Mask(row.From)
	}
	return row
}

// channels are the words of ?channel.
var channels = map[string]wav.Channel{"left": wav.Left, "right": wav.Right, "mix": wav.Mix}

// recording is one row that the asker may hear: an agent only those of own calls.
func (s *server) recording(ctx context.Context, who Identity, id string) (recording.Row, error) {
	row, err := s.Recordings.Recording(ctx, id)
	if err != nil {
		return row, err
	}
	if _, err := s.record(ctx, who, row.Call); err != nil {
		return recording.Row{}, huma.Error404NotFound("There is no such recording.")
	}
	return row, nil
}

// audio is GET /api/v1/recordings/{id}/audio: the sound with range requests. ?channel=left (caller), right (agent) or mix gives 16-bit
// WAV; without it the recording as it was made, A-law stereo WAV. Each request is a line in the audit log.
func (s *server) audio(w http.ResponseWriter, r *http.Request) {
	who := s.who(r)
	if !who.Role.Valid() {
		problem(w, http.StatusUnauthorized, "Sign in first.")
		return
	}
	id := r.PathValue("id")
	row, err := s.recording(r.Context(), who, id)
	if err != nil {
		problem(w, http.StatusNotFound, "There is no such recording.")
		return
	}
	if row.State == recording.Lost {
		problem(w, http.StatusGone, "The sound of this recording is lost.")
		return
	}
	file, err := s.Recorder.Open(r.Context(), id)
	if err != nil {
		code, sentence := s.answer(err)
		problem(w, code, sentence)
		return
	}
	defer file.Close()
	var sound io.ReadSeeker = file
	if channel, wanted := channels[r.URL.Query().Get("channel")]; wanted {
		if sound, err = file.Export(channel); err != nil {
			code, sentence := s.answer(err)
			problem(w, code, sentence)
			return
		}
	}
	s.trail(r.Context(), who, "recording.listen", id, r.Header.Get("Range"))
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", row.Started, sound)
}
