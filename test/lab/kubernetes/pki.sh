# shellcheck shell=bash
# Certificates of the lab's Kubernetes, made once per lab: an authority, the API server's, one for each client. Sourced by up.sh.

pki=$lab/pki

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"; }

# certificate NAME SUBJECT EXTENSION...: signed by the authority.
certificate() {
  local name=$1 subject=$2
  shift 2
  key "$name"
  printf '%s\n' "$@" > "$pki/$name.ext"
  openssl req -new -key "$pki/$name.key" -subj "$subject" -out "$pki/$name.csr"
  openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 3650 -extfile "$pki/$name.ext" -out "$pki/$name.crt" 2> /dev/null
  rm "$pki/$name.csr" "$pki/$name.ext"
}

# client NAME SUBJECT: a kubeconfig NAME.kubeconfig that needs no other file. The API server reads user and groups off the subject.
client() {
  certificate "$1" "$2" extendedKeyUsage=clientAuth
  cat > "$lab/$1.kubeconfig.new" << CONFIGURATION
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://127.0.0.1:$port_api", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: $1}}]
current-context: lab
CONFIGURATION
  mv "$lab/$1.kubeconfig.new" "$lab/$1.kubeconfig"
}

make_certificates() {
  rm -rf "$pki"
  mkdir -p "$pki"
  key ca
  openssl req -x509 -new -key "$pki/ca.key" -days 3650 -subj /CN=vcloud-lab -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature -out "$pki/ca.crt"
  certificate apiserver /CN=kube-apiserver extendedKeyUsage=serverAuth \
    "subjectAltName=IP:127.0.0.1,IP:$service_address,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
  # With these the server and its controllers make and check the tokens of service accounts.
  openssl genrsa -out "$pki/accounts.key" 2048 2> /dev/null
  openssl rsa -in "$pki/accounts.key" -pubout -out "$pki/accounts.pub" 2> /dev/null
  client controllers /CN=system:kube-controller-manager
  client scheduler /CN=system:kube-scheduler
  # Last, because a lab whose administrator can log in has all of them.
  client admin /O=system:masters/CN=vcloud-lab-admin
}
