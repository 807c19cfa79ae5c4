#!/usr/bin/env bash
# A kind cluster with pgscope's images, for those who have Docker: creates the cluster of kind-config.yaml unless it is there, builds the
# images, loads them into its nodes, and prints what to do next. Run again after a change, it builds and loads anew.
set -euo pipefail

cd "$(dirname "$0")/.."
cluster=$(sed -n 's/^name: //p' kind-config.yaml)
version=$(sed -n 's/^appVersion: //p' charts/pgscope/Chart.yaml)

main() {
    check
    if kind get clusters | grep -Fx "$cluster" >/dev/null; then
        echo "kind-up: the cluster $cluster is there already"
    else
        kind create cluster --config kind-config.yaml --wait 3m
    fi
    local image name
    for image in operator agent; do
        name=localhost/pgscope-$image:$version
        docker build --file "images/$image/Dockerfile" --build-arg "VERSION=$version" --tag "$name" .
        kind load docker-image "$name" --name "$cluster"
    done
    tell_next
}

check() {
    local program
    for program in docker kind; do
        command -v "$program" >/dev/null || fail "$program is missing; install it, or use the cluster that needs none: make cluster"
    done
    docker info >/dev/null || fail "docker has no server that answers; start it, or join its group"
    if docker info --format '{{.SecurityOptions}}' | grep -F rootless >/dev/null; then
        fail "this Docker is rootless, and BPF needs capabilities in the machine's own user namespace; use one that runs as root"
    fi
}

tell_next() {
    cat <<END

The cluster $cluster has pgscope's images. Next, a Jaeger, and pgscope with its address:

  kubectl config use-context kind-$cluster
  kubectl create namespace observability
  kubectl run jaeger --namespace observability --image jaegertracing/jaeger:2.13.0 --env JAEGER_LISTEN_HOST=0.0.0.0 --port 4318 --expose
  kubectl create namespace pgscope
  kubectl label namespace pgscope pod-security.kubernetes.io/enforce=privileged
  helm install pgscope charts/pgscope --namespace pgscope --wait \\
    --set destinations.default.tracesEndpoint=http://jaeger.observability:4318/v1/traces

README.md ("In Kubernetes") goes on from here to a trace. Another receiver of OTLP over HTTP does as well: destinations.default.endpoint.

If pgscope is installed already, its pods take the new images with:

  kubectl rollout restart deployment,daemonset --namespace pgscope

Profiles: docs/profiles.md. To remove the cluster: kind delete cluster --name $cluster
END
}

fail() {
    echo "kind-up: $*" >&2
    exit 1
}

main
