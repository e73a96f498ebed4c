#!/usr/bin/env bash
# The demo: a Kubernetes of its own (or the kubeconfig's, with CLUSTER=current), the operator, one AggregatedAPI,
# and what kubectl then sees. Each command is printed with its real output; one that fails ends the demo.
set -euo pipefail
cd "$(dirname "$0")/.."

cluster_name=${CLUSTER:-demo}
group=custom-api.example.com
api=/apis/$group/v1
# How long a step may take, in seconds.
rollout_limit=120
serving_limit=60
# kube-apiserver fetches OpenAPI once a minute.
explain_limit=75

say() { printf '\n== %s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

run() { # prints a command, then runs it
  printf '\n$ %s\n' "$*"
  "$@"
}

within() { # SECONDS COMMAND...: repeats it until it succeeds
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

need() { # PROGRAM WHAT-FOR
  command -v "$1" >/dev/null || fail "No $1, which $2. Install it and run 'make demo' again."
}

# --- the cluster ---

own() { [ "$cluster_name" != current ]; }

field() { # a field of our cluster's status
  tests/cluster.sh status --name "$cluster_name" -o json | sed -n "s/^ *\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

use_cluster() {
  # kubectl's caches of discovery go with the demo.
  export KUBECACHEDIR=$PWD/target/demo/kubectl-cache
  mkdir -p "$KUBECACHEDIR"
  if own; then
    KUBECONFIG=$(field kubeconfig)
    export KUBECONFIG
    PATH=$(dirname "$(field kubectl)"):$PATH
  fi
}

start_own() {
  [ "$(uname -s)" = Linux ] || fail "The demo's own cluster needs Linux. CLUSTER=current uses your kubeconfig's."
  [ "$(id -u)" = 0 ] || fail "The demo's own cluster needs root. CLUSTER=current uses your kubeconfig's."
  need go "compiles the demo's Kubernetes"
  say "Kubernetes 1.36.3, compiled from source (some 10 minutes the first time)"
  tests/cluster.sh build --node
  deploy/images.sh
  say "Starting the cluster '$cluster_name'"
  tests/cluster.sh up --name "$cluster_name" --node
  tests/cluster.sh load-image --name "$cluster_name" \
    target/images/tributary-operator.tar target/images/tributary-gateway.tar
}

# Where the images of the current cluster come from: IMAGE_REGISTRY, or kind's own node.
registry=tributary.dev

prepare_current() {
  local context
  context=$(kubectl config current-context) || fail "No current context in the kubeconfig."
  say "Using the cluster of the context '$context'"
  if [ -n "${IMAGE_REGISTRY:-}" ]; then
    deploy/images.sh push "$IMAGE_REGISTRY"
    registry=$IMAGE_REGISTRY
    return
  fi
  case $context in
    kind-*) ;;
    *) fail "Set IMAGE_REGISTRY to a registry that the cluster pulls from, such as registry.example.com/tributary." ;;
  esac
  need kind "loads images into a kind cluster"
  deploy/images.sh
  for image in operator gateway; do
    kind load image-archive --name "${context#kind-}" target/images/tributary-$image.tar
  done
}

# deploy as it is, or with the images of another registry.
manifests() {
  if [ "$registry" = tributary.dev ]; then
    echo deploy
    return
  fi
  mkdir -p target/demo/deploy
  cat >target/demo/deploy/kustomization.yaml <<END
resources: [../../../deploy]
images:
- {name: tributary.dev/operator, newName: $registry/operator}
- {name: tributary.dev/gateway, newName: $registry/gateway}
patches:
- target: {kind: Deployment, name: tributary-operator}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: tributary-operator, namespace: tributary-system}
    spec: {template: {spec: {containers: [{name: operator, env: [{name: TRIBUTARY_GATEWAY_IMAGE, value: "$registry/gateway:dev"}]}]}}}
END
  echo target/demo/deploy
}

# --- what is shown ---

install() {
  say "Installing the operator"
  run kubectl apply -k "$(manifests)"
  # A development image keeps its tag: what runs an older one is replaced.
  kubectl -n tributary-system rollout restart deployment/tributary-operator deployment/tributary-stand-in >/dev/null
  run kubectl -n tributary-system rollout status deployment/tributary-operator --timeout=${rollout_limit}s
}

declare_group() {
  say "One object declares the group $group"
  # A demo before this one may have left its group: the time below is that of a new one.
  kubectl delete aggregatedapi $group --ignore-not-found --timeout=60s >/dev/null
  local start=${EPOCHREALTIME/./}
  run kubectl apply -f examples/custom-api.yaml
  if ! within $serving_limit kubectl get customtasks; then
    kubectl get aapi -o wide
    kubectl -n tributary-system get pods
    fail "The group was not served within $serving_limit s."
  fi
  local took=$(((${EPOCHREALTIME/./} - start) / 100000))
  printf '\nFrom apply to the first successful kubectl get: %d.%d s\n' $((took / 10)) $((took % 10))
  run kubectl wait --for=condition=Ready aapi/$group --timeout=${serving_limit}s
  run kubectl get aapi
}

