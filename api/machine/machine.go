// Package machine is the routes about the node itself and those it deals with: health and figures, what needs somebody, trunks, phones that
// are registered, and who is not heard.
package machine

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"hotline/alarm"
	"hotline/api/gate"
	"hotline/number"
	"hotline/queue"
	"hotline/sip/registrar"
	"hotline/sip/transport/guard"
	"hotline/sip/trunk"
)

// Bans is who is not heard over SIP.
type Bans interface {
	Bans() []guard.Ban
	Lift(source netip.Addr) bool
}

// State is what is known of the node below the calls.
type State struct {
	Started      time.Time
	Data         string // the data folder
	Disk         alarm.Disk
	Recordings   int64 // bytes that all of them take
	Recording    []string
	Certificates []alarm.Cert
	Database     int64 // its size in bytes
	DatabaseErr  error // why it does not answer; nil: it does
	Journal      int   // facts that wait for the disk
	Modules      []Module
}

// Module is a part that the program is built of.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// Routes are the routes about the machine, with what they ask. All fields are required.
type Routes struct {
	*gate.Gate
	Version   string // of the program
	State     func(context.Context) State
	Ready     func() error // why the node takes no calls; nil when it does
	Live      func() int   // calls under way
	Speaks    bool         // there is a text-to-speech
	Metrics   http.Handler
	Trunks    *trunk.Set
	SRTP      func(trunk string) string // off, optional or required
	Host      func(trunk.Target) string // of our identities towards a target, where its trunk names none
	Region    func(number.Number) number.Region
	Registrar *registrar.Registrar
	Bans      Bans
	Queues    func() *queue.Snapshot
}

// Add adds the routes.
func (s *Routes) Add() {
	s.system()
	s.alarming()
	s.network()
	s.banned()
}
