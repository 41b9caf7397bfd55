# Sourced: a cluster of etcd, Kubernetes' control plane and nodes that KWOK plays, on loopback, in the folder $work; `kubectl` and `helm` then work with it.
# Needs: root, tools, work.
# Nothing of it is kept. Asked to stop, the API server would wait for an etcd that is gone.
stop_cluster() {
  pkill -KILL -P $$ || true
  wait 2>/dev/null || true
}
# Each process ends with the shell that started it, however that ends.
kubectl() { setpriv --pdeathsig KILL "$tools/kubectl" "$@"; }
helm() { setpriv --pdeathsig KILL "$tools/helm" "$@"; }
# background NAME ARGS...
background() { setpriv --pdeathsig KILL "$tools/$1" "${@:2}" >"$work/$1.log" 2>&1 & }
free_ports() {
  python3 -c 'import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in sockets))' "$1"
}

start_cluster() {
  local client peer secure controllers scheduler kwok token api_server
  read -r client peer secure controllers scheduler kwok < <(free_ports 6)
  token=$(openssl rand -hex 16)
  echo "$token,admin,admin,system:masters" >"$work/tokens.csv"
  openssl genrsa -out "$work/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$work/accounts.key" -pubout -out "$work/accounts.pub" 2>/dev/null

  background etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" --initial-cluster "default=http://127.0.0.1:$peer" \
    --unsafe-no-fsync
  background kube-apiserver --etcd-servers "http://127.0.0.1:$client" --bind-address 127.0.0.1 --secure-port "$secure" --cert-dir "$work/certificates" \
    --token-auth-file "$work/tokens.csv" --authorization-mode Node,RBAC --service-cluster-ip-range 10.96.0.0/16 \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$work/accounts.pub" --service-account-signing-key-file "$work/accounts.key"
  api_server=$!
  export KUBECONFIG=$work/kubeconfig
  kubectl config set-cluster check --server "https://127.0.0.1:$secure" --insecure-skip-tls-verify >/dev/null
  kubectl config set-credentials admin --token "$token" >/dev/null
  kubectl config set-context check --cluster check --user admin >/dev/null
  kubectl config use-context check >/dev/null
  local end=$((SECONDS + 300))
  until [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ]; do
    kill -0 $api_server 2>/dev/null && [ $SECONDS -lt $end ] || { tail -n 20 "$work/kube-apiserver.log" >&2; return 1; }
    sleep 0.5
  done
  background kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false --bind-address 127.0.0.1 --secure-port "$controllers" \
    --cert-dir "$work/certificates-controllers" --service-account-private-key-file "$work/accounts.key" --use-service-account-credentials \
    --node-monitor-grace-period 5m
  background kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false --bind-address 127.0.0.1 --secure-port "$scheduler" --cert-dir "$work/certificates-scheduler"
  local stages=()
  for stage in "$tools"/stages/*.yaml; do stages+=(--config "$stage"); done
  background kwok --kubeconfig "$KUBECONFIG" --manage-all-nodes --server-address "127.0.0.1:$kwok" "${stages[@]}"
}