show_endpoints() {
  say "Raw endpoints"
  run kubectl get --raw $api/foo
  run kubectl get --raw $api/foo/bar
}

show_resources() {
  say "Resources: cluster-scoped, and in namespaces"
  run kubectl create -f examples/clustertask.yaml
  run kubectl get clustertasks
  run kubectl get clustertasks foo -o yaml
  run kubectl delete clustertasks foo
  run kubectl create -f examples/customtask.yaml
  run kubectl create --raw $api/namespaces/default/customtasks/foo -f examples/customtask.json
  run kubectl get customtasks
  run kubectl get customtasks foo
  run kubectl get customtasks foo -o yaml
  run kubectl get customtasks -A
  watch_changes
  run kubectl delete customtasks --all
  run kubectl get customtasks -A
}

# What a watch from the beginning shows while a task is changed from elsewhere.
watch_changes() {
  local shown=target/demo/watch
  printf '\n$ kubectl get customtasks foo -w &\n'
  kubectl get customtasks foo -w >"$shown" 2>&1 &
  local watch=$!
  within $serving_limit grep -q foo "$shown" || fail "The watch shows nothing."
  run kubectl label customtasks foo urgent=yes
  run kubectl patch customtasks foo --type=merge -p '{"spec":{"total":4}}'
  printf '\n$ kubectl get customtasks foo -o yaml | sed s/notes/story/ | kubectl replace -f -\n'
  kubectl get customtasks foo -o yaml | sed s/notes/story/ | kubectl replace -f -
  run kubectl delete customtasks foo
  within $serving_limit grep -q story "$shown" || fail "The watch does not show the change."
  kill $watch
  wait $watch 2>/dev/null || true
  printf '\nThe watch has shown:\n'
  cat "$shown"
}

# Pods that really run, and what happens to them.
show_views() {
  local shown=target/demo/watch
  say "A view: Pods with their Events"
  run kubectl run foo --image=$registry/gateway:dev --restart=Never --command -- /tributary-gateway run --help
  run kubectl get combinedpods -A
  within $serving_limit has_event foo Started || fail "The view does not show the Pod's Events."
  run kubectl get combinedpods -n default
  run kubectl get combinedpods -n default foo
  run kubectl get combinedpods -n default foo -o yaml
  printf '\n$ kubectl get combinedpods -n default foo -w -o jsonpath=... &\n'
  kubectl get combinedpods -n default foo -w \
    -o jsonpath='{.metadata.name} {.status.phase} {.events[*].reason}{"\n"}' >"$shown" 2>&1 &
  local watch=$!
  within $serving_limit grep -q foo "$shown" || fail "The watch shows nothing."
  note_event foo
  within $serving_limit grep -q Noticed "$shown" || fail "The watch does not show the Event."
  run kubectl delete pod foo
  kill $watch
  wait $watch 2>/dev/null || true
  printf '\nThe watch has shown:\n'
  cat "$shown"
  run kubectl get combinedpods -n default
}

has_event() { # POD REASON
  kubectl get combinedpods -n default "$1" -o jsonpath='{.events[*].reason}' | grep -q "$2"
}

# What a controller would write down about a Pod.
note_event() { # POD
  local uid
  uid=$(kubectl get pod "$1" -o jsonpath='{.metadata.uid}')
  printf '\n$ kubectl create -f - # an Event about the Pod\n'
  kubectl create -f - <<END
apiVersion: v1
kind: Event
metadata: {generateName: $1., namespace: default}
involvedObject: {apiVersion: v1, kind: Pod, namespace: default, name: $1, uid: $uid}
type: Normal
reason: Noticed
message: Somebody has looked at it.
END
}

show_discovery() {
  say "As native as any other group"
  run kubectl api-resources --api-group=$group
  within $explain_limit kubectl explain customtasks.spec || true
  run kubectl explain customtasks.spec
}

up() {
  need cargo "compiles Tributary"
  rm -rf target/demo
  if own; then start_own; else need kubectl "talks to the cluster"; prepare_current; fi
  use_cluster
  install
  declare_group
  show_endpoints
  show_resources
  show_views
  show_discovery
  say "Done. 'make demo-down' ends it."
  if own; then
    printf 'Until then: export KUBECONFIG=%s PATH=%s:$PATH\n' "$KUBECONFIG" "$(dirname "$(field kubectl)")"
  fi
}

down() {
  if own; then
    tests/cluster.sh down --name "$cluster_name"
  else
    # The operator takes a group's APIServices away, so it goes last.
    kubectl delete aggregatedapi --all --timeout=60s --ignore-not-found
    kubectl delete -k deploy --ignore-not-found
  fi
  rm -rf target/demo
}

case ${1:-} in
  up) up ;;
  down) down ;;
  *) fail "usage: demo.sh up|down" ;;
esac
