# Every target does its own set-up; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CONFIGURATION ?= Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
export TESTINGPLATFORM_TELEMETRY_OPTOUT := 1

DOTNET_BUILD = dotnet build --no-restore --nologo -v quiet -c $(CONFIGURATION)

.PHONY: help setup restore build lint test end-to-end conformance availability scenarios simulate mutants walks demo bench-form bench-idle bench-moves bench-growth bench-outage bench-local manifests clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: ## install the missing ones of the Debian packages the demo and the tests use; restore; add images of other server versions
	@build/setup.sh
	@$(MAKE) restore
	@$(DOTNET_BUILD) src/LocalKubernetes
	@build/images.sh

restore:
	@dotnet restore Operator.sln --nologo -v quiet

build: restore ## build everything
	@$(DOTNET_BUILD) Operator.sln

lint: restore ## check style and formatting against .editorconfig
	@dotnet format Operator.sln --verify-no-changes --no-restore

test: ## build and run the tests; the last line is "N passed, N failed"
	@build/test.sh

end-to-end: setup ## what takes minutes with real servers: healing, scaling, crashes of the operator, walks; the last line is "N passed, N failed"
	@build/test.sh EndToEnd.Rest

conformance: $(if $(KUBECONFIG),restore,setup) ## what we rely on in Kubernetes, case by case, on LocalKubernetes or on the cluster of KUBECONFIG; the last line is "N passed, N failed"
	@$(DOTNET_BUILD) tests/Conformance
	@build/conformance.sh

availability: setup ## what make test leaves out: the scripts in the pods on real servers, crashes while pods are replaced, failover, handover, rolling updates, volumes and sixty servers end to end
	@$(DOTNET_BUILD) tests/Reconcilers.Tests
	@$(DOTNET_BUILD) tests/EndToEnd
	@tests/Reconcilers.Tests/bin/$(CONFIGURATION)/net10.0/Slotwise.Reconcilers.Tests -noLogo -noColor -namespace Slotwise.Reconcilers.Tests.Scripts
	@tests/Reconcilers.Tests/bin/$(CONFIGURATION)/net10.0/Slotwise.Reconcilers.Tests -noLogo -noColor -class "*.RollingCrashTests"
	@tests/EndToEnd/bin/$(CONFIGURATION)/net10.0/Slotwise.EndToEnd -noLogo -noColor -parallel none -namespace Slotwise.EndToEnd.Availability -namespace Slotwise.EndToEnd.Large

scenarios: setup ## what happens to clusters under load, from a killed process to a lost host (SCENARIO=, SHAPE=, OPERATOR= choose by text); the last line is "N passed, N failed"
	@$(DOTNET_BUILD) tests/Scenarios
	@build/scenarios.sh

simulate: restore ## simulated worlds with faults, SEEDS=N of them from FIRST=N on (1000 from 1), then a crash of the operator at every write; a report in dist/simulation.md
	@$(DOTNET_BUILD) tests/Simulation
	@mkdir -p dist
	@DOTNET_GCgen0size=0x40000000 tests/Simulation/bin/$(CONFIGURATION)/net10.0/Slotwise.Simulation simulate --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),1) --report dist/simulation.md

mutants: restore ## operators with one fault each in simulated worlds: whether a law finds each of them, and which one
	@$(DOTNET_BUILD) tests/Simulation
	@DOTNET_GCgen0size=0x40000000 tests/Simulation/bin/$(CONFIGURATION)/net10.0/Slotwise.Simulation mutants

walks: setup ## random walks through the resource's fields on real servers under load, WALKS=N of them from seed WALK=N on (20 from 1)
	@$(DOTNET_BUILD) tests/EndToEnd
	@SLOTWISE_WALK=$(WALK) SLOTWISE_WALKS=$(or $(WALKS),20) tests/EndToEnd/bin/$(CONFIGURATION)/net10.0/Slotwise.EndToEnd -noLogo -noColor -class "*.SpecWalkTests"

demo: ## a Redis Cluster on this machine in one command (ONCE=1: check it and stop; PORT=N)
	@build/demo.sh

bench-form: setup ## time to form a cluster, beside redis-cli --cluster create
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench form

bench-idle: setup ## what a pass over a settled cluster costs
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench idle

bench-moves: setup ## time to move slots, and what clients feel of it, beside redis-cli --cluster rebalance
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench moves

bench-growth: setup ## how the cost of moves grows with slots, masters and keys, into docs/scaling-cost.md
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench growth

bench-outage: setup ## for how long a client cannot write when a master goes, beside Redis Cluster alone (RUNS=20)
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench outage $(RUNS)

bench-local: setup ## localkube itself: its start, long lists (beside the API server of SLOTWISE_BENCH_KUBECONFIG), 200 pods
	@$(DOTNET_BUILD) bench/Bench
	@bench/Bench/bin/$(CONFIGURATION)/net10.0/Slotwise.Bench local

manifests: restore ## write config/crd from the code and dist/install.yaml from config/
	@$(DOTNET_BUILD) src/Operator
	@build/manifests.sh

clean: ## remove what was built
	@rm -rf dist .local
	@find src tests bench -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
