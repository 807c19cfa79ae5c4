# What can be done with a checkout of pgscope; `make` alone explains it.

NODE := node_modules/.bin/node
JEST := $(NODE) --experimental-vm-modules node_modules/jest/bin/jest.js
TYPESCRIPT := $(NODE) --import ./test/typescript.js
CLUSTER := $(TYPESCRIPT) test/cluster/main.ts
C_SOURCES = $(wildcard bpf/*.c bpf/*.h bpf/*/*.c bpf/*/*.h test/bpf/*.c test/bench/*.c)
SHELL_SOURCES = $(shell grep -lE "^\#!.*\bbash" scripts/*.sh test/*/*.sh test/*/*/*.sh .ci/run 2>/dev/null)
# Further options for jest, such as JESTFLAGS="--testPathPatterns=fidelity".
JESTFLAGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup build tracer generate lint format test check-tracer unit integration test-kernels chart chart-examples images \
	cluster cluster-clean setup-cluster e2e e2e-long kind-up test-jaeger demo bench clean

help: ## this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install what is missing to build and test on Debian 12 (as root or with sudo)
	@scripts/setup.sh test

build: tracer ## build the tracer (build/pgscope-tracer) and compile TypeScript (dist/)
	node_modules/.bin/tsc -p tsconfig.build.json

tracer: ## build the tracer alone
	@$(MAKE) --no-print-directory -C bpf

generate: build ## write what is generated: crds/, docs/commands.md, docs/telemetry.md, docs/operator.md, docs/api.md, the chart's README, schema and definitions, bpf/command_tags.c
	$(NODE) dist/scripts/generate-crds.js
	$(NODE) dist/scripts/generate-command-reference.js
	$(NODE) dist/scripts/generate-telemetry-reference.js
	$(NODE) dist/scripts/generate-chart.js
	$(NODE) dist/scripts/generate-operator-reference.js
	$(NODE) dist/scripts/generate-api-reference.js
	$(NODE) scripts/generate-command-tags.ts > bpf/command_tags.c

# That the other generated files are up to date is checked by unit tests.
lint: ## types, style, C format, shell scripts, generated C
	node_modules/.bin/tsc --noEmit
	node_modules/.bin/biome ci --error-on-warnings --colors=off
	$(if $(C_SOURCES),clang-format-19 --dry-run -Werror $(C_SOURCES))
	@if command -v shellcheck >/dev/null; then echo shellcheck $(SHELL_SOURCES); shellcheck -x $(SHELL_SOURCES); \
	else echo "shellcheck is not installed: shell scripts are not checked"; fi
	$(NODE) scripts/generate-command-tags.ts | diff - bpf/command_tags.c

format: ## bring TypeScript, JSON and C into shape
	node_modules/.bin/biome check --write
	$(if $(C_SOURCES),clang-format-19 -i $(C_SOURCES))

test: setup build check-tracer unit integration ## everything that runs on this kernel: installs what is missing, builds, tests

check-tracer: tracer ## the tracer's C code in user space, under sanitizers: executables, layouts, the lexer
	@$(MAKE) --no-print-directory -C bpf check

unit: ## tests that need no server and no root
	$(JEST) --selectProjects unit $(JESTFLAGS)

integration: build ## tests against real PostgreSQL servers and the real tracer (as root)
	$(JEST) --selectProjects integration --runInBand $(JESTFLAGS)

test-kernels: tracer ## the tracer's own tests on Debian's kernels 6.1 and 6.12, in qemu
	test/kernels/run.sh

chart: build ## the Helm chart: lint, examples, refusals, rights in a real API server (builds helm and Kubernetes once, with Go)
	@scripts/build-cluster.sh kubernetes >/dev/null
	$(JEST) --config test/chart/jest.config.js $(JESTFLAGS)

images: build ## images of operator and agent, and those of the test cluster, without Docker: prints the archives (as root)
	@scripts/build-images.sh
	@scripts/build-test-images.sh

cluster: setup-cluster build ## a shell with a running cluster, kubectl and helm; it vanishes with the shell (as root, with Go)
	@$(CLUSTER) $(COMMAND)

e2e: setup-cluster build ## the end-to-end suite in a cluster of its own (as root, with Go; the first time builds for 25 minutes)
	@scripts/build-jaeger.sh >/dev/null # the cluster's network has no way out
	@scripts/build-cluster.sh prometheus >/dev/null
	@$(CLUSTER) $(TYPESCRIPT) test/e2e/main.ts $(JESTFLAGS)

e2e-long: setup-cluster build ## the operator with 1,000 nodes and 20,000 pods, the agent with 20 servers, long outages
	@scripts/build-cluster.sh kubernetes >/dev/null
	$(JEST) --config test/long/jest.config.js --runInBand $(JESTFLAGS)

cluster-clean: ## remove what a cluster has left behind whose process was killed
	@$(CLUSTER) --clean

setup-cluster:
	@scripts/setup.sh cluster

kind-up: ## a kind cluster with pgscope's images loaded, for those who have Docker and kind
	@scripts/kind-up.sh

chart-examples: build ## render charts/pgscope/examples anew, with helm
	$(NODE) dist/scripts/generate-chart-examples.js

test-jaeger: build ## traces in a real Jaeger, which is built first: 10 minutes, once (as root, with Go)
	@scripts/build-jaeger.sh
	$(JEST) --selectProjects jaeger --runInBand $(JESTFLAGS)

demo: ## a small shop's workload on PostgreSQL 18, watched: top, an OTLP file and a report
	scripts/demo.sh

bench: build ## what pgscope costs per statement, beside other tools; writes docs/cost.md
	@$(MAKE) --no-print-directory -C test/bench
	$(TYPESCRIPT) test/bench/main.ts

clean: ## remove what was built (not cache/ and node_modules/)
	rm -rf build dist
	@if [ -e bpf/Makefile ]; then $(MAKE) --no-print-directory -C bpf clean; fi
