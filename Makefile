# What you do with Martlet, from a clone. `make help` lists it.
# Every target leaves what is built alone if it can; only `up_build`, `build*` and `test` ask the compiler.

SWIFT ?= swift
export SWIFT

RELEASE := -c release --static-swift-stdlib
MARTLET := .build/release/martlet
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help up up_build down start stop status build build_broker build_auth build_logger build_listener \
        build_mail build_mailer build_bus build_front bootstrap test lint format generate bench sanitize soak fuzz \
        clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z_]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(MARTLET) ## start everything in the background and print the addresses; builds only what was never built
	@$(MARTLET) up --detach

up_build: ## stop, build what changed, start again
	@if [ -x $(MARTLET) ]; then $(MARTLET) down; fi
	@$(MAKE) --no-print-directory build
	@$(MARTLET) up --detach

down: ## stop everything that `up` started
	@if [ -x $(MARTLET) ]; then $(MARTLET) down; else echo "nothing is built, so nothing runs"; fi

start: $(MARTLET) ## start the front end alone
	@$(MARTLET) up --detach --only front-end

stop: ## stop the front end alone
	@if [ -x $(MARTLET) ]; then $(MARTLET) stop front-end; else echo "nothing is built, so nothing runs"; fi

status: $(MARTLET) ## say what runs, and where
	@$(MARTLET) status

# `up` needs the command to exist, not to be newer than the sources: like the images of `docker compose up`.
$(MARTLET):
	@$(MAKE) --no-print-directory build

build: bootstrap ## build the command, with every service in it
	$(SWIFT) build $(RELEASE) --product martlet

build_broker: bootstrap ## build the broker's own executable
	$(SWIFT) build $(RELEASE) --product martlet-broker

build_auth: bootstrap ## build the authentication service's own executable
	$(SWIFT) build $(RELEASE) --product martlet-authentication

build_logger: bootstrap ## build the logger's own executable
	$(SWIFT) build $(RELEASE) --product martlet-logger

build_listener: bootstrap ## build the listener's own executable
	$(SWIFT) build $(RELEASE) --product martlet-listener

build_bus: bootstrap ## build the bus's own executable
	$(SWIFT) build $(RELEASE) --product martlet-bus

build_mail: bootstrap ## build the mail service's own executable
	$(SWIFT) build $(RELEASE) --product martlet-mail

build_mailer: build_mail ## the same, by the name that some copies of the course use

build_front: bootstrap ## build the front end's own executable
	$(SWIFT) build $(RELEASE) --product martlet-front-end

bootstrap: ## install the packages that are missing (asks nothing when none is)
	@scripts/bootstrap

test: ## build and run every test; the last line counts them
	@scripts/test

lint: ## check the format of Swift, and the syntax of scripts
	@scripts/lint

format: ## put every Swift file into the project's format
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Examples $(wildcard Fuzz Benchmarks)

generate: ## write what is generated: Swift from the .proto files, and from the code the tables in docs/
	scripts/generate
	MARTLET_REGENERATE=1 $(SWIFT) test --disable-xctest --filter 'ConfigurationReferenceTests|SystemDiagramTests'

bench: ## measure against nginx and Go, and print ratios
	@scripts/bootstrap --test
	@Benchmarks/run

sanitize: ## run the Swift tests under ThreadSanitizer, then under AddressSanitizer and LeakSanitizer
	@scripts/sanitize

soak: $(MARTLET) ## run ten minutes at half load and compare the memory of minute two and minute ten
	@scripts/bootstrap --test
	@Benchmarks/soak

fuzz: ## fuzz every parser for FUZZ_SECONDS each (60)
	@scripts/bootstrap --test
	@Fuzz/run $(FUZZ_SECONDS)

clean: ## stop everything and delete what was built; data in .martlet stays
	@if [ -x $(MARTLET) ]; then $(MARTLET) down; fi
	rm -rf .build
