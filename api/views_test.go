package api

import (
	"time"

	"hotline/account"
	"hotline/floor"
	"hotline/prompt"
	"hotline/queue"
)

// What tests look at of the answers, in the words of the wire.
type (
	me struct {
		Name, Agent string
		Role        account.Role
		Saves       bool `json:"savesRecordings"`
	}
	personView struct {
		ID, Login, Name, State, Agent, Phone string
		Role                                 account.Role
		Queues                               map[string]int
		Revision                             int64
	}
	secretView struct{ User, Password string }
	agentView  struct {
		ID, NextReason string
		State, Next    queue.State
		Queues, Skills map[string]int
		Live           *floor.Member
		Followers      []struct{ Agent, Name, State, Call string }
	}
	queueView struct {
		ID, Name     string
		Waiting      int
		Closing      *floor.Closing
		LongestSince *time.Time
	}
	waitingView struct {
		Call     string
		Position int
		Since    time.Time
	}
	banView struct {
		Source, Why  string
		Since, Until time.Time
		Times        int
		Dropped      uint64
	}
	trunkView struct {
		ID       string
		MaxCalls int
		Targets  []struct{ Up bool }
	}
	heardView struct {
		Raw, ReadFrom                                  string
		Rule                                           int
		Caller, E164, Region, Dialled, DialledReadFrom string
		Private                                        bool
	}
	promptView struct {
		prompt.Prompt
		UsedBy []string
	}
	dryRunLine struct {
		Region, Rule, Reason string
		Steps                []struct {
			Queue   string
			AfterMS int64
			Skills  map[string]int
		}
	}
)
