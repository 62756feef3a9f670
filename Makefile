# The one entry point; `make help` lists it. Swift Package Manager does the work and keeps everything under .build/.

SWIFT ?= swift
PREFIX ?= /usr/local
DEMO := .build/demo
DIST := .build/dist
ORDER := .build/order
# The loader's notes in a twentieth of the space, for whom glibc 2.36 or later can read them: Debian 12.
RELR := $(shell getconf GNU_LIBC_VERSION | awk '{ split($$2, v, "."); \
    if (v[1] > 2 || v[2] >= 36) print "-Xlinker -z -Xlinker pack-relative-relocs" }')
# One section a function, so that the linker leaves out what nobody calls and lays side by side what ORDER names.
STATIC := -c release --static-swift-stdlib -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -use-ld=lld \
    -Xlinker --symbol-ordering-file=$(abspath $(ORDER)) -Xlinker --no-warn-symbol-ordering $(RELR)

.PHONY: help build release test fmt check demo bench golden generated test-recordings soak model mutants install clean

help: ## lists these
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1 - \2/p' $(firstword $(MAKEFILE_LIST)) | \
	    awk -F ' - ' '{ printf "  make %-16s %s\n", $$1, $$2 }'

build: ## spillway and cloudsim, for work on them: .build/debug/
	$(SWIFT) build --product spillway
	$(SWIFT) build --product cloudsim

release: ## both, optimised, with the Swift runtime inside and stripped: .build/dist/
	@mkdir -p $(DIST) && touch $(ORDER)
	$(SWIFT) build $(STATIC) --product spillway
	$(SWIFT) build $(STATIC) --product cloudsim
	@sh .ci/order .build/release/spillway $(ORDER) || echo "left out: laying side by side what runs, for 4 MiB less memory"
	@rm -f .build/release/spillway
	$(SWIFT) build $(STATIC) --product spillway
	@for name in spillway cloudsim; do strip -o $(DIST)/$$name .build/release/$$name; done
	@ls -l $(DIST)

test: ## every test; needs no account and, but for fetching the packages, no network
	$(SWIFT) build --build-tests
	@sh .ci/test

demo: build ## the main job on a simulated cloud on this machine: real HTTP, real SSH, no cost
	@sh .ci/demo $(DEMO)

fmt: ## formats every Swift file
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

check: ## format, scripts, generated files; changes nothing
	@sh .ci/check

generated: ## writes catalogues and embedded templates anew, from Tests/Recordings and templates/
	.ci/make-scaleway-catalogue
	.ci/make-aws-catalogue
	.ci/make-cloudsim-catalogue
	.ci/make-ec2-catalogue
	.ci/embed-templates

golden: ## rewrites what tests pin (fails by design: look at the difference, then run the tests)
	UPDATE_GOLDEN=1 $(SWIFT) test --disable-xctest || true
	@git --no-pager diff --stat

test-recordings: ## decodes recorded Scaleway answers: make test-recordings RECORDINGS=DIR
	@test -n "$(RECORDINGS)" || { echo "usage: make test-recordings RECORDINGS=DIR" >&2; exit 64; }
	RECORDINGS="$(abspath $(RECORDINGS))" $(SWIFT) test --disable-xctest --filter ScalewayRecordingsTests

soak: release ## crash safety, the release build killed everywhere: SOAK_SECONDS=900 SOAK_SEED=N, or SOAK_REPLAY='…'
	@SPILLWAY_BINARIES=$(abspath $(DIST)) sh .ci/soak

mutants: ## crash safety: three builds that are broken on purpose have to be caught
	@sh .ci/mutants

model: ## crash safety: the protocol as a model, checked by spin (apt-get install spin gcc)
	@sh .ci/model

bench: release ## the budgets: size, start, memory, plan, rehearsal, requests
	@python3 .ci/bench $(DIST)
	@if python3 -c 'import moto' 2>/dev/null; then python3 .ci/aws/bench $(DIST); \
	else echo "left out: AWS, which is measured against moto (pip install 'moto[server]')"; fi

install: release ## into PREFIX/bin (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(DIST)/spillway $(DIST)/cloudsim $(DESTDIR)$(PREFIX)/bin/

clean: ## everything that was built
	rm -rf .build
