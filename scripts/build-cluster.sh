#!/usr/bin/env bash
# Builds the programs of the test cluster and prints the directory that holds them: every component of Kubernetes, etcd and helm
# (`build-cluster.sh kubernetes`), or Prometheus (`build-cluster.sh prometheus`). Versions and the checksums of all modules are
# in test/cluster/programs/*/go.mod and go.sum. Each is built once and kept in cache/cluster, or in $PGSCOPE_CACHE/cluster. Needs Go,
# by its own name or as GO=/path/to/go, and its module proxy.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
part=${1:-}
module=$(dirname "$here")/test/cluster/programs/$part
cache=${PGSCOPE_CACHE:-$(dirname "$here")/cache}/cluster
go=${GO:-go}
unfinished=""

main() {
    case $part in
    kubernetes | prometheus) ;;
    *)
        echo "usage: $0 kubernetes|prometheus" >&2
        exit 2
        ;;
    esac
    local directory
    directory=$cache/$part-$(fingerprint)
    if [ ! -d "$directory" ]; then
        mkdir -p "$cache"
        exec 9>"$cache/$part.lock"
        flock 9 # who comes second finds it built
    fi
    if [ ! -d "$directory" ]; then
        command -v "$go" >/dev/null ||
            fail "Go is missing: install Go 1.26 or newer (golang.org/dl), or give its path as GO=/path/to/go"
        unfinished=$directory.unfinished
        rm -rf "$unfinished"
        mkdir "$unfinished"
        "build_$part" >&2
        mv "$unfinished" "$directory"
        unfinished=""
    fi
    printf '%s\n' "$directory"
}

fingerprint() { cat "$module"/* "$here/build-cluster.sh" | sha256sum | cut -c 1-16; }

build_kubernetes() {
    local kubernetes helm name
    kubernetes=$(version_of k8s.io/kubernetes) helm=$(version_of helm.sh/helm/v3)
    local minor=${kubernetes#v1.}
    minor=${minor%%.*}
    echo "building Kubernetes $kubernetes, etcd and helm $helm, which takes 7 to 9 minutes on two cores"
    local symbols=(
        k8s.io/component-base/version.gitVersion="$kubernetes"
        k8s.io/component-base/version.gitMajor=1
        k8s.io/component-base/version.gitMinor="$minor"
        k8s.io/component-base/version.gitTreeState=clean
        helm.sh/helm/v3/internal/version.version="$helm"
        helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1
        helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor="$minor"
        helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1
        helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor="$minor"
    )
    build "${symbols[*]/#/-X }" "" . helm.sh/helm/v3/cmd/helm
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
        ln -s kubernetes "$unfinished/$name"
    done
    "$unfinished/kubectl" version --client >/dev/null
    "$unfinished/helm" version >/dev/null
}

# Without the clients of thirty clouds' registers of services: tests push to it.
build_prometheus() {
    local version
    version=$(version_of github.com/prometheus/prometheus)
    echo "building Prometheus $version, which takes 3 minutes on two cores"
    build "-X github.com/prometheus/common/version.Version=$version" netgo,remove_all_sd \
        github.com/prometheus/prometheus/cmd/prometheus
    "$unfinished/prometheus" --version >/dev/null
}

# build LINKED TAGS PACKAGE…: nobody debugs these, so no DWARF is made, which saves time and half of the space.
# -mod=readonly: what is not in go.mod and go.sum, or differs, is an error.
build() {
    local linked=$1 tags=$2
    shift 2
    (cd "$module" && CGO_ENABLED=0 nice "$go" build -mod=readonly -trimpath -tags "$tags" -gcflags=all=-dwarf=false \
        -ldflags "-s -w $linked" -o "$unfinished/" "$@")
}

version_of() { (cd "$module" && "$go" list -mod=readonly -m -f '{{.Version}}' "$1"); }

fail() {
    echo "build-cluster: $*" >&2
    exit 1
}

trap '[ -z "$unfinished" ] || rm -rf "$unfinished"' EXIT
main
