#!/usr/bin/env bash
# A real Kubernetes control plane (etcd, API server, controllers, scheduler) on 127.0.0.1:
#   up.sh [--no-build]      builds the program first where it is absent (build.sh, minutes); with --no-build never
# Everything lies in $VCLOUD_LAB/kubernetes (/var/lib/vcloud-lab/kubernetes): admin.kubeconfig (context "lab"), log/, pki/, etcd/.
# There is no node and no data plane: Pods are admitted and scheduled nowhere, Services get addresses that lead to nothing.
# Safe to run again: what runs stays, what died or was configured anew starts. Several at once take turns. down.sh ends it.
# Exit code: 0 it runs, 3 it cannot run here (the reason is on stderr), 1 it should run here and does not.
set -euo pipefail
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

[ "${1:---no-build}" = --no-build ] || die "there is no option $1"
if [ ! -x "$program" ]; then
  [ "${1:-}" != --no-build ] || impossible "Kubernetes $version is not built (npm run lab:kubernetes builds it)"
  bash "$here/build.sh" || impossible "Kubernetes $version cannot be built here"
fi
command -v openssl > /dev/null || impossible 'openssl is not installed'
command -v flock > /dev/null || impossible 'flock (util-linux) is not installed'
umask 077
mkdir -p "$lab"/{run,log,etcd,served} 2> /dev/null || impossible "$lab cannot be written"
exec 9> "$lab/lock"
flock -w 300 9 || die "another up.sh has held $lab/lock for 5 minutes"

kubectl() { "$program" kubectl --kubeconfig "$lab/admin.kubeconfig" --request-timeout 5s "$@"; }

# shellcheck source=pki.sh
. "$here/pki.sh"
[ -s "$lab/admin.kubeconfig" ] && grep -q ":$port_api\"" "$lab/admin.kubeconfig" || make_certificates

etcd_url=http://127.0.0.1:$port_etcd etcd_peer_url=http://127.0.0.1:$port_etcd_peer
# Without fsync: what a machine's crash would lose of a lab is lost to nobody, and two thirds of the time to write is saved.
start etcd - "$program" etcd --name lab --data-dir "$lab/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls "$etcd_url" --advertise-client-urls "$etcd_url" \
  --listen-peer-urls "$etcd_peer_url" --initial-advertise-peer-urls "$etcd_peer_url" --initial-cluster "lab=$etcd_peer_url"

# An address on loopback can be advertised only if the server does not keep itself as an endpoint. What is privileged is allowed here, so that
# a namespace's own rules are what refuses it.
start apiserver "$pki/apiserver.crt" "$program" apiserver --etcd-servers "$etcd_url" --bind-address 127.0.0.1 --secure-port "$port_api" \
  --advertise-address 127.0.0.1 --endpoint-reconciler-type none --service-cluster-ip-range "$service_ranges" --cert-dir "$lab/served" \
  --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
  --authorization-mode Node,RBAC --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file "$pki/accounts.pub" --service-account-signing-key-file "$pki/accounts.key" --profiling=false --allow-privileged
wait_for apiserver 120 kubectl get --raw /readyz

# Without controllers a namespace has no account and no use of its quota, and never ends being deleted.
start controllers "$lab/controllers.kubeconfig" "$program" controller-manager --kubeconfig "$lab/controllers.kubeconfig" --use-service-account-credentials \
  --leader-elect=false --secure-port 0 --service-account-private-key-file "$pki/accounts.key" --root-ca-file "$pki/ca.crt" \
  --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" --kube-api-qps 200 --kube-api-burst 400

cat > "$lab/scheduler.yaml" << CONFIGURATION
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: $lab/scheduler.kubeconfig}
CONFIGURATION
start scheduler "$lab/scheduler.yaml" "$program" scheduler --config "$lab/scheduler.yaml" --secure-port 0
wait_for controllers 60 kubectl get serviceaccount default

# Kinds a cluster has only if somebody added them: the real definitions judge what is made of them, without the programs behind.
if [ -d "$cache/kubernetes/definitions/current/" ]; then
  kubectl apply --server-side --force-conflicts --request-timeout 60s -f "$cache/kubernetes/definitions/current/" > "$lab/log/definitions.log" 2>&1 \
    || die "definitions of custom kinds were refused: $lab/log/definitions.log"
  kubectl get namespace velero > /dev/null 2>&1 || kubectl create namespace velero > /dev/null
else
  echo 'lab: without Velero, cert-manager and External Secrets: build.sh has not fetched their definitions' >&2
fi

printf '#!/bin/sh\nexec %q kubectl "$@"\n' "$program" > "$lab/kubectl.new"
chmod +x "$lab/kubectl.new" && mv "$lab/kubectl.new" "$lab/kubectl"
echo "export KUBECONFIG=$lab/admin.kubeconfig"
