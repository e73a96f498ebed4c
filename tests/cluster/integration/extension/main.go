// Extension is the smallest extension API server: it serves one empty API
// group over TLS to anybody. The integration tests register it with clusters,
// as a process and as a Pod.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// discovery is what kube-apiserver asks for to tell that the group is served.
const discovery = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"test.tributary.dev/v1","resources":[]}`

func main() {
	address := flag.String("listen", "0.0.0.0:8443", "address to serve on")
	data := flag.String("data", "", "folder to write a file to, which must be writable")
	flag.Parse()
	if *data != "" {
		if err := os.WriteFile(filepath.Join(*data, "written"), []byte("by the Pod\n"), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	certificate, err := selfSigned()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr()) // for the caller that let the kernel choose
	server := &http.Server{
		Handler:           http.HandlerFunc(serve),
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}},
		ReadHeaderTimeout: 5 * time.Second, // nothing here is slow
	}
	log.Fatal(server.ServeTLS(listener, "", ""))
}

func serve(w http.ResponseWriter, r *http.Request) {
	log.Printf("%s %s %s", r.RemoteAddr, r.Method, r.URL)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintln(w, discovery)
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
