# Every target works from a clean clone; the first one lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SUFFIXES:

JOB ?= jobs/ouc-2020.yaml
OUT ?= deliveries
STATE ?= .ferry
FERRY := .build/release/ferry
VENV := .tools/venv
# Fails on an import that is not declared, with exit code 1 even where it goes on to print "Build complete!".
IMPORT_CHECK := --explicit-target-dependency-import-check error

BUILD_PACKAGES := g++ git libebur128-dev libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libsqlite3-dev \
  libssl-dev libswresample-dev libswscale-dev pkg-config
TEST_PACKAGES := chromium ffmpeg fonts-dejavu-core fonts-noto-cjk mediainfo openssh-client openssh-server \
  python3-venv qemu-user rclone rsync strace

.PHONY: help deps deps-build deps-test debian-build debian-test swift build demo test assets lint format reference bench check clean

help: ## list the targets
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

deps: deps-build deps-test ## install what is missing to build and test, from Debian and PyPI

build: deps-build ## build ferry, optimised
	swift build -c release --product ferry $(IMPORT_CHECK)

demo: build ## make the founding batch: twenty lessons into one package
	@$(FERRY) run $(JOB) --out $(OUT) --home $(STATE)
	echo "The packages:"
	find $(OUT) -mindepth 2 -maxdepth 2 -type d -name '*_v*' | sort

test: deps ## build everything and run all tests; the tests call the judges in Tests/Judges
	swift build --build-tests $(IMPORT_CHECK)
	# Workers are watched by the clock, which tests that block threads would stop.
	swift test --skip-build --disable-xctest --filter FerryExecutionTests
	swift test --skip-build --disable-xctest --skip FerryExecutionTests

assets: ## embed the preview's templates, style sheet and script anew
	python3 Tests/Judges/assets.py

lint: deps-test swift ## style, forbidden constructs, imports, the house's rules, fresh reference pages
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
	python3 Tests/Judges/lint.py
	python3 Tests/Judges/house.py --self-test
	python3 Tests/Judges/house.py
	python3 Tests/Judges/reference.py

format: swift ## put every Swift file into the project's format
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

reference: ## write docs/diagnostics.md and docs/files.md from the sources
	python3 Tests/Judges/reference.py --write

bench: deps build ## compare with the best scripts by hand (50 min, idle machine); writes docs/performance.md
	swift build -c release --product text-bench
	python3 Benchmarks/bench.py
	python3 Benchmarks/night.py
	$(VENV)/bin/python -m pip --quiet install imageio-ffmpeg
	python3 Benchmarks/chunks.py --vmaf "$$($(VENV)/bin/python -c 'import imageio_ffmpeg as f; print(f.get_ffmpeg_exe())')"
	python3 Benchmarks/verify.py

check: lint test ## all that a commit must pass

clean: ## remove what was built and installed here; packages and the queue stay
	rm -rf .build .tools

deps-build: debian-build swift
deps-test: $(VENV)/.ready

swift:
	@command -v swift > /dev/null || {
	  echo "ferry needs Swift 6.2 or newer: install it as swift.org/install says, so that 'swift --version' answers." >&2
	  exit 1
	}

# Installs the missing ones of the Debian packages $(1); $(2) says what they are for.
define install
	@missing=$$(comm -13 \
	  <(dpkg-query --show --showformat '$${db:Status-Status} $${Package}\n' $(1) 2> /dev/null |
	    sed -n 's/^installed //p' | sort) \
	  <(printf '%s\n' $(1) | sort) | xargs)
	[ -n "$$missing" ] || exit 0
	command -v apt-get > /dev/null || { echo "Please install $(2): $$missing" >&2; exit 1; }
	root=
	if [ $$(id -u) != 0 ]; then
	  command -v sudo > /dev/null || { echo "As root, please: apt-get install $$missing ($(2))" >&2; exit 1; }
	  root=sudo
	fi
	echo "Installing with apt, as root, $(2): $$missing"
	$$root apt-get -qq update
	$$root env DEBIAN_FRONTEND=noninteractive \
	  apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install $$missing
endef

debian-build:
	$(call install,$(BUILD_PACKAGES),what ferry is built with)

debian-test:
	$(call install,$(TEST_PACKAGES),the tools that judge ferry in its tests)

$(VENV)/.ready: Tests/Judges/requirements.txt | debian-test
	@echo "Installing the judges from PyPI in $(VENV)"
	rm -rf $(VENV)
	/usr/bin/python3 -m venv $(VENV)
	pip="$(VENV)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps"
	$$pip $$(grep -E '^(packaging|setuptools|setuptools-scm)==' $<)
	$$pip --no-build-isolation --use-pep517 --requirement $<
	touch $@
