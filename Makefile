# Few targets: what they do is in tests/, deploy/ and examples/.
SHELL := /bin/bash
.DEFAULT_GOAL := help

TARGET ?= $(shell uname -m)-unknown-linux-gnu
CLUSTER ?= demo
export TARGET CLUSTER

# test-cluster comes first: only with no other cluster up does it see all that may be left behind.
.PHONY: help build images generate lint test test-unit test-cluster test-control-plane test-node parity bench-gateway bench-views soak fuzz demo demo-down clean-clusters

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 22

build: ## Both binaries, for development
	cargo build -p tributary-gateway -p tributary-operator

images: ## Container images as OCI archives in target/images
	deploy/images.sh

generate: ## Files that are made from the code: the CRD's YAML
	cargo run -q -p tributary-crds --example crdgen

lint: ## Format, lints, licences
	tests/lint.sh

test: lint test-unit test-cluster test-control-plane test-node ## Everything

test-unit: ## No cluster: crates and the cluster tool (under 3 minutes)
	cargo test --workspace --exclude tributary-tests
	cd tests/cluster && go vet ./cmd/cluster ./cmd/informers ./cmd/pause ./internal/... && go test ./cmd/cluster ./cmd/pause ./internal/...

test-cluster: ## The cluster tool itself: side by side, Pods, claims, crashes, nothing left; needs root
	tests/cluster.sh build --node
	cd tests/cluster && TRIBUTARY_CLUSTER_TEST=1 go test -count=1 -timeout 15m ./integration

test-control-plane: ## Gateway as a process behind a real kube-apiserver; needs no root
	tests/tier.sh control-plane

test-node: ## Operator and gateways as Pods on a real node; needs root
	tests/tier.sh node

parity: ## Random requests to a gateway and to a CRD: what differs (REQUESTS=10000 SEED=random)
	TRIBUTARY_PARITY_REQUESTS=$(or $(REQUESTS),10000) TRIBUTARY_PARITY_SEED=$(or $(SEED),random) tests/tier.sh control-plane parity::random --nocapture

bench-gateway: ## CPU and memory beside sample-apiserver and a CRD (BENCH_FLAGS=--short: a first look)
	tests/bench.sh

bench-views: ## A view of 50,000 Pods and 100,000 Events (BENCH_FLAGS=--short: a first look)
	tests/bench-views.sh

soak: ## Storage: SEEDS (20) times the seeds of faults and power cuts, KILLS (50) of a gateway's Pod under load; needs root
	TRIBUTARY_SEEDS=$(or $(SEEDS),20) cargo test -p tributary-durable
	TRIBUTARY_KILLS=$(or $(KILLS),50) tests/tier.sh node kills --nocapture

fuzz: ## Any content, for FUZZ_SECONDS (60) per target: bodies, patches, selectors, schemas, tokens, definitions, requests
	fuzz/run.sh

demo: ## Install into a cluster of its own (or CLUSTER=current) and show what it does
	examples/demo.sh up

demo-down: ## End what `make demo` started
	examples/demo.sh down

clean-clusters: ## End every cluster that tests and demo started
	tests/cluster.sh down --all
