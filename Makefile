# Hotline. `make help` lists the targets.
SHELL := /bin/bash
TAGS := nolibopusfile,sqlite_fts5,sqlite_omit_load_extension
export GOFLAGS := -buildvcs=false -tags=$(TAGS)
export CGO_ENABLED := 1
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.13.1
VULN := golang.org/x/vuln/cmd/govulncheck@v1.1.4

.DEFAULT_GOAL := help
.PHONY: help deps build-deps build web run test check lint fmt bench sim fuzz fuzz-calls kill soak flood impaired calls clients ice screens pictures axe fluid vuln openapi licences regions prompts

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

deps: ## install what tests need (Debian packages); says what it installs
	@scripts/deps.sh test

build-deps:
	@scripts/deps.sh build

build: build-deps web ## compile bin/hotline, with its pages
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/hotline ./cmd/hotline

web: ## build the browser application into web/dist, when its sources changed
	@scripts/web.sh

run: build ## build and start a sample hotline; prints where to look and what to dial
	bin/hotline demo

test: deps build ## all tests with the race detector, then the end-to-end ones on the real binary
	go test -race -timeout 20m $$(go list ./... | grep -v /internal/e2e)
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -race -count=1 -timeout 30m ./internal/e2e

check: fmt-check build-deps web ## formatting, vet, and that generated files are up to date
	@scripts/web.sh check
	go vet ./...
	go test ./number -run BuiltinRegions
	GOOS=darwin CGO_ENABLED=0 go vet ./media ./media/... ./sip/...

fmt-check:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "not gofmt-ed:"; echo "$$out"; exit 1; }

lint: ## golangci-lint, pinned
	go run $(LINT) run ./...

fmt: ## format all Go files
	gofmt -w $$(git ls-files '*.go')

bench: ## budgets of the packet paths, the dispatcher and the store
	go test -run '^$$' -bench . -benchmem ./...

sim: ## the queues' rules on a virtual clock: against Erlang C and A, 200 agents and five skills, a year of 50 agents
	go test -run Sim -v -timeout 30m ./report -sim

FUZZTIME ?= 30s
fuzz: ## each fuzz target for FUZZTIME
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$p/*_test.go | sed 's/func //'); do \
	    echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

QUEUED ?= 200
TALKING ?= 20
kill: build ## kill -9 with QUEUED (200) callers who wait and TALKING (20) who talk: places, records, recordings and states after the restart
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run 'TestKillCentre$$' -timeout 0 ./internal/e2e -kill-queued $(QUEUED) -kill-talking $(TALKING) -v

EVENTS ?= 10000000
fuzz-calls: ## EVENTS (10,000,000) random events through the rules of calls: nobody lost, one end each, seconds that add up
	go test -run 'TestManyEvents$$' -timeout 0 -v ./call -events $(EVENTS)

SOAK ?= 10m
soak: build ## synthetic callers for SOAK, then counts of what was lost
	go test -run TestSoak -timeout 0 ./internal/e2e -soak $(SOAK) -v

FLOOD ?= 60s
FLOODRATE ?= 10000
flood: build ## FLOODRATE messages a second of strangers for FLOOD, while recorded calls go on
	go test -run TestFlood -timeout 0 ./internal/e2e -flood $(FLOOD) -flood-rate $(FLOODRATE) -v

IMPAIRED ?= 10m
impaired: build ## a recorded call over a network with bursts of loss, jitter and disorder for IMPAIRED
	go test -run TestBadNetwork -timeout 0 ./internal/e2e -impaired $(IMPAIRED) -v

CALLS ?= 100000
calls: build ## CALLS short calls, then counts of goroutines, descriptors, ports and memory
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run 'TestCalls$$' -timeout 0 ./internal/e2e -calls $(CALLS) -calls-rate 250 -v

CLIENTS ?= 10000
clients: build ## CLIENTS browsers online that see their agents' states change: how long it takes, and the CPU of the node
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run 'TestClients$$' -timeout 0 ./internal/e2e -clients $(CLIENTS) -clients-for 60s -v

ICE ?= 50
ice: build ## ICE calls of one browser, one after the other, with ICE-lite and without: every one must get its sound
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run TestABrowserCallsAgainAndAgain -timeout 0 ./internal/e2e -ice $(ICE) -v

SCREENS ?= var/screens
screens: build ## pictures of every screen in SCREENS (var/screens): both languages, light and dark, 1366 and 1920 wide
	@scripts/deps.sh screens
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run TestScreens -timeout 40m ./internal/e2e -screens $(CURDIR)/$(SCREENS) -screens-of all -v

PICTURES := desk-talking,live-supervisor,start-agent,wallboard,reports,call,flow,call-button-talking
pictures: build ## the pictures of the guides in docs/images again
	@scripts/deps.sh screens
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run TestScreens -timeout 40m ./internal/e2e -screens $(CURDIR)/var/pictures -screens-of $(PICTURES) -screens-as zh-light-1366
	@for f in var/pictures/zh-light-1366/*.png; do \
	  ffmpeg -loglevel error -y -i $$f -vf "split[a][b];[a]palettegen=max_colors=96[p];[b][p]paletteuse=dither=none" docs/images/$$(basename $$f); done

axe: build ## every screen, light and dark, looked through by axe for what keeps people out
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run TestScreens -timeout 40m ./internal/e2e -screens-of all -v

FLUID ?= 30s
fluid: build ## a supervisor's pages with 1,000 agents and 10,000 calls of the day, each for FLUID (30s): frames, long tasks, updates, memory
	HOTLINE_BIN=$(CURDIR)/bin/hotline go test -run 'TestFluid$$' -timeout 0 ./internal/e2e -fluid $(FLUID) -v

vuln: ## known vulnerabilities that the code can reach
	go run $(VULN) ./...

regions: ## write the tables of regions anew from libphonenumber; `make check` checks that they are current
	go test ./number -run BuiltinRegions -update

openapi: ## write docs/protocols/openapi.json anew; `make test` checks that it is current
	go test ./api -run Document -update
	cd web && npm run --silent types

licences: ## write web/licences/program.txt anew, the licence texts of go.mod; `make test` checks that it is current
	go test ./internal/archtest -run Licences -update

prompts: ## make the shipped prompts anew (needs espeak-ng and sox)
	configs/prompts/make.sh
